"""Column generation over tournées: duals price tournées, the bound is proved at every round, the pool grows.

The bound is the Lagrangian one: for any duals of the right sign it holds, whether or not the linear program has
converged and whichever of the rows have entered, so that stopping early only makes it weaker.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from .combine import Priced
from .cuts import broken_cuts
from .field import Bools, Floats
from .instance import Instance, Slot
from .master import Master
from .pricing import MOST_DATES, Cuts, price_block, price_blocks
from .rows import Rows
from .tournees import Block, layout_of
from .watch import Watch

_PER_BLOCK = 5  # tournées added per block and round; fewer where blocks are many
_MANY_BLOCKS = 80
_SMOOTH = 0.6  # weight of the duals with the best bound: prices that jump about less converge sooner
_TINY = 1e-4
_FORBIDDEN = 1e15  # the price of a slot that is shut
_CLOSE = 0.5  # costs are whole: less than one apart cannot get closer
_NEAR, _NEARER = 3e-3, 2e-4  # gaps, as shares of the value, from which on rows and cuts are looked for
_ROWS = 1000  # rows that may enter in one round
_CUTS, _CUTS_IN_ALL = 30, 400  # cuts of one round, and at most; more where there are many blocks
_CUTS_FOR_EACH = 16  # of the blocks, in all
_CUT_ROUNDS, _CUT_SHARE = 3, 0.1  # so many rounds must bring so much of what all have brought, or cutting ends


class Duals(NamedTuple):
    """Duals of the rows and of the cuts, and what the search sees of them: slot values, cuts, each block's least."""

    rows: Floats
    cuts: Floats
    values: Floats  # of each slot, beside its metres
    seen: Cuts
    least: Floats  # reduced cost of each block's cheapest tournée, at most 0


