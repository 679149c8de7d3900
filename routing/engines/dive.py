"""Diving: tournées that the linear program likes are fixed, new ones generated for the rest, until all are whole."""

from __future__ import annotations

import math

import numpy as np

from .field import empty_table
from .generate import Generator
from .instance import Slot
from .moves import fill, free, place, shut
from .watch import Watch

_SURE = 0.95
_ROUNDS = 2  # of generation between two steps
_FRACTION = 1e-4


def dive(generator: Generator, watch: Watch, *, until: float, share: float) -> list[Slot] | None:
    """A plan, `share` of the open blocks fixed in each step; None where no way is left to keep the locked evenings."""
    instance, master = generator.instance, generator.master
    rows, field = generator.rows, instance.field
    table = empty_table(instance)
    fixed: dict[int, int] = {}
    barred: set[int] = set()
    slots_of = np.array(rows.slots, dtype=np.int64).reshape(-1, 3)
    closed = np.zeros(len(slots_of), np.bool_)
    blocks = len(generator.blocks)
    plan: list[Slot] = []
    locked = set(instance.fixed_slots())
    while len(fixed) < blocks and not watch.over() and watch.seconds < until:
        if not generator.refresh(_ROUNDS, without=fixed, shut=closed):
            break
        chosen = generator.chosen
        order = np.argsort(-chosen, kind="stable")
        target, count = max(1, int(share * (blocks - len(fixed)))), 0
        for j in order:
            column, b = master.columns[int(j)], master.block_of[int(j)]
            if chosen[j] < _FRACTION or (count >= target and chosen[j] < _SURE):
                break
            if b in fixed:
                continue
            slots = [rows.slots[s] for s in column]
            placed = 0
            for c, v, i in slots:
                if (c, v, i) not in locked and not free(field, table, c, v, i):
                    break
                place(field, table, c, v, i)
                placed += 1
            if placed < len(slots):
                table = empty_table(instance)
                fill(field, table, np.array(plan, dtype=np.int64).reshape(-1, 3))
                continue
            plan += slots
            fixed[b] = int(j)
            master.limit(int(j), 1.0, 1.0)
            barred.add(int(j))
            count += 1
        if count == 0:
            break
        before = closed.copy()
        shut(field, table, slots_of, closed)
        barred |= master.close((int(s) for s in np.flatnonzero(closed & ~before)), but=set(fixed.values()))
    for j in barred:
        master.limit(j, 0.0, math.inf)
    present = {(c, i) for c, _, i in plan}
    return plan if all(key in present for key in instance.fixed) else None
