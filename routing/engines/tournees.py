"""Tournées: what one vehicle does between two stays at its depot, and the cheapest ones for given values.

Where the vehicle's dates leave a gap of more than `nights_out` days it sleeps at home whatever the plan, so
the dates between two such gaps form a block, and a block's metres depend on nothing outside it. A tournée is
an ordered choice of slots of one block.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .instance import Instance, Slot

Tournee = tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A block of one vehicle: its candidate slots by date, and the most evenings its week allows."""

    vehicle: int
    by_day: tuple[tuple[Slot, ...], ...]
    most: int


def blocks_of(instance: Instance, slots: Iterable[Slot], *, longest: int) -> list[Block] | None:
    """The blocks of the season, or None where one has more than `longest` dates: tournées are too many then."""
    per_vehicle: dict[int, dict[int, list[Slot]]] = defaultdict(lambda: defaultdict(list))
    for slot in sorted(set(slots)):
        per_vehicle[slot[1]][slot[2]].append(slot)
    result = []
    for v, by_day in sorted(per_vehicle.items()):
        nights = instance.season.vehicles[v].nights_out
        block: list[int] = []
        for i in [*sorted(by_day), None]:
            if block and (i is None or instance.days[i] - instance.days[block[-1]] > nights):
                if len(block) > longest:
                    return None
                found = tuple(tuple(by_day[j]) for j in block)
                result.append(Block(v, found, _most(instance, v, block, found)))
                block = []
            if i is not None:
                block.append(i)
    return result


def _most(instance: Instance, v: int, block: list[int], found: tuple[tuple[Slot, ...], ...]) -> int:
    most = instance.season.vehicles[v].max_evenings_per_week
    one_week = len({instance.weeks[i] for i in block}) == 1
    waived = any("weekly_rest" in instance.waived(c, i) for slots in found for c, _, i in slots)
    return len(block) if most is None or not one_week or waived else min(most, len(block))


def metres_of(instance: Instance, tournee: Tournee) -> int | None:
    """Metres of a tournée; None where a leg is too long."""
    first = instance.depot_leg(tournee[0][1], tournee[0][0], out=True)
    last = instance.depot_leg(tournee[-1][1], tournee[-1][0], out=False)
    legs = [first, last, *(instance.link(*pair) for pair in itertools.pairwise(tournee))]
    known = [metres for metres in legs if metres is not None]
    return sum(known) if len(known) == len(legs) else None