class Generator:
    """The master program of a season in blocks and its proved bound."""

    def __init__(self, instance: Instance, blocks: list[Block], rows: Rows, *, workers: int) -> None:
        self.instance, self.blocks, self.rows = instance, blocks, rows
        self.master = Master(rows, len(blocks))
        self.index = {slot: s for s, slot in enumerate(rows.slots)}
        self.block_of = {slot: b for b, block in enumerate(blocks) for day in block.by_day for slot in day}
        self.layout = layout_of(instance, blocks, self.index)
        self.bound = -math.inf
        self.best: Duals | None = None
        self.chosen = np.zeros(0)
        self.rounds = 0
        self.value = math.inf
        self._pool = ThreadPoolExecutor(workers) if workers > 1 else None
        self._shares = [np.arange(k, len(blocks), workers, dtype=np.int64) for k in range(workers)]
        size = (len(blocks), _PER_BLOCK if len(blocks) <= _MANY_BLOCKS else 2)
        self._paths = np.zeros((*size, MOST_DATES), np.int64)
        self._costs, self._found = np.zeros(size), np.zeros(len(blocks), np.int64)

    def believe(self, values: Floats) -> None:
        """Take these values of slots, beside their metres, for the best duals, wherever they are from."""
        every, nothing = np.arange(len(self.blocks)), np.zeros(len(self.blocks))
        cuts = self.master.cuts_of_slots(np.zeros(0))
        self._found[:] = 0
        price_blocks(
            self.instance.field, self.layout, cuts, every, values, nothing, self._paths, self._costs, self._found, False
        )
        least = np.where(self._found > 0, self._costs[:, 0], 0.0)
        self.best = Duals(np.zeros(len(self.rows.rows)), np.zeros(0), values, cuts, least)

    def add_plan(self, slots: Iterable[Slot]) -> None:
        """Put the tournées of a plan into the pool."""
        for tournee in self.tournees_of(slots):
            self.add(tournee)

    def add(self, tournee: tuple[int, ...]) -> bool:
        """Put a tournée, as slot numbers by date, into the pool; False when it is there or has a leg too long."""
        if tournee in self.master.number:
            return False
        slots = [self.rows.slots[s] for s in tournee]
        metres = self.instance.metres_of(slots)
        return metres is not None and self.master.add(tournee, metres, self.block_of[slots[0]])

    def tournees_of(self, slots: Iterable[Slot]) -> list[tuple[int, ...]]:
        """A plan cut into its tournées."""
        paths: dict[int, list[int]] = defaultdict(list)
        for slot in sorted(slots, key=lambda slot: slot[2]):
            paths[self.block_of[slot]].append(self.index[slot])
        return [tuple(path) for path in paths.values()]

    @property
    def whole_bound(self) -> int:
        """The bound as a whole number, with room for the rounding of floats."""
        return math.ceil(self.bound - 0.01 - abs(self.bound) * 1e-10)

    def run(self, watch: Watch, *, until: float, rounds: int, cut_rounds: int | None = None) -> bool:
        """Generate until nothing pays (True), the time is over, or the rounds are used up.

        With `cut_rounds` only so many rounds of cuts, and it is enough to be close to what they bring.
        The pool must hold a plan that keeps the rows, or the program has no solution.
        """
        smooth, at_cuts = _SMOOTH, list[float]()
        if self.best is None and watch.slots:
            self._price(self._guess(watch.slots), np.zeros(0), None)
        for _ in range(rounds):
            value = self.master.solve()
            if value is None:
                return False
            self.rounds += 1
            self.value = value
            chosen = self.master.values()  # before the program changes, which would make it forget them
            self.chosen = chosen
            duals, ones = self.master.duals()
            pure = self.best is None or not smooth
            added = self._price(*self._smoothed(duals, self.master.cut_duals(), smooth), ones if pure else None)
            if self.bound > -math.inf:
                watch.proved(self.whole_bound)
            entered = 0
            if added == 0 or value - self.bound < max(_CLOSE, _NEAR * abs(value)):
                entered = self.master.separate(chosen, most=_ROWS)
                converged = added == 0 or value - self.bound < max(_CLOSE, _NEARER * abs(value))
                if entered == 0 and converged and cut_rounds == 0:
                    return True
                if entered == 0 and converged and (cut_rounds is not None or not self._stalled(at_cuts)):
                    entered = self._cut(chosen)
                    cut_rounds = None if cut_rounds is None else cut_rounds - 1
            if watch.over() or watch.optimal:
                return False
            if added == 0 and entered == 0:
                if pure or value - self.bound < _CLOSE:
                    return True
                smooth = 0.0
            elif entered:
                smooth = _SMOOTH
            if watch.seconds > until:
                return False
        return False

    def _smoothed(self, duals: Floats, of_cuts: Floats, weight: float) -> tuple[Floats, Floats]:
        """These duals of rows and cuts, drawn towards the best ones so far."""
        if self.best is None:
            return duals, of_cuts
        of_cuts = (1 - weight) * of_cuts
        of_cuts[: len(self.best.cuts)] += weight * self.best.cuts
        return weight * self.best.rows + (1 - weight) * duals, of_cuts

    def _stalled(self, at_cuts: list[float]) -> bool:
        """Notes the bound before a round of cuts; whether the last rounds added little to what all have brought."""
        at_cuts.append(self.bound)
        last = at_cuts[-1 - _CUT_ROUNDS :]
        return len(last) > _CUT_ROUNDS and last[-1] - last[0] < _CUT_SHARE * (last[-1] - at_cuts[0])

    def _guess(self, slots: list[Slot]) -> Floats:
        """Duals before any program is solved: each evening is worth its share of the metres of its tournée.

        A few hundred tournées say nothing about most prices, and the program's own first duals are wild.
        """
        rows, spent = self.rows, defaultdict[int, list[float]](list)
        for tournee in self.tournees_of(slots):
            here = [rows.slots[s] for s in tournee]
            share = (self.instance.metres_of(here) or 0) / len(here)
            for slot in here:
                spent[slot[0]].append(share + self.instance.preference[slot[0]][slot[2]])
        usual = [share for shares in spent.values() for share in shares] or [0.0]
        duals = np.zeros(len(rows.rows))
        for c, r in rows.wanted.items():
            further = self.instance.season.costs.missing * self.instance.season.communes[c].priority
            duals[r] = min(0.0, float(np.mean(spent[c] or usual)) - further)
        return duals

    def refresh(self, rounds: int, *, without: Collection[int], shut: Bools) -> bool:
        """A few rounds for what is left when the blocks `without` are fixed and these slots shut.

        False where no plan is left.

        Their bound is that of a part of the season only, so it is not noted.
        """
        for _ in range(rounds):
            if self.master.solve() is None:
                return False
            self.chosen = self.master.values()
            duals, ones = self.master.duals()
            added = self._price(duals, self.master.cut_duals(), ones, without=without, shut=shut)
            if added + self.master.separate(self.chosen, most=_ROWS) == 0:
                return True
        if self.master.solve() is None:
            return False
        self.chosen = self.master.values()
        return True

    def _cut(self, chosen: Floats) -> int:
        """Add the cuts that are most broken; how many are new."""
        blocks = len(self.blocks)
        most = min(max(_CUTS, blocks), max(_CUTS_IN_ALL, _CUTS_FOR_EACH * blocks) - len(self.master.cuts))
        found = self._broken(chosen, most=most)
        return sum(self.master.cut(rows) for rows in found)

    def _broken(self, chosen: Floats, *, most: int) -> list[tuple[int, ...]]:
        return broken_cuts(self.master, chosen, most=most, pool=self._pool, turns=len(self._shares), number=self.rounds)

    def compile_cuts(self) -> None:
        """Have the search for cuts compiled: on a whole solution it would not be called."""
        share = np.full(len(self.master.columns), 0.5)
        self._broken(share, most=1)

    def _price(
        self,
        duals: Floats,
        of_cuts: Floats,
        ones: Floats | None,
        *,
        without: Collection[int] = (),
        shut: Bools | None = None,
    ) -> int:
        """Price all blocks at these duals, note the bound, add what was found; how many tournées are new.

        With the blocks' own duals only what improves the program is looked for. With slots shut the bound is that
        of a part of the season, and not noted.
        """
        values = self.master.slot_values(duals)
        if shut is not None:
            values = np.where(shut, _FORBIDDEN, values)
        cuts = self.master.cuts_of_slots(of_cuts)
        below = np.full(len(self.blocks), -_TINY) if ones is None else ones - _TINY
        self._found[:] = 0
        shares = self._shares
        if without:
            shares = [np.array([b for b in share if b not in without], dtype=np.int64) for share in shares]
        arguments = (values, below, self._paths, self._costs, self._found, False)

        def work(share: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
            price_blocks(self.instance.field, self.layout, cuts, share, *arguments)

        list((self._pool.map if self._pool is not None else map)(work, shares))
        least = np.where(self._found > 0, self._costs[:, 0], below)
        bound = self.master.constant(duals, of_cuts) + float(least.sum())
        if shut is None and bound > self.bound:
            self.bound, self.best = bound, Duals(duals, of_cuts, values, cuts, least)
        added = 0
        for b in np.flatnonzero(self._found):
            for k in range(self._found[b]):
                added += self.add(self._tournee(self._paths[b, k]))
        return added

    def _tournee(self, nodes: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[int, ...]:
        return tuple(int(self.layout.slot[n]) for n in nodes if n >= 0)

    def within(
        self, room: float, *, most: int, blocks: Iterable[int] | None = None, shut: Bools | None = None
    ) -> list[tuple[int, ...]] | None:
        """Every tournée whose reduced cost at the best duals is below `room`, or None when they are too many.

        Of these `blocks` only, where they are named, and without the slots that are `shut`.
        """
        best = self.best
        if best is None:
            return None
        values = best.values if shut is None else np.where(shut, _FORBIDDEN, best.values)
        paths, costs = np.zeros((most, MOST_DATES), np.int64), np.zeros(most)
        result: list[tuple[int, ...]] = []
        for b in range(len(self.blocks)) if blocks is None else blocks:
            left, below = most - len(result), best.least[b] + room
            found = price_block(
                self.instance.field, self.layout, best.seen, b, values, below, paths[:left], costs[:left], True
            )
            if found > left:
                return None
            result.extend(self._tournee(paths[k]) for k in range(found))
        return result

    def priced(self, tournees: Iterable[tuple[int, ...]]) -> Iterator[Priced]:
        """These tournées for the integer program; they have no leg too long."""
        master, rows = self.master, self.rows
        for tournee in tournees:
            slots = [rows.slots[s] for s in tournee]
            block = self.block_of[slots[0]]
            number = master.number.get(tournee)
            if number is not None:
                price = master.prices[number]
            else:
                metres = self.instance.metres_of(slots)
                if metres is None:
                    continue
                price = metres + sum(rows.price[slot] for slot in slots)
            yield Priced(tournee, price, block, tuple(master.hits(tournee, block).items()))

    def room(self, cost: int) -> float:
        """How far above the bound a plan cheaper than `cost` can be."""
        return cost - self.bound + 0.01 + abs(self.bound) * 1e-10

    def reduced(self, tournees: Iterable[tuple[int, ...]]) -> Iterator[tuple[int, float]]:
        """The block of each tournée and its reduced cost at the best duals, but for what the block is worth."""
        best = self.best
        if best is None:
            return
        for item in self.priced(tournees):
            price = item.price + sum(best.values[s] - self.rows.price[self.rows.slots[s]] for s in item.tournee)
            yield item.block, price - sum(best.cuts[k] * times for k, times in item.cuts if k < len(best.cuts))
