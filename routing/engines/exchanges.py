"""Stretches of dates turned round, moved and exchanged, compiled: 2-opt, Or-opt and 2-opt* on dated evenings.

Each begins with an evening and one of the nearest communes, which the change would make neighbours. What the legs
come to is asked first, and only a promising change is tried on the dates, where every rule has its say.
"""

from __future__ import annotations

import math

from .compiled import inner
from .field import Field, Table
from .picks import Pick, below, draw
from .recreate import nearer
from .stretches import collect, lay, squeeze, take_stretch
from .trail import LOG, Trail, beside, metres, undo

_CLOSE = 10  # nearest communes that are drawn from
_LONGEST_MOVED = 8
_LONGEST_EXCHANGED = 14
_TAILS = 0.3  # of the exchanges are of all that follows
_TURNED, _MOVED = 0.35, 0.7  # cumulative shares
_EVEN = 0.5


@inner
def _who(table: Table, v: int, i: int) -> int:
    """The commune of the slot; -1, which stands for the depot, where `i` is -1."""
    return int(table.slot[v, i]) if i >= 0 else -1


@inner
def _leg(field: Field, v: int, a: int, b: int) -> float:
    """Metres of the vehicle from a to b if it drives there directly; -1 is its depot."""
    if a >= 0 and b >= 0:
        return float(field.direct[a, b])
    if a >= 0:
        return float(field.back[v, a])
    return float(field.out[v, b]) if b >= 0 else 0.0


@inner
def _legs(field: Field, v: int, a: int, first: int, last: int, b: int) -> float:
    """Metres of the two legs that join a stretch to what comes before and after it; of one where it is empty (-1)."""
    return _leg(field, v, a, first) + _leg(field, v, last, b) if first >= 0 else _leg(field, v, a, b)


