"""The best plan that can be put together from a pool of tournées: an integer program under every rule's rows."""

from __future__ import annotations

import math
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ortools.linear_solver import pywraplp

from routing.plan import Limits

from .instance import Slot
from .rows import SOME, USEFUL, Rows

if TYPE_CHECKING:
    from .generate import Generator

Tournee = tuple[int, ...]  # slot numbers by date
_HALF = 0.5

# A good plan is known already, the linear program is nearly tight and pseudo-costs settle fast: without SCIP's own
# searches, cuts, restarts and strong branching a proof takes a seventh of the time (forty communes, lists of 2,000).
_SEARCHES = (
    "adaptivediving alns coefdiving conflictdiving crossover distributiondiving dps farkasdiving feaspump fracdiving "
    "gins guideddiving intshifting linesearchdiving localbranching lpface mutation nlpdiving objpscostdiving "
    "pscostdiving randrounding rens rins rootsoldiving shifting veclendiving"
)
_SETTINGS = (
    "lp/pricing = s\nbranching/pscost/priority = 1000000\nseparating/maxroundsroot = 0\nseparating/maxrounds = 0\n"
    "presolving/maxrestarts = 0\npropagating/probing/maxprerounds = 0\n"
) + "".join(f"heuristics/{name}/freq = -1\n" for name in _SEARCHES.split())


@dataclass(frozen=True, slots=True)
class Priced:
    """A tournée of the pool: metres plus the prices of its slots, its block, and its cuts (number, times)."""

    tournee: Tournee
    price: int
    block: int
    cuts: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True)
class Combined:
    """The chosen tournées, None where no choice was found, and whether there is no better one in the pool."""

    tournees: list[Tournee] | None
    optimal: bool


@dataclass(frozen=True, slots=True)
class Done:
    """The best plan that was found, and whether none better can be put together."""

    slots: list[Slot]
    proved: bool


def combine(
    generator: Generator,
    tournees: Iterable[Tournee],
    plan: list[Slot],
    *,
    blocks: set[int] | None = None,
    seconds: float,
    limits: Limits,
    alive: Callable[[], bool],
) -> Done:
    """Put together the best plan of these tournées and the plan's own; blocks other than `blocks` stay as they are."""
    rows, current = generator.rows, generator.tournees_of(plan)
    inside = [blocks is None or generator.block_of[rows.slots[tournee[0]]] in blocks for tournee in current]
    start = {tournee for tournee, here in zip(current, inside, strict=True) if here}
    kept = [s for tournee, here in zip(current, inside, strict=True) if not here for s in tournee]
    choice = dict.fromkeys([*tournees, *sorted(start)])
    pool = Pool(rows, generator.priced(choice), kept=kept, cut_limits=generator.master.cut_limits)
    nodes = None if limits.iterations is None else 50 + 10 * limits.iterations
    found = pool.solve(start=start, seconds=seconds, seed=limits.seed, nodes=nodes, alive=alive)
    if found.tournees is None:
        return Done(plan, found.optimal)
    return Done([rows.slots[s] for s in kept] + [rows.slots[s] for t in found.tournees for s in t], found.optimal)


