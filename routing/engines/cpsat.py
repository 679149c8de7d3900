"""Runs CP-SAT beside the main thread, so that an interrupt, the clock and the progress bar stay alive."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from ortools.sat.python import cp_model

from .instance import Slot
from .model import Callback, Rowed
from .watch import Watch


class Outcome:
    """What came out: `status` of CP-SAT, `slots` of the best plan or None, `bound` of the cost or None."""

    def __init__(self, status: cp_model.CpSolverStatus, slots: list[Slot] | None, bound: int | None) -> None:
        self.infeasible = status == cp_model.INFEASIBLE
        self.optimal = status == cp_model.OPTIMAL
        self.slots = slots
        self.bound = bound


def run(
    model: Rowed,
    watch: Watch,
    *,
    seconds: float,
    effort: float | None,
    stoppable: bool = True,
    improved: Callable[[list[Slot]], None] | None = None,
    bounded: Callable[[int], None] | None = None,
) -> Outcome:
    """Solve the model for at most `seconds`, or `effort` in CP-SAT's deterministic time.

    `stoppable` False goes on where somebody asked to stop: for what no plan can do without. Callbacks come from the
    calling thread only.
    """
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.random_seed = watch.limits.seed
    parameters.num_workers = watch.limits.workers
    parameters.catch_sigint_signal = False
    parameters.interleave_search = watch.counted and watch.limits.workers > 1
    if effort is not None:
        parameters.max_deterministic_time = effort
    if math.isfinite(seconds):
        parameters.max_time_in_seconds = max(0.05, seconds)
    found: list[list[Slot]] = []
    bounds: list[float] = []
    status: list[cp_model.CpSolverStatus] = []
    errors: list[BaseException] = []
    solver.best_bound_callback = bounds.append

    def work() -> None:
        try:
            status.append(solver.solve(model.cp, Callback(model, found.append)))
        except BaseException as error:  # handed to the caller's thread, below
            errors.append(error)

    def tell() -> None:
        while found and improved is not None:
            improved(found.pop(0))
        if bounds and bounded is not None:
            bounded(_whole(max(bounds)) + model.constant)
            bounds.clear()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.05)
        tell()
        watch.report()
        if stoppable and watch.interrupted():
            solver.stop_search()
    if errors:
        raise errors[0]
    tell()
    proof = solver.best_objective_bound
    known = model.priced and status[0] != cp_model.INFEASIBLE and math.isfinite(proof) and abs(proof) < 2**62
    bound = _whole(proof) + model.constant if known and status[0] != cp_model.UNKNOWN else None
    if status[0] not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Outcome(status[0], None, bound)
    return Outcome(status[0], [slot for slot, var in model.var.items() if solver.boolean_value(var)], bound)


def _whole(bound: float) -> int:
    """A lower bound given as a float, as a whole number that is certainly not above it.

    Costs are whole, so a bound just below a whole number means that number, as far as a float can tell.
    """
    return math.floor(bound + 1e-6) if abs(bound) < 2**50 else math.floor(bound - abs(bound) * 2**-50)