@inner
def _turn_round(
    field: Field, table: Table, pick: Pick, trail: Trail, v: int, first: int, last: int, allowance: float
) -> float:
    """2-opt: the vehicle's evenings from date `first` to date `last` in reverse."""
    a, b = _who(table, v, beside(table, v, first, -1)), _who(table, v, beside(table, v, last, 1))
    c, d = table.slot[v, first], table.slot[v, last]
    if _legs(field, v, a, d, c, b) - _legs(field, v, a, c, d, b) > allowance:
        return 0.0
    size = collect(field, table, trail, v, first, last, 0)
    for k in range(size // 2):
        here = trail.stretch[k]
        trail.stretch[k] = trail.stretch[size - 1 - k]
        trail.stretch[size - 1 - k] = here
    change = -metres(field, table, v, first, last)
    change += take_stretch(field, table, pick, trail, v, first, last)
    change += lay(field, table, pick, trail, v, first, last, size, 1)
    if change < math.inf:
        change += metres(field, table, v, first, last)
        if change <= allowance:
            return change
    undo(field, table, pick, trail, 0)
    return 0.0


@inner
def _end_of(field: Field, table: Table, v: int, i: int, size: int, step: int) -> int:
    """The date of the last of at most `size` evenings from date i on, none of them locked but perhaps the first."""
    for _ in range(size - 1):
        then = beside(table, v, i, step)
        if then < 0 or field.locked[table.slot[v, then], then]:
            break
        i = then
    return i


@inner
def _move_stretch(
    field: Field, table: Table, pick: Pick, trail: Trail, v: int, i: int, w: int, j: int, allowance: float
) -> float:
    """Or-opt: a few evenings of v that begin or end on date i go beside (w, j), that of i next to it."""
    end = _end_of(field, table, v, i, 1 + below(pick, _LONGEST_MOVED), 1 if draw(pick) < _EVEN else -1)
    low, high = min(i, end), max(i, end)
    behind = draw(pick) < _EVEN
    before = j if behind else beside(table, w, j, -1)
    after = beside(table, w, j, 1) if behind else j
    if v == w and (low <= before <= high or low <= after <= high):
        return 0.0
    a, b = _who(table, v, beside(table, v, low, -1)), _who(table, v, beside(table, v, high, 1))
    c, d = table.slot[v, i], table.slot[v, end]
    e, f = _who(table, w, before), _who(table, w, after)
    promise = _leg(field, v, a, b) - _legs(field, v, a, table.slot[v, low], table.slot[v, high], b)
    promise += (_legs(field, w, e, c, d, f) if behind else _legs(field, w, e, d, c, f)) - _leg(field, w, e, f)
    if promise > allowance:
        return 0.0
    size = collect(field, table, trail, v, low, high, 0)
    for k in range(size):
        c = trail.stretch[k if behind == (i == low) else size - 1 - k]
        if not field.fitting[c, w]:
            return 0.0
        trail.other[k] = c
    change = -metres(field, table, v, low, high)
    change += take_stretch(field, table, pick, trail, v, low, high)
    change += metres(field, table, v, low, high)
    if after < 0:
        after = table.slot.shape[1]
    way, mark = nearer(field, table, w, before, after), trail.tally[LOG]
    for step in (way, -way):
        added = squeeze(field, table, pick, trail, w, before, after, size, step)
        if change + added <= allowance:
            return change + added
        undo(field, table, pick, trail, mark)
        if added < math.inf:
            break
    undo(field, table, pick, trail, 0)
    return 0.0


@inner
def _exchange(
    field: Field, table: Table, pick: Pick, trail: Trail, v: int, i: int, w: int, j: int, allowance: float
) -> float:
    """2-opt*: what v does after date i changes places with what w does from date j on, for some dates or for good."""
    last = table.slot.shape[1] - 1
    one, two, end, until = i + 1, j, last, last
    if draw(pick) >= _TAILS:
        days = below(pick, _LONGEST_EXCHANGED)
        end, until = min(last, one + days), min(last, two + days)
    here, there = beside(table, v, i, 1), beside(table, w, until + 1, -1)
    a, first, final = table.slot[v, i], -1, -1
    if 0 <= here <= end:
        first, final = table.slot[v, here], table.slot[v, beside(table, v, end + 1, -1)]
    b, c, d = _who(table, w, beside(table, w, j, -1)), table.slot[w, j], table.slot[w, there]
    e, f = _who(table, v, beside(table, v, max(i, end), 1)), _who(table, w, beside(table, w, until, 1))
    promise = _legs(field, v, a, c, d, e) - _legs(field, v, a, first, final, e)
    promise += _legs(field, w, b, first, final, f) - _legs(field, w, b, c, d, f)
    if promise > allowance:
        return 0.0
    change = -metres(field, table, v, one, end) - metres(field, table, w, two, until)
    size = collect(field, table, trail, v, one, end, 0)
    for k in range(size):
        trail.other[k] = trail.stretch[k]
    change += take_stretch(field, table, pick, trail, v, one, end)
    many = collect(field, table, trail, w, two, until, 0)
    change += take_stretch(field, table, pick, trail, w, two, until)
    change += lay(field, table, pick, trail, v, one, end, many, 1)
    if change < math.inf:
        for k in range(size):
            trail.stretch[k] = trail.other[k]
        change += lay(field, table, pick, trail, w, two, until, size, 1)
        if change < math.inf:
            change += metres(field, table, v, one, end) + metres(field, table, w, two, until)
            if change <= allowance:
                return change
    undo(field, table, pick, trail, 0)
    return 0.0


@inner
def rearrange(field: Field, table: Table, pick: Pick, trail: Trail, allowance: float) -> float:
    """One of these changes at random, if it costs at most the allowance; what the cost changes by."""
    trail.tally[LOG] = 0
    if pick.counts[0] == 0 or trail.near.shape[1] == 0:
        return 0.0
    dates = table.slot.shape[1]
    key = pick.placed[below(pick, pick.counts[0])]
    v, i = key // dates, key % dates
    other = trail.near[table.slot[v, i], below(pick, min(_CLOSE, trail.near.shape[1]))]
    if trail.evenings[other] == 0:
        return 0.0
    key = trail.at[other, below(pick, trail.evenings[other])]
    w, j = key // dates, key % dates
    which = draw(pick)
    if which < _TURNED and v == w:
        low, high = min(i, j), max(i, j)
        if draw(pick) < _EVEN:
            return _turn_round(field, table, pick, trail, v, beside(table, v, low, 1), high, allowance)
        return _turn_round(field, table, pick, trail, v, low, beside(table, v, high, -1), allowance)
    if which < _MOVED or v == w:
        return _move_stretch(field, table, pick, trail, v, i, w, j, allowance)
    return _exchange(field, table, pick, trail, v, i, w, j, allowance)
