"""Seasons in blocks: generate tournées, dive, prove by listing what a cheaper plan could hold, search the pool."""

from __future__ import annotations

import random

import numpy as np

from .combine import Pool, Tournee
from .dive import dive
from .generate import Generator
from .improve import MOVES_PER_ITERATION, Search
from .instance import Instance, Slot
from .rows import Rows
from .tournees import Block
from .watch import Watch

FEW_SLOTS = 20_000  # up to here cuts and proof pay; beyond, the time goes into better plans
_MOST_WITHIN_GAP = 60_000
_LOOK_LIST, _LOOK_SECONDS = 800, 1.7  # tournées for a first look for better plans, before time goes into the bound
_FIRST_LIST = 2_000
_SHORT_LIST = 12_000  # short enough for the whole gap at once
_ROUNDS = 2_000
_SPREAD = 60_000.0  # metres that count as much as four weeks where blocks close to each other are chosen
_NEARBY = (12, 20, 28)  # blocks searched at once
_POOL = 12_000  # tournées searched at once


class Driver:
    """One season in blocks on its way: the pool and the bound grow, the best plan is in `watch`."""

    def __init__(
        self, instance: Instance, blocks: list[Block], slots: list[Slot], search: Search, watch: Watch
    ) -> None:
        self.instance, self.blocks, self.search, self.watch = instance, blocks, search, watch
        self.small = len(slots) <= FEW_SLOTS
        self.generator = Generator(instance, blocks, Rows(instance, slots), workers=watch.limits.workers)
        self.random = random.Random(watch.limits.seed)  # noqa: S311 - repeatable, not secret

    def run(self) -> None:
        """Improve plan and bound until the optimum is proved or the time is over."""
        watch, generator = self.watch, self.generator
        begun = watch.seconds
        span = watch.search_seconds - begun
        watch.enter("generate")
        generator.add_plan(watch.slots or [])
        generator.run(watch, until=begun + 0.55 * span, rounds=_ROUNDS, cuts=False)
        self._dive(until=begun + (0.75 if self.small else 0.8) * span)
        if self.small and not self._done():
            watch.enter("combine")
            self._combine(self._closest(_LOOK_LIST)[1], seconds=min(_LOOK_SECONDS, watch.left))
            watch.enter("cut")
            generator.run(watch, until=begun + 0.7 * span, rounds=_ROUNDS)
            self._dive(until=begun + 0.75 * span)
            if self._prove():
                return
        self._search_pool()

    def _done(self) -> bool:
        return self.watch.over() or self.watch.optimal or self.watch.slots is None

    def offer(self, slots: list[Slot]) -> None:
        """A plan that some engine found."""
        cost = self.instance.cost_of(slots)
        if cost is not None:
            self.watch.found(cost, slots)

    def _dive(self, *, until: float) -> None:
        """Dive, then a cold annealing from where it ended: it fills what the dive left open."""
        if self._done():
            return
        self.watch.enter("dive")
        plan = dive(self.generator, self.watch, until=until, share=0.12)
        if plan is None:
            return
        self.offer(plan)
        self._anneal(plan, moves=100 if self.small else 1000)

    def _anneal(self, slots: list[Slot], *, moves: int) -> None:
        """A cold annealing of so many thousand moves from a plan; its best enters the pool."""
        search = self.search
        search.offer(slots)
        begun = search.iterations
        search.run(
            lambda: (search.iterations - begun) * MOVES_PER_ITERATION / (1000 * moves), self.watch.over, warmth=0.06
        )
        if self.watch.slots is not None:
            self.generator.add_plan(self.watch.slots)
        last = search.last()
        self.offer(last)
        self.generator.add_plan(last)

    def _prove(self) -> bool:
        """List every tournée that a plan close to the bound can hold, and ask for the best plan among them.

        Each answer either is the optimum, or no plan is that close to the bound: then the bound rises, and the
        next list reaches farther, at last as far as the best plan known. The first list is a short one: it finds
        better plans, so that the last need not reach so far.
        """
        generator, watch = self.generator, self.watch
        generator.add_plan(watch.slots or [])
        watch.enter("prove")
        room, within = self._closest(_FIRST_LIST)
        while not self._done() and watch.cost is not None:
            last = room >= generator.room(watch.cost)
            if not self._combine(within, seconds=watch.left):
                return False
            watch.proved(watch.cost if last else min(watch.cost, int(generator.bound + room)))
            if watch.cost is None or last:
                break
            whole, twice = generator.room(watch.cost), 2.0 * room
            for room, most in ((whole, _SHORT_LIST), (min(twice, whole), _MOST_WITHIN_GAP)):
                found = generator.within(room, most=most)
                if found is not None:
                    break
            else:
                return False
            within = found
        return watch.optimal

    def _closest(self, most: int) -> tuple[float, list[Tournee]]:
        """At most so many tournées, those a plan closer to the bound than the best can hold; how close they reach."""
        generator = self.generator
        room = generator.room(self.watch.cost or 0)
        while (within := generator.within(room, most=most)) is None:
            room *= 0.8
        return room, within

    def _combine(self, tournees: list[Tournee], *, seconds: float, blocks: set[int] | None = None) -> bool:
        """Look for a better plan in these tournées and those of the plan; whether there is none better in them."""
        generator, watch = self.generator, self.watch
        current = generator.tournees_of(watch.slots or [])
        rows = generator.rows

        def inside(tournee: Tournee) -> bool:
            return blocks is None or generator.block_of[rows.slots[tournee[0]]] in blocks

        start = {tournee for tournee in current if inside(tournee)}
        kept = [s for tournee in current if tournee not in start for s in tournee]
        choice = dict.fromkeys([*tournees, *sorted(start)])
        pool = Pool(rows, generator.priced(choice), kept=kept, cut_limits=generator.master.cut_limits)
        nodes = None if watch.limits.iterations is None else 50 + 10 * watch.limits.iterations
        seed = watch.limits.seed
        found = pool.solve(start=start, seconds=seconds, seed=seed, nodes=nodes, alive=lambda: not watch.over())
        watch.report()
        if found.tournees is not None:
            self.offer([rows.slots[s] for s in kept] + [rows.slots[s] for t in found.tournees for s in t])
        return found.optimal

    def _search_pool(self) -> None:
        """Choose some blocks that are close in place or time, and combine them anew while the rest stays."""
        watch, generator = self.watch, self.generator
        limit = watch.limits.iterations
        turn = 0
        while not self._done() and watch.cost is not None and (limit is None or turn < limit):
            watch.enter("combine")
            reduced = generator.reduced()
            room = generator.room(watch.cost)
            by_block: dict[int, list[tuple[float, int]]] = {}
            for j in np.flatnonzero(reduced <= room):
                by_block.setdefault(generator.master.block_of[int(j)], []).append((float(reduced[j]), int(j)))
            for _ in range(8):
                if self._done() or (limit is not None and turn >= limit):
                    break
                chosen = self._close_blocks(_NEARBY[turn % len(_NEARBY)])
                found = sorted(item for b in chosen for item in by_block.get(b, ()))[:_POOL]
                tournees = [generator.master.columns[j] for _, j in found]
                self._combine(tournees, seconds=min(4.0, max(0.05, watch.left)), blocks=set(chosen))
                turn += 1
            if watch.slots is not None and not self._done():
                self._anneal(watch.slots, moves=200)

    def _close_blocks(self, many: int) -> list[int]:
        """Blocks of one time, of one place, or of both; chance decides."""
        field, layout, dice = self.instance.field, self.generator.layout, self.random
        first = [int(layout.date[layout.block[b]]) for b in range(len(self.blocks))]
        here = dice.randrange(len(self.blocks))
        in_time, in_place = dice.choice(((0.4, 1.0), (0.05, 2.0), (1.0, 0.0)))

        def distance(b: int) -> float:
            v, w = int(layout.vehicle[b]), int(layout.vehicle[here])
            apart = float(np.abs(field.out[v] - field.out[w]).mean()) / _SPREAD if len(field.preference) else 0.0
            days = abs(int(field.days[first[b]]) - int(field.days[first[here]]))
            return in_place * apart + in_time * days / 7 + 0.6 * dice.random()

        return sorted(range(len(self.blocks)), key=distance)[:many]
