"""What the annealing draws from: the evenings that may move and the communes that still miss one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled, inner
from .dice import Dice, roll
from .field import Field, Ints, Table
from .moves import lift, settle


class Pick(NamedTuple):
    """Lists to draw from, kept up to date; `where` gives an item's place in its list, or -1."""

    placed: Ints  # (V * D,) slots as v * D + i, locked evenings left out
    placed_at: Ints
    short: Ints  # (C,) communes that still miss an evening and have some slot
    short_at: Ints
    counts: Ints  # (2,) how many of each
    dice: Dice
    near: NDArray[np.bool_]  # (C, C)


@inner
def draw(pick: Pick) -> float:
    """From 0 to 1."""
    return roll(pick.dice)


@inner
def below(pick: Pick, n: int) -> int:
    """From 0 to n - 1."""
    return int(draw(pick) * n)


@inner
def _list(field: Field, table: Table, pick: Pick, c: int) -> None:
    """Put the commune on the list of the short ones, or take it off."""
    short = table.counted[c] < field.wanted[c] and field.dates_of[c + 1] > field.dates_of[c]
    at = pick.short_at[c]
    if short and at < 0:
        pick.short[pick.counts[1]] = c
        pick.short_at[c] = pick.counts[1]
        pick.counts[1] += 1
    elif not short and at >= 0:
        pick.counts[1] -= 1
        last = pick.short[pick.counts[1]]
        pick.short[at] = last
        pick.short_at[last] = at
        pick.short_at[c] = -1


@inner
def enlist(field: Field, table: Table, pick: Pick, c: int, key: int) -> None:
    """Keep the lists true after an evening that may move again took the slot v * D + i."""
    pick.placed[pick.counts[0]] = key
    pick.placed_at[key] = pick.counts[0]
    pick.counts[0] += 1
    _list(field, table, pick, c)


@inner
def strike(field: Field, table: Table, pick: Pick, c: int, key: int) -> None:
    """Keep the lists true after such an evening left the slot."""
    at = pick.placed_at[key]
    pick.counts[0] -= 1
    last = pick.placed[pick.counts[0]]
    pick.placed[at] = last
    pick.placed_at[last] = at
    pick.placed_at[key] = -1
    _list(field, table, pick, c)


@inner
def put(field: Field, table: Table, pick: Pick, c: int, v: int, i: int) -> float:
    """Place an evening that may move again; what the cost changes by."""
    change = settle(field, table, c, v, i)
    enlist(field, table, pick, c, v * table.slot.shape[1] + i)
    return change


@inner
def take(field: Field, table: Table, pick: Pick, v: int, i: int) -> float:
    """Lift an evening; what the cost changes by."""
    c = table.slot[v, i]
    change = lift(field, table, v, i)
    strike(field, table, pick, c, v * table.slot.shape[1] + i)
    return change


@compiled
def prepare(field: Field, table: Table, pick: Pick) -> None:
    """Fill the lists from the table."""
    pick.counts[:] = 0
    pick.placed_at[:] = -1
    pick.short_at[:] = -1
    dates = table.slot.shape[1]
    for v in range(table.slot.shape[0]):
        for i in range(dates):
            c = table.slot[v, i]
            if c >= 0 and not field.locked[c, i]:
                pick.placed[pick.counts[0]] = v * dates + i
                pick.placed_at[v * dates + i] = pick.counts[0]
                pick.counts[0] += 1
    for c in range(field.wanted.shape[0]):
        _list(field, table, pick, c)
