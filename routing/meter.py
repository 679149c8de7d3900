"""Shows a search as it goes: a bar on a terminal, or JSON lines; both on standard error."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict

from .plan import Progress

_WIDTH = 24
_CLEAR = "\r\x1b[K"  # back to the beginning of the line, and what stands there away


@contextlib.contextmanager
def meter(*, as_json: bool) -> Iterator[Callable[[Progress], None] | None]:
    """A progress callback, or None where nobody looks; warnings of the search are shown, too. Clears the bar's line."""
    terminal, log, warnings = sys.stderr.isatty(), logging.getLogger("routing"), _Warnings(as_json=as_json)
    log.addHandler(warnings)
    try:
        yield _line if as_json else _bar if terminal else None
    finally:
        log.removeHandler(warnings)
        if terminal and not as_json:
            _write(_CLEAR)


class _Warnings(logging.Handler):
    """Puts each warning on a line of its own."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__(logging.WARNING)
        self._as_json = as_json

    def emit(self, record: logging.LogRecord) -> None:
        text = " ".join(record.getMessage().split())
        if self._as_json:
            _write(json.dumps({"warning": text}) + "\n")
        else:
            _write(f"{_CLEAR if sys.stderr.isatty() else ''}python -m routing: {text}\n")


def _write(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def _line(progress: Progress) -> None:
    state: dict[str, object] = {
        "seconds": round(progress.seconds, 3),
        "phase": progress.phase,
        "cost": progress.cost,
        "bound": progress.bound,
    }
    if progress.territories:
        state["territories"] = [asdict(item) for item in progress.territories]
    _write(json.dumps(state) + "\n")


def _bar(progress: Progress) -> None:
    filled = 0
    if progress.cost and progress.bound is not None:  # how much of the cost is proved to be needed
        filled = round(_WIDTH * max(0.0, min(1.0, progress.bound / progress.cost)))
    bar = "#" * filled + "." * (_WIDTH - filled)
    cost = "no plan yet" if progress.cost is None else f"cost {progress.cost:,}"
    bound = "" if progress.bound is None else f"  bound {progress.bound:,}"
    text = f"[{bar}] {progress.seconds:6.1f} s  {progress.phase:<9} {cost}{bound}"
    _write(_CLEAR + text)
