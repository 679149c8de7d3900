"""Drives the engines over one season: a first plan at once, then a better one, then a proof."""

from __future__ import annotations

from ..rules import Fault
from ..rules.locked import instance as lock_instance
from .cpsat import run
from .floor import simple_bound
from .improve import Search
from .instance import Instance, Slot
from .model import Model
from .state import FORBIDDEN, State
from .watch import Watch

_SMALL_ARCS = 4_000  # up to here CP-SAT usually proves; above it only helps
_MOST_ARCS = 150_000
_ITERATIONS_PER_WISH = 60  # of ruin and recreate before CP-SAT takes over, on small seasons


def decide(instance: Instance, fixed: list[Slot], watch: Watch) -> list[Fault]:
    """Leave the best plan and bound in `watch`; return conflicts when the season is proved infeasible."""
    watch.enter("construct")
    search = Search(State(instance, fixed), seed=watch.limits.seed, improved=lambda cost: None)

    def keep() -> None:
        if search.best_cost < FORBIDDEN // 2:
            watch.found(search.best_cost, search.best)

    search.improved = lambda cost: keep()
    search.construct()
    keep()
    watch.proved(simple_bound(instance))
    slots = [*instance.fixed_slots(), *((c, v, i) for c, here in enumerate(instance.open) for v, i in here)]
    arcs = _arcs(instance, slots)
    if not watch.over() and not watch.optimal:
        _improve(search, watch, arcs)
        keep()
    if not watch.over() and not watch.optimal and arcs <= _MOST_ARCS:
        return _exact(instance, slots, watch)
    return []


def _improve(search: Search, watch: Watch, arcs: int) -> None:
    watch.enter("improve")
    limit = watch.limits.iterations
    begun = watch.seconds
    patience = _ITERATIONS_PER_WISH * (1 + sum(min(9, len(here)) for here in search.state.instance.open))
    portion = 0.25 if arcs <= _SMALL_ARCS else 0.85

    def share() -> float:
        if limit is not None:
            return search.iterations / limit if limit else 1.0
        passed = (watch.seconds - begun) / max(1e-9, portion * (watch.search_seconds - begun))
        counted = search.iterations / patience if arcs <= _SMALL_ARCS else 0.0
        return max(passed, counted)

    search.run(share, watch.over)


def _arcs(instance: Instance, slots: list[Slot]) -> int:
    return Model.count_arcs(instance, slots, most=_MOST_ARCS)


def _exact(instance: Instance, slots: list[Slot], watch: Watch) -> list[Fault]:
    watch.enter("prove")
    model = Model(instance, slots, most_arcs=_MOST_ARCS)
    if model.too_big or watch.over():
        return []
    if watch.slots is not None:
        model.hint(watch.slots)
    effort = None if watch.limits.iterations is None else 1.0 + watch.limits.iterations / 1000

    def improved(found: list[Slot]) -> None:
        watch.found(State(instance, found).cost, found)

    outcome = run(model, watch, seconds=watch.left, effort=effort, improved=improved, bounded=watch.proved)
    if outcome.slots is not None:
        improved(outcome.slots)
        if outcome.optimal:
            assert watch.cost is not None
            watch.proved(watch.cost)
    if outcome.bound is not None:
        watch.proved(outcome.bound)
    if outcome.infeasible:
        assert watch.slots is None, "CP-SAT calls a season infeasible that has a plan"
        return [lock_instance(lock) for lock in instance.season.locked]
    return []
