"""Slack induction by string removals (Christiaens and Vanden Berghe 2020), compiled: for seasons on the open road.

Strings of neighbouring stops leave tournées that lie close together, and come back one by one where they lengthen a
tournée least, a place being overlooked now and then. Places looked at are those beside the nearest communes; what the
annealing does not take is undone.
"""

from __future__ import annotations

import math

from .compiled import compiled, inner
from .dice import Dice, roll, whole
from .field import Floats, Ints
from .routes import ABSENT, LOOKS, STAMP, TOUCHED, Map, Pool, Tours, Undo

_BESIDE = 40  # nearest communes looked at for a place
_REMOVED = 10.0  # stops that leave at a time, on average
_LONGEST = 10  # stops of a string
_SPLIT, _GROW = 0.5, 0.01  # of the strings so many keep something in their middle, which grows seldom
_OVERLOOKED = 0.01
_POOLED_WITHIN = 1.01  # of the best cost: what costs more is not worth remembering


@inner
def _length(ground: Map, stops: Ints, count: int, b: int) -> float:
    if count == 0:
        return 0.0
    total = ground.metres[ground.depot[b], stops[b, 0]] + ground.metres[stops[b, count - 1], ground.depot[b]]
    for k in range(1, count):
        total += ground.metres[stops[b, k - 1], stops[b, k]]
    return total


@inner
def _vacate(ground: Map, tours: Tours, b: int) -> None:
    kind = ground.kind[b]
    tours.vacant[kind, tours.vacancies[kind]] = b
    tours.vacant_at[b] = tours.vacancies[kind]
    tours.vacancies[kind] += 1


@inner
def _occupy(ground: Map, tours: Tours, b: int) -> None:
    kind = ground.kind[b]
    tours.vacancies[kind] -= 1
    last = tours.vacant[kind, tours.vacancies[kind]]
    tours.vacant[kind, tours.vacant_at[b]] = last
    tours.vacant_at[last] = tours.vacant_at[b]


@compiled
def begin(ground: Map, tours: Tours, stops: Ints, size: Ints, costs: Floats) -> None:
    """Take a plan over."""
    tours.block[:] = -1
    tours.vacancies[:] = 0
    total = 0.0
    for b in range(size.shape[0]):
        tours.size[b] = size[b]
        if size[b] == 0:
            _vacate(ground, tours, b)
        for k in range(size[b]):
            c = stops[b, k]
            tours.stops[b, k] = c
            tours.block[c], tours.at[c] = b, k
        total += _length(ground, stops, size[b], b)
    tours.counts[ABSENT] = 0
    for c in range(tours.block.shape[0]):
        if tours.block[c] < 0:
            tours.absent[tours.counts[ABSENT]] = c
            tours.counts[ABSENT] += 1
            total += ground.worth[c]
    costs[0] = costs[1] = total


@inner
def _touch(tours: Tours, undo: Undo, b: int) -> None:
    """Remember a block as it was before the round."""
    if undo.stamp[b] == tours.counts[STAMP]:
        return
    undo.stamp[b] = tours.counts[STAMP]
    undo.touched[tours.counts[TOUCHED]] = b
    tours.counts[TOUCHED] += 1
    undo.size[b] = tours.size[b]
    for k in range(tours.size[b]):
        undo.stops[b, k] = tours.stops[b, k]


@inner
def _cut(ground: Map, tours: Tours, b: int, first: int, count: int) -> None:
    """Take `count` stops from `first` on out of a block."""
    for k in range(first, first + count):
        c = tours.stops[b, k]
        tours.block[c] = -1
        tours.absent[tours.counts[ABSENT]] = c
        tours.counts[ABSENT] += 1
    tours.size[b] -= count
    for k in range(first, tours.size[b]):
        c = tours.stops[b, k + count]
        tours.stops[b, k] = c
        tours.at[c] = k
    if tours.size[b] == 0:
        _vacate(ground, tours, b)


