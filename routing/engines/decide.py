"""Drives the engines over one season: a first plan at once, then a better one, then a proof."""

from __future__ import annotations

from collections.abc import Callable

from routing.rules import Fault
from routing.rules.locked import instance as lock_instance

from .by_tournees import LONGEST_BLOCK, by_tournees
from .cpsat import run
from .floor import simple_bound
from .improve import Search
from .instance import Instance, Slot
from .model import Model
from .state import FORBIDDEN, State
from .tournees import blocks_of
from .watch import Watch

SMALL_ARCS = 1_500  # up to here CP-SAT usually proves at once; above it tournées do, where there are blocks
_MOST_ARCS = 150_000
_ITERATIONS_PER_SLOT = 60  # of ruin and recreate before CP-SAT takes over, on small seasons


def decide(instance: Instance, fixed: list[Slot], watch: Watch) -> list[Fault]:
    """Leave the best plan and bound in `watch`; return conflicts when the season is proved infeasible."""
    watch.enter("construct")
    search = Search(State(instance, fixed), seed=watch.limits.seed)

    def keep(cost: int, slots: list[Slot]) -> None:
        if cost < FORBIDDEN // 2:
            watch.found(cost, slots)

    search.listener = keep
    search.construct(watch.over)
    keep(search.best_cost, search.best)
    watch.proved(simple_bound(instance))
    if watch.over() or watch.optimal:
        return []
    slots = [*instance.fixed_slots(), *((c, v, i) for c, here in enumerate(instance.open) for v, i in here)]
    arcs = Model.count_arcs(instance, slots, most=_MOST_ARCS)
    small = arcs <= SMALL_ARCS
    blocks = None if small else blocks_of(instance, slots, longest=LONGEST_BLOCK)
    patience = _ITERATIONS_PER_SLOT * (1 + len(instance.open) + len(slots)) if small else None
    portion = 0.85
    if small:
        portion = 0.25
    elif blocks is not None:
        portion = 0.12
    watch.enter("improve")
    search.run(share(search, watch, portion=portion, patience=patience), watch.over)
    if watch.over() or watch.optimal:
        return []
    if blocks is not None and watch.slots is not None:
        by_tournees(instance, blocks, slots, search, watch)
        return []
    return _exact(instance, slots, watch) if arcs <= _MOST_ARCS else []


def share(search: Search, watch: Watch, *, portion: float, patience: int | None) -> Callable[[], float]:
    """How far a run of the search is: by its iterations where they are limited, else by the clock."""
    limit, begun, before = watch.limits.iterations, watch.seconds, search.iterations

    def done() -> float:
        passed = search.iterations - before
        if limit is not None:
            return passed / limit if limit else 1.0
        by_clock = (watch.seconds - begun) / max(1e-9, portion * (watch.search_seconds - begun))
        return max(by_clock, passed / patience if patience is not None else 0.0)

    return done


def _exact(instance: Instance, slots: list[Slot], watch: Watch) -> list[Fault]:
    watch.enter("prove")
    model = Model(instance, slots, most_arcs=_MOST_ARCS)
    if model.too_big or watch.over():
        return []
    if watch.slots is not None:
        model.hint(watch.slots)

    def improved(found: list[Slot]) -> None:
        watch.found(State(instance, found).cost, found)

    outcome = run(model, watch, seconds=watch.left, effort=watch.effort(), improved=improved, bounded=watch.proved)
    if outcome.slots is not None:
        improved(outcome.slots)
    if outcome.bound is not None:
        watch.proved(outcome.bound)
    if outcome.optimal and watch.cost is not None:
        watch.proved(watch.cost)
    if outcome.infeasible and watch.slots is None:
        return [lock_instance(lock) for lock in instance.season.locked]
    return []
