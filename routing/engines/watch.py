"""The clock of one solve and the best that is known so far: every engine reads the one and writes the other."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from routing.plan import Limits, Progress, Territory

from .instance import Slot

_SECONDS_BETWEEN_REPORTS = 0.1


class Watch:
    """Time, wishes to stop, incumbent and bound; calls `progress` at each change, at most ten times a second."""

    def __init__(
        self,
        limits: Limits,
        progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool] | None,
        started: float,
    ) -> None:
        self.limits = limits
        self.started = started
        self.phase = "read"
        self.cost: int | None = None
        self.slots: list[Slot] | None = None
        self.bound: int | None = None
        # a stage of a re-plan asks for whole units of its cost only; the rest of the cost stays within `spare`
        self.unit, self.spare = 1, 0
        self.territories: tuple[Territory, ...] = ()  # where the season is planned in parts
        self._progress, self._should_stop = progress, should_stop
        self._stopped = False
        self._reported = -math.inf
        # the reasons of what is not served, and writing, come after the search but within the limit
        self.search_seconds = limits.seconds - min(1.5, 0.12 * limits.seconds)

    @property
    def seconds(self) -> float:
        """Seconds since the season began to be read."""
        return time.monotonic() - self.started

    @property
    def left(self) -> float:
        """Seconds left to search (may be infinite, may be negative)."""
        return self.search_seconds - self.seconds

    @property
    def counted(self) -> bool:
        """Whether iterations rule, so that nothing may depend on the clock while it suffices."""
        return self.limits.iterations is not None

    def effort(self) -> float | None:
        """How hard one run of CP-SAT may try where iterations rule, in its deterministic seconds."""
        limit = self.limits.iterations
        return None if limit is None else 1.0 + limit / 1000

    def share(self, iterations: Callable[[], int], *, until: float) -> Callable[[], float]:
        """How far a stage that begins now is, from 0 to 1: by its iterations where they are limited, else by time."""
        limit, begun, before = self.limits.iterations, self.seconds, iterations()

        def done() -> float:
            if limit is not None:
                return (iterations() - before) / limit if limit else 1.0
            return (self.seconds - begun) / max(1e-9, until - begun)

        return done

    def interrupted(self) -> bool:
        """Whether somebody asked to stop; remembered once said."""
        if not self._stopped and self._should_stop is not None and self._should_stop():
            self._stopped = True
        return self._stopped

    def over(self) -> bool:
        """Whether to stop searching; also the moment to report."""
        self.report()
        return self.interrupted() or self.left <= 0

    def found(self, cost: int, slots: list[Slot]) -> None:
        """A valid plan; kept if it is the best so far."""
        if self.cost is None or cost < self.cost:
            self.cost, self.slots = cost, slots
            self.report(now=True)

    def replace(self, cost: int, slots: list[Slot]) -> None:
        """The plan to go on with, even where it is dearer: a stage of a re-plan prefers it."""
        self.cost, self.slots = cost, slots
        self.report(now=True)

    def proved(self, bound: int) -> None:
        """A lower bound; kept if it is the highest so far."""
        if self.bound is None or bound > self.bound:
            self.bound = bound
            self.report(now=True)

    @property
    def optimal(self) -> bool:
        """Whether the best plan is proved to be the best there is."""
        if self.cost is None or self.bound is None:
            return False
        return self.bound >= self.cost if self.unit == 1 else self.units_proved >= self.cost // self.unit

    @property
    def units_proved(self) -> int:
        """Where only whole units of the cost matter, how many of them every plan has."""
        return -((self.spare - (self.bound or 0)) // self.unit)

    def enter(self, phase: str) -> None:
        """Name what is being done."""
        self.phase = phase
        self.report(now=True)

    def report(self, *, now: bool = False) -> None:
        """Tell the caller where the search stands."""
        seconds = self.seconds
        if self._progress is not None and (now or seconds - self._reported >= _SECONDS_BETWEEN_REPORTS):
            self._reported = seconds
            self._progress(Progress(seconds, self.cost, self.bound, self.phase, self.territories))
