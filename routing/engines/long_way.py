"""Drives the search for long tournées under rules: on every worker from a seed of its own, together from the best."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from .anneal import anneal
from .improve import Search
from .instance import Instance, Slot
from .trail import survey, trail_of
from .wander import wander
from .watch import Watch

_MOVES, _ROUNDS = 4_000, 200  # of single evenings and of stretches, in an iteration
_HOT, _COLD = 0.3, 0.005  # temperatures, as shares of a usual leg


class Wanderer(Search):
    """An annealing whose moves change single evenings and whole stretches of dates."""

    def __init__(self, instance: Instance, fixed: list[Slot], *, seed: int) -> None:
        super().__init__(instance, fixed, seed=seed)
        self._trail = trail_of(instance)

    def wander(self, heat: float) -> None:
        """One iteration at this temperature (metres); `note` is left to the caller."""
        field = self.instance.field
        anneal(field, self._table, self._pick, self._seen, self._costs, heat, heat, _MOVES)
        survey(self._table, self._trail)
        wander(field, self._table, self._pick, self._trail, self._seen, self._costs, heat, _ROUNDS)
        self.iterations += 1


class LongWay:
    """One season of long tournées; the best plan is in `watch`."""

    def __init__(self, instance: Instance, fixed: list[Slot], first: Search, watch: Watch) -> None:
        self.instance, self.watch = instance, watch
        seeds = [watch.limits.seed + 7919 * k for k in range(watch.limits.workers)]
        self._searches = [Wanderer(instance, fixed, seed=seed) for seed in seeds]
        for search in self._searches:
            search.listener = watch.found
            search.offer(first.last() or first.best)

    def run(self, share: Callable[[], float]) -> None:
        watch = self.watch
        slots = watch.slots or []
        usual = self.instance.metres_of(slots) / max(1, len(slots))
        with ThreadPoolExecutor(len(self._searches)) as pool:
            while (done := share()) < 1.0 and not watch.over():
                heat = usual * _HOT * (_COLD / _HOT) ** done
                list(pool.map(lambda search: search.wander(heat), self._searches))
                for search in self._searches:
                    search.note()
