"""Drives the compiled annealing: from a construction or any plan, by the clock or by iterations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .anneal import anneal, construct
from .dice import dice_of
from .field import empty_table, forbidden_of
from .instance import Instance, Slot
from .moves import fill
from .picks import Pick, prepare

MOVES_PER_ITERATION = 2_000  # what one iteration of the limits means here
COLD = 0.06  # the warmth of an annealing that begins on a good plan
_CHUNK = 20_000  # moves between two looks at the clock
_LOOKS = 2_000_000  # slots looked at between two of them, for a first plan
_COOLING = 1 / 150  # last temperature as a share of the first


class Search:
    """An annealing that remembers the best plan it saw, as slots with their exact cost.

    `listener` is told each new best cost and plan, between two chunks of moves.
    """

    def __init__(self, instance: Instance, fixed: list[Slot], *, seed: int) -> None:
        field = instance.field
        communes, dates = field.preference.shape
        cars = len(field.nights)
        self.instance, self.listener = instance, _nobody
        self.best: list[Slot] = []
        self.best_cost: int | None = None
        self.iterations = 0
        self._forbidden = forbidden_of(instance)
        self._pick = Pick(
            placed=np.zeros(cars * dates, np.int64),
            placed_at=np.full(cars * dates, -1, np.int64),
            short=np.zeros(communes, np.int64),
            short_at=np.full(communes, -1, np.int64),
            counts=np.zeros(2, np.int64),
            dice=dice_of(seed),
            near=instance.apart,
        )
        self._start(fixed)

    def _start(self, slots: list[Slot]) -> None:
        self._table = empty_table(self.instance)
        rows = np.array(slots, dtype=np.int64).reshape(-1, 3)
        fill(self.instance.field, self._table, rows)
        prepare(self.instance.field, self._table, self._pick)
        self._costs = np.zeros(2)
        self._seen = self._table.slot.copy()

    def construct(self, stop: Callable[[], bool]) -> None:
        """A first plan: dearest wishes first, those with the fewest dates before others, each at its cheapest.

        One evening each, round after round, until nobody gets one more or `stop` says so.
        """
        field = self.instance.field
        offered = np.diff(field.dates_of)
        order = np.array(sorted(range(len(offered)), key=lambda c: (-field.first[c], offered[c], c)), dtype=np.int64)
        step = max(1, _LOOKS // max(1, self._table.slot.size))
        turns = [order[first : first + step] for first in range(0, len(order), step)]
        some, looks = True, 0
        while some:
            some = False
            for turn in turns:
                change = construct(field, self._table, self._pick, turn)
                self._costs[0] += change
                some = some or change < 0.0
                looks += len(turn) * self._table.slot.size
                if looks >= _LOOKS and stop():
                    some = False
                    break
        self._costs[1] = self._costs[0]
        self._seen[:] = self._table.slot
        self.note()

    def offer(self, slots: list[Slot]) -> None:
        """Go on from another plan."""
        self._start(slots)

    def run(self, share: Callable[[], float], stop: Callable[[], bool], *, warmth: float = 1.0) -> None:
        """Search until `share`, which drives the cooling from 0 to 1, reaches 1, or `stop` says so."""
        field = self.instance.field
        hot = max(1.0, 0.6 * warmth * self._typical())
        while (done := share()) < 1.0 and not stop():
            heat = hot * _COOLING**done
            anneal(field, self._table, self._pick, self._seen, self._costs, heat, heat, _CHUNK)
            self.iterations += _CHUNK // MOVES_PER_ITERATION
            self.note()

    def _typical(self) -> float:
        """A usual leg, in metres."""
        legs = self.instance.field.out[self.instance.field.out < self._forbidden]
        return float(np.mean(legs)) if legs.size else 1.0

    def last(self) -> list[Slot]:
        """The best plan since the last start, which may be dearer than `best`; empty where a leg is too long."""
        slots = [(int(self._seen[v, i]), int(v), int(i)) for v, i in np.argwhere(self._seen >= 0)]
        return slots if self.instance.metres_of(slots) is not None else []

    def note(self) -> None:
        """Price the best plan exactly and keep it."""
        slots = [(int(self._seen[v, i]), int(v), int(i)) for v, i in np.argwhere(self._seen >= 0)]
        cost = self.instance.cost_of(slots)
        if cost is not None and (self.best_cost is None or cost < self.best_cost):
            self.best_cost, self.best = cost, slots
            self.listener(cost, slots)


def _nobody(cost: int, slots: list[Slot]) -> None:
    """Stands in for a listener."""
