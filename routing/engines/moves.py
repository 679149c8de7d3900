"""What a slot costs, whether it fits, taking and freeing it: the compiled heart of every search over slots.

Every hard rule but `leg` only ever forbids evenings, so a part of a valid plan is valid. A leg that is too long
costs a prohibitive price instead (it is in the field's `out` and `back`): another evening may shorten it later.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled, inner
from .field import DAYS_IN_ROW, QUOTA, SEPARATION, SPACING, WANTED, WEEKLY_REST, Field, Ints, Table


@inner
def link(field: Field, v: int, a: int, i: int, b: int, j: int) -> float:
    """Metres from the evening of a on date i to the next one, of b on date j."""
    if field.days[j] - field.days[i] <= field.nights[v]:
        metres = field.direct[a, b]
        if metres <= field.longest[v]:
            return metres
    return field.back[v, a] + field.out[v, b]


@inner
def _next(field: Field, row: Ints, v: int, i: int, step: int) -> int:
    """The nearest date before (step -1) or after (1) with an evening that the vehicle drives to directly, or -1."""
    j = i + step
    while 0 <= j < row.shape[0] and abs(field.days[j] - field.days[i]) <= field.nights[v]:
        if row[j] >= 0:
            return j
        j += step
    return -1


@inner
def detour(field: Field, table: Table, c: int, v: int, i: int) -> float:
    """Metres that the vehicle drives more with c in the slot than with the slot empty."""
    row = table.slot[v]
    before, after = _next(field, row, v, i, -1), _next(field, row, v, i, 1)
    metres = 0.0
    if before >= 0:
        metres += link(field, v, row[before], before, c, i) - field.back[v, row[before]]
    else:
        metres += field.out[v, c]
    if after >= 0:
        metres += link(field, v, c, i, row[after], after) - field.out[v, row[after]]
    else:
        metres += field.back[v, c]
    if before >= 0 and after >= 0:
        a, b = row[before], row[after]
        metres += field.back[v, a] + field.out[v, b] - link(field, v, a, before, b, after)
    return metres


@inner
def rested(field: Field, table: Table, v: int, i: int) -> bool:
    """Whether one more evening on date i leaves the vehicle's crew its rest."""
    if table.in_week[v, field.week[i]] >= field.week_limit[v]:
        return False
    most, length = field.row_limit[v], 1
    j = i
    while j > 0 and table.in_row[v, j - 1] and field.days[j - 1] == field.days[j] - 1 and length <= most:
        j -= 1
        length += 1
    j = i
    last = field.days.shape[0] - 1
    while j < last and table.in_row[v, j + 1] and field.days[j + 1] == field.days[j] + 1 and length <= most:
        j += 1
        length += 1
    return length <= most


@inner
def roomy(field: Field, table: Table, c: int, i: int) -> bool:
    """Whether the quotas of the commune leave room on date i."""
    for k in range(field.quotas_of[c], field.quotas_of[c + 1]):
        q = field.quotas[k]
        if table.room[q] <= 0 and field.covers[q, i]:
            return False
    return True


@inner
def open_to(field: Field, c: int, v: int, i: int) -> bool:
    """Whether rules 2 and 3 leave the slot to the commune, and it has no locked evening on that date anyway."""
    return bool(field.answers[c, i] and field.fitting[c, v] and field.runs[v, i] and not field.locked[c, i])


@inner
def fits(field: Field, table: Table, c: int, v: int, i: int) -> bool:
    """Whether c may take the slot, open to it, without breaking a rule other than `leg`."""
    if table.slot[v, i] >= 0 or table.block[c, i] > 0 or table.counted[c] >= field.wanted[c]:
        return False
    return rested(field, table, v, i) and roomy(field, table, c, i)


@compiled
def free(field: Field, table: Table, c: int, v: int, i: int) -> bool:
    """`fits`, for who is not compiled."""
    return bool(fits(field, table, c, v, i))


@compiled
def shut(field: Field, table: Table, slots: Ints, result: NDArray[np.bool_]) -> None:
    """Into `result`, which of the slots, shape (N, 3), the plan leaves no room for; locked evenings always have it."""
    for s in range(slots.shape[0]):
        c, v, i = slots[s, 0], slots[s, 1], slots[s, 2]
        result[s] = not field.locked[c, i] and not fits(field, table, c, v, i)


@inner
def saving(field: Field, table: Table, c: int) -> float:
    """What one more evening of the commune saves."""
    if table.served[c] >= field.wanted[c]:
        return 0.0
    return field.further[c] if table.served[c] > 0 else field.first[c]


@inner
def count(field: Field, table: Table, c: int, v: int, i: int, step: int) -> None:
    """What an evening that comes (step 1) or leaves (-1) does to the others' room under the rules."""
    waived, day, dates = field.waived[c, i], field.days[i], field.days.shape[0]
    table.served[c] += step
    if not waived & WANTED:
        table.counted[c] += step
    table.block[c, i] += step  # `one_per_commune` is never waived
    if not waived & SPACING:
        j = i - 1
        while j >= 0 and day - field.days[j] < field.spacing[c]:
            table.block[c, j] += step
            j -= 1
        j = i + 1
        while j < dates and field.days[j] - day < field.spacing[c]:
            table.block[c, j] += step
            j += 1
    if not waived & SEPARATION and field.apart > 0 and field.near_of[c + 1] > field.near_of[c]:
        first, last = i, i
        while first > 0 and day - field.days[first - 1] < field.apart:
            first -= 1
        while last + 1 < dates and field.days[last + 1] - day < field.apart:
            last += 1
        for k in range(field.near_of[c], field.near_of[c + 1]):
            other = field.near[k]
            for j in range(first, last + 1):
                table.block[other, j] += step
    if not waived & WEEKLY_REST:
        table.in_week[v, field.week[i]] += step
    if not waived & DAYS_IN_ROW:
        table.in_row[v, i] = step > 0
    if not waived & QUOTA:
        for k in range(field.quotas_of[c], field.quotas_of[c + 1]):
            q = field.quotas[k]
            if field.covers[q, i]:
                table.room[q] -= step


@inner
def settle(field: Field, table: Table, c: int, v: int, i: int) -> float:
    """Take the free slot; what the cost changes by."""
    change = detour(field, table, c, v, i) + field.preference[c, i] - saving(field, table, c)
    table.slot[v, i] = c
    count(field, table, c, v, i, 1)
    return change


@compiled
def place(field: Field, table: Table, c: int, v: int, i: int) -> float:
    """`settle`, for who is not compiled."""
    return float(settle(field, table, c, v, i))


@inner
def lift(field: Field, table: Table, v: int, i: int) -> float:
    """Free the slot; what the cost changes by."""
    c = table.slot[v, i]
    table.slot[v, i] = -1
    count(field, table, c, v, i, -1)
    return saving(field, table, c) - detour(field, table, c, v, i) - field.preference[c, i]


@compiled
def fill(field: Field, table: Table, slots: Ints) -> float:
    """Place all these slots, shape (n, 3): commune, vehicle, date; what the cost changes by."""
    change = 0.0
    for k in range(slots.shape[0]):
        change += settle(field, table, slots[k, 0], slots[k, 1], slots[k, 2])
    return change
