"""Column generation over tournées: a linear program whose duals price them, a bound that is proved, and a pool.

The bound is the Lagrangian one: for any duals of the right sign it holds, whether or not the linear program
has converged, so that stopping early only makes it weaker.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ortools.linear_solver import pywraplp

from .instance import Instance, Slot
from .rows import SOME, USEFUL, Key, Rows
from .tournees import Block, Pricer, Tournee, metres_of
from .watch import Watch

_PER_BLOCK = 4  # tournées added per block and round
_TINY = 1e-6
_CLOSE = 0.5  # costs are whole: less than one apart cannot get closer


class Generator:
    """The linear program over tournées of `blocks` under `rows`, and its pool of tournées."""

    def __init__(self, instance: Instance, blocks: list[Block], rows: Rows) -> None:
        self.instance, self.blocks, self.rows = instance, blocks, rows
        self.pool: dict[Tournee, int] = {}  # metres
        self.bound = -math.inf
        self._pricers = [Pricer(instance, block) for block in blocks]
        self.block_of = {slot: b for b, block in enumerate(blocks) for day in block.by_day for slot in day}
        self._lp = pywraplp.Solver.CreateSolver("GLOP")
        infinity = self._lp.infinity()
        self._objective = self._lp.Objective()
        self._objective.SetMinimization()
        self._extra: dict[Key, Any] = {
            key: self._lp.NumVar(0, most, "") for key, most in rows.limit.items() if key[0] in (SOME, USEFUL)
        }
        for key, variable in self._extra.items():
            self._objective.SetCoefficient(variable, rows.price[key])
        self._uses: dict[Key, list[tuple[int, int]]] = defaultdict(list)
        self._rows = []
        for r, row in enumerate(rows.rows):
            lower = -infinity if row.lower is None else row.lower
            constraint = self._lp.Constraint(lower, infinity if row.upper is None else row.upper)
            self._rows.append(constraint)
            for key, factor in row.terms:
                self._uses[key].append((r, factor))
                if key in self._extra:
                    constraint.SetCoefficient(self._extra[key], factor)
        self._one = [self._lp.Constraint(-infinity, 1) for _ in blocks]
        self._best_duals: list[float] = []
        self._best_least: list[float] = []

    def add(self, tournee: Tournee) -> bool:
        """Put a tournée into the pool; False when it is there already or has a leg too long."""
        metres = metres_of(self.instance, tournee)
        if tournee in self.pool or metres is None:
            return False
        self.pool[tournee] = metres
        variable = self._lp.NumVar(0, self._lp.infinity(), "")
        self._objective.SetCoefficient(variable, metres + sum(self.rows.price[slot] for slot in tournee))
        factors: dict[int, int] = defaultdict(int)
        for slot in tournee:
            for r, factor in self._uses[slot]:
                factors[r] += factor
        for r, factor in factors.items():
            self._rows[r].SetCoefficient(variable, factor)
        self._one[self.block_of[tournee[0]]].SetCoefficient(variable, 1)
        return True

    def add_plan(self, slots: Iterable[Slot]) -> None:
        """Put the tournées of a plan into the pool."""
        for tournee in self.tournees_of(slots):
            self.add(tournee)

    def tournees_of(self, slots: Iterable[Slot]) -> list[Tournee]:
        """A plan cut into its tournées."""
        paths: dict[int, list[Slot]] = defaultdict(list)
        for slot in sorted(slots, key=lambda slot: slot[2]):
            paths[self.block_of[slot]].append(slot)
        return [tuple(path) for path in paths.values()]

    def run(self, watch: Watch, *, until: float, rounds: int) -> bool:
        """Generate until nothing pays (True), the time is over, or the rounds are used up.

        The pool must hold a plan that keeps the rows, or the program has no solution.
        """
        for _ in range(rounds):
            if self._lp.Solve() != pywraplp.Solver.OPTIMAL:
                return False
            value = self._objective.Value() + self.rows.constant
            duals = self._clean([constraint.dual_value() for constraint in self._rows])
            priced = self._price_all(duals, watch)
            if priced is None:
                return False
            least, found = priced
            self._note(duals, least)
            if self.bound > -math.inf:
                watch.proved(self.whole_bound)
            added = sum(self.add(tournee) for tournee in found)
            if added == 0 or value - self.bound < _CLOSE or watch.optimal:
                return True
            if watch.over() or watch.seconds > until:
                return False
        return False

    @property
    def whole_bound(self) -> int:
        """The bound as a whole number, with room for the rounding of floats."""
        return math.ceil(self.bound - 0.01 - abs(self.bound) * 1e-10)

    def _clean(self, duals: list[float]) -> list[float]:
        """Duals with the sign that their row demands: that is all the bound needs."""
        clean = []
        for dual, row in zip(duals, self.rows.rows, strict=True):
            sign_ok = (dual < 0 and row.upper is not None) or (dual > 0 and row.lower is not None)
            clean.append(dual if sign_ok else 0.0)
        return clean

    def _reduced(self, key: Key, duals: list[float]) -> float:
        return self.rows.price[key] - sum(factor * duals[r] for r, factor in self._uses[key])

    def _price_all(self, duals: list[float], watch: Watch) -> tuple[list[float], list[Tournee]] | None:
        price = {slot: self._reduced(slot, duals) for slot in self.rows.slots}
        least: list[float] = []
        new: list[Tournee] = []
        for pricer, one in zip(self._pricers, self._one, strict=True):
            if watch.over():
                return None
            # tournées below the block's own dual improve the program; the bound wants the least, or nothing
            worst = min(0.0, one.dual_value()) - _TINY
            best, found = pricer.search(price, below=worst, keep=_PER_BLOCK)
            least.append(min(best, worst) if found else worst)
            new.extend(tournee for _, tournee in found)
        return least, new

    def _note(self, duals: list[float], least: list[float]) -> None:
        bound = float(self.rows.constant) + sum(least)
        for dual, row in zip(duals, self.rows.rows, strict=True):
            limit = row.upper if dual < 0 else row.lower
            bound += dual * limit if limit is not None else 0.0
        for key in self._extra:
            bound += min(0.0, self._reduced(key, duals)) * self.rows.limit[key]
        if bound > self.bound:
            self.bound, self._best_duals, self._best_least = bound, duals, least

    def within(self, cost: int, *, most: int) -> list[Tournee] | None:
        """Every tournée that a plan cheaper than `cost` may hold, or None when there are more than `most`."""
        if not self._best_duals:
            return None
        price = {slot: self._reduced(slot, self._best_duals) for slot in self.rows.slots}
        room = cost - self.bound + 0.01 + abs(self.bound) * 1e-10
        result: list[Tournee] = []
        for pricer, least in zip(self._pricers, self._best_least, strict=True):
            _, found = pricer.search(price, below=least + room, keep=most - len(result), everything=True)
            result.extend(tournee for _, tournee in found)
            if len(result) > most:
                return None
        return result
