"""Tournées: what one vehicle does between two stays at its depot.

Where a vehicle's dates leave a gap of more than `nights_out` days it sleeps at home whatever the plan, so the dates
between two such gaps form a block, and a block's metres depend on nothing outside it. A tournée is an ordered choice
of slots of one block.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .instance import Instance, Slot
from .pricing import MOST_DATES, Layout

Tournee = tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A block of one vehicle: its candidate slots by date, and the most evenings its week allows."""

    vehicle: int
    by_day: tuple[tuple[Slot, ...], ...]
    most: int


def blocks_of(instance: Instance, slots: Iterable[Slot]) -> list[Block] | None:
    """The blocks of the season, or None where one has more than MOST_DATES dates."""
    chosen = set(slots)
    dates: dict[int, set[int]] = defaultdict(set)
    for _, v, i in chosen:
        dates[v].add(i)
    blocks = [(v, block) for v in sorted(dates) for block in stretches(instance, v, sorted(dates[v]))]
    if any(len(block) > MOST_DATES for _, block in blocks):
        return None
    on: dict[tuple[int, int], list[Slot]] = defaultdict(list)
    for slot in sorted(chosen):
        on[slot[1], slot[2]].append(slot)
    result = []
    for v, block in blocks:
        found = tuple(tuple(on[v, i]) for i in block)
        result.append(Block(v, found, _most(instance, v, block, found)))
    return result


def in_blocks(instance: Instance) -> bool:
    """Whether every vehicle's dates fall into blocks of at most MOST_DATES dates."""
    dates = [set(np.flatnonzero(row).tolist()) for row in instance.runs]
    for _, v, i in instance.fixed_slots():
        dates[v].add(i)
    return all(
        len(block) <= MOST_DATES for v, found in enumerate(dates) for block in stretches(instance, v, sorted(found))
    )


def stretches(instance: Instance, v: int, dates: list[int]) -> list[list[int]]:
    """The vehicle's dates, cut where it is certain to sleep at home between two of them."""
    days, nights = instance.days, instance.season.vehicles[v].nights_out
    cuts = [k for k in range(1, len(dates)) if days[dates[k]] - days[dates[k - 1]] > nights]
    return [dates[first:last] for first, last in itertools.pairwise([0, *cuts, len(dates)])]


def _most(instance: Instance, v: int, block: list[int], found: tuple[tuple[Slot, ...], ...]) -> int:
    most = instance.season.vehicles[v].max_evenings_per_week
    one_week = len({instance.weeks[i] for i in block}) == 1
    waived = any("weekly_rest" in instance.waived(c, i) for slots in found for c, _, i in slots)
    return len(block) if most is None or not one_week or waived else min(most, len(block))


def layout_of(instance: Instance, blocks: list[Block], index: dict[Slot, int]) -> Layout:
    """The blocks as arrays; `index` numbers the slots."""
    steps = [slots for block in blocks for slots in block.by_day]
    nodes = [slot for slots in steps for slot in slots]
    near = np.zeros((len(instance.near), len(instance.near)), np.bool_)
    for c, others in enumerate(instance.near):
        near[c, others] = True

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
        near=near,
    )
