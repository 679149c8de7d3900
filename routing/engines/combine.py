"""The best plan that can be put together from a pool of tournées: an integer program under every rule's rows."""

from __future__ import annotations

import datetime
import math
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ortools.math_opt.python import mathopt

from .rows import SOME, USEFUL, Key, Rows

Tournee = tuple[int, ...]  # slot numbers by date
_HALF = 0.5


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


class Pool:
    """The integer program over some tournées; the slots `kept` of a plan, of other blocks, stay as they are."""

    def __init__(
        self, rows: Rows, pool: Iterable[Priced], *, kept: Iterable[int] = (), cut_limits: Sequence[int] = ()
    ) -> None:
        self._rows, self._model = rows, mathopt.Model()
        self._chosen: dict[Tournee, mathopt.Variable] = {}
        used: dict[int, int] = defaultdict(int)
        terms: dict[int, dict[mathopt.Variable, int]] = defaultdict(lambda: defaultdict(int))
        together: dict[int, list[mathopt.Variable]] = defaultdict(list)
        cuts: dict[int, list[tuple[mathopt.Variable, int]]] = defaultdict(list)
        communes = set()
        objective = []
        for s in kept:
            for r, factor in rows.of[rows.slots[s]]:
                used[r] += factor
        for item in pool:
            variable = self._model.add_variable(lb=0.0, ub=1.0, is_integer=True)
            self._chosen[item.tournee] = variable
            objective.append((variable, float(item.price)))
            together[item.block].append(variable)
            for k, times in item.cuts:
                cuts[k].append((variable, times))
            for s in item.tournee:
                communes.add(rows.slots[s][0])
                for r, factor in rows.of[rows.slots[s]]:
                    terms[r][variable] += factor
        for key in rows.limit:
            if key[0] in (SOME, USEFUL) and key[1] in communes:
                objective.append(self._extra(key, terms))
        for variables in together.values():
            self._add(None, 1, dict.fromkeys(variables, 1))
        for r, found in terms.items():
            row = rows.rows[r]
            lower = None if row.lower is None else row.lower - used[r]
            self._add(lower, None if row.upper is None else row.upper - used[r], found)
        for k, entries in cuts.items():
            self._add(None, cut_limits[k], dict(entries))
        self._model.minimize(mathopt.LinearSum(price * variable for variable, price in objective))

    def _extra(self, key: Key, terms: dict[int, dict[mathopt.Variable, int]]) -> tuple[mathopt.Variable, float]:
        # whole evenings make `some` whole by itself, but "useful" counts
        variable = self._model.add_variable(lb=0.0, ub=float(self._rows.limit[key]), is_integer=key[0] == USEFUL)
        for r, factor in self._rows.of[key]:
            terms[r][variable] += factor
        return variable, float(self._rows.price[key])

    def _add(self, lower: int | None, upper: int | None, terms: dict[mathopt.Variable, int]) -> None:
        if lower is None and upper is not None and sum(max(0, factor) for factor in terms.values()) <= upper:
            return
        row = self._model.add_linear_constraint(
            lb=-math.inf if lower is None else float(lower), ub=math.inf if upper is None else float(upper)
        )
        for variable, factor in terms.items():
            row.set_coefficient(variable, float(factor))

    def solve(
        self, *, start: set[Tournee], seconds: float, seed: int, nodes: int | None, alive: Callable[[], bool]
    ) -> Combined:
        """The best choice; `start` is one that keeps the rows.

        HiGHS cannot be told to stop through MathOpt: when `alive` turns false it is left to its time limit.
        """
        parameters = mathopt.SolveParameters(
            random_seed=seed, node_limit=nodes, absolute_gap_tolerance=0.9, relative_gap_tolerance=0.0
        )
        if math.isfinite(seconds):
            parameters.time_limit = datetime.timedelta(seconds=max(0.05, seconds))
        hint = mathopt.SolutionHint(variable_values={var: float(t in start) for t, var in self._chosen.items()})
        model_parameters = mathopt.ModelSolveParameters(solution_hints=[hint])
        results: list[mathopt.SolveResult] = []
        errors: list[BaseException] = []

        def work() -> None:
            try:
                kind = mathopt.SolverType.HIGHS
                results.append(mathopt.solve(self._model, kind, params=parameters, model_params=model_parameters))
            except BaseException as error:  # handed to the caller's thread, below
                errors.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(0.02)
            if not alive():
                return Combined(None, False)
        if errors:
            raise errors[0]
        result = results[0]
        optimal = result.termination.reason == mathopt.TerminationReason.OPTIMAL
        if not result.has_primal_feasible_solution():
            return Combined(None, optimal)
        values = result.variable_values()
        return Combined([t for t, variable in self._chosen.items() if values[variable] > _HALF], optimal)
