"""Machine code is kept, and never outlives what it was made of."""

import os
from pathlib import Path

import pytest

from routing.engines.compiled import forget_stale


@pytest.mark.parametrize(
    ("changed", "kept"), [("search.py", False), ("constants.py", False), ("other.py", True), (None, True)]
)
def test_machine_code_older_than_what_it_was_made_of(tmp_path: Path, changed: str | None, kept: bool) -> None:
    """A change of its file, or of one that its file imports from, makes it go; one elsewhere does not."""
    sources = {
        "compiled.py": "",
        "constants.py": "MOST = 3",
        "search.py": "from .compiled import inner\nfrom .constants import MOST\n",
        "other.py": "from .search import f\n",
    }
    for name, text in sources.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        os.utime(tmp_path / name, (3000 if name == changed else 1000,) * 2)
    index = tmp_path / "__pycache__" / "search.f-3.py311.nbi"
    index.parent.mkdir()
    index.touch()
    os.utime(index, (2000, 2000))
    forget_stale(tmp_path)
    assert index.exists() is kept


def test_a_folder_without_sources(tmp_path: Path) -> None:
    """Nothing to do is no error."""
    forget_stale(tmp_path)
