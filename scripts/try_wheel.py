"""Install a wheel in an environment of its own, far from the checkout, and see that it works from there.

``try_wheel.py WHEEL``: makes an installation, renders pages, asks for each static file that they name.
"""

import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROBE = """
import guinguette, re, sys
from pathlib import Path
assert not Path(guinguette.__file__).is_relative_to(ROOT), guinguette.__file__
app = guinguette.create_app()
client = app.test_client()
for page in ("/", "/en/", "/connexion", "/carte", "/abonnement", "/mentions-legales"):
    answer = client.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', answer.text))
    assert files, page
    for file in files:
        assert client.get(file).status_code == 200, (page, file)
    print(page, answer.status_code, len(files), "static files")
french, english = client.get("/").text, client.get("/en/").text
assert 'lang="en"' in english and english != french
"""


def main(wheel: Path) -> int:
    """Install, then run the command line and the probe outside the checkout."""
    with tempfile.TemporaryDirectory(prefix="guinguette-wheel-") as folder:
        home = Path(folder)
        venv.create(home / "venv", with_pip=True)
        python = str(home / "venv" / "bin" / "python")
        environ = {**os.environ, "GUINGUETTE_INSTANCE": str(home / "instance")}
        environ.pop("PYTHONPATH", None)

        def call(*command: str, stdin: str | None = None) -> None:
            subprocess.run(command, cwd=home, env=environ, input=stdin, text=True, check=True)  # noqa: S603

        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        call(*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock"))
        call(*pip, "--no-deps", str(wheel.resolve()))
        command = str(home / "venv" / "bin" / "guinguette")
        call(command, "init", "--email", "wheel@example.org", "--password-file", "-", stdin="a long enough phrase\n")
        call(command, "db", "check")
        call(python, "-c", re.sub("ROOT", repr(str(ROOT)), PROBE))
        call(python, "-m", "routing", "--help")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
