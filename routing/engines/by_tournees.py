"""Seasons in blocks: generate tournées, dive, prove by listing what a cheaper plan could hold, search the pool."""

from __future__ import annotations

import math
import random

from .combine import Tournee, combine
from .dive import dive
from .generate import Generator
from .improve import COLD, MOVES_PER_ITERATION, Search
from .instance import Instance, Slot
from .nearby import Nearby
from .rows import Rows
from .tournees import Block
from .watch import Watch

FEW_SLOTS = 20_000  # up to here a proof may be had; beyond, plan and bound close in on each other
_MOST_WITHIN_GAP = 60_000
_LOOK_LIST, _LOOK_SECONDS = 800, 1.7  # tournées for a first look for better plans, before time goes into the bound
_FIRST_LIST = 2_000
_SHORT_LIST = 12_000  # short enough for the whole gap at once
_ROUNDS = 2_000
_SLICE = 5.0  # seconds of work on the plan, before the bound may have its turn, which takes about as long


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
        generator.run(watch, until=begun + 0.55 * span, rounds=_ROUNDS, cut_rounds=0)
        self._dive(until=begun + (0.75 if self.small else 0.8) * span)
        if self.small and not self._done():
            watch.enter("combine")
            seconds = watch.left if watch.counted else min(_LOOK_SECONDS, watch.left)
            self._combine(self._closest(_LOOK_LIST)[1], seconds=seconds)
            watch.enter("cut")
            generator.run(watch, until=begun + 0.7 * span, rounds=_ROUNDS)
            self._dive(until=begun + 0.75 * span)
            if self._prove():
                return
        self._close_in()

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
        plan = dive(self.generator, self.watch, until=until, share=0.12 if self.small else 0.06)
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
            lambda: (search.iterations - begun) * MOVES_PER_ITERATION / (1000 * moves), self.watch.over, warmth=COLD
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

    def _combine(self, tournees: list[Tournee], *, seconds: float) -> bool:
        """Look for a better plan in these tournées and those of the plan; whether there is none better in them."""
        watch = self.watch
        plan = watch.slots or []
        done = combine(
            self.generator, tournees, plan, seconds=seconds, limits=watch.limits, alive=lambda: not watch.over()
        )
        watch.report()
        self.offer(done.slots)
        return done.proved

    def _close_in(self) -> None:
        """Work on the plan or on the bound, whichever has lately brought more a second, until the time is over."""
        watch, generator, limit = self.watch, self.generator, self.watch.limits.iterations
        nearby = Nearby(self.instance, generator, watch, self.random)
        gains = {"combine": math.inf, "cut": math.inf}
        turn = 0
        while not self._done() and (limit is None or turn < limit):
            side = max(gains, key=gains.__getitem__) if watch.counted or watch.left > 2 * _SLICE else "combine"
            watch.enter(side)
            begun, gap = watch.seconds, self._gap()
            if side == "combine":
                nearby.improve(until=begun + _SLICE, turns=None if limit is None else 1)
            else:
                generator.run(watch, until=math.inf, rounds=_ROUNDS, cut_rounds=1)
            seconds = 1.0 if watch.counted else max(1e-3, watch.seconds - begun)
            gain = (gap - self._gap()) / seconds
            gains[side] = gain if math.isinf(gains[side]) else (gains[side] + gain) / 2  # half: chance plays a part
            turn += 1

    def _gap(self) -> float:
        return (self.watch.cost or 0) - self.generator.bound