class Pricer:
    """Finds the tournées of one block whose metres fall below the values of their slots.

    A backward pass ignores what two slots of a tournée forbid each other, which bounds every completion from
    below; the search forward does not ignore it. So the best found is the best there is among tournées that
    keep `spacing` and `separation` within themselves.
    """

    def __init__(self, instance: Instance, block: Block) -> None:
        self.block = block
        self._out = [self._depot(instance, slots, out=True) for slots in block.by_day]
        self._back = [self._depot(instance, slots, out=False) for slots in block.by_day]
        self._legs: dict[tuple[int, int], NDArray[np.float64]] = {}
        for k, here in enumerate(block.by_day):
            for m in range(k + 1, len(block.by_day)):
                links = [[instance.link(a, b) for b in block.by_day[m]] for a in here]
                self._legs[k, m] = np.array(
                    [[math.inf if x is None else float(x) for x in row] for row in links], dtype=np.float64
                ).reshape(len(here), len(block.by_day[m]))
        self._rows = {key: legs.tolist() for key, legs in self._legs.items()}
        self._clash = _clashes(instance, block)

    def _depot(self, instance: Instance, slots: tuple[Slot, ...], *, out: bool) -> NDArray[np.float64]:
        legs = [instance.depot_leg(slot[1], slot[0], out=out) for slot in slots]
        return np.array([math.inf if leg is None else float(leg) for leg in legs], dtype=np.float64)

    def search(
        self, price: Mapping[Slot, float], *, below: float, keep: int, everything: bool = False
    ) -> tuple[float, list[tuple[float, Tournee]]]:
        """The least metres plus prices of any tournée, at most `below`, and some tournées under it.

        With `everything` all tournées below `below` are returned, unless there are more than `keep`.
        """
        by_day, most = self.block.by_day, self.block.most
        prices = [np.array([price[slot] for slot in slots], dtype=np.float64) for slots in by_day]
        ahead = self._ahead(prices)
        rows, clash = self._rows, self._clash
        bounds = [[[float(x) for x in column] for column in table] for table in ahead]
        plain = [column.tolist() for column in prices]
        back = [column.tolist() for column in self._back]
        found: list[tuple[float, Tournee]] = []
        limit = below
        stack: list[tuple[float, float, int, int, int, tuple[tuple[int, int], ...]]] = []
        for k, out in enumerate(self._out):
            first = out + ahead[k][:, most]
            for a in np.flatnonzero(first < limit).tolist():
                so_far = float(out[a]) + plain[k][a]
                stack.append((float(first[a]), so_far, k, a, most, ((k, a),)))
        stack.sort(reverse=True)
        while stack:
            bound, so_far, k, a, left, path = stack.pop()
            if bound >= limit:
                continue
            whole = so_far + back[k][a]
            if whole < limit:
                found.append((whole, tuple(by_day[m][b] for m, b in path)))
                if not everything:
                    limit = whole
                elif len(found) > keep:
                    break
            if left == 1:
                continue
            nexts = []
            for m in range(k + 1, len(by_day)):
                legs, table = rows[k, m][a], bounds[m]
                for b, leg in enumerate(legs):
                    reach = so_far + leg + table[b][left - 1]
                    if reach < limit and not any(clash.get((q, x, m), _NONE)[b] for q, x in path if clash):
                        nexts.append((reach, so_far + leg + plain[m][b], m, b, left - 1, (*path, (m, b))))
            nexts.sort(reverse=True)
            stack.extend(nexts)
        found.sort()
        return (found[0][0] if found else below), found if everything else found[:keep]

    def _ahead(self, prices: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
        """For each date, shape (slots, most + 1): least cost from a slot on, itself included, by evenings left."""
        by_day, most = self.block.by_day, self.block.most
        ahead: list[NDArray[np.float64]] = [np.empty((0, 0))] * len(by_day)
        for k in range(len(by_day) - 1, -1, -1):
            table = np.full((len(by_day[k]), most + 1), math.inf)
            table[:, 1:] = self._back[k][:, None]
            for m in range(k + 1, len(by_day)):
                for left in range(2, most + 1):
                    onward = (self._legs[k, m] + ahead[m][None, :, left - 1]).min(axis=1)
                    np.minimum(table[:, left], onward, out=table[:, left])
            ahead[k] = table + prices[k][:, None]
        return ahead


class _Never:
    """Stands for a row of slots that clash with nothing."""

    def __getitem__(self, _: int) -> bool:
        return False


_NONE = _Never()
_Clash = dict[tuple[int, int, int], "list[bool] | _Never"]


def _clashes(instance: Instance, block: Block) -> _Clash:
    """Pairs of slots of a block that `spacing` or `separation` forbids, by date, slot and later date."""
    result: _Clash = {}
    rule = instance.season.separation
    apart = rule.days if rule is not None else 0
    for k, here in enumerate(block.by_day):
        for x, (a, _, i) in enumerate(here):
            near, free = set(instance.near[a]), instance.waived(a, i)
            spacing = instance.season.communes[a].min_days_between
            for m in range(k + 1, len(block.by_day)):
                row = []
                for b, _, j in block.by_day[m]:
                    days, both = instance.days[j] - instance.days[i], free | instance.waived(b, j)
                    same = a == b and days < spacing and "spacing" not in both
                    row.append(same or (b in near and days < apart and "separation" not in both))
                if any(row):
                    result[k, x, m] = row
    return result
