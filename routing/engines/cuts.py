"""Zero-half cuts: rows are added, halved and rounded down, which whole tournées keep and shares of them may break.

Of three rows that allow a, b and c evenings in all, (a + b + c) // 2 tournées at most hit two: with three rows these
are the subset-row cuts of Jepsen, Petersen, Spoorendonk and Pisinger (Operations Research 56, 2008). More rows go the
same way (Caprara and Fischetti, Mathematical Programming 74, 1996). The rows are the blocks, the vehicles' weeks,
communes, spacing windows, groups of neighbours and quotas.

The cut of some rows is broken by (1 - w) / 2, where their limits have an odd sum and w is what they leave unused plus
the shares of the tournées that hit them an odd number of times. So a walk adds the row that makes w the least.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from .compiled import compiled, inner
from .field import Floats, Ints
from .master import Master

_FRACTION = 1e-4
_DEPTH = 0.02  # a cut must be broken by so much
_TIGHT = 0.5  # of a row: one that leaves more unused is seldom in a broken cut
_MOST_IN_CUT = 7
_MANY = 200  # a row that allows more is a quota that no rounding can tighten
_STARTS = 300  # rows that walks start from in one round; where there are more, the next rounds take the others


class _Tight(NamedTuple):
    """The rows that are nearly used up, over the tournées that the program takes some share of."""

    of: Ints  # (R + 1,) first entry of each row
    column: Ints  # (entries,) tournées that the row meets an odd number of times
    rows_of: Ints  # (C + 1,) first entry of each tournée
    row: Ints  # (entries,) the rows that meet it so
    limit: Ints  # (R,) parity of what the row allows
    unused: Floats  # (R,)
    alone: Floats  # (R,) the shares of its tournées
    share: Floats  # (C,)


@inner
def _flip(rows: _Tight, r: int, odd: Ints, change: Floats) -> None:
    """Row r comes in: its tournées change parity, and with them what each row would change."""
    for k in range(rows.of[r], rows.of[r + 1]):
        j = rows.column[k]
        twice = 2.0 * rows.share[j] if odd[j] else -2.0 * rows.share[j]
        odd[j] = 1 - odd[j]
        for z in range(rows.rows_of[j], rows.rows_of[j + 1]):
            change[rows.row[z]] += twice


@inner
def _note(inside: Ints, size: int, depth: float, sets: Ints, sizes: Ints, depths: Floats, count: int) -> int:
    """Keep a set of rows, worst first, unless it is there already; how many are kept."""
    keep = depths.shape[0]
    if count == keep and depth <= depths[keep - 1]:
        return count
    for q in range(count):
        if sizes[q] == size:
            same = True
            for z in range(size):
                same = same and inside[sets[q, z]] == 1
            if same:
                return count
    q = min(count, keep - 1)
    kept = q + 1
    while q > 0 and depths[q - 1] < depth:
        depths[q], sizes[q] = depths[q - 1], sizes[q - 1]
        for z in range(sets.shape[1]):
            sets[q, z] = sets[q - 1, z]
        q -= 1
    depths[q], sizes[q] = depth, size
    z = 0
    for r in range(inside.shape[0]):
        if inside[r]:
            sets[q, z] = r
            z += 1
    return kept


@compiled
def _walks(rows: _Tight, turn: int, turns: int, least: float, sets: Ints, sizes: Ints, depths: Floats) -> int:
    """From each pair of rows, walk until a cut is broken by more than `least`; the worst ones, and how many.

    The first row of a pair is every one whose number divided by `turns` leaves `turn`.
    """
    many, most, keep, count = rows.limit.shape[0], sets.shape[1], depths.shape[0], 0
    odd, odd_first = np.zeros(rows.share.shape[0], np.int64), np.zeros(rows.share.shape[0], np.int64)
    inside = np.zeros(many, np.int64)
    change, change_first = np.zeros(many), np.zeros(many)  # of w, but for what is unused, if a row came in
    for first in range(turn, many, turns):
        odd_first[:], change_first[:] = 0, rows.alone
        _flip(rows, first, odd_first, change_first)
        for second in range(first + 1, many):
            if change_first[second] > rows.alone[second] - _FRACTION:  # no tournée in common
                continue
            odd[:], change[:], inside[:] = odd_first, change_first, 0
            inside[first] = 1
            weight, size, sum_odd, pick = rows.alone[first] + rows.unused[first], 1, rows.limit[first], second
            while pick >= 0:
                weight += change[pick] + rows.unused[pick]
                inside[pick] = 1
                size += 1
                sum_odd += rows.limit[pick]
                depth = (1.0 - weight) / 2
                if sum_odd % 2 == 1 and depth > (least if count < keep else depths[keep - 1]):
                    count = _note(inside, size, depth, sets, sizes, depths, count)
                    break
                if size == most:
                    break
                _flip(rows, pick, odd, change)
                best, pick = np.inf, -1
                for r in range(many):
                    if not inside[r] and change[r] + rows.unused[r] < best and change[r] < rows.alone[r] - _FRACTION:
                        best, pick = change[r] + rows.unused[r], r
    return count


def broken_cuts(
    master: Master, chosen: Floats, *, most: int, pool: ThreadPoolExecutor | None, turns: int, number: int = 0
) -> list[tuple[int, ...]]:
    """Sets of rows, row r or -1 - b for block b, whose cut the chosen shares of tournées break; worst first.

    `number` is that of the round, which decides where walks start from if there are many rows.
    """
    columns = np.flatnonzero(chosen > _FRACTION)
    if not np.any(chosen[columns] < 1 - _FRACTION) or most <= 0:
        return []
    names, tight = _tight(master, columns, chosen[columns])
    parts = max(1, len(names) // _STARTS)

    def work(turn: int) -> dict[tuple[int, ...], float]:
        sets, sizes, depths = np.zeros((most, _MOST_IN_CUT), np.int64), np.zeros(most, np.int64), np.zeros(most)
        first, step = number % parts * turns + turn, parts * turns
        kept = _walks(tight, first, step, _DEPTH, sets, sizes, depths)
        return {tuple(sorted(names[r] for r in sets[q, : sizes[q]])): float(depths[q]) for q in range(kept)}

    found: dict[tuple[int, ...], float] = {}
    for of_turn in (pool.map if pool is not None else map)(work, range(turns)):
        found |= of_turn  # in their order: two turns may find one cut, and round its depth differently
    return sorted(found, key=lambda cut: (-found[cut], cut))[:most]


def _tight(master: Master, columns: Ints, share: Floats) -> tuple[list[int], _Tight]:
    """The names of the rows that may be in a cut, and the rows. Of those with the same tournées the widest stands."""
    of_block: dict[int, list[int]] = {}
    of_slot: dict[int, list[int]] = {}
    for k, j in enumerate(columns):
        of_block.setdefault(master.block_of[j], []).append(k)
        for s in master.columns[j]:
            of_slot.setdefault(s, []).append(k)
    rows = [(-1 - b, found, 0, 1) for b, found in of_block.items()]
    for r, slots, limit in master.packing_rows(most=_MANY):
        rows.append((r, [k for s in slots for k in of_slot.get(s, ())], len(slots), limit))
    widest: dict[tuple[bytes, int], tuple[int, int]] = {}
    odd: list[Ints] = []
    names: list[int] = []
    parity: list[int] = []
    unused: list[float] = []
    for name, found, width, limit in rows:
        times = np.bincount(found, minlength=len(columns))
        left = limit - float(times @ share)
        if len(found) < 2 or left > _TIGHT:  # noqa: PLR2004 - a row with one tournée in it cuts nothing
            continue
        key = times.tobytes(), limit
        if key not in widest:
            widest[key] = width, len(names)
            names.append(name)
            odd.append(np.flatnonzero(times % 2))
            parity.append(limit % 2)
            unused.append(max(0.0, left))
        elif width > widest[key][0]:  # the same tournées now, more of them later
            names[widest[key][1]] = name
            widest[key] = width, widest[key][1]
    lengths = [len(found) for found in odd]
    column = np.concatenate([np.zeros(0, np.int64), *odd]).astype(np.int64)
    row = np.repeat(np.arange(len(odd)), lengths)
    by_column = np.argsort(column, kind="stable")
    return names, _Tight(
        of=np.cumsum([0, *lengths]).astype(np.int64),
        column=column,
        rows_of=np.searchsorted(column[by_column], np.arange(len(columns) + 1)).astype(np.int64),
        row=row[by_column].astype(np.int64),
        limit=np.array(parity, dtype=np.int64),
        unused=np.array(unused, dtype=np.float64),
        alone=np.bincount(row, weights=share[column], minlength=len(odd)).astype(np.float64),
        share=share,
    )
