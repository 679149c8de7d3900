"""The best plan that can be put together from a pool of tournées: an integer program under every rule's rows."""

from __future__ import annotations

import datetime
import math
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ortools.math_opt.python import mathopt
from ortools.util.python.solve_interrupter import SolveInterrupter

from .rows import SOME, USEFUL, Key, Rows

Tournee = tuple[int, ...]  # slot numbers by date


@dataclass(frozen=True, slots=True)
class Combined:
    """`tournees` of the best plan, None where none was found; `bound` of what the pool allows; whether proved."""

    tournees: list[Tournee] | None
    bound: float
    optimal: bool


class Pool:
    """The integer program: tournées of `blocks` with their prices, under the rows that they can break.

    `taken` counts what evenings outside these blocks, which stay as they are, use up of each row.
    """

    def __init__(
        self,
        rows: Rows,
        tournees: Iterable[tuple[Tournee, int, int]],
        *,
        kept: Iterable[int] = (),
        integral: bool = True,
    ) -> None:
        self.rows = rows
        self.model = mathopt.Model()
        self.chosen: dict[Tournee, mathopt.Variable] = {}
        index = {slot: s for s, slot in enumerate(rows.slots)}
        taken = {rows.slots[s] for s in kept}
        uses: dict[Key, list[mathopt.Variable]] = defaultdict(list)
        together: dict[int, list[mathopt.Variable]] = defaultdict(list)
        objective: list[tuple[mathopt.Variable, float]] = []
        for tournee, price, block in tournees:
            variable = self.model.add_variable(lb=0.0, ub=1.0, is_integer=integral)
            self.chosen[tournee] = variable
            objective.append((variable, float(price)))
            together[block].append(variable)
            for s in tournee:
                uses[rows.slots[s]].append(variable)
        self._extra: dict[Key, mathopt.Variable] = {}
        for key, most in rows.limit.items():
            if key[0] in (SOME, USEFUL):
                variable = self.model.add_variable(lb=0.0, ub=float(most), is_integer=key[0] == USEFUL)
                self._extra[key] = variable
                uses[key].append(variable)
                objective.append((variable, float(rows.price[key])))
        for variables in together.values():
            self._row(None, 1.0, [(variable, 1) for variable in variables])
        for row in rows.rows:
            used = sum(factor for key, factor in row.terms if key in taken)
            terms = [(variable, factor) for key, factor in row.terms for variable in uses.get(key, ())]
            if terms:
                lower = None if row.lower is None else row.lower - used
                upper = None if row.upper is None else row.upper - used
                self._row(lower, upper, terms)
        del index
        self.constant = rows.constant + sum(rows.price[key] for key in taken)
        self.model.minimize(mathopt.fast_sum(factor * variable for variable, factor in objective))

    def _row(self, lower: float | None, upper: float | None, terms: list[tuple[mathopt.Variable, int]]) -> None:
        total: dict[mathopt.Variable, int] = defaultdict(int)
        for variable, factor in terms:
            total[variable] += factor
        if lower is None and upper is not None and sum(max(0, factor) for factor in total.values()) <= upper:
            return
        row = self.model.add_linear_constraint(
            lb=-math.inf if lower is None else float(lower), ub=math.inf if upper is None else float(upper)
        )
        for variable, factor in total.items():
            row.set_coefficient(variable, float(factor))

    def solve(
        self,
        *,
        start: set[Tournee],
        seconds: float,
        seed: int,
        workers: int,
        solver: str = "highs",
        alive: Callable[[], bool] = lambda: True,
    ) -> Combined:
        """The best choice of tournées. `start` is a choice that keeps the rows; `alive` false ends it early."""
        kind = {"highs": mathopt.SolverType.HIGHS, "scip": mathopt.SolverType.GSCIP}[solver]
        parameters = mathopt.SolveParameters(
            random_seed=seed, threads=workers if solver != "highs" else None, absolute_gap_tolerance=0.9, relative_gap_tolerance=0.0
        )
        if math.isfinite(seconds):
            parameters.time_limit = datetime.timedelta(seconds=max(0.05, seconds))
        hint = mathopt.SolutionHint(
            variable_values={variable: float(t in start) for t, variable in self.chosen.items()}
        )
        interrupter = None if solver == "highs" else SolveInterrupter()
        results: list[mathopt.SolveResult] = []
        errors: list[BaseException] = []

        def work() -> None:
            try:
                results.append(
                    mathopt.solve(
                        self.model,
                        kind,
                        params=parameters,
                        model_params=mathopt.ModelSolveParameters(solution_hints=[hint]),
                        interrupter=interrupter,
                    )
                )
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(0.05)
            if interrupter is not None and not alive():
                interrupter.interrupt()
        if errors:
            raise errors[0]
        result = results[0]
        bound = result.dual_bound() + self.constant if math.isfinite(result.dual_bound()) else -math.inf
        optimal = result.termination.reason == mathopt.TerminationReason.OPTIMAL
        if not result.has_primal_feasible_solution():
            return Combined(None, bound, optimal)
        values = result.variable_values()
        return Combined([t for t, variable in self.chosen.items() if values[variable] > 0.5], bound, optimal)
