"""Stretches of dates: stops laid on them in order, and stops squeezed in between two others, compiled.

Those already there make way by a date or more towards the nearest dates that are left free. A stop that does not fit
its turn lets one or two others pass, so that a date it cannot take does not end the attempt; locked evenings stay.
"""

from __future__ import annotations

import math

import numpy as np

from .compiled import compiled, inner
from .field import Field, Ints, Table
from .moves import fits, open_to, rested, settle
from .picks import Pick
from .trail import Trail, metres, seat, unseat

_PASSING = 3  # stops looked at for one date: the one whose turn it is, and who may pass it
_PATIENCE = 10  # dates that a stop lets pass before it is left out


@inner
def _close_up(stretch: Ints, at: int, end: int) -> None:
    """Move the stops between the one that left and the end of the stretch by one, so that its place is at that end."""
    step = 1 if end > at else -1
    for k in range(at, end, step):
        stretch[k] = stretch[k + step]


@inner
def _passing(field: Field, v: int, spare: int) -> int:
    """How many may be looked at: a vehicle that sleeps where it is waits a date rather than change the order."""
    return 1 if spare > 0 and field.nights[v] > 1 else _PASSING


@inner
def lay(
    field: Field, table: Table, pick: Pick, trail: Trail, v: int, first: int, last: int, size: int, step: int
) -> float:
    """Put the first `size` stops of `trail.stretch` on the vehicle's free dates from `first` to `last`, in order.

    As early as can be (step 1) or as late (-1). What the cost changes by without the metres; infinite where they do
    not all fit, and some are then put already.
    """
    stretch, spare = trail.stretch, -size
    for j in range(first, last + 1):
        if table.slot[v, j] < 0 and field.runs[v, j]:
            spare += 1
    total, low, high = 0.0, 0, size
    j = first if step > 0 else last
    while low < high:
        if spare < 0:
            return math.inf
        if table.slot[v, j] < 0 and field.runs[v, j]:
            passed = 0
            most = min(_passing(field, v, spare), high - low)
            while passed < most:
                c = stretch[low + passed] if step > 0 else stretch[high - 1 - passed]
                if open_to(field, c, v, j) and fits(field, table, c, v, j):
                    break
                passed += 1
            if passed == most or (spare > 0 and _waits(field, table, c, v, j, step, first, last)):
                spare -= 1
            else:
                total += seat(field, table, pick, trail, c, v, j)
                _close_up(stretch, low + passed if step > 0 else high - 1 - passed, low if step > 0 else high - 1)
                low, high = low + (step > 0), high - (step < 0)
        j += step
    return total


@inner
def _waits(field: Field, table: Table, c: int, v: int, j: int, step: int, first: int, last: int) -> bool:
    """Whether c had better take the date after this one."""
    then = j + step
    return (
        first <= then <= last
        and field.preference[c, then] < field.preference[c, j]
        and table.slot[v, then] < 0
        and open_to(field, c, v, then)
    )


@inner
def take_stretch(field: Field, table: Table, pick: Pick, trail: Trail, v: int, first: int, last: int) -> float:
    """Take the vehicle's evenings on these dates but for locked ones; what the cost changes by without the metres."""
    total = 0.0
    for j in range(first, last + 1):
        c = table.slot[v, j]
        if c >= 0 and not field.locked[c, j]:
            total += unseat(field, table, pick, trail, v, j)
    return total


@inner
def collect(field: Field, table: Table, trail: Trail, v: int, first: int, last: int, size: int) -> int:
    """Note who would be taken behind the first `size` stops of `trail.stretch`; how many there are then."""
    for j in range(first, last + 1):
        c = table.slot[v, j]
        if c >= 0 and not field.locked[c, j]:
            trail.stretch[size] = c
            size += 1
    return size


@inner
def free_date(field: Field, table: Table, v: int, j: int) -> bool:
    """Whether the vehicle is free on that date and its crew need not rest."""
    return bool(table.slot[v, j] < 0 and field.runs[v, j] and rested(field, table, v, j))


@inner
def _reach(field: Field, table: Table, v: int, start: int, size: int, step: int) -> int:
    """From `start` on, the date by which `size` dates are free whose weeks have room for them; -1: there are none."""
    j, week, found = start, -1, 0
    while 0 <= j < table.slot.shape[1]:
        if free_date(field, table, v, j):
            if field.week[j] != week:
                week, found = field.week[j], 0
            if table.in_week[v, week] + found < field.week_limit[v]:
                found += 1
                size -= 1
                if size == 0:
                    return j
        j += step
    return -1


@inner
def squeeze(
    field: Field, table: Table, pick: Pick, trail: Trail, v: int, before: int, after: int, size: int, step: int
) -> float:
    """Put the first `size` stops of `trail.other` between the vehicle's evenings on dates `before` and `after`.

    `before` is -1 where there is none, `after` the number of dates. Who follows (step 1) or precedes them (-1) makes
    way. What the cost changes by; infinite where they do not fit, and some evenings may then have changed already.
    """
    start = before + 1 if step > 0 else after - 1
    end = _reach(field, table, v, start, size, step)
    if end < 0:
        return math.inf
    first, last = min(start, end), max(start, end)
    many = 0
    if step > 0:
        for k in range(size):
            trail.stretch[k] = trail.other[k]
        many = collect(field, table, trail, v, first, last, size)
    else:
        many = collect(field, table, trail, v, first, last, 0)
        for k in range(size):
            trail.stretch[many + k] = trail.other[k]
        many += size
    total = -metres(field, table, v, first, last)
    total += take_stretch(field, table, pick, trail, v, first, last)
    total += lay(field, table, pick, trail, v, first, last, many, step)
    return total + metres(field, table, v, first, last) if total < math.inf else math.inf


@compiled
def unroll(field: Field, table: Table, v: int, dates: Ints, stops: Ints, spare: int) -> None:
    """Date a tournée: its stops in order, each on the first of the dates that it fits, or not at all.

    A stop that does not fit its turn waits while dates are to spare, then lets others pass, for a while.
    """
    turn = np.zeros(stops.shape[0], np.int64)  # how often each has let another pass; -1: it has its date
    low = 0
    for j in dates:
        if not free_date(field, table, v, j):
            continue
        seen, most = 0, _passing(field, v, spare)
        for k in range(low, stops.shape[0]):
            if turn[k] < 0 or turn[k] > _PATIENCE:
                continue
            c = stops[k]
            if open_to(field, c, v, j) and fits(field, table, c, v, j):
                settle(field, table, c, v, j)
                turn[k] = -1
                break
            turn[k] += 1
            seen += 1
            if seen == most:
                spare -= 1
                break
        while low < stops.shape[0] and (turn[low] < 0 or turn[low] > _PATIENCE):
            low += 1
