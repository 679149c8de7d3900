"""Write the migration that brings the last one in step with the models: ``make migration m="what changes"``."""

import sys
import tempfile
from pathlib import Path

from guinguette import config, create_app, extensions


def main() -> int:
    """Compare a database made by the migrations with the models; write what differs as a new step."""
    message = " ".join(sys.argv[1:]).strip()
    if not message:
        print('usage: new_migration.py "what changes"', file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(config.load({"GUINGUETTE_INSTANCE": folder}, root=Path(folder)))
        with app.app_context():
            extensions.alembic.upgrade()
        with app.app_context():
            if not extensions.alembic.needs_revision():
                print("the migrations are in step with the models")
                return 0
        with app.app_context():
            for script in extensions.alembic.revision(message):
                print(script.path if script else "nothing written")
            extensions.db.engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
