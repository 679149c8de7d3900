"""Simulated annealing over slots, compiled: some millions of moves a second, on seasons of any structure.

Moves: a missing wish takes a slot (its occupant, or an evening of a week that is full, gives way), an evening is
given up, or exchanged for a missing wish, two evenings change places or one moves, a stretch of dates is exchanged
between vehicles or turned round, a locked evening without a vehicle changes its vehicle.
"""

from __future__ import annotations

import math

import numpy as np

from .compiled import compiled, inner
from .field import Field, Floats, Ints, Table
from .moves import detour, fits, lift, open_to, rested, saving, settle
from .picks import Pick, below, draw, put, take

# cumulative shares of the moves
_INSERT, _REMOVE, _EXCHANGE, _STRETCH, _TURN = 0.25, 0.27, 0.31, 0.34, 0.345
_LONGEST_STRETCH = 7
_LOOKS = 6  # evenings looked at in the search for one close by


@inner
def _shares_quota(field: Field, a: int, b: int, q: int, i: int) -> bool:
    """Whether b leaving date i makes room in quota q of a."""
    for k in range(field.quotas_of[b], field.quotas_of[b + 1]):
        if field.quotas[k] == q:
            return bool(field.covers[q, i])
    return False


@inner
def _insert(field: Field, table: Table, pick: Pick, allowance: float) -> float:
    """A missing wish takes a random slot of its own; what is in the way there is given up."""
    c = pick.short[below(pick, pick.counts[1])]
    i = field.dates[field.dates_of[c] + below(pick, field.dates_of[c + 1] - field.dates_of[c])]
    v = field.vehicles[field.vehicles_of[c] + below(pick, field.vehicles_of[c + 1] - field.vehicles_of[c])]
    if not field.runs[v, i] or field.locked[c, i] or table.block[c, i] > 1:
        return 0.0
    o, at = table.slot[v, i], i
    if o < 0:
        if table.block[c, i] > 0:
            return 0.0
        if fits(field, table, c, v, i):
            change = detour(field, table, c, v, i) + field.preference[c, i] - saving(field, table, c)
            return put(field, table, pick, c, v, i) if change <= allowance else 0.0
        if rested(field, table, v, i):
            return 0.0  # a quota is full: exchanging is another move
        at = _same_week(field, table, pick, v, i)
        if at < 0:
            return 0.0
        o = table.slot[v, at]
    if field.locked[o, at] or (table.block[c, i] > 0 and not pick.near[c, o]):
        return 0.0
    change = take(field, table, pick, v, at)
    if fits(field, table, c, v, i):
        change += detour(field, table, c, v, i) + field.preference[c, i] - saving(field, table, c)
        if change <= allowance:
            put(field, table, pick, c, v, i)
            return change
    put(field, table, pick, o, v, at)
    return 0.0


@inner
def _same_week(field: Field, table: Table, pick: Pick, v: int, i: int) -> int:
    """A random date with an evening in the vehicle's week of date i, or -1."""
    found, seen = -1, 0
    j = i
    while j > 0 and field.week[j - 1] == field.week[i]:
        j -= 1
    while j < field.week.shape[0] and field.week[j] == field.week[i]:
        if table.slot[v, j] >= 0:
            seen += 1
            if below(pick, seen) == 0:
                found = j
        j += 1
    return found


@inner
def _exchange(field: Field, table: Table, pick: Pick, v: int, i: int, allowance: float) -> float:
    """Give up an evening and serve a missing wish elsewhere: where a quota is full, nothing else helps."""
    c = table.slot[v, i]
    other = pick.short[below(pick, pick.counts[1])]
    j = field.dates[field.dates_of[other] + below(pick, field.dates_of[other + 1] - field.dates_of[other])]
    w = field.vehicles[field.vehicles_of[other] + below(pick, field.vehicles_of[other + 1] - field.vehicles_of[other])]
    if other == c or table.slot[w, j] >= 0 or not open_to(field, other, w, j):
        return 0.0
    change = take(field, table, pick, v, i)
    if fits(field, table, other, w, j):
        change += detour(field, table, other, w, j) + field.preference[other, j] - saving(field, table, other)
        if change <= allowance:
            put(field, table, pick, other, w, j)
            return change
    put(field, table, pick, c, v, i)
    return 0.0