@inner
def _take_out(ground: Map, tours: Tours, undo: Undo, dice: Dice) -> None:
    """Strings out of tournées around one commune."""
    size = tours.block.shape[0]
    filled = tours.vacant.shape[1] - tours.vacancies.sum()
    served = size - tours.counts[ABSENT]
    longest = min(float(_LONGEST), served / max(1, filled))
    strings = int(1.0 + roll(dice) * max(0.0, 4.0 * _REMOVED / (1.0 + longest) - 1.0))
    seed = whole(dice, size)
    for k in range(-1, ground.near.shape[1]):
        if strings <= 0:
            return
        c = seed if k < 0 else ground.near[seed, k]
        b = tours.block[c]
        if b < 0 or undo.stamp[b] == tours.counts[STAMP]:
            continue
        strings -= 1
        _touch(tours, undo, b)
        here = tours.size[b]
        count = min(here, int(1.0 + roll(dice) * max(1.0, min(float(here), longest))))
        kept = 0
        if 1 < count < here and roll(dice) < _SPLIT:
            kept = 1
            while count + kept < here and roll(dice) < _GROW:
                kept += 1
        span = count + kept
        low, high = max(0, tours.at[c] - span + 1), min(tours.at[c], here - span)
        first = low + whole(dice, high - low + 1)
        if kept == 0:
            _cut(ground, tours, b, first, count)
        else:
            before = 1 + whole(dice, count - 1)
            _cut(ground, tours, b, first + before + kept, count - before)
            _cut(ground, tours, b, first, before)


@inner
def _sort(ground: Map, tours: Tours, undo: Undo, dice: Dice) -> None:
    """An order for the absent: at random, the farthest from home first, or the closest."""
    count, way = tours.counts[ABSENT], whole(dice, 7)
    for k in range(count):
        c = tours.absent[k]
        undo.key[c] = roll(dice) if way < 4 else -ground.home[c] if way < 6 else ground.home[c]
    for k in range(1, count):
        c = tours.absent[k]
        j = k - 1
        while j >= 0 and undo.key[tours.absent[j]] > undo.key[c]:
            tours.absent[j + 1] = tours.absent[j]
            j -= 1
        tours.absent[j + 1] = c


@inner
def _overlooks(tours: Tours, dice: Dice) -> bool:
    tours.counts[LOOKS] -= 1
    if tours.counts[LOOKS] > 0:
        return False
    tours.counts[LOOKS] = 1 + int(math.log(1.0 - roll(dice)) / math.log(1.0 - _OVERLOOKED))
    return True


@inner
def _put_back(ground: Map, tours: Tours, undo: Undo, dice: Dice, c: int) -> float:
    """Insert a commune at its cheapest place; what the cost changes by, 0 where it had better stay out."""
    metres, best, into, before = ground.metres, ground.worth[c], -1, 0
    for kind in range(tours.vacancies.shape[0]):
        if tours.vacancies[kind] > 0 and ground.fits[c, kind]:
            b = tours.vacant[kind, tours.vacancies[kind] - 1]
            price = metres[ground.depot[b], c] + metres[c, ground.depot[b]]
            if price < best and not _overlooks(tours, dice):
                best, into, before = price, b, 0
    for k in range(min(_BESIDE, ground.near.shape[1])):
        u = ground.near[c, k]
        b = tours.block[u]
        if b < 0 or tours.size[b] >= ground.room[b] or not ground.fits[c, ground.kind[b]]:
            continue
        at = tours.at[u]
        after = tours.stops[b, at + 1] if at + 1 < tours.size[b] else ground.depot[b]
        price = metres[u, c] + metres[c, after] - metres[u, after]
        if price < best and not _overlooks(tours, dice):
            best, into, before = price, b, at + 1
        last = tours.stops[b, at - 1] if at > 0 else ground.depot[b]
        price = metres[last, c] + metres[c, u] - metres[last, u]
        if price < best and not _overlooks(tours, dice):
            best, into, before = price, b, at
    if into < 0:
        for b in range(tours.size.shape[0]):
            if tours.size[b] == 0 or tours.size[b] >= ground.room[b] or not ground.fits[c, ground.kind[b]]:
                continue
            last = ground.depot[b]
            for k in range(tours.size[b] + 1):
                after = tours.stops[b, k] if k < tours.size[b] else ground.depot[b]
                price = metres[last, c] + metres[c, after] - metres[last, after]
                if price < best:
                    best, into, before = price, b, k
                last = after
    if into < 0:
        return 0.0
    _touch(tours, undo, into)
    if tours.size[into] == 0:
        _occupy(ground, tours, into)
    for k in range(tours.size[into], before, -1):
        moved = tours.stops[into, k - 1]
        tours.stops[into, k] = moved
        tours.at[moved] = k
    tours.stops[into, before] = c
    tours.block[c], tours.at[c] = into, before
    tours.size[into] += 1
    return best - ground.worth[c]


