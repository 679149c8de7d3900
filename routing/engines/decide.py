"""Drives the engines over one season: a first plan at once, then a better one, then a proof."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import Executor

from routing.rules import Fault

from .floor import simple_bound
from .improve import Search
from .instance import Instance, Slot
from .open_road import OpenRoad, open_road
from .watch import Watch

COUNTRY_SLOTS = 250_000  # beyond, no slot by slot: a country where there are blocks; a region of 300 has 100,000
SMALL_ARCS = 500  # up to here CP-SAT usually proves at once; above it tournées do, where there are blocks
_FEW_ITERATIONS = 100  # of annealing before CP-SAT takes over, on small seasons
_START_SECONDS = 1.5  # of annealing before tournées take over, at most; twice that where slots are many
LOADING = 0.5  # seconds that OR-Tools may take to load, at the first plan of a process
_SOME_SLOTS, _MANY_SLOTS = (
    400,
    20_000,
)  # on the open road: beyond, tournées too long to list and too many to choose from
_START_SHARE = {"small": 0.25, "blocks": 0.06, "other": 0.85}


def decide(instance: Instance, fixed: list[Slot], watch: Watch, executor: Executor | None = None) -> list[Fault]:
    """Leave the best plan and bound in `watch`; return conflicts when the season is proved infeasible."""
    road = open_road(instance)
    if road is not None and _wide(road):
        from .roam import Roam  # noqa: PLC0415 - as below

        watch.proved(road.floor())
        Roam(instance, road, watch).run()
        return []
    if instance.count > COUNTRY_SLOTS and _has_blocks(instance):
        from .country import Country  # noqa: PLC0415 - as below

        watch.proved(simple_bound(instance))
        Country(instance, fixed, watch, executor).run()
        return []
    return _one_piece(instance, fixed, watch)


def _one_piece(instance: Instance, fixed: list[Slot], watch: Watch) -> list[Fault]:
    watch.enter("construct")
    search = Search(instance, fixed, seed=watch.limits.seed)
    search.listener = watch.found
    search.construct(watch.over)
    watch.proved(simple_bound(instance))
    if watch.over() or watch.optimal:
        return []
    watch.enter("improve")
    big = instance.count > COUNTRY_SLOTS  # too many slots to write them down, let alone to prove anything
    if big or (not loaded() and watch.left < LOADING):
        enough = (lambda: watch.over() or watch.slots is not None) if big else watch.over
        search.run(_share(search, watch, "other", few=False), enough)
        if big and watch.slots is not None:
            from .long_way import LongWay  # noqa: PLC0415 - as below

            LongWay(instance, fixed, watch).run(watch.search_seconds)
        return []
    # here, so that the first plan does not wait for OR-Tools
    from .by_tournees import FEW_SLOTS, Driver  # noqa: PLC0415
    from .model import MOST_ARCS, Model  # noqa: PLC0415
    from .tournees import blocks_of  # noqa: PLC0415

    slots = instance.slots()
    arcs = Model.count_arcs(instance, slots, most=MOST_ARCS)
    blocks = None if arcs <= SMALL_ARCS else blocks_of(instance, slots)
    kind = "small" if arcs <= SMALL_ARCS else "other" if blocks is None else "blocks"
    if kind == "other" and watch.slots is not None:
        from .long_way import LongWay  # noqa: PLC0415 - as above

        share = 1.0 if arcs > MOST_ARCS else _START_SHARE[kind]
        LongWay(instance, fixed, watch).run(watch.seconds + share * watch.left)
    else:
        # where not even a plan was found at once it may be that there is none, which only CP-SAT can tell
        begin = "small" if watch.slots is None and arcs <= MOST_ARCS else kind
        search.run(_share(search, watch, begin, few=len(slots) <= FEW_SLOTS), watch.over)
    if watch.over() or watch.optimal:
        return []
    if blocks is not None and watch.slots is not None:
        Driver(instance, blocks, slots, search, watch).run()
        return []
    return prove(instance, slots, watch)


def _has_blocks(instance: Instance) -> bool:
    from .tournees import in_blocks  # noqa: PLC0415 - as in `_wide`

    return in_blocks(instance)


def _wide(road: OpenRoad) -> bool:
    """Whether the searches for pure routing are the better ones: the others prove what is small."""
    from .pricing import MOST_DATES  # noqa: PLC0415 - so that the first plan of other seasons does not wait for it

    count = len(road.worth) * sum(len(dates) for dates in road.dates)
    return count > _MANY_SLOTS or (count > _SOME_SLOTS and int(road.room.max()) > MOST_DATES)


def loaded() -> bool:
    """Whether OR-Tools is there already."""
    return "ortools.sat.python.cp_model" in sys.modules


def _share(search: Search, watch: Watch, kind: str, *, few: bool) -> Callable[[], float]:
    """How far a run of the search is: by its iterations where they are limited, else by the clock."""
    begun, before = watch.seconds, search.iterations
    seconds = _START_SHARE[kind] * (watch.search_seconds - begun)
    if kind == "blocks":
        seconds = min(seconds, _START_SECONDS if few else 2 * _START_SECONDS)
    share = watch.share(lambda: search.iterations, until=begun + seconds)
    if kind != "small" or watch.counted:
        return share
    return lambda: max(share(), (search.iterations - before) / _FEW_ITERATIONS)


def prove(instance: Instance, slots: list[Slot], watch: Watch) -> list[Fault]:
    """CP-SAT over dated slots, from the plan in `watch`; conflicts where there is no plan at all."""
    from .conflicts import conflicts  # noqa: PLC0415 - as above
    from .cpsat import run  # noqa: PLC0415
    from .model import MOST_ARCS, Model  # noqa: PLC0415

    watch.enter("prove")
    if Model.count_arcs(instance, slots, most=MOST_ARCS) > MOST_ARCS:
        return []
    model = Model(instance, slots)
    if model.too_big or watch.over():
        return []
    if watch.slots is not None:
        model.hint(watch.slots)

    def improved(found: list[Slot]) -> None:
        cost = instance.cost_of(found)
        if cost is not None:
            watch.found(cost, found)

    outcome = run(model, watch, seconds=watch.left, effort=watch.effort(), improved=improved, bounded=watch.proved)
    if outcome.slots is not None:
        improved(outcome.slots)
    if outcome.bound is not None:
        watch.proved(outcome.bound)
    if outcome.optimal and watch.cost is not None:
        watch.proved(watch.cost)
    if outcome.infeasible and watch.slots is None:
        return conflicts(instance, watch, with_legs=True)
    return []