@compiled
def _stretch(field: Field, table: Table, pick: Pick, v: int, i: int, allowance: float) -> float:
    """Exchange a stretch of dates with another vehicle, or turn it round within its own."""
    dates = table.slot.shape[1]
    last = min(dates, i + 2 + below(pick, _LONGEST_STRETCH - 1))
    w = below(pick, table.slot.shape[0])
    total, count = 0.0, 0
    came = np.empty((4 * _LONGEST_STRETCH, 3), np.int64)  # commune, vehicle, date as they were
    for j in range(i, last):
        for car in (v, w):
            c = table.slot[car, j]
            if c >= 0:
                if field.locked[c, j]:
                    break
                came[count, 0], came[count, 1], came[count, 2] = c, car, j
                count += 1
                total += take(field, table, pick, car, j)
            if v == w:
                break
    done = 0
    for k in range(count):
        c, car, j = came[k, 0], came[k, 1], came[k, 2]
        to = w + v - car
        at = i + last - 1 - j if v == w else j
        if not open_to(field, c, to, at) or not fits(field, table, c, to, at):
            break
        total += put(field, table, pick, c, to, at)
        done += 1
    if done == count and total <= allowance:
        return total
    for k in range(done):
        c, car, j = came[k, 0], came[k, 1], came[k, 2]
        take(field, table, pick, w + v - car, i + last - 1 - j if v == w else j)
    for k in range(count):
        put(field, table, pick, came[k, 0], came[k, 1], came[k, 2])
    return 0.0


@inner
def _vehicle_of(table: Table, c: int, i: int) -> int:
    """The vehicle of the commune's evening on date i, or -1."""
    for v in range(table.slot.shape[0]):
        if table.slot[v, i] == c:
            return v
    return -1


@inner
def _turn(field: Field, table: Table, pick: Pick, allowance: float) -> float:
    """A locked evening changes to another of its vehicles; who is there, takes its place.

    Both stay on their date, so only the vehicles' own rules can be broken.
    """
    k = below(pick, field.turns.shape[0])
    c, i, w = field.turns[k, 0], field.turns[k, 1], field.turns[k, 2]
    v = _vehicle_of(table, c, i)
    o = table.slot[w, i]
    if v < 0 or v == w or (o >= 0 and not open_to(field, o, v, i)):
        return 0.0
    change = lift(field, table, v, i)
    if o >= 0:
        change += take(field, table, pick, w, i)
    if rested(field, table, w, i):
        change += settle(field, table, c, w, i)
        if o < 0:
            if change <= allowance:
                return change
        elif fits(field, table, o, v, i):
            change += put(field, table, pick, o, v, i)
            if change <= allowance:
                return change
            take(field, table, pick, v, i)
        lift(field, table, w, i)
    settle(field, table, c, v, i)
    if o >= 0:
        put(field, table, pick, o, w, i)
    return 0.0


@inner
def _free_for(field: Field, table: Table, pick: Pick, c: int, i: int, j: int, o: int) -> bool:
    """Whether c may change from date i to date j, where o (or -1) leaves: dates and quotas only."""
    if field.locked[c, j] or not field.answers[c, j]:
        return False
    if j != i:
        own = 1 if abs(field.days[j] - field.days[i]) < field.spacing[c] else 0
        if o >= 0 and field.apart > 0 and pick.near[c, o]:
            own += 1
        if table.block[c, j] > own:
            return False
        for k in range(field.quotas_of[c], field.quotas_of[c + 1]):
            q = field.quotas[k]
            full = field.covers[q, j] and not field.covers[q, i] and table.room[q] <= 0
            if full and (o < 0 or not _shares_quota(field, c, o, q, j)):
                return False
    return True