@inner
def _restore(ground: Map, tours: Tours, undo: Undo, absent: int) -> None:
    """As it was before the round."""
    for n in range(tours.counts[TOUCHED]):
        b = undo.touched[n]
        for k in range(tours.size[b]):
            tours.block[tours.stops[b, k]] = -1
    for n in range(tours.counts[TOUCHED]):
        b = undo.touched[n]
        if tours.size[b] == 0 and undo.size[b] > 0:
            _occupy(ground, tours, b)
        elif tours.size[b] > 0 and undo.size[b] == 0:
            _vacate(ground, tours, b)
        tours.size[b] = undo.size[b]
        for k in range(undo.size[b]):
            c = undo.stops[b, k]
            tours.stops[b, k] = c
            tours.block[c], tours.at[c] = b, k
    tours.counts[ABSENT] = absent
    for k in range(absent):
        tours.absent[k] = undo.absent[k]


@inner
def _remember(ground: Map, tours: Tours, pool: Pool, b: int) -> None:
    """Put a tournée into the pool, or a shorter order of one that is there."""
    count, slots = tours.size[b], pool.mark.shape[0]
    if count == 0:
        return
    if 4 * pool.filled[0] > 3 * slots:  # later ones are of better plans
        pool.mark[:] = 0
        pool.filled[0] = 0
    mark = (ground.kind[b] + 1) * 1_000_003
    for k in range(count):
        mark += ground.marks[tours.stops[b, k]]
    if mark == 0:
        mark = 1
    place = (mark ^ (mark >> 29)) & (slots - 1)
    while pool.mark[place] not in (0, mark):
        place = (place + 1) & (slots - 1)
    metres = _length(ground, tours.stops, count, b)
    if pool.mark[place] == mark and pool.metres[place] <= metres:
        return
    if pool.mark[place] == 0:
        pool.filled[0] += 1
    pool.mark[place], pool.counts[place], pool.kind[place], pool.metres[place] = mark, count, ground.kind[b], metres
    for k in range(count):
        pool.stops[place, k] = tours.stops[b, k]


@compiled
def anneal_strings(
    ground: Map,
    tours: Tours,
    undo: Undo,
    pool: Pool,
    dice: Dice,
    best_stops: Ints,
    best_size: Ints,
    costs: Floats,
    heat: float,
    rounds: int,
    pooled: bool,
) -> None:
    """So many rounds of taking out and putting back at one temperature."""
    for _ in range(rounds):
        tours.counts[STAMP] += 1
        tours.counts[TOUCHED] = 0
        absent = tours.counts[ABSENT]
        for k in range(absent):
            undo.absent[k] = tours.absent[k]
        _take_out(ground, tours, undo, dice)
        change = 0.0
        for n in range(tours.counts[TOUCHED]):
            b = undo.touched[n]
            change += _length(ground, tours.stops, tours.size[b], b) - _length(ground, undo.stops, undo.size[b], b)
        for k in range(absent, tours.counts[ABSENT]):
            change += ground.worth[tours.absent[k]]
        _sort(ground, tours, undo, dice)
        count, left = tours.counts[ABSENT], 0
        for k in range(count):
            c = tours.absent[k]
            change += _put_back(ground, tours, undo, dice, c)
            if tours.block[c] < 0:
                tours.absent[left] = c
                left += 1
        tours.counts[ABSENT] = left
        if change >= -heat * math.log(1.0 - roll(dice)):
            _restore(ground, tours, undo, absent)
            continue
        costs[0] += change
        if pooled and costs[0] <= _POOLED_WITHIN * costs[1]:
            for n in range(tours.counts[TOUCHED]):
                _remember(ground, tours, pool, undo.touched[n])
        if costs[0] < costs[1] - 0.5:
            costs[1] = costs[0]
            for b in range(best_size.shape[0]):
                best_size[b] = tours.size[b]
                for k in range(tours.size[b]):
                    best_stops[b, k] = tours.stops[b, k]
