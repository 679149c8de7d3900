"""Subset-row cuts: of three rows that allow one tournée each, at most one tournée can hit two.

In general: three rows that allow a, b and c evenings in all leave room for (a + b + c) // 2 tournées that hit two.

Jepsen, Petersen, Spoorendonk and Pisinger (Operations Research 56, 2008) cut so for routes with time windows. Here
the rows are spacing windows, groups of neighbours, communes that want one evening, and the blocks themselves.
"""

from __future__ import annotations

import numpy as np

from .compiled import compiled
from .field import Floats, Ints
from .master import Master

_FRACTION = 1e-4
_DEPTH = 0.02  # a cut must be broken by so much
_MOST_ROWS = 700  # with different supports; their triples are all looked at


@compiled
def _triples(
    pairs: Floats, member: Floats, limits: Ints, values: Floats, least: float, triples: Ints, depths: Floats
) -> int:
    """The triples of rows whose cut is broken by more than `least`, worst first; how many there are."""
    rows, keep, count = pairs.shape[0], depths.shape[0], 0
    for r in range(rows):
        for s in range(r + 1, rows):
            if pairs[r, s] <= 0.0:
                continue
            for t in range(s + 1, rows):
                weight = pairs[r, s] + pairs[r, t] + pairs[s, t]
                room = limits[r] + limits[s] + limits[t]
                if weight - room // 2 <= least or room % 2 == 0:  # an even sum cuts nothing
                    continue
                for j in range(values.shape[0]):
                    if member[r, j] * member[s, j] * member[t, j] > 0.0:
                        weight -= 2.0 * values[j]
                depth = weight - room // 2
                if depth <= least or (count == keep and depth <= depths[keep - 1]):
                    continue
                q = min(count, keep - 1)
                count = q + 1
                while q > 0 and depths[q - 1] < depth:
                    depths[q] = depths[q - 1]
                    for z in range(3):
                        triples[q, z] = triples[q - 1, z]
                    q -= 1
                depths[q] = depth
                triples[q, 0], triples[q, 1], triples[q, 2] = r, s, t
    return count


def broken_cuts(master: Master, chosen: Floats, *, most: int, enough: int) -> list[tuple[int, ...]]:
    """Triples of rows, row r or -1 - b for block b, whose cut the chosen shares of tournées break; worst first."""
    columns = np.flatnonzero((chosen > _FRACTION) & (chosen < 1 - _FRACTION))
    most = min(most, enough)
    if not len(columns) or most <= 0:
        return []
    at = {int(j): k for k, j in enumerate(columns)}
    supports: dict[bytes, int] = {}
    member: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
    names: list[int] = []
    widths: list[int] = []
    limits: list[int] = []

    def offer(name: int, support: list[int], width: int, limit: int) -> None:
        if len(support) < 2:  # noqa: PLR2004 - a row with one column in it cuts nothing
            return
        row = np.zeros(len(columns))
        row[support] = 1.0
        key = row.tobytes() + bytes([limit])
        if key not in supports:
            supports[key] = len(names)
            names.append(name)
            member.append(row)
            widths.append(width)
            limits.append(limit)
        elif width > widths[supports[key]]:  # the same tournées now, more of them later
            names[supports[key]], widths[supports[key]] = name, width

    of_block: dict[int, list[int]] = {}
    of_slot: dict[int, list[int]] = {}
    for j, k in at.items():
        of_block.setdefault(master.block_of[j], []).append(k)
        for s in master.columns[j]:
            of_slot.setdefault(s, []).append(k)
    for b, support in of_block.items():
        offer(-1 - b, support, 0, 1)
    for r, slots, limit in master.packing_rows():
        offer(r, [k for s in slots for k in of_slot.get(s, ())], len(slots), limit)
    matrix = np.array(member)[:_MOST_ROWS]
    values = chosen[columns]
    pairs = (matrix * values) @ matrix.T
    triples, depths = np.zeros((most, 3), np.int64), np.zeros(most)
    count = _triples(pairs, matrix, np.array(limits[:_MOST_ROWS]), values, _DEPTH, triples, depths)
    return [tuple(sorted(names[t] for t in triples[q])) for q in range(count)]
