"""A plan: which commune has its evening when and by which vehicle (guinguette-plan/1), and the limits of a search."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date

from .errors import PlanError

OPTIMAL, FEASIBLE, INFEASIBLE, NO_PLAN_FOUND = "optimal", "feasible", "infeasible", "no_plan_found"
STATUSES = (OPTIMAL, FEASIBLE, INFEASIBLE, NO_PLAN_FOUND)
_MOST_WORKERS = 1024


@dataclass(frozen=True, slots=True, order=True)
class Evening:
    """One evening: commune id, date, vehicle id."""

    commune: str
    date: date
    vehicle: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule instance that stands in the way: the rule's name, which instance (ids, dates), and a sentence."""

    rule: str
    detail: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Unserved:
    """A commune that gets fewer evenings than it wants, how many fewer, and why.

    `evening` is the one that the reasons stand in the way of, as `explain` says it: a file does not hold it.
    """

    commune: str
    missing: int
    reasons: tuple[Reason, ...] = ()
    evening: Evening | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if type(self.missing) is not int or self.missing < 1:
            raise PlanError("missing", "must be a whole number of at least 1")


@dataclass(frozen=True, slots=True)
class Plan:
    """An answer. `cost`, `bound` in metre-equivalents and `metres` are None where there is no plan.

    `bound` is a proved lower bound of the whole season; `conflicts` is filled when the season is infeasible.
    What the format states about the figures among each other is `routing.check`'s business, so that a file
    with a wrong claim can still be read and be told so.
    """

    status: str
    cost: int | None
    bound: int | None
    metres: int | None
    seconds_to_plan: float
    seed: int
    evenings: tuple[Evening, ...] = ()
    unserved: tuple[Unserved, ...] = ()
    conflicts: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise PlanError("status", "must be one of " + ", ".join(STATUSES))
        for name in ("cost", "bound", "metres"):
            value = getattr(self, name)
            if value is not None and type(value) is not int:
                raise PlanError(name, "must be a whole number or null")
        if type(self.seed) is not int:
            raise PlanError("seed", "must be a whole number")
        seconds = self.seconds_to_plan
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < math.inf:
            raise PlanError("seconds_to_plan", "must be a number of at least 0")


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop: after `seconds` of wall clock, or after `iterations` of the search if that comes first.

    With `iterations` the answer depends on season, seed, workers and iterations alone, as long as the
    seconds (which may be math.inf) suffice.
    """

    seconds: float
    iterations: int | None = None
    workers: int = 1
    seed: int = 1

    def __post_init__(self) -> None:
        seconds = self.seconds
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
            raise ValueError("seconds must be a number above 0")
        if self.iterations is not None and (type(self.iterations) is not int or self.iterations < 0):
            raise ValueError("iterations must be a whole number of at least 0")
        if type(self.workers) is not int or not 1 <= self.workers <= _MOST_WORKERS:
            raise ValueError(f"workers must be a whole number from 1 to {_MOST_WORKERS}")
        if type(self.seed) is not int or not 0 <= self.seed < 2**31:
            raise ValueError("seed must be a whole number from 0 to 2147483647")


@dataclass(frozen=True, slots=True)
class Territory:
    """A part of a big season: the locations of its depots, how often it was planned, and what its plan costs.

    Where one place has many vehicles its surroundings are cut into sectors, counted from 1 (0: not cut).
    """

    depots: tuple[str, ...]
    sector: int = 0
    turns: int = 0
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a search stands: seconds since its start, cost of the best plan, proved bound, and its phase.

    `territories` where the season is planned in parts.
    """

    seconds: float
    cost: int | None
    bound: int | None
    phase: str
    territories: tuple[Territory, ...] = ()
