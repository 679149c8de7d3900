"""Machine code is kept, and never outlives what it was made of."""

from pathlib import Path

import pytest

from routing.engines.compiled import compiled, forget_stale


@pytest.mark.parametrize(
    ("changed", "stays"), [("search.py", False), ("constants.py", False), ("other.py", True), (None, True)]
)
def test_machine_code_of_other_sources(tmp_path: Path, changed: str | None, stays: bool) -> None:
    """A change of its file, or of one that its file imports from, makes it go, whatever its date; no other does."""
    for name, text in {
        "compiled.py": "",
        "constants.py": "MOST = 3",
        "search.py": "from .compiled import inner\nfrom .constants import MOST\n",
        "other.py": "from .search import f\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    kept = tmp_path / "kept"
    forget_stale(kept, tmp_path)
    index = kept / "search.f-3.py311.nbi"
    index.touch()
    if changed:
        with (tmp_path / changed).open("a", encoding="utf-8") as file:
            file.write("# changed\n")
    forget_stale(kept, tmp_path)
    assert index.exists() is stays
    forget_stale(kept, tmp_path)
    assert index.exists() is stays


def test_where_it_is_not_known_what_it_was_made_of(tmp_path: Path) -> None:
    """What an older version kept goes, too."""
    index = tmp_path / "search.f-3.py311.nbi"
    index.touch()
    forget_stale(tmp_path, tmp_path)
    assert not index.exists()


def test_the_folder_is_the_one_that_numba_keeps_it_in() -> None:
    """The mark lies where the machine code does."""
    where = compiled(test_where_it_is_not_known_what_it_was_made_of).stats.cache_path  # type: ignore[attr-defined]
    assert (Path(where) / "made-of.sha256").exists()