class Pool:
    """The integer program over some tournées; the slots `kept` of a plan, of other blocks, stay as they are."""

    def __init__(
        self, rows: Rows, pool: Iterable[Priced], *, kept: Sequence[int] = (), cut_limits: Sequence[int] = ()
    ) -> None:
        self._rows, self._model = rows, pywraplp.Solver.CreateSolver("SCIP")
        self._chosen: dict[Tournee, int] = {}
        self._counts: dict[int, tuple[int, int]] = {}  # what counts a commune's evenings: which, and how far
        self._kept = Counter(rows.slots[s][0] for s in kept)
        used: dict[int, int] = defaultdict(int)
        terms: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        together: dict[int, list[int]] = defaultdict(list)
        cuts: dict[int, list[tuple[int, int]]] = defaultdict(list)
        communes = set()
        for s in kept:
            for r, factor in rows.of[rows.slots[s]]:
                used[r] += factor
        self._variables: list[Any] = []
        self._objective = self._model.Objective()
        self._objective.SetMinimization()
        for item in pool:
            variable = self._variable(1, whole=True, price=item.price)
            self._chosen[item.tournee] = variable
            together[item.block].append(variable)
            for k, times in item.cuts:
                cuts[k].append((variable, times))
            for s in item.tournee:
                communes.add(rows.slots[s][0])
                for r, factor in rows.of[rows.slots[s]]:
                    terms[r][variable] += factor
        for key, most in rows.limit.items():
            if key[0] in (SOME, USEFUL) and key[1] in communes:
                # whole evenings make `some` whole by itself, but "useful" counts
                variable = self._variable(most, whole=key[0] == USEFUL, price=rows.price[key])
                self._counts[variable] = key[1], most
                for r, factor in rows.of[key]:
                    terms[r][variable] += factor
        for variables in together.values():
            self._add(None, 1, dict.fromkeys(variables, 1))
        for r, found in terms.items():
            row = rows.rows[r]
            lower = None if row.lower is None else row.lower - used[r]
            self._add(lower, None if row.upper is None else row.upper - used[r], found)
        for k, entries in cuts.items():
            self._add(None, cut_limits[k], dict(entries))

    def _variable(self, most: int, *, whole: bool, price: int) -> int:
        """A new variable from 0 to `most`, by its number."""
        variable = self._model.IntVar(0, most, "") if whole else self._model.NumVar(0, most, "")
        self._objective.SetCoefficient(variable, price)
        self._variables.append(variable)
        return len(self._variables) - 1

    def _add(self, lower: int | None, upper: int | None, terms: dict[int, int]) -> None:
        if lower is None and upper is not None and sum(max(0, factor) for factor in terms.values()) <= upper:
            return
        row = self._model.Constraint(-math.inf if lower is None else lower, math.inf if upper is None else upper)
        for number, factor in terms.items():
            row.SetCoefficient(self._variables[number], factor)

    def _known(self, start: set[Tournee]) -> list[float]:
        """A value for every variable: SCIP leaves out what the best plan cannot beat only where none is missing."""
        values = [0.0] * len(self._variables)
        evenings = self._kept.copy()
        for tournee in start:
            values[self._chosen[tournee]] = 1.0
            evenings.update(self._rows.slots[s][0] for s in tournee)
        for number, (commune, most) in self._counts.items():
            values[number] = float(min(most, evenings[commune]))
        return values

    def solve(
        self, *, start: set[Tournee], seconds: float, seed: int, nodes: int | None, alive: Callable[[], bool]
    ) -> Combined:
        """The best choice, until `alive` turns false; `start` is one that keeps the rows.

        SCIP, since it is the one of OR-Tools' integer solvers on this kind of program that can be told to stop.
        """
        model = self._model
        said = f"limits/absgap = 0.9\nrandomization/randomseedshift = {seed}\n{_SETTINGS}"
        if nodes is not None:
            said += f"limits/totalnodes = {nodes}\n"
        model.SetSolverSpecificParametersAsString(said)
        if math.isfinite(seconds):
            model.SetTimeLimit(max(1, int(1000 * seconds)))
        numbers = list(self._chosen.items())
        model.SetHint(self._variables, self._known(start))
        parameters = pywraplp.MPSolverParameters()
        parameters.SetDoubleParam(parameters.RELATIVE_MIP_GAP, 0.0)
        status: list[int] = []
        errors: list[BaseException] = []

        def work() -> None:
            try:
                status.append(model.Solve(parameters))
            except BaseException as error:  # handed to the caller's thread, below
                errors.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(0.02)
            if not alive():
                model.InterruptSolve()
        if errors:
            raise errors[0]
        optimal = status[0] == pywraplp.Solver.OPTIMAL
        if status[0] not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
            return Combined(None, optimal)
        return Combined([t for t, k in numbers if self._variables[k].solution_value() > _HALF], optimal)
