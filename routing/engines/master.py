"""The linear program over tournées: GLOP, with rows that enter when they are broken."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp

from .field import Floats
from .pricing import Cuts
from .rows import SOME, USEFUL, Key, Rows

_BROKEN = 1e-5
_ALGORITHM = pywraplp.MPSolverParameters.LP_ALGORITHM
_PRIMAL, _DUAL = pywraplp.MPSolverParameters.PRIMAL, pywraplp.MPSolverParameters.DUAL
_TINY = 1e-9
_UNIT = 1000.0  # of the program's costs, which without GLOP's own scaling want to be near its tolerances


class Master:
    """Columns are tournées as tuples of slot numbers (places in `rows.slots`), at most one for each block.

    Rows marked `later` enter only once `separate` finds them broken: few of them ever matter. A bound from the
    duals of some of the rows holds for all of them.
    """

    def __init__(self, rows: Rows, blocks: int) -> None:
        self.rows = rows
        self.slots = len(rows.slots)
        self.columns: list[tuple[int, ...]] = []
        self.prices: list[int] = []
        self.block_of: list[int] = []
        self.number: dict[tuple[int, ...], int] = {}
        self.fixed = 0.0
        self._index = {slot: s for s, slot in enumerate(rows.slots)}
        self._lp = pywraplp.Solver.CreateSolver("GLOP")
        self._parameters = pywraplp.MPSolverParameters()
        self._parameters.SetIntegerParam(  # what presolve removes, the last basis cannot be used for
            pywraplp.MPSolverParameters.PRESOLVE, pywraplp.MPSolverParameters.PRESOLVE_OFF
        )
        self._lp.SetSolverSpecificParametersAsString("use_scaling: false")  # it changes with the columns, see `_next`
        self._infinity = self._lp.infinity()
        self._objective = self._lp.Objective()
        self._objective.SetMinimization()
        self._variables: list[Any] = []
        self._extra: dict[Key, Any] = {
            key: self._lp.NumVar(0, most, "") for key, most in rows.limit.items() if key[0] in (SOME, USEFUL)
        }
        for key, variable in self._extra.items():
            self._objective.SetCoefficient(variable, rows.price[key] / _UNIT)
        self._one = [self._lp.Constraint(-self._infinity, 1) for _ in range(blocks)]
        self._active: dict[int, Any] = {}
        self._uses: list[list[tuple[Any, int]]] = [[] for _ in range(self.slots)]
        self._columns_with: list[list[int]] = [[] for _ in range(self.slots)]
        self._columns_of: list[list[int]] = [[] for _ in range(blocks)]
        self.cuts: list[tuple[int, ...]] = []  # rows each; row r, or -1 - b for the row of block b
        self.cut_limits: list[int] = []
        self._cut_rows: list[Any] = []
        self._packing: list[tuple[int, list[int], int]] | None = None
        self._algorithm, self._waiting = _DUAL, False
        self._cuts_of: list[dict[int, int]] = [{} for _ in range(self.slots)]
        self._entries()
        for r, row in enumerate(rows.rows):
            if not row.later:
                self._enter(r)

    def _entries(self) -> None:
        """All rows over slots as triples, so that activities and values are one sum each."""
        row, slot, factor = [], [], []
        for r, item in enumerate(self.rows.rows):
            for key, times in item.terms:
                if key not in self._extra:
                    row.append(r)
                    slot.append(self._index[key])  # type: ignore[index]
                    factor.append(times)
        self._row, self._slot = np.array(row, dtype=np.int64), np.array(slot, dtype=np.int64)
        self._factor = np.array(factor, dtype=np.float64)
        uppers = [math.inf if item.upper is None else item.upper for item in self.rows.rows]
        self._upper = np.array(uppers, dtype=np.float64)

    def _next(self, algorithm: int) -> None:
        """What comes now is for this simplex: new columns keep the basis primal feasible, new rows and bounds dual.

        GLOP goes on from its last basis where only one of them has come, and begins anew where both have, which takes
        ten times as long: so what the other simplex is for is solved first.
        """
        if algorithm != self._algorithm:
            if self._waiting:
                self.solve()
            self._algorithm = algorithm
        self._waiting = True

    def _enter(self, r: int) -> None:
        self._next(_DUAL)
        row = self.rows.rows[r]
        lower = -self._infinity if row.lower is None else row.lower
        constraint = self._lp.Constraint(lower, self._infinity if row.upper is None else row.upper)
        self._active[r] = constraint
        factors: dict[int, int] = {}
        for key, factor in row.terms:
            if key in self._extra:
                constraint.SetCoefficient(self._extra[key], factor)
            else:
                s = self._index[key]  # type: ignore[index]
                factors[s] = factor
                self._uses[s].append((constraint, factor))
        totals: dict[int, int] = defaultdict(int)
        for s, factor in factors.items():
            for j in self._columns_with[s]:
                totals[j] += factor
        for j, total in totals.items():
            constraint.SetCoefficient(self._variables[j], total)

    def add(self, column: tuple[int, ...], metres: int, block: int) -> bool:
        """A new tournée; False when it is there already."""
        if column in self.number:
            return False
        self._next(_PRIMAL)
        self.number[column] = len(self.columns)
        self.columns.append(column)
        self.block_of.append(block)
        self._columns_of[block].append(len(self.columns) - 1)
        price = metres + sum(self.rows.price[self.rows.slots[s]] for s in column)
        self.prices.append(price)
        variable = self._lp.NumVar(0, self._infinity, "")
        self._variables.append(variable)
        self._objective.SetCoefficient(variable, price / _UNIT)
        for s in column:
            self._columns_with[s].append(len(self.columns) - 1)
            for constraint, factor in self._uses[s]:
                constraint.SetCoefficient(variable, constraint.GetCoefficient(variable) + factor)
        self._one[block].SetCoefficient(variable, 1)
        for cut, times in self.hits(column, block).items():
            self._cut_rows[cut].SetCoefficient(variable, times)
        return True

    def hits(self, column: tuple[int, ...], block: int) -> dict[int, int]:
        """The cuts that a column is in, and how often: half of the rows it hits, rounded down."""
        hits: dict[int, int] = {}
        for s in column:
            for cut, times in self._cuts_of[s].items():
                hits[cut] = hits.get(cut, 0) + times
        own = -1 - block
        halves = {cut: (times + (own in self.cuts[cut])) // 2 for cut, times in hits.items()}
        return {cut: times for cut, times in halves.items() if times}

    def cut(self, rows: tuple[int, ...]) -> bool:
        """Add the cut of some rows: of what they allow in all, half, rounded down, may hit two of them."""
        if rows in self.cuts:
            return False
        self._next(_DUAL)
        number = len(self.cuts)
        self.cuts.append(rows)
        limit = sum(1 if r < 0 else self.rows.rows[r].upper or 0 for r in rows) // 2
        self.cut_limits.append(limit)
        self._cut_rows.append(self._lp.Constraint(-self._infinity, limit))
        totals: dict[int, int] = defaultdict(int)  # of columns: how many of the rows each hits
        for r in rows:
            if r < 0:
                for j in self._columns_of[-1 - r]:
                    totals[j] += 1
                continue
            for key, _ in self.rows.rows[r].terms:
                s = self._index[key]  # type: ignore[index]
                self._cuts_of[s][number] = self._cuts_of[s].get(number, 0) + 1
                for j in self._columns_with[s]:
                    totals[j] += 1
        for j, times in totals.items():
            if times > 1:
                self._cut_rows[number].SetCoefficient(self._variables[j], times // 2)
        return True

    def packing_rows(self, *, most: int) -> list[tuple[int, list[int], int]]:
        """The rows that allow at most `most` evenings in all, each with its slots and how many it allows."""
        if self._packing is None:
            self._packing = [
                (r, [self._index[key] for key, _ in row.terms], row.upper)  # type: ignore[index]
                for r, row in enumerate(self.rows.rows)
                if row.upper is not None
                and row.upper <= most
                and row.plain
                and not any(key in self._extra for key, _ in row.terms)
            ]
        return self._packing

    def cut_duals(self) -> Floats:
        """Duals of the cuts, at most 0."""
        return np.array([_UNIT * min(0.0, row.dual_value()) for row in self._cut_rows], dtype=np.float64)

    def cuts_of_slots(self, duals: Floats) -> Cuts:
        """The cuts for the search, with these duals of theirs."""
        counts = [len(own) for own in self._cuts_of]
        pairs = [pair for own in self._cuts_of for pair in own.items()]
        base = np.zeros((len(self._one), len(self.cuts)), np.int64)
        for number, rows in enumerate(self.cuts):
            for r in rows:
                if r < 0:
                    base[-1 - r, number] = 1
        return Cuts(
            of=np.cumsum([0, *counts]).astype(np.int64),
            cut=np.array([cut for cut, _ in pairs], dtype=np.int64),
            hits=np.array([times for _, times in pairs], dtype=np.int64),
            base=base,
            penalty=-duals,
        )

    def limit(self, column: int, lower: float, upper: float) -> None:
        """Bounds of a column, for diving; an infinite upper one stands for none."""
        self._next(_DUAL)
        self._variables[column].SetBounds(lower, min(upper, self._infinity))

    def close(self, slots: Iterable[int], *, but: Collection[int]) -> set[int]:
        """Forbid the columns, but those, that use any of these slots; which they are, for `limit` to open again."""
        columns = {j for s in slots for j in self._columns_with[s]}.difference(but)
        for j in columns:
            self.limit(j, 0.0, 0.0)
        return columns

    def solve(self) -> float | None:
        """The value of the program, or None where it has none."""
        self._parameters.SetIntegerParam(_ALGORITHM, self._algorithm)
        status = self._lp.Solve(self._parameters)
        self._waiting = False
        if status != pywraplp.Solver.OPTIMAL:
            return None
        return float(_UNIT * self._objective.Value() + self.rows.constant)

    def values(self) -> Floats:
        """How much of each column is chosen."""
        return np.array([variable.solution_value() for variable in self._variables], dtype=np.float64)

    def duals(self) -> tuple[Floats, Floats]:
        """Duals of all rows (0 where they have not entered), with the sign each row demands, and of the blocks."""
        result = np.zeros(len(self.rows.rows))
        for r, constraint in self._active.items():
            dual, row = _UNIT * constraint.dual_value(), self.rows.rows[r]
            if (dual < 0 and row.upper is not None) or (dual > 0 and row.lower is not None):
                result[r] = dual
        return result, np.array([_UNIT * min(0.0, constraint.dual_value()) for constraint in self._one])

    def slot_values(self, duals: Floats) -> Floats:
        """What each slot costs beside its metres, at these duals."""
        prices = np.array([self.rows.price[slot] for slot in self.rows.slots], dtype=np.float64)
        weights = self._factor * duals[self._row]
        return prices - np.bincount(self._slot, weights=weights, minlength=self.slots)

    def constant(self, duals: Floats, of_cuts: Floats) -> float:
        """The Lagrangian bound but for the blocks: it holds for any duals of the right sign."""
        total = float(self.rows.constant) + float(of_cuts @ np.array(self.cut_limits, dtype=np.float64))
        spent: dict[Key, float] = {}
        for r in np.flatnonzero(duals):
            row, dual = self.rows.rows[r], float(duals[r])
            limit = row.upper if dual < 0 else row.lower
            total += dual * (limit if limit is not None else 0)
            for key, factor in row.terms:
                if key in self._extra:
                    spent[key] = spent.get(key, 0.0) + dual * factor
        for key in self._extra:
            total += min(0.0, self.rows.price[key] - spent.get(key, 0.0)) * self.rows.limit[key]
        return total

    def slot_use(self, values: Floats) -> Floats:
        """How much of each slot is used."""
        use = np.zeros(self.slots)
        for j in np.flatnonzero(values > _TINY):
            for s in self.columns[j]:
                use[s] += values[j]
        return use

    def separate(self, values: Floats, *, most: int) -> int:
        """Let rows enter that the values break, worst first; how many did."""
        use = self.slot_use(values)
        activity = np.bincount(self._row, weights=self._factor * use[self._slot], minlength=len(self._upper))
        over = np.where(np.isfinite(self._upper), activity - self._upper, 0.0)
        broken = [int(r) for r in np.argsort(-over, kind="stable")[:most] if over[r] > _BROKEN]
        entering = [r for r in broken if r not in self._active]
        for r in entering:
            self._enter(r)
        return len(entering)
