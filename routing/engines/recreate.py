"""Ruin and recreate on dated evenings, compiled: strings of stops close in place leave and come back one by one.

After Schrimpf and others (Journal of Computational Physics 159, 2000) and Christiaens and Vanden Berghe (Transportation
Science 54, 2020). A commune comes back beside one of its nearest where that lengthens the way least; the stops
there make way by dates, see `stretches.py`.
"""

from __future__ import annotations

import math

from .compiled import inner
from .field import Field, Table
from .moves import detour, saving
from .picks import Pick, below, draw
from .stretches import free_date, squeeze
from .trail import LEFT, LOG, MOST_TRIES, TRIES, Trail, beside, roomy_log, undo, unseat

_REMOVED = 5  # evenings that leave at a time, on average
_LONGEST = 4  # stops of a string
_OTHERS = 4  # communes that miss an evening and are tried as well
_OVERLOOKED = 0.01  # of the gaps
_ANYWHERE = 2  # slots anywhere that are looked at for a commune


@inner
def _take_out(field: Field, table: Table, pick: Pick, trail: Trail) -> float:
    """Strings around one evening leave; what the cost changes by."""
    dates, total = table.slot.shape[1], 0.0
    trail.tally[LEFT] = 0
    key = pick.placed[below(pick, pick.counts[0])]
    seed = table.slot[key // dates, key % dates]
    most = 1 + below(pick, 2 * _REMOVED - 1)
    for k in range(-1, trail.near.shape[1]):
        c = seed if k < 0 else trail.near[seed, k]
        if trail.evenings[c] == 0:
            continue
        if k >= 0:
            key = trail.at[c, below(pick, trail.evenings[c])]
        v, i = key // dates, key % dates
        length = 1 + below(pick, _LONGEST)
        back = below(pick, length)
        while back > 0 and i > 0 and table.slot[v, i - 1] >= 0:
            i -= 1
            back -= 1
        while length > 0 and i < dates and table.slot[v, i] >= 0:
            c = table.slot[v, i]
            if not field.locked[c, i]:
                total += unseat(field, table, pick, trail, v, i) - detour(field, table, c, v, i)
                trail.left[trail.tally[LEFT]] = c
                trail.tally[LEFT] += 1
                most -= 1
                if most == 0:
                    return total
            length -= 1
            i += 1
    return total


@inner
def _join_others(pick: Pick, trail: Trail) -> None:
    """Some that were missing an evening before are tried as well."""
    for _ in range(min(_OTHERS, pick.counts[1])):
        c = pick.short[below(pick, pick.counts[1])]
        for k in range(trail.tally[LEFT]):
            if trail.left[k] == c:
                break
        else:
            trail.left[trail.tally[LEFT]] = c
            trail.tally[LEFT] += 1


@inner
def _nearest(field: Field, c: int) -> float:
    """Metres to the nearest depot."""
    least = field.back[0, c]
    for v in range(1, field.back.shape[0]):
        least = min(least, field.back[v, c])
    return float(least)


@inner
def _sort(field: Field, table: Table, pick: Pick, trail: Trail) -> None:
    """An order to come back in: at random, the dearest first, those with the fewest dates, the farthest from home."""
    count, way = trail.tally[LEFT], below(pick, 8)
    for k in range(count):
        c = trail.left[k]
        if way < 4:  # noqa: PLR2004 - shares of the orders
            trail.key[k] = draw(pick)
        elif way < 6:  # noqa: PLR2004
            trail.key[k] = -saving(field, table, c)
        elif way == 6:  # noqa: PLR2004
            trail.key[k] = field.dates_of[c + 1] - field.dates_of[c]
        else:
            trail.key[k] = -_nearest(field, c)
    for k in range(1, count):
        c, key = trail.left[k], trail.key[k]
        j = k - 1
        while j >= 0 and trail.key[j] > key:
            trail.left[j + 1], trail.key[j + 1] = trail.left[j], trail.key[j]
            j -= 1
        trail.left[j + 1], trail.key[j + 1] = c, key


@inner
def _longer(field: Field, table: Table, c: int, v: int, before: int, after: int) -> float:
    """About how much longer the vehicle's way is with c between its evenings on these dates (-1: none)."""
    a = table.slot[v, before] if before >= 0 else -1
    b = table.slot[v, after] if after >= 0 else -1
    if a >= 0 and b >= 0 and field.days[after] - field.days[before] <= field.nights[v]:
        return float(field.direct[a, c] + field.direct[c, b] - field.direct[a, b])
    least = field.out[v, c] + field.back[v, c]
    if a >= 0:
        least = min(least, field.direct[a, c] + field.back[v, c] - field.back[v, a])
    if b >= 0:
        least = min(least, field.out[v, c] + field.direct[c, b] - field.out[v, b])
    return float(least)


@inner
def _note_gap(field: Field, table: Table, pick: Pick, trail: Trail, c: int, v: int, before: int, after: int) -> None:
    """Keep the gap if it is among the best ones."""
    price = _longer(field, table, c, v, before, after)
    many = trail.tally[TRIES]
    if many == MOST_TRIES and price >= trail.price[many - 1]:
        return
    for k in range(many):
        if trail.gap[k, 0] == v and trail.gap[k, 1] == before:
            return
    if draw(pick) < _OVERLOOKED:
        return
    k = many
    if many < MOST_TRIES:
        trail.tally[TRIES] += 1
    else:
        k -= 1
    while k > 0 and trail.price[k - 1] > price:
        trail.price[k] = trail.price[k - 1]
        for m in range(3):
            trail.gap[k, m] = trail.gap[k - 1, m]
        k -= 1
    trail.price[k] = price
    trail.gap[k, 0], trail.gap[k, 1] = v, before
    trail.gap[k, 2] = after if after >= 0 else table.slot.shape[1]


@inner
def _gaps(field: Field, table: Table, pick: Pick, trail: Trail, c: int) -> None:
    """The best gaps for a commune: beside its nearest, and some anywhere."""
    dates = table.slot.shape[1]
    trail.tally[TRIES] = 0
    for k in range(trail.near.shape[1]):
        u = trail.near[c, k]
        for m in range(trail.evenings[u]):
            v, i = trail.at[u, m] // dates, trail.at[u, m] % dates
            if field.fitting[c, v]:
                _note_gap(field, table, pick, trail, c, v, beside(table, v, i, -1), i)
                _note_gap(field, table, pick, trail, c, v, i, beside(table, v, i, 1))
    for _ in range(_ANYWHERE):
        i = field.dates[field.dates_of[c] + below(pick, field.dates_of[c + 1] - field.dates_of[c])]
        v = field.vehicles[field.vehicles_of[c] + below(pick, field.vehicles_of[c + 1] - field.vehicles_of[c])]
        if table.slot[v, i] < 0:
            _note_gap(field, table, pick, trail, c, v, beside(table, v, i, -1), beside(table, v, i, 1))


@inner
def nearer(field: Field, table: Table, v: int, before: int, after: int) -> int:
    """On which side of a gap a free date is closer: 1 after it (or in it), -1 before it."""
    dates = table.slot.shape[1]
    low, high = after - 1, before + 1
    while low >= 0 or high < dates:
        if high < dates:
            if free_date(field, table, v, high):
                return 1
            high += 1
        if low >= 0:
            if free_date(field, table, v, low):
                return -1
            low -= 1
    return 1


@inner
def _into(field: Field, table: Table, pick: Pick, trail: Trail, c: int, k: int, step: int) -> float:
    trail.other[0] = c
    return squeeze(field, table, pick, trail, trail.gap[k, 0], trail.gap[k, 1], trail.gap[k, 2], 1, step)


@inner
def _put_back(field: Field, table: Table, pick: Pick, trail: Trail, c: int) -> float:
    """One more evening of a commune where it is cheapest, if anywhere; what the cost changes by."""
    if table.counted[c] >= field.wanted[c] or field.dates_of[c + 1] == field.dates_of[c]:
        return 0.0
    _gaps(field, table, pick, trail, c)
    worth, mark = saving(field, table, c), trail.tally[LOG]
    best, into, way = 0.0, -1, 1
    for k in range(trail.tally[TRIES]):
        if trail.price[k] - worth >= best or not roomy_log(table, trail):
            break
        first = nearer(field, table, trail.gap[k, 0], trail.gap[k, 1], trail.gap[k, 2])
        for step in (first, -first):
            change = _into(field, table, pick, trail, c, k, step)
            if change < best:
                best, into, way = change, k, step
                break
            undo(field, table, pick, trail, mark)
            if change < math.inf:
                break
        if into == k and (k + 1 == trail.tally[TRIES] or trail.price[k + 1] - worth >= best):
            return best
        undo(field, table, pick, trail, mark)
    if into >= 0:
        _into(field, table, pick, trail, c, into, way)
    return best


@inner
def ruin(field: Field, table: Table, pick: Pick, trail: Trail, allowance: float) -> float:
    """Take out and put back, undone where the cost rises by more than the allowance; what it changes by."""
    trail.tally[LOG] = 0
    if pick.counts[0] > 0:
        change = _take_out(field, table, pick, trail)
    else:
        change = 0.0
        trail.tally[LEFT] = 0
    _join_others(pick, trail)
    _sort(field, table, pick, trail)
    for k in range(trail.tally[LEFT]):
        change += _put_back(field, table, pick, trail, trail.left[k])
    if change > allowance:
        undo(field, table, pick, trail, 0)
        return 0.0
    return change
