"""Write the migration that brings the last one in step with the models: ``make migration m="what changes"``.

``--check`` only tells whether one is missing (exit 1), on PostgreSQL where ``GUINGUETTE_TEST_DATABASE_URL`` names one.
"""

import logging
import os
import sys
import tempfile
from pathlib import Path

from flask import Flask

from guinguette import config, create_app, extensions


def main() -> int:
    """Compare a database made by the migrations with the models; write what differs as a new step."""
    message = " ".join(sys.argv[1:]).strip()
    if not message:
        print('usage: new_migration.py --check | "what changes"', file=sys.stderr)
        return 2
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        environ = {"GUINGUETTE_INSTANCE": folder}
        if address := os.environ.get("GUINGUETTE_TEST_DATABASE_URL"):
            environ["GUINGUETTE_DATABASE_URL"] = address
        return _compare(create_app(config.load(environ, root=Path(folder))), message)


def _compare(app: Flask, message: str) -> int:
    with app.app_context():
        extensions.alembic.upgrade()
    with app.app_context():
        differences = extensions.alembic.compare_metadata()
    if not differences:
        print("the migrations are in step with the models")
        return 0
    if message == "--check":
        print("\n".join(str(difference) for difference in differences), file=sys.stderr)
        return 1
    with app.app_context():
        for script in extensions.alembic.revision(message):
            print(script.path if script else "nothing written")
        extensions.db.engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
