"""Drives the search for long tournées under rules: on every worker, from a seed of its own."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from .anneal import anneal
from .improve import MOVES_PER_ITERATION, Search
from .instance import Instance, Slot
from .relaxed import RulesOff
from .trail import survey, trail_of
from .wander import wander
from .watch import Watch

_ITERATIONS = 10  # of moves of single evenings between two turns of stretches
_ROUNDS_BOUND, _ROUNDS_LOOSE = 15, 1_000  # of stretches in a turn: rules that bind are for single evenings
_LOOK, _AHEAD = 0.05, 0.4  # of the time for the season with its rules off: to see what they cost, and where little
_CLOSE = 1.15  # of the cost with the rules off: they bind so little that its plan is the place to begin
_BOUND, _LOOSE = (1.0, 0.02), (0.05, 0.01)  # temperatures at first and last, as shares of a leg to somebody near
_LEAST = 0.3  # seconds for a look
_NEAREST = 5  # communes that are near


class Wanderer(Search):
    """An annealing whose moves change single evenings and whole stretches of dates."""

    def __init__(self, instance: Instance, fixed: list[Slot], *, seed: int) -> None:
        super().__init__(instance, fixed, seed=seed)
        self._trail = trail_of(instance)

    def turn(self, heat: float, rounds: int) -> None:
        """Some moves of single evenings and so many rounds of stretches at this temperature (metres)."""
        field = self.instance.field
        moves = _ITERATIONS * MOVES_PER_ITERATION
        anneal(field, self._table, self._pick, self._seen, self._costs, heat, heat, moves)
        survey(self._table, self._trail)
        wander(field, self._table, self._pick, self._trail, self._seen, self._costs, heat, rounds)
        self.iterations += _ITERATIONS

    def current(self) -> list[Slot]:
        """The plan under change, which may be dearer than the best, or have legs that are too long."""
        return [(int(self._table.slot[v, i]), int(v), int(i)) for v, i in np.argwhere(self._table.slot >= 0)]

    def running_cost(self) -> float:
        """Its cost as the moves have added it up, from where the search began."""
        return float(self._costs[0])


class LongWay:
    """One season of long tournées; the best plan is in `watch`, where a first one is already."""

    def __init__(self, instance: Instance, fixed: list[Slot], watch: Watch) -> None:
        self.instance, self.fixed, self.watch = instance, fixed, watch
        self.loose = False  # whether the rules bind so little that the plan with the rules off was nearly kept

    def run(self, until: float) -> None:
        """Search until `until`, in seconds of the watch, or the limit of iterations."""
        watch = self.watch
        start = self._begin(until)
        seeds = [watch.limits.seed + 7919 * k for k in range(watch.limits.workers)]
        searches = [Wanderer(self.instance, self.fixed, seed=seed) for seed in seeds]
        for search in searches:
            search.offer(start)
            search.listener = watch.found
        leg = self._leg()
        hot, cold = _LOOSE if self.loose else _BOUND
        rounds = _ROUNDS_LOOSE if self.loose else _ROUNDS_BOUND
        first = searches[0]

        share = watch.share(lambda: first.iterations, until=until)
        with ThreadPoolExecutor(len(searches)) as pool:
            while (done := share()) < 1.0 and not watch.over():
                heat = leg * hot * (cold / hot) ** done
                list(pool.map(lambda search: search.turn(heat, rounds), searches))  # noqa: B023 - runs now
                for search in searches:
                    search.note()

    def _leg(self) -> float:
        """Metres to somebody near, on average."""
        apart = self.instance.field.direct.copy()
        np.fill_diagonal(apart, np.inf)
        near = np.sort(apart, axis=1)[:, : min(_NEAREST, len(apart) - 1)]
        return max(1.0, float(near.mean())) if near.size else 1.0

    def _begin(self, until: float) -> list[Slot]:
        """Where the search begins: the tournées of the season with its rules off, where they stay nearly as good."""
        watch, limits = self.watch, self.watch.limits
        start = watch.slots or []
        free = RulesOff(self.instance)
        for share in (_LOOK, _AHEAD):
            if limits.iterations is None:
                own = replace(limits, seconds=max(_LEAST, share * (until - watch.seconds)))
            else:
                own = replace(limits, seconds=math.inf, iterations=math.ceil(share * limits.iterations))
            found = free.plan(self.fixed, own, watch.over)
            cost = self.instance.cost_of(found)
            if cost is None or cost > _CLOSE * free.cost:
                break
            self.loose = True
            if watch.cost is None or cost < watch.cost:
                watch.found(cost, found)
                start = found
        return start
