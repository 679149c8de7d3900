"""Install a wheel in an environment of its own, far from the checkout, and see that it works from there.

``try_wheel.py WHEEL``: makes an installation, renders pages, asks for each static file that they name. Run by the
checkout's Python: the packages that requirements.lock names, and no other, are lent from there, not fetched again.
"""

import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import venv
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

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


def lend(site_packages: Path) -> None:
    """Link each package of requirements.lock, as it stands in this Python's environment, into another one's."""
    for line in re.findall(r"^[\w.-]+==[^\\\n]+", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE):
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate():
            continue
        distribution = metadata.distribution(requirement.name)
        tops = {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__")}
        for top in tops:
            link = site_packages / top
            if not link.exists():  # several packages may share a namespace
                link.symlink_to(Path(str(distribution.locate_file(top))))


def main(wheel: Path) -> int:
    """Install, then run the command line and the probe outside the checkout."""
    with tempfile.TemporaryDirectory(prefix="guinguette-wheel-") as folder:
        home = Path(folder)
        venv.create(home / "venv")
        python = str(home / "venv" / "bin" / "python")
        lend(Path(sysconfig.get_path("purelib", vars={"base": str(home / "venv")})))
        environ = {**os.environ, "GUINGUETTE_INSTANCE": str(home / "instance")}
        environ.pop("PYTHONPATH", None)

        def call(*command: str, stdin: str | None = None) -> None:
            subprocess.run(command, cwd=home, env=environ, input=stdin, text=True, check=True)  # noqa: S603

        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--disable-pip-version-check"]
        call(*pip, "--no-deps", str(wheel.resolve()))
        command = str(home / "venv" / "bin" / "guinguette")
        call(command, "init", "--email", "wheel@example.org", "--password-file", "-", stdin="a long enough phrase\n")
        call(command, "db", "check")
        call(python, "-c", re.sub("ROOT", repr(str(ROOT)), PROBE))
        call(python, "-m", "routing", "--help")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
