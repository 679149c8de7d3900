"""Numba, with types: functions under `compiled` are machine code, kept on disk, and leave Python's lock alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

import numba

_F = TypeVar("_F", bound=Callable[..., object])
_MARK = "made-of.sha256"
_IMPORTED = re.compile(r"^from \.(\w+) import", re.MULTILINE)


def forget_stale(kept: Path, sources: Path) -> None:
    """Delete the machine code in the folder `kept` if it was made of other sources than those in `sources` now.

    Numba holds what it kept against the file of the function itself, and not against those of the functions and
    constants that are compiled into it (numba/numba issue 1833): after an update it would run the old ones.
    """
    imports = {path: _IMPORTED.findall(path.read_text(encoding="utf-8")) for path in sources.glob("*.py")}
    compiling = [path for path, names in imports.items() if "compiled" in names]
    made_of = {*compiling, *(sources / f"{name}.py" for path in compiling for name in imports[path])}
    now = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(made_of))).hexdigest()
    mark = kept / _MARK
    with suppress(OSError):  # where nobody may write, nothing is kept
        if mark.exists() and mark.read_text(encoding="ascii") == now:
            return
        kept.mkdir(parents=True, exist_ok=True)
        for index in kept.glob("*.nbi"):
            index.unlink(missing_ok=True)  # another process may be quicker
        mark.write_text(now, encoding="ascii")


_forget_once = cache(forget_stale)


def _kept(function: _F, **options: object) -> _F:
    result = numba.njit(cache=True, nogil=True, **options)(function)  # type: ignore[call-overload] # numba's stubs leave options out
    _forget_once(Path(result.stats.cache_path), Path(__file__).parent)
    return cast(_F, result)


def compiled(function: _F) -> _F:
    """Compile at the first call with given types and keep the result beside the module for every later process."""
    return _kept(function)


def inner(function: _F) -> _F:
    """As `compiled`, for what only compiled functions call and makes no arrays of its own.

    Without the way in from Python, which takes long to compile, and without counting references: at every call the
    arrays of a season would each be counted up and down, which costs far more than the work itself.
    """
    return _kept(function, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)
