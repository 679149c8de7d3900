"""What comes from elsewhere into a plan that may have changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .field import empty_table
from .instance import Instance, Slot
from .moves import fill, free, place


def fitting(instance: Instance, plan: list[Slot], slots: Iterable[Slot]) -> list[Slot]:
    """Those of the slots, each after the others, that the plan leaves room for; locked evenings always have it."""
    locked, table, result = set(instance.fixed_slots()), empty_table(instance), []
    fill(instance.field, table, np.array(plan, dtype=np.int64).reshape(-1, 3))
    for slot in slots:
        if slot in locked or free(instance.field, table, *slot):
            place(instance.field, table, *slot)
            result.append(slot)
    return result
