"""The composition: which engines look at a season, in which order, and what becomes of what they find."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from .costing import cost_of
from .explain import reason, unserved
from .ground import Ground, Scene
from .legs import metres_of
from .plan import FEASIBLE, INFEASIBLE, NO_PLAN_FOUND, OPTIMAL, Limits, Plan, Progress
from .rules import Fault, broken
from .season import Season

if TYPE_CHECKING:
    from .engines.instance import Instance
    from .engines.watch import Watch


def solve(
    season: Season,
    limits: Limits,
    progress: Callable[[Progress], None] | None = None,
    *,
    should_stop: Callable[[], bool] | None = None,
    started: float | None = None,
    executor: Executor | None = None,
) -> Plan:
    """The best plan found within the limits, with a proved bound where there is one.

    `progress` is told where the search stands; when `should_stop` returns true the best so far is returned.
    `started` (of time.monotonic) counts time spent before, on reading the file, into the limit. A season that is
    planned in territories gives them to `executor`: module-level functions and arguments that can be pickled; by
    default to processes of its own. Whatever the engines claim is recomputed from the rules before it is returned.
    """
    # here, so that reading and checking a plan need no OR-Tools
    from .engines.instance import Instance  # noqa: PLC0415
    from .engines.start import place_locked  # noqa: PLC0415
    from .engines.watch import Watch  # noqa: PLC0415

    watch = Watch(limits, progress, should_stop, time.monotonic() if started is None else started)
    ground = Ground(season)
    instance = Instance(ground)
    watch.enter("locks")
    start = place_locked(instance, watch)
    if start.slots is None:
        return without_plan(INFEASIBLE if start.conflicts else NO_PLAN_FOUND, watch, start.conflicts)
    from .engines.decide import decide  # noqa: PLC0415 - not for locks that contradict each other: numba is slow to load

    conflicts = decide(instance, start.slots, watch, executor)
    if watch.slots is None:
        return without_plan(INFEASIBLE if conflicts else NO_PLAN_FOUND, watch, conflicts)
    return finished(ground, instance, watch)


def finished(ground: Ground, instance: Instance, watch: Watch) -> Plan:
    """The plan in `watch`, held against the rules once more, with its reasons."""
    slots = watch.slots or []
    watch.enter("reasons")
    scene = Scene(ground, instance.evenings(slots))
    cost = cost_of(scene)
    faults = broken(scene)
    if faults or cost != watch.cost:  # an engine is wrong: better no plan than a wrong one
        raise AssertionError(f"engine says {watch.cost}, rules say {cost}; broken: {[f.said('en') for f in faults]}")
    if watch.bound is not None and watch.bound > cost:
        raise AssertionError(f"bound {watch.bound} is above a plan of cost {cost}")
    end = watch.limits.seconds - 0.2
    reasons = unserved(scene, hurry=lambda: watch.interrupted() or watch.seconds > end, effort=watch.effort())
    return Plan(
        status=OPTIMAL if watch.optimal else FEASIBLE,
        cost=cost,
        bound=watch.bound,
        metres=metres_of(scene),
        seconds_to_plan=round(watch.seconds, 3),
        seed=watch.limits.seed,
        evenings=tuple(instance.evenings(slots)),
        unserved=reasons,
    )


def without_plan(status: str, watch: Watch, conflicts: list[Fault]) -> Plan:
    """The answer that there is no plan, and why."""
    return Plan(
        status=status,
        cost=None,
        bound=None,
        metres=None,
        seconds_to_plan=round(watch.seconds, 3),
        seed=watch.limits.seed,
        conflicts=tuple(reason(item) for item in conflicts),
    )
