"""Numba, with types: functions under `compiled` are machine code, kept on disk, and leave Python's lock alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

_F = TypeVar("_F", bound=Callable[..., object])


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
