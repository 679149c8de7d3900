"""Tournées: what one vehicle does between two stays at its depot.

Where a vehicle's dates leave a gap of more than `nights_out` days it sleeps at home whatever the plan, so the dates
between two such gaps form a block, and a block's metres depend on nothing outside it. A tournée is an ordered choice
of slots of one block.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .instance import Instance, Slot
from .pricing import MOST_DATES, Layout

Tournee = tuple[Slot, ...]
#: In a block; up to 10^9 in a region's weekends of four dates. Beyond, one round of prices may take minutes.
_MOST_TOURNEES = 10**15


@dataclass(frozen=True, slots=True)
class Block:
    """A block of one vehicle: its candidate slots by date, and the most evenings its week allows."""

    vehicle: int
    by_day: tuple[tuple[Slot, ...], ...]
    most: int


def blocks_of(instance: Instance, slots: Iterable[Slot]) -> list[Block] | None:
    """The blocks of the season, or None where one has more than MOST_DATES dates, or too many tournées to search."""
    chosen = set(slots)
    dates: dict[int, set[int]] = defaultdict(set)
    for _, v, i in chosen:
        dates[v].add(i)
    blocks = [(v, block) for v in sorted(dates) for block in instance.stretches(v, sorted(dates[v]))]
    if any(len(block) > MOST_DATES for _, block in blocks):
        return None
    on: dict[tuple[int, int], list[Slot]] = defaultdict(list)
    for slot in sorted(chosen):
        on[slot[1], slot[2]].append(slot)
    result = []
    for v, block in blocks:
        found = tuple(tuple(on[v, i]) for i in block)
        if math.prod(map(len, found)) > _MOST_TOURNEES:
            return None
        waived = any("weekly_rest" in instance.waived(c, i) for slots in found for c, _, i in slots)
        result.append(Block(v, found, len(block) if waived else instance.most_on(v, block)))
    return result


def in_blocks(instance: Instance) -> bool:
    """Whether every vehicle's dates fall into blocks of at most MOST_DATES dates."""
    return all(
        len(block) <= MOST_DATES for v, dates in enumerate(instance.dates_of) for block in instance.stretches(v, dates)
    )


def layout_of(instance: Instance, blocks: list[Block], index: dict[Slot, int]) -> Layout:
    """The blocks as arrays; `index` numbers the slots."""
    steps = [slots for block in blocks for slots in block.by_day]
    nodes = [slot for slots in steps for slot in slots]

    def ints(values: Iterable[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array(list(values), dtype=np.int64)

    return Layout(
        block=np.cumsum(ints([0, *(len(block.by_day) for block in blocks)])),
        step=np.cumsum(ints([0, *(len(slots) for slots in steps)])),
        date=ints(slots[0][2] for slots in steps),
        vehicle=ints(block.vehicle for block in blocks),
        most=ints(block.most for block in blocks),
        slot=ints(index[slot] for slot in nodes),
        commune=ints(c for c, _, _ in nodes),
        near=instance.apart,
    )
