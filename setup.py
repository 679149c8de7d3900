"""The wheel carries what lies beside the package in the checkout: templates and static files (guinguette/paths.py)."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithPages(build_py):
    """Copies ``templates/`` and ``static/`` into the built package."""

    def run(self) -> None:
        """Build, then copy; an editable install reads the folders where they are."""
        super().run()
        if self.editable_mode:
            return
        if not Path("static/vendor").is_dir() or not all(Path(po.with_suffix(".mo")).exists() for po in _catalogues()):
            raise SystemExit("static/vendor/ or a compiled catalogue is missing: run « make install » first")
        for folder in ("templates", "static"):
            shutil.copytree(folder, Path(self.build_lib) / "guinguette" / folder, dirs_exist_ok=True)


def _catalogues() -> list[Path]:
    return list(Path("guinguette/translations").glob("*/LC_MESSAGES/messages.po"))


setup(cmdclass={"build_py": BuildWithPages})