@inner
def _move(field: Field, table: Table, pick: Pick, v: int, i: int, allowance: float) -> float:
    """An evening moves to another slot, or two change places."""
    c, dates = table.slot[v, i], table.slot.shape[1]
    if draw(pick) < 0.5:  # anywhere it may go, a quarter of the time on the same date
        j = i
        if draw(pick) < 0.75:
            j = field.dates[field.dates_of[c] + below(pick, field.dates_of[c + 1] - field.dates_of[c])]
        w = v
        if draw(pick) < 0.7:
            w = field.vehicles[field.vehicles_of[c] + below(pick, field.vehicles_of[c + 1] - field.vehicles_of[c])]
    else:  # beside an evening close by
        key = pick.placed[below(pick, pick.counts[0])]
        for _ in range(_LOOKS):
            other = pick.placed[below(pick, pick.counts[0])]
            here, there = table.slot[key // dates, key % dates], table.slot[other // dates, other % dates]
            if field.direct[c, there] < field.direct[c, here]:
                key = other
        w, j = key // dates, key % dates + (1 if draw(pick) < 0.5 else -1)
        if j < 0 or j >= dates:
            return 0.0
    o = table.slot[w, j]
    if o == c or (v == w and i == j) or not field.runs[w, j] or not field.fitting[c, w]:
        return 0.0
    if not _free_for(field, table, pick, c, i, j, o):
        return 0.0
    if o >= 0:
        if field.locked[o, j] or not field.fitting[o, v] or not _free_for(field, table, pick, o, j, i, c):
            return 0.0
        change = field.preference[c, j] + field.preference[o, i] - field.preference[c, i] - field.preference[o, j]
        change -= detour(field, table, c, v, i)
        table.slot[v, i] = -1
        change -= detour(field, table, o, w, j)
        table.slot[w, j] = -1
        change += detour(field, table, c, w, j)
        table.slot[w, j] = c
        change += detour(field, table, o, v, i)
        table.slot[v, i], table.slot[w, j] = c, o
        if change > allowance:
            return 0.0
        take(field, table, pick, v, i)
        take(field, table, pick, w, j)
        put(field, table, pick, c, w, j)
        put(field, table, pick, o, v, i)
        return change
    change = field.preference[c, j] - field.preference[c, i] - detour(field, table, c, v, i)
    table.slot[v, i] = -1
    change += detour(field, table, c, w, j)
    table.slot[v, i] = c
    if change > allowance:
        return 0.0
    take(field, table, pick, v, i)
    if rested(field, table, w, j):
        put(field, table, pick, c, w, j)
        return change
    put(field, table, pick, c, v, i)
    return 0.0


@inner
def _note(table: Table, best: Ints) -> None:
    for v in range(best.shape[0]):  # by hand: a slice would compile numba's errors of shape as well
        for i in range(best.shape[1]):
            best[v, i] = table.slot[v, i]


@compiled
def anneal(
    field: Field, table: Table, pick: Pick, best: Ints, costs: Floats, hot: float, cold: float, moves: int
) -> None:
    """So many moves, cooling from `hot` to `cold` (metres).

    `costs` holds the cost of `table` and the least seen, relative to any start; `best` the slots of the latter.
    """
    dates = table.slot.shape[1]
    fall, heat = (cold / hot) ** (1.0 / max(1, moves)), hot
    for _ in range(moves):
        heat *= fall
        which = draw(pick)
        allowance = -heat * math.log(1.0 - draw(pick))
        change = 0.0
        if which < _INSERT:
            if pick.counts[1] > 0:
                change = _insert(field, table, pick, allowance)
        elif which < _STRETCH or which >= _TURN:
            if pick.counts[0] > 0:
                key = pick.placed[below(pick, pick.counts[0])]
                v, i = key // dates, key % dates
                if which >= _TURN:
                    change = _move(field, table, pick, v, i, allowance)
                elif which < _REMOVE:
                    c = table.slot[v, i]
                    change = take(field, table, pick, v, i)
                    if change > allowance:
                        put(field, table, pick, c, v, i)
                        change = 0.0
                elif which < _EXCHANGE:
                    if pick.counts[1] > 0:
                        change = _exchange(field, table, pick, v, i, allowance)
                else:
                    change = _stretch(field, table, pick, v, i, allowance)
        elif field.turns.shape[0] > 0:
            change = _turn(field, table, pick, allowance)
        costs[0] += change
        if costs[0] < costs[1] - 1e-3:
            costs[1] = costs[0]
            _note(table, best)


@inner
def _cheapest(field: Field, table: Table, c: int) -> tuple[int, int]:
    """The vehicle and date where one more evening of the commune costs least, or (-1, -1) where none saves."""
    least, at = saving(field, table, c), (-1, -1)
    for k in range(field.dates_of[c], field.dates_of[c + 1]):
        i = field.dates[k]
        if table.block[c, i] > 0:
            continue
        for m in range(field.vehicles_of[c], field.vehicles_of[c + 1]):
            v = field.vehicles[m]
            if not open_to(field, c, v, i) or not fits(field, table, c, v, i):
                continue
            price = detour(field, table, c, v, i) + field.preference[c, i]
            if price < least:
                least, at = price, (v, i)
    return at


@compiled
def construct(field: Field, table: Table, pick: Pick, order: Ints) -> float:
    """Each commune in turn gets one evening where it costs least; what the cost falls by, 0 where nobody got one."""
    total = 0.0
    for c in order:
        v, i = _cheapest(field, table, c)
        if v >= 0:
            total += put(field, table, pick, c, v, i)
    return total
