"""On the open road: the best plan that can be put together from the tournées of all plans seen, as a set covering.

A linear program over all of them first, into which those enter that its duals ask for; then an integer program over
those that a better plan could hold, as far as their reduced costs say.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp

from .field import Floats, Ints
from .open_road import OpenRoad
from .routes import Pool

_ENTER = 4_000  # tournées that enter the linear program at a time
_ROUNDS = 40
_MOST = 12_000  # tournées of the integer program
_TINY = 1e-6
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class _Columns:
    stops: Ints  # (n, most) communes; their number stands for no stop
    kind: Ints
    metres: Floats


def _columns(road: OpenRoad, pools: Sequence[Pool], plan: Sequence[Sequence[int]]) -> _Columns:
    """Each set of communes and kind once, the shortest; those of the plan first."""
    size, longest = len(road.worth), int(road.room.max())
    own = [(b, tournee) for b, tournee in enumerate(plan) if tournee]
    stops, kind, metres, marks = [], [], [], []
    for b, tournee in own:
        row = np.full(longest, size, np.int64)
        row[: len(tournee)] = tournee
        way = [int(road.depot[b]), *tournee, int(road.depot[b])]
        stops.append(row[None])
        kind.append(road.kind[b : b + 1])
        metres.append(np.array([road.metres[way[:-1], way[1:]].sum()]))
        marks.append(np.array([-1 - b]))  # under a mark of its own
    for pool in pools:
        used = np.flatnonzero(pool.mark)
        rows = pool.stops[used].copy()
        rows[np.arange(longest)[None] >= pool.counts[used, None]] = size
        stops.append(rows)
        kind.append(pool.kind[used])
        metres.append(pool.metres[used])
        marks.append(pool.mark[used])
    mark, price = np.concatenate(marks), np.concatenate(metres)
    order = np.lexsort((price, mark))
    first = order[np.unique(mark[order], return_index=True)[1]]
    own_first = np.concatenate([np.arange(len(own)), np.setdiff1d(first, np.arange(len(own)))])
    return _Columns(np.concatenate(stops)[own_first], np.concatenate(kind)[own_first], price[own_first])


class _Program:
    """Every commune is on a tournée or left out at what it is worth; no more tournées of a kind than blocks."""

    def __init__(self, road: OpenRoad, columns: _Columns, *, whole: bool) -> None:
        self.model = pywraplp.Solver.CreateSolver("SCIP" if whole else "GLOP")
        self._columns, self._whole = columns, whole
        self.objective = self.model.Objective()
        self.objective.SetMinimization()
        self.size = len(road.worth)
        self.rows = [self.model.Constraint(1, math.inf) for _ in road.worth]
        blocks = np.bincount(road.kind, minlength=road.fits.shape[1])
        self.fleets = [self.model.Constraint(-math.inf, int(count)) for count in blocks]
        self.numbers: list[int] = []
        self.variables: list[Any] = []
        self.out = []
        for c, worth in enumerate(road.worth.tolist()):
            variable = self._variable(worth)
            self.rows[c].SetCoefficient(variable, 1)
            self.out.append(variable)

    def _variable(self, price: float) -> Any:
        variable = self.model.BoolVar("") if self._whole else self.model.NumVar(0, math.inf, "")
        self.objective.SetCoefficient(variable, price)
        return variable

    def add(self, numbers: Ints) -> None:
        """Let these tournées in."""
        columns, size = self._columns, self.size
        for n, row, kind, price in zip(
            numbers.tolist(),
            columns.stops[numbers].tolist(),
            columns.kind[numbers].tolist(),
            columns.metres[numbers].tolist(),
            strict=True,
        ):
            variable = self._variable(price)
            self.fleets[kind].SetCoefficient(variable, 1)
            for c in row:
                if c < size:
                    self.rows[c].SetCoefficient(variable, 1)
            self.numbers.append(n)
            self.variables.append(variable)


def choose(
    road: OpenRoad,
    pools: Sequence[Pool],
    plan: Sequence[Sequence[int]],
    cost: float,
    *,
    seconds: float,
    seed: int,
    nodes: int | None,
    alive: Callable[[], bool],
) -> list[list[int]] | None:
    """A plan of these tournées that is cheaper than `plan`, which costs `cost`; None where none was found."""
    columns = _columns(road, pools, plan)
    own = sum(bool(tournee) for tournee in plan)
    reduced, bound = _reduced(road, columns, own, alive)
    if reduced is None or cost - bound < 1 - _TINY:
        return None
    close = np.flatnonzero(reduced[own:] < cost - bound - 1 + _TINY) + own
    close = close[np.argsort(reduced[close], kind="stable")][:_MOST]
    program = _Program(road, columns, whole=True)
    program.add(np.concatenate([np.arange(own), np.sort(close)]))
    served = {c for tournee in plan for c in tournee}
    program.model.SetHint(
        [*program.variables, *program.out],
        [*(float(n < own) for n in program.numbers), *(float(c not in served) for c in range(program.size))],
    )
    said = f"limits/absgap = 0.9\nrandomization/randomseedshift = {seed}\n"
    if nodes is not None:
        said += f"limits/totalnodes = {nodes}\n"
    program.model.SetSolverSpecificParametersAsString(said)
    if math.isfinite(seconds):
        program.model.SetTimeLimit(max(1, int(1000 * seconds)))
    if _run(program.model, alive) not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        return None
    chosen = [n for n, x in zip(program.numbers, program.variables, strict=True) if x.solution_value() > _HALF]
    return _plan(road, columns, chosen)


def _reduced(road: OpenRoad, columns: _Columns, own: int, alive: Callable[[], bool]) -> tuple[Floats | None, float]:
    """Each tournée's reduced cost in the linear program over all, and the program's value; None if stopped."""
    program = _Program(road, columns, whole=False)
    inside = np.zeros(len(columns.kind), np.bool_)
    per_stop = columns.metres / np.maximum(1, (columns.stops < program.size).sum(axis=1))
    enter = np.union1d(np.arange(own), np.argsort(per_stop, kind="stable")[:_ENTER])
    for _ in range(_ROUNDS):
        program.add(enter)
        inside[enter] = True
        if not alive() or program.model.Solve() != pywraplp.Solver.OPTIMAL:
            return None, 0.0
        worth = np.array([*(row.dual_value() for row in program.rows), 0.0])
        fleets = np.array([row.dual_value() for row in program.fleets])
        reduced = columns.metres - worth[columns.stops].sum(axis=1) - fleets[columns.kind]
        outside = np.flatnonzero((reduced < -_TINY) & ~inside)
        if not len(outside):
            return reduced, program.objective.Value()
        enter = outside[np.argsort(reduced[outside], kind="stable")][:_ENTER]
    return None, 0.0


def _run(model: Any, alive: Callable[[], bool]) -> int:
    """SCIP on a thread of its own, so that it can be told to stop."""
    status: list[int] = []
    thread = threading.Thread(target=lambda: status.append(model.Solve()), daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.02)
        if not alive():
            model.InterruptSolve()
    return status[0] if status else pywraplp.Solver.NOT_SOLVED


def _plan(road: OpenRoad, columns: _Columns, chosen: Sequence[int]) -> list[list[int]]:
    """The tournées on their blocks; who is on several stays where leaving saves least."""
    size = len(road.worth)
    free: dict[int, list[int]] = {}
    for b in range(len(road.kind) - 1, -1, -1):
        free.setdefault(int(road.kind[b]), []).append(b)
    plan: list[list[int]] = [[] for _ in road.kind]
    on: dict[int, list[int]] = {}
    for n in chosen:
        b = free[int(columns.kind[n])].pop()
        plan[b] = [c for c in columns.stops[n].tolist() if c < size]
        for c in plan[b]:
            on.setdefault(c, []).append(b)
    for c, blocks in on.items():
        while len(blocks) > 1:
            b = max(blocks, key=lambda b: _saving(road, plan[b], b, c))
            blocks.remove(b)
            plan[b].remove(c)
    return plan


def _saving(road: OpenRoad, tournee: list[int], b: int, c: int) -> float:
    way = [int(road.depot[b]), *tournee, int(road.depot[b])]
    k = way.index(c)
    before, after = way[k - 1], way[k + 1]
    return float(road.metres[before, c] + road.metres[c, after] - road.metres[before, after])
