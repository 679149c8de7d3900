"""What a worker is sent for: a part of a big season, to be planned better within a time. Runs in any process."""

from __future__ import annotations

import math
import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from routing.ground import Ground
from routing.plan import Evening, Limits
from routing.season import Season

from .field import Floats
from .generate import Generator
from .improve import COLD, MOVES_PER_ITERATION, Search
from .instance import Instance, Slot
from .nearby import Nearby
from .rows import Rows
from .tournees import blocks_of
from .watch import Watch

_ANNEALED = 0.5  # annealing's share of the time
_MOVES = 20  # thousands of moves where turns are counted


@dataclass(frozen=True, slots=True)
class Errand:
    """A part (see `parts`), its evenings so far, and what an evening of each commune (of the part) and date is worth.

    Without prices (metres, shape (communes, dates)) annealing alone looks for a better plan. With `turns` the clock is
    not looked at.
    """

    season: Season
    evenings: tuple[Evening, ...]
    prices: Floats | None
    seconds: float
    turns: int | None
    seed: int


_should_stop: Callable[[], bool] | None = None


def listen(should_stop: Callable[[], bool]) -> None:
    """In a process that works for one search: ask this whether to come back at once.

    Signals are for whoever leads the search: a terminal sends them to its workers as well.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    global _should_stop  # noqa: PLW0603 - set once, as the process begins
    _should_stop = should_stop
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A search that is killed leaves no process behind, which would wait for ever for its next errand."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def run_errand(errand: Errand) -> tuple[Evening, ...]:
    """All evenings of the best plan found, which may be the plan it was given."""
    begun = time.monotonic()
    instance = Instance(Ground(errand.season))
    limits = Limits(errand.seconds, iterations=errand.turns, seed=errand.seed)
    watch = Watch(limits, None, _should_stop, begun)
    watch.search_seconds = errand.seconds
    plan = instance.slots_of(errand.evenings)
    cost = instance.cost_of(plan)
    if cost is not None:
        watch.found(cost, plan)
    blocks = None if errand.prices is None else blocks_of(instance, slots := instance.slots())
    _anneal(instance, errand, watch, plan, share=_ANNEALED if blocks else 1.0)
    if errand.prices is not None and blocks and watch.slots is not None:
        generator = Generator(instance, blocks, Rows(instance, slots), workers=1)
        generator.believe(np.array([-errand.prices[c, i] for c, _, i in generator.rows.slots]))
        nearby = Nearby(instance, generator, watch, random.Random(errand.seed))  # noqa: S311 - repeatable, not secret
        nearby.improve(until=math.inf, turns=errand.turns)
    return tuple(instance.evenings(watch.slots or plan))


def _anneal(instance: Instance, errand: Errand, watch: Watch, plan: list[Slot], *, share: float) -> None:
    """Anneal for this share of the time: hardly warm where there is a good plan already."""
    search = Search(instance, plan, seed=errand.seed)
    search.listener = watch.found
    begins = len(errand.evenings) <= len(errand.season.locked)
    search.construct(watch.over)
    begun, turns = watch.seconds, errand.turns

    def done() -> float:
        if turns is not None:
            return search.iterations * MOVES_PER_ITERATION / (1000 * _MOVES * max(1, turns))
        return (watch.seconds - begun) / max(1e-9, share * errand.seconds - begun)

    search.run(done, watch.over, warmth=1.0 if begins else COLD)
