"""Seasons in blocks: generate tournées, put the best plan together from them, and prove it where the gap allows."""

from __future__ import annotations

from .cpsat import run
from .generate import Generator
from .improve import Search
from .instance import Instance, Slot
from .pool import PoolModel
from .rows import Rows
from .state import State
from .tournees import Block, Tournee, metres_of
from .watch import Watch

LONGEST_BLOCK = 8  # dates; beyond that a block has too many tournées to search exactly
_MOST_WITHIN_GAP = 30_000
_ROUNDS = 400
_ROUND_ITERATIONS = 1_500  # of ruin and recreate between two looks at the pool


def by_tournees(instance: Instance, blocks: list[Block], slots: list[Slot], search: Search, watch: Watch) -> None:
    """Improve the plan in `watch` and its bound; `search` goes on from what is found."""
    watch.enter("generate")
    begun = watch.seconds
    generator = Generator(instance, blocks, Rows(instance, slots))
    generator.add_plan(watch.slots or [])
    span = watch.search_seconds - begun
    generator.run(watch, until=begun + 0.5 * span, rounds=_ROUNDS)
    proved_pool = False
    while not watch.over() and not watch.optimal:
        watch.enter("combine")
        before = watch.cost
        seconds = watch.left if proved_pool else min(watch.left, 0.6 * span)
        proved_pool = _combine(instance, generator, generator.pool, watch, seconds=seconds)
        if watch.over() or watch.optimal or _prove(instance, generator, watch):
            return
        if watch.counted and watch.cost == before:
            return
        _search_again(search, generator, watch)


def _combine(
    instance: Instance, generator: Generator, pool: dict[Tournee, int], watch: Watch, *, seconds: float
) -> bool:
    """Look for the best plan within the pool; whether there is none better in it."""
    model = PoolModel(instance, pool, generator.block_of)
    if not model.priced or watch.slots is None:
        return False
    model.hint(watch.slots)

    def improved(found: list[Slot]) -> None:
        watch.found(State(instance, found).cost, found)

    outcome = run(model, watch, seconds=seconds, effort=watch.effort(), linear=True, improved=improved)
    if outcome.slots is not None:
        improved(outcome.slots)
    return outcome.optimal


def _prove(instance: Instance, generator: Generator, watch: Watch) -> bool:
    """With every tournée that a better plan could hold, the best plan of the pool is the best there is."""
    if watch.cost is None or watch.slots is None:
        return False
    watch.enter("prove")
    within = generator.within(watch.cost, most=_MOST_WITHIN_GAP)
    if within is None:
        return False
    lengths = ((tournee, metres_of(instance, tournee)) for tournee in within)
    pool = {tournee: metres for tournee, metres in lengths if metres is not None}
    for tournee in generator.tournees_of(watch.slots):  # so that the plan itself remains a choice
        metres = metres_of(instance, tournee)
        if metres is not None:
            pool[tournee] = metres
    done = _combine(instance, generator, pool, watch, seconds=watch.left)
    if done:
        watch.proved(watch.cost)
    return done


def _search_again(search: Search, generator: Generator, watch: Watch) -> None:
    """Ruin and recreate from the best plan, cold; its plans bring new tournées into the pool."""
    watch.enter("improve")
    if watch.slots is not None:
        search.offer(watch.slots)
    begun = search.iterations
    heard = search.listener

    def listen(cost: int, slots: list[Slot]) -> None:
        heard(cost, slots)
        generator.add_plan(slots)

    search.listener = listen
    search.run(lambda: (search.iterations - begun) / _ROUND_ITERATIONS, watch.over, warmth=0.2)
    generator.add_plan(search.state.slots())
    search.listener = heard
