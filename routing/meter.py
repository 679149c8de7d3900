"""Shows a search as it goes: a bar on a terminal, or JSON lines; both on standard error."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict

from .plan import Progress

_WIDTH = 24


@contextlib.contextmanager
def meter(*, as_json: bool) -> Iterator[Callable[[Progress], None] | None]:
    """A progress callback, or None where nobody looks; clears the bar's line at the end."""
    if as_json:
        yield _line
    elif sys.stderr.isatty():
        try:
            yield _bar
        finally:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
    else:
        yield None


def _line(progress: Progress) -> None:
    state: dict[str, object] = {
        "seconds": round(progress.seconds, 3),
        "phase": progress.phase,
        "cost": progress.cost,
        "bound": progress.bound,
    }
    if progress.territories:
        state["territories"] = [asdict(item) for item in progress.territories]
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(json.dumps(state) + "\n")
        sys.stderr.flush()


def _bar(progress: Progress) -> None:
    filled = 0
    if progress.cost and progress.bound is not None:  # how much of the cost is proved to be needed
        filled = round(_WIDTH * max(0.0, min(1.0, progress.bound / progress.cost)))
    bar = "#" * filled + "." * (_WIDTH - filled)
    cost = "no plan yet" if progress.cost is None else f"cost {progress.cost:,}"
    bound = "" if progress.bound is None else f"  bound {progress.bound:,}"
    text = f"[{bar}] {progress.seconds:6.1f} s  {progress.phase:<9} {cost}{bound}"
    with contextlib.suppress(OSError):
        sys.stderr.write("\r\x1b[K" + text)
        sys.stderr.flush()
