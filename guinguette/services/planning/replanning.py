"""The ways out of an incident: up to three plans that differ usefully, each found by a definition of its own.

- ``least``: as many evenings as can still be served, the fewest published dates changed, then the cheapest drive. Among
  equals, what the incident spares keeps its van too.
- ``others_stay``: the same, where no evening that the incident spares changes its date or its van. Only where that
  serves fewer evenings than ``least``, changes more dates or drives further.
- ``cancel``: what the incident spares stays as it is, what it hits is called off, and nothing is moved.
- ``kilometres``: as many evenings as ``least`` by a shorter drive, where a changed date costs a quarter of the tour's
  own price. Only where fewer than three others were found.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import routing
from guinguette.services.planning.seasons import keeping

LEAST, OTHERS_STAY, CANCEL, KILOMETRES = "least", "others_stay", "cancel", "kilometres"
#: In the order in which they are shown.
APPROACHES = (LEAST, OTHERS_STAY, CANCEL, KILOMETRES)

#: Somebody waits for the first answer beside a broken van.
FIRST_SECONDS = 6.5
_OTHER_SECONDS = 6.0
_MOST = 3
_CHEAPER = 4
_TOO_LATE = 1.0  # with less than that left nothing would come of it


@dataclass(frozen=True, slots=True)
class Way:
    """A way out: the season that it keeps to, and what each stage came to ({"name", "value", "proved"})."""

    approach: str
    season: routing.Season
    plan: routing.Plan
    proof: list[dict[str, Any]]

    @property
    def found(self) -> bool:
        """Tell whether there is a plan at all."""
        return self.plan.cost is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What the ways are looked for with. ``enter`` is told which approach is being tried."""

    limits: routing.Limits
    enter: Callable[[str], None]
    hear: Callable[[routing.Progress], None]
    should_stop: Callable[[], bool]
    started: float

    def limited(self, seconds: float) -> routing.Limits:
        """Return the limits of one attempt: so many seconds, or what is left of all."""
        return replace(self.limits, seconds=max(_TOO_LATE, min(seconds, self.left)))

    @property
    def left(self) -> float:
        """Return the seconds that are left."""
        return self.limits.seconds - (time.monotonic() - self.started)

    @property
    def over(self) -> bool:
        """Tell whether to be content with what there is."""
        return self.should_stop() or self.left < _TOO_LATE


def ways_out(season: routing.Season, spared: list[routing.Evening], search: Search) -> Iterator[Way]:
    """Yield each way as soon as it is there, ``least`` first, and again where more time improves or proves it.

    ``spared`` are the published evenings to come that no incident hits. Whoever stops keeps what there is; where that
    is nothing, ``cancel`` still comes, for it needs no search.
    """
    least = _replanned(LEAST, season, search, FIRST_SECONDS)
    yield least
    known = [set(least.plan.evenings)] if least.found else []
    kept = keeping(season, spared)
    if kept is not None and least.found and not search.over and _touches(least.plan, spared):
        others_stay = _replanned(OTHERS_STAY, kept, search, _OTHER_SECONDS)
        if others_stay.found and _values(others_stay) <= _values(least):
            least = replace(others_stay, approach=LEAST, proof=_proof_of_both(least, others_stay))
            known = [set(least.plan.evenings)]
            yield least
        elif others_stay.found:
            known.append(set(others_stay.plan.evenings))
            yield others_stay
    if kept is not None and not (least.found and search.over):
        cancel = _cancelling(kept, search)
        if cancel.found and set(cancel.plan.evenings) not in known:
            known.append(set(cancel.plan.evenings))
            yield cancel
    if least.found and len(known) < _MOST and not search.over:
        shorter = _shorter(season, search)
        if shorter.found and _saves(shorter.plan, least.plan):
            yield shorter
    if not all(stage["proved"] for stage in least.proof) and not search.over:
        yield from _better(least, search)


def _replanned(approach: str, season: routing.Season, search: Search, seconds: float) -> Way:
    search.enter(approach)
    found = routing.replan(season, search.limited(seconds), search.hear, should_stop=search.should_stop)
    stages = [{"name": stage.name, "value": stage.value, "proved": stage.proved} for stage in found.stages]
    return Way(approach, season, found.plan, stages)


def _touches(plan: routing.Plan, spared: list[routing.Evening]) -> bool:
    return not set(spared) <= set(plan.evenings)


def _values(way: Way) -> list[int]:
    return [stage["value"] for stage in way.proof]


def _proof_of_both(least: Way, others_stay: Way) -> list[dict[str, Any]]:
    """Return the stages of a plan that binds itself further: what is proved is proved without that, or not at all."""
    return [
        {**own, "proved": stage["proved"] and stage["value"] == own["value"]}
        for stage, own in zip(least.proof, others_stay.proof, strict=True)
    ]


def _cancelling(kept: routing.Season, search: Search) -> Way:
    """Return the plan of the locks alone: no van is free on any other date. Nobody asks why it serves no more."""
    search.enter(CANCEL)
    busy = defaultdict(set)
    for lock in kept.locked:
        busy[lock.vehicle].add(lock.date)
    vehicles = tuple(replace(van, dates=tuple(sorted(busy[van.id]))) for van in kept.vehicles)
    plan = routing.solve(replace(kept, vehicles=vehicles), search.limited(_OTHER_SECONDS))
    if plan.cost is not None:
        unserved = tuple(replace(wish, reasons=()) for wish in plan.unserved)
        plan = replace(plan, status="feasible", bound=None, unserved=unserved)
    return Way(CANCEL, kept, plan, [])


def _shorter(season: routing.Season, search: Search) -> Way:
    search.enter(KILOMETRES)
    costs = season.costs
    cheaper = replace(costs, moved=costs.moved // _CHEAPER)
    plan = routing.solve(
        replace(season, costs=cheaper), search.limited(_OTHER_SECONDS), search.hear, should_stop=search.should_stop
    )
    proof = [{"name": "cost", "value": plan.cost, "proved": plan.status == "optimal"}]
    if plan.cost is not None:
        held = {(evening.commune, evening.date) for evening in plan.evenings}
        lost = sum((promise.commune, promise.date) not in held for promise in season.baseline)
        cost = plan.cost + lost * (costs.moved - cheaper.moved)  # told in the tour's own prices, as all others
        plan = replace(plan, cost=cost, status="feasible", bound=None)
    return Way(KILOMETRES, season, plan, proof)


def _saves(plan: routing.Plan, least: routing.Plan) -> bool:
    return (plan.metres or 0) < (least.metres or 0) and len(plan.evenings) >= len(least.evenings)


def _better(first: Way, search: Search) -> Iterator[Way]:
    """Yield ``least`` once more with all the time that is left, where that finds or proves more than ``first``."""
    again = _replanned(LEAST, first.season, search, search.left)

    def rank(way: Way) -> tuple[list[int], int]:
        return _values(way), -sum(stage["proved"] for stage in way.proof)

    if again.found and (not first.found or rank(again) < rank(first)):
        yield replace(first, proof=again.proof) if _values(again) == _values(first) else again
