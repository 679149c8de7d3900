"""The stages of a re-plan: each is a season of its own prices, under what the stages before it have reached."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from routing.ground import Ground
from routing.rules import Fault
from routing.season import LARGEST, Costs, Season

from .decide import COUNTRY_SLOTS, LOADING, SMALL_ARCS, loaded, prove
from .improve import Search
from .instance import Budget, Instance, Slot
from .watch import Watch

MISSING, MOVED, REST = "missing", "moved", "rest"
STAGES = (MISSING, MOVED, REST)
_SHARES = {MISSING: 0.3, MOVED: 0.5, REST: 1.0}  # of the time that is left when the stage begins
_MARGIN = 10  # a unit of a stage is worth so many times the rest: fractions of units then tell
_START_SHARE = 0.15
_START_SECONDS = 1.0
_ALONE_SHARE = 0.85  # where no other engine will look at the season


@dataclass(frozen=True, slots=True)
class Stage:
    """What a stage came to, in its own measure (metre-equivalents, pairs, metre-equivalents), and whether proved."""

    name: str
    value: int
    proved: bool


class Stages:
    """The re-plan of one season: `slots` is the best plan so far."""

    def __init__(self, season: Season, fixed: list[Slot], watch: Watch) -> None:
        self.season, self.watch = season, watch
        self.done: list[Stage] = []
        self.instance = Instance(Ground(season))
        self.rest = self._most_rest(self.instance)
        steering = self._priced(missing=max(1, 10**9 // max(1, season.costs.no_evening)), moved=10**7)
        self.search = Search(Instance(Ground(steering)), fixed, seed=watch.limits.seed)
        self.slots: list[Slot] | None = None
        self.conflicts: list[Fault] = []

    def _most_rest(self, instance: Instance) -> int:
        """More than the metres and dates given if_need_be of any plan come to."""
        season = self.season
        cells = sum(len(season.dates if v.dates is None else v.dates) for v in season.vehicles) + len(season.locked)
        evenings = min(sum(item.evenings for item in season.communes) + len(season.locked), cells)
        farthest = int(instance.ground.metres.max(initial=0))
        return 1 + evenings * (2 * farthest + season.costs.if_need_be)

    def _priced(self, *, missing: int, moved: int) -> Season:
        costs = self.season.costs
        return replace(
            self.season,
            costs=Costs(
                no_evening=min(LARGEST, costs.no_evening * missing),
                missing=min(LARGEST, costs.missing * missing),
                if_need_be=costs.if_need_be,
                moved=min(LARGEST, moved),
            ),
        )

    def run(self, told: Callable[[list[Slot]], None]) -> None:
        """All stages in their order, as far as the time allows; `told` hears of each new plan."""
        watch, search = self.watch, self.search
        watch.enter("construct")
        search.construct(watch.over)
        begun = watch.seconds
        span = watch.search_seconds - begun
        span = _ALONE_SHARE * span if self._searched_alone() else min(_START_SECONDS, _START_SHARE * span)
        share = watch.share(lambda: search.iterations, until=begun + span)
        search.run(share, watch.over, warmth=0.2)
        self.slots = search.best if search.best_cost is not None else self._asked()
        if self.slots is None:
            return
        told(self.slots)
        budget: Budget | None = None
        for name in STAGES:
            proved = self._stage(name, budget)
            told(self.slots)
            self.done.append(Stage(name, self._value(name), proved and all(stage.proved for stage in self.done)))
            budget = Budget(self.season.costs, self._value(MISSING), self._value(MOVED) if name != MISSING else None)

    def _searched_alone(self) -> bool:
        """Whether no other engine looks at the season: too big, neither in blocks nor small, or no time to load one."""
        if self._big() or (not loaded() and self.watch.left < LOADING):
            return True
        from .model import MOST_ARCS, Model  # noqa: PLC0415 - so that the first plan does not wait for OR-Tools
        from .tournees import blocks_of  # noqa: PLC0415

        slots = self.instance.slots()
        return Model.count_arcs(self.instance, slots, most=MOST_ARCS) > MOST_ARCS and (
            blocks_of(self.instance, slots) is None
        )

    def _big(self) -> bool:
        """Whether the season has too many slots to be written down one by one."""
        return self.instance.count > COUNTRY_SLOTS

    def _value(self, name: str) -> int:
        """What `slots` come to in the stage's own measure."""
        slots, costs = self.slots or [], self.season.costs
        shortfall, lost = self.instance.shortfall_of(slots, costs), self.instance.lost_of(slots)
        cost = self.instance.cost_of(slots) or 0
        return {MISSING: shortfall, MOVED: lost, REST: cost - shortfall - lost * costs.moved}[name]

    def _asked(self) -> list[Slot] | None:
        """Any plan from CP-SAT, where the search found none: legs that are too long may keep it from one."""
        if self._big():
            return None
        own = Watch(self.watch.limits, None, self.watch.interrupted, self.watch.started)
        own.search_seconds = self.watch.seconds + _SHARES[MISSING] * max(0.0, self.watch.left)
        instance = self.search.instance
        self.conflicts = prove(instance, instance.slots(), own)
        return own.slots

    def _measure(self, name: str) -> tuple[Season, int, bool]:
        """The season at the stage's prices, the price of its unit, and whether that is exact.

        Prices beyond the format's largest are cut to it: they still steer, but prove nothing.
        """
        costs = self.season.costs
        if name == REST:
            return self._priced(missing=0, moved=0), 1, True
        if name == MOVED:
            season = self._priced(missing=0, moved=_MARGIN * self.rest)
            return season, season.costs.moved, True
        unit = math.gcd(costs.no_evening, costs.missing)
        factor = -(-_MARGIN * self.rest // unit)
        season = self._priced(missing=factor, moved=0)
        exact = max(costs.no_evening, costs.missing) * factor <= LARGEST
        return season, unit * factor, exact

    def _stage(self, name: str, budget: Budget | None) -> bool:
        """Improve `slots` in the stage's measure; whether there is nothing better."""
        watch, slots = self.watch, self.slots or []
        watch.enter(name)
        if self._value(name) == 0:  # nothing is missed, or nothing was published
            return True
        season, unit, exact = self._measure(name)
        if watch.over() or self._big() or (not loaded() and watch.left < LOADING):
            return False
        instance = Instance(Ground(season), budget)
        own = Watch(watch.limits, None, watch.interrupted, watch.started)
        own.search_seconds = watch.seconds + _SHARES[name] * max(0.0, watch.left)
        own.unit, own.spare = unit, self.rest if unit > 1 else 0
        cost = instance.cost_of(slots)
        if cost is None:
            raise AssertionError("a stage of the re-plan lost what the stage before it had reached")
        own.found(cost, slots)
        own.proved(0)
        from .by_tournees import Driver  # noqa: PLC0415 - as above
        from .model import Model  # noqa: PLC0415
        from .tournees import blocks_of  # noqa: PLC0415

        candidates = instance.slots()
        blocks = blocks_of(instance, candidates)
        if Model.count_arcs(instance, candidates, most=SMALL_ARCS) <= SMALL_ARCS or blocks is None:
            prove(instance, candidates, own)
        else:
            Driver(instance, blocks, candidates, self.search, own).run()
        self.slots = own.slots
        return own.optimal and exact
