"""The least change: a published plan that no longer holds, planned anew in the order of the format.

First the `no_evening` and `missing` part of the cost, then the baseline pairs lost, then the rest of the cost.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .plan import Limits, Plan, Progress
from .season import Season
from .solve import finished, without_plan

if TYPE_CHECKING:
    from .engines.stages import Stage


@dataclass(frozen=True, slots=True)
class Replanned:
    """The plan, and the stages in order: what each came to and whether that is proved."""

    plan: Plan
    stages: tuple[Stage, ...] = ()


def replan(
    season: Season,
    limits: Limits,
    progress: Callable[[Progress], None] | None = None,
    *,
    should_stop: Callable[[], bool] | None = None,
    started: float | None = None,
) -> Replanned:
    """As `solve`, but in the order of a re-plan; what is past or locked stays, since it is locked.

    The plan's bound is one of its whole cost, which these stages do not ask for: it is a plain one, and the plan
    `feasible` although each stage may be proved.
    """
    from .engines.floor import simple_bound  # noqa: PLC0415 - as in `solve`
    from .engines.instance import Instance  # noqa: PLC0415
    from .engines.stages import Stages  # noqa: PLC0415
    from .engines.start import place_locked  # noqa: PLC0415
    from .engines.watch import Watch  # noqa: PLC0415
    from .ground import Ground  # noqa: PLC0415
    from .plan import INFEASIBLE, NO_PLAN_FOUND  # noqa: PLC0415

    watch = Watch(limits, progress, should_stop, time.monotonic() if started is None else started)
    ground = Ground(season)
    instance = Instance(ground)
    watch.enter("locks")
    start = place_locked(instance, watch)
    if start.slots is None:
        return Replanned(without_plan(INFEASIBLE if start.conflicts else NO_PLAN_FOUND, watch, start.conflicts))
    watch.proved(simple_bound(instance))
    stages = Stages(season, start.slots, watch)

    def told(slots: list[tuple[int, int, int]]) -> None:
        cost = instance.cost_of(slots)
        if cost is not None:
            watch.replace(cost, slots)

    stages.run(told)
    if watch.slots is None:
        status = INFEASIBLE if stages.conflicts else NO_PLAN_FOUND
        return Replanned(without_plan(status, watch, stages.conflicts))
    return Replanned(finished(ground, instance, watch), tuple(stages.done))
