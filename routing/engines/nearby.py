"""Better plans for a season too big to be proved: some blocks are planned anew while all the others stay."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import NamedTuple

import numpy as np

from .combine import combine
from .field import Floats, empty_table
from .generate import Generator
from .instance import Instance, Slot
from .merge import fitting
from .moves import fill, shut
from .watch import Watch

_SPREAD = 60_000.0  # metres that count as much as four weeks where blocks close to each other are chosen
_KINDS = ((0.4, 1.0), (0.05, 2.0), (1.0, 0.0))  # how much time and place tell: both, place, time alone
_CHANCE = 0.6
_EVERYWHERE = 0.1  # of the usual excess: a block that is perfect by the duals may still have to make room
_FIRST, _LEAST = 30.0, 6.0  # blocks at once: at first, and however slow it is
_GROW, _SHRINK = 1.1, 0.8
_LIST, _SECONDS = 5_000, 4.0  # tournées, and how long the best choice of them may take
_LOOK = 0.05  # seconds between two looks at the clock


class _Turn(NamedTuple):
    """Some blocks and their evenings anew, and whether nothing better is among the tournées that were listed."""

    blocks: set[int]
    slots: list[Slot]
    proved: bool


class Nearby:
    """Improves the plan in `watch`, each turn in blocks that are close to each other, one turn a worker at a time."""

    def __init__(self, instance: Instance, generator: Generator, watch: Watch, dice: random.Random) -> None:
        self._instance, self._generator, self._watch, self._dice = instance, generator, watch, dice
        self._slots = np.array(generator.rows.slots, dtype=np.int64).reshape(-1, 3)
        field, layout = instance.field, generator.layout
        self._apart = np.abs(field.out[:, None, :] - field.out[None, :, :]).mean(axis=2) / _SPREAD
        self._day = field.days[layout.date[layout.block[:-1]]]
        self._many = _FIRST
        # counted turns follow one another, so that they do not depend on which is done first
        self._workers = 1 if watch.counted else watch.limits.workers

    def improve(self, *, until: float, turns: int | None = None) -> None:
        """Take turns until the time `until`, or so many."""
        watch, taken = self._watch, 0
        busy: dict[Future[_Turn], set[int]] = {}

        def on() -> bool:
            return not watch.over() and not watch.optimal and (watch.counted or watch.seconds < until)

        with ThreadPoolExecutor(self._workers) as pool:
            while True:
                while len(busy) < self._workers and on() and (turns is None or taken < turns):
                    plan = watch.slots or []
                    excess = self._excess(plan)
                    blocks = self._blocks(excess, set[int]().union(*busy.values()))
                    busy[pool.submit(self._turn, plan, blocks, float(excess[sorted(blocks)].sum()), on)] = blocks
                    taken += 1
                if not busy:
                    return
                for future in wait(busy, timeout=_LOOK, return_when=FIRST_COMPLETED).done:
                    del busy[future]
                    self._take(future.result())
                watch.report()

    def _excess(self, plan: list[Slot]) -> Floats:
        """By block, how much dearer its tournée is at the best duals than the cheapest there."""
        generator = self._generator
        result = np.zeros(len(generator.blocks)) if generator.best is None else -generator.best.least
        for b, cost in generator.reduced(generator.tournees_of(plan)):
            result[b] += cost
        return np.maximum(result, 0.0)

    def _blocks(self, excess: Floats, busy: set[int]) -> set[int]:
        """Blocks of one time, of one place, or of both, around one that has much to gain; chance decides."""
        dice, layout = self._dice, self._generator.layout
        weight = excess + _EVERYWHERE * float(excess.mean()) + 1.0
        here = dice.choices(range(len(weight)), weights=weight.tolist())[0]
        in_time, in_place = dice.choice(_KINDS)
        far = in_place * self._apart[layout.vehicle, layout.vehicle[here]]
        far += in_time * np.abs(self._day - self._day[here]) / 7
        far += _CHANCE * np.array([dice.random() for _ in weight])
        far[here] = -1.0
        return {int(b) for b in np.argsort(far, kind="stable")[: int(self._many)]} - busy

    def _turn(self, plan: list[Slot], blocks: set[int], room: float, on: Callable[[], bool]) -> _Turn:
        """Plan these blocks anew; in a thread of its own."""
        generator, limits = self._generator, self._watch.limits
        kept = [slot for slot in plan if generator.block_of[slot] not in blocks]
        found = self._tournees(kept, sorted(blocks), room)
        seconds = math.inf if self._watch.counted else _SECONDS
        done = combine(generator, found, plan, blocks=blocks, seconds=seconds, limits=limits, alive=on)
        return _Turn(blocks, [slot for slot in done.slots if generator.block_of[slot] in blocks], done.proved)

    def _tournees(self, kept: list[Slot], blocks: list[int], room: float) -> list[tuple[int, ...]]:
        """The tournées of these blocks that go with the evenings that stay, the most promising where they are many."""
        field = self._instance.field
        table = empty_table(self._instance)
        fill(field, table, np.array(kept, dtype=np.int64).reshape(-1, 3))
        closed = np.zeros(len(self._slots), np.bool_)
        shut(field, table, self._slots, closed)
        for reach in _shorter(room):
            found = self._generator.within(reach, most=_LIST, blocks=blocks, shut=closed)
            if found is not None:
                return found
        return []

    def _take(self, turn: _Turn) -> None:
        """Put what a turn found into the plan, unless another turn has meanwhile taken the room."""
        watch, instance = self._watch, self._instance
        self._many = self._many * _GROW if turn.proved else max(_LEAST, self._many * _SHRINK)
        plan = [slot for slot in watch.slots or [] if self._generator.block_of[slot] not in turn.blocks]
        if len(fitting(instance, plan, turn.slots)) < len(turn.slots):
            return
        cost = instance.cost_of([*plan, *turn.slots])
        if cost is not None:
            watch.found(cost, [*plan, *turn.slots])


def _shorter(room: float) -> Iterator[float]:
    while room > 1.0:
        yield room
        room *= 0.7
