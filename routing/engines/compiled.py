"""Numba, with types: functions under `compiled` are machine code, kept on disk, and leave Python's lock alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar, cast

import numba

_F = TypeVar("_F", bound=Callable[..., object])
_IMPORTED = re.compile(r"^from \.(\w+) import", re.MULTILINE)


def forget_stale(folder: Path) -> None:
    """Delete the machine code of this folder that is older than any source that it may have been made of.

    Numba holds what it kept against the file of the function itself, and not against those of the functions and
    constants that are compiled into it (numba/numba issue 1833): after an update it would run the old ones.
    """
    imports = {path: _IMPORTED.findall(path.read_text(encoding="utf-8")) for path in folder.glob("*.py")}
    compiling = [path for path, names in imports.items() if "compiled" in names]
    sources = {*compiling, *(folder / f"{name}.py" for path in compiling for name in imports[path])}
    newest = max((path.stat().st_mtime for path in sources), default=0.0)
    for index in folder.glob("__pycache__/*.nbi"):
        with suppress(OSError):  # another process was quicker, or may not: then nobody may write there either
            if index.stat().st_mtime < newest:
                index.unlink()


forget_stale(Path(__file__).parent)


def compiled(function: _F) -> _F:
    """Compile at the first call with given types and keep the result beside the module for every later process."""
    return cast(_F, numba.njit(cache=True, nogil=True)(function))


def inner(function: _F) -> _F:
    """As `compiled`, for what only compiled functions call and makes no arrays of its own.

    Without the way in from Python, which takes long to compile, and without counting references: at every call the
    arrays of a season would each be counted up and down, which costs far more than the work itself.
    """
    without = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}
    return cast(_F, numba.njit(cache=True, nogil=True, **without)(function))  # type: ignore[call-overload] # numba's stubs leave these options out
