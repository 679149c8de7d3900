"""A plan under change for searches that move many evenings at once, and the way back where that does not pay.

Every evening put or taken here is written down, so that a change that breaks a rule or costs too much is undone. Prices
returned leave the metres out: where a whole stretch changes, `metres` walks it once before and once after.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import compiled, inner
from .field import Field, Floats, Ints, Table
from .instance import Instance
from .moves import count, link, saving
from .picks import Pick, enlist, strike

_NEAR = 30  # nearest communes that are known
_ROUND = 40  # changes of every slot that a round may write down
LOG, LEFT, TRIES = range(3)  # what `Trail.tally` counts
MOST_TRIES = 4


class Trail(NamedTuple):
    """Where each commune's evenings are, what has changed, and room to work in. C communes, D dates."""

    near: Ints  # (C, most) the nearest communes, nearest first, both ways counted
    at: Ints  # (C, most evenings) slots as v * D + i
    evenings: Ints  # (C,) how many of them
    log: Ints  # (n, 3) slot, commune, 1 where it was put and -1 where it was taken
    stretch: Ints  # (2 D + 2,) communes in the order in which they are to be laid
    other: Ints  # (D + 1,) likewise, of another vehicle or before they join a stretch
    left: Ints  # (V * D,) communes that a round took out
    key: Floats  # (V * D,) to sort them by
    price: Floats  # (MOST_TRIES,) of the gaps that look best
    gap: Ints  # (MOST_TRIES, 3) vehicle, date before, date after
    tally: Ints  # (3,)


def trail_of(instance: Instance) -> Trail:
    """Room for the changes of a plan of this season."""
    field = instance.field
    cars, dates = len(field.nights), len(field.days)
    between = field.direct + field.direct.T
    np.fill_diagonal(between, np.inf)
    near = np.argsort(between, axis=1, kind="stable")[:, : min(_NEAR, max(0, len(between) - 1))]
    most = int(np.minimum(field.wanted, dates).max(initial=0)) + int(field.locked.sum(axis=1).max(initial=0))
    return Trail(
        near=np.ascontiguousarray(near, dtype=np.int64),
        at=np.zeros((len(between), most + 1), np.int64),
        evenings=np.zeros(len(between), np.int64),
        log=np.zeros((_ROUND * (cars * dates + 100), 3), np.int64),
        stretch=np.zeros(2 * dates + 2, np.int64),
        other=np.zeros(dates + 1, np.int64),
        left=np.zeros(cars * dates + 100, np.int64),
        key=np.zeros(cars * dates + 100),
        price=np.zeros(MOST_TRIES),
        gap=np.zeros((MOST_TRIES, 3), np.int64),
        tally=np.zeros(3, np.int64),
    )


@compiled
def survey(table: Table, trail: Trail) -> None:
    """Learn where everybody's evenings are."""
    trail.evenings[:] = 0
    dates = table.slot.shape[1]
    for v in range(table.slot.shape[0]):
        for i in range(dates):
            c = table.slot[v, i]
            if c >= 0:
                trail.at[c, trail.evenings[c]] = v * dates + i
                trail.evenings[c] += 1


@inner
def _seat(field: Field, table: Table, pick: Pick, trail: Trail, c: int, v: int, i: int) -> float:
    change = field.preference[c, i] - saving(field, table, c)
    key = v * table.slot.shape[1] + i
    table.slot[v, i] = c
    count(field, table, c, v, i, 1)
    enlist(field, table, pick, c, key)
    trail.at[c, trail.evenings[c]] = key
    trail.evenings[c] += 1
    return float(change)


@inner
def _unseat(field: Field, table: Table, pick: Pick, trail: Trail, v: int, i: int) -> float:
    c, key = table.slot[v, i], v * table.slot.shape[1] + i
    table.slot[v, i] = -1
    count(field, table, c, v, i, -1)
    strike(field, table, pick, c, key)
    k = 0
    while trail.at[c, k] != key:
        k += 1
    trail.evenings[c] -= 1
    trail.at[c, k] = trail.at[c, trail.evenings[c]]
    return float(saving(field, table, c) - field.preference[c, i])


@inner
def _write(trail: Trail, key: int, c: int, step: int) -> None:
    n = trail.tally[LOG]
    trail.log[n, 0], trail.log[n, 1], trail.log[n, 2] = key, c, step
    trail.tally[LOG] += 1


@inner
def seat(field: Field, table: Table, pick: Pick, trail: Trail, c: int, v: int, i: int) -> float:
    """Put an evening into a slot that it fits; what the cost changes by, without the metres."""
    _write(trail, v * table.slot.shape[1] + i, c, 1)
    return _seat(field, table, pick, trail, c, v, i)


@inner
def unseat(field: Field, table: Table, pick: Pick, trail: Trail, v: int, i: int) -> float:
    """Take an evening that is not locked; what the cost changes by, without the metres."""
    _write(trail, v * table.slot.shape[1] + i, table.slot[v, i], -1)
    return _unseat(field, table, pick, trail, v, i)


@inner
def undo(field: Field, table: Table, pick: Pick, trail: Trail, mark: int) -> None:
    """Back to when so many changes were written down."""
    dates = table.slot.shape[1]
    while trail.tally[LOG] > mark:
        trail.tally[LOG] -= 1
        n = trail.tally[LOG]
        key = trail.log[n, 0]
        if trail.log[n, 2] > 0:
            _unseat(field, table, pick, trail, key // dates, key % dates)
        else:
            _seat(field, table, pick, trail, trail.log[n, 1], key // dates, key % dates)


@inner
def roomy_log(table: Table, trail: Trail) -> bool:
    """Whether two more stretches of whole vehicles can be written down."""
    return bool(trail.tally[LOG] + 8 * table.slot.shape[1] < trail.log.shape[0])


@inner
def beside(table: Table, v: int, i: int, step: int) -> int:
    """The date of the vehicle's last evening before date i (step -1) or the next one after it (1); -1: none."""
    row = table.slot[v]
    j = i + step
    while 0 <= j < row.shape[0]:
        if row[j] >= 0:
            return j
        j += step
    return -1


@inner
def metres(field: Field, table: Table, v: int, first: int, last: int) -> float:
    """Metres from the vehicle's last stop before date `first` to its next one after date `last`."""
    row = table.slot[v]
    here = beside(table, v, first, -1)
    total = 0.0
    for j in range(first, row.shape[0]):
        if row[j] < 0:
            continue
        total += field.out[v, row[j]] if here < 0 else link(field, v, row[here], here, row[j], j)
        here = j
        if j > last:
            return total
    return total + (field.back[v, row[here]] if here >= 0 else 0.0)
