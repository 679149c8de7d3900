"""Prices of evenings for a season too big for a linear program, and the bound of the whole season that they prove.

Who hosts and who drives are told apart: a vehicle earns `price[c, i]` for an evening of commune c on date i, and the
commune pays it. For any prices the cheapest wishes of every commune (on its own, with its spacing) plus the cheapest
tournée of every block (on its own, with all that a tournée must keep) cost at most what any plan costs: Lagrangian
decomposition (Guignard and Kim, Mathematical Programming 39, 1987). Separation and quotas, which tie communes
together, are paid for at prices of their own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import compiled, inner
from .field import Bools, Field, Floats, Ints
from .pricing import MOST_DATES, Cuts, Layout, price_block

_MIXES = 3


class Blocks(NamedTuple):
    """The blocks of a season: B blocks, S steps (a date of a block)."""

    vehicle: Ints  # (B,)
    most: Ints  # (B,) evenings in a tournée
    step: Ints  # (B + 1,) first step of each block
    date: Ints  # (S,)
    home: Ints  # (B,) row of `ways`
    ways: Floats  # (depots, C) the least metres from the depot to the commune and back, by whatever way


class Ties(NamedTuple):
    """Rows that tie communes together: at most `most` of these evenings."""

    of: Ints  # (R + 1,)
    commune: Ints
    date: Ints
    most: Floats  # (R,)


@inner
def _reached(field: Field, blocks: Blocks, b: int, able: Bools, price: Floats, keep: Bools, best: Floats) -> int:
    """Mark in `keep` (steps, C) the slots that some tournée worth driving can hold; how many.

    A tournée drives at least as far as to the farthest of its places and back, so at least any mean of these ways.
    """
    first, last, v, size = blocks.step[b], blocks.step[b + 1], blocks.vehicle[b], price.shape[0]
    ways, most, steps = blocks.ways[blocks.home[b]], blocks.most[b], last - first
    count = 0
    for s in range(steps):
        i = blocks.date[first + s]
        for c in range(size):
            keep[s, c] = field.fitting[c, v] and able[c, i]
            count += keep[s, c]
    for _ in range(3):
        for mix in range(_MIXES):
            own = 1.0 if mix == 0 else 0.5 if mix == 1 else 1.0 / most
            rest = (1.0 - own) / (most - 1) if most > 1 else 0.0
            total = 0.0
            for s in range(steps):
                i = blocks.date[first + s]
                best[s] = 0.0
                for c in range(size):
                    if keep[s, c]:
                        best[s] = min(best[s], rest * ways[c] - price[c, i])
                total += best[s]
            for s in range(steps):
                i = blocks.date[first + s]
                others = total - best[s]
                for c in range(size):
                    if keep[s, c] and own * ways[c] - price[c, i] + others >= 0.0:
                        keep[s, c] = False
                        count -= 1
    return count


@compiled
def earn(
    field: Field, blocks: Blocks, chosen: Ints, able: Bools, near: Bools, price: Floats, x: Ints, gain: Floats, sizes: Ints
) -> None:
    """The cheapest tournée of each of the `chosen` blocks at these prices: its slots into x, -1 each where none, and cost.

    x has shape (B, MOST_DATES, 2): commune, date. `able` (C, D) says which evenings there can be at all.
    """
    size, longest = price.shape[0], 0
    for b in chosen:
        longest = max(longest, blocks.step[b + 1] - blocks.step[b])
    keep = np.zeros((longest, size), np.bool_)
    best = np.empty(longest)
    none = np.zeros(1, np.int64)
    paths, costs = np.zeros((1, MOST_DATES), np.int64), np.zeros(1)
    for b in chosen:
        first, last = blocks.step[b], blocks.step[b + 1]
        count = _reached(field, blocks, b, able, price, keep, best)
        sizes[b] = count
        x[b] = -1
        gain[b] = 0.0
        if count == 0:
            continue
        step, commune, values = np.zeros(last - first + 1, np.int64), np.zeros(count, np.int64), np.zeros(count)
        n = 0
        for s in range(last - first):
            for c in range(size):
                if keep[s, c]:
                    commune[n], values[n] = c, -price[c, blocks.date[first + s]]
                    n += 1
            step[s + 1] = n
        layout = Layout(
            block=np.array([0, last - first]),
            step=step,
            date=blocks.date[first:last],
            vehicle=blocks.vehicle[b : b + 1],
            most=blocks.most[b : b + 1],
            slot=np.arange(count),
            commune=commune,
            near=near,
        )
        cuts = Cuts(np.zeros(count + 1, np.int64), none, none, np.zeros((1, 0), np.int64), np.zeros(0))
        if price_block(field, layout, cuts, 0, values, 0.0, paths, costs, False):
            gain[b] = costs[0]
            for q in range(MOST_DATES):
                n = paths[0, q]
                if n >= 0:
                    x[b, q, 0] = commune[n]
                    for s in range(last - first):
                        if step[s] <= n < step[s + 1]:
                            x[b, q, 1] = blocks.date[first + s]


@compiled
def wish(field: Field, able: Bools, cost: Floats, y: Bools, spent: Floats) -> None:
    """For each commune the cheapest choice of dates under its spacing, into y (C, D), and what it comes to, (C,).

    `cost` (C, D) is that of an evening. What an evening saves is taken off: `first` for one, `further` for more.
    """
    size, dates = cost.shape
    for c in range(size):
        most = min(field.wanted[c], dates)
        best = np.zeros((most + 1, dates + 1))  # [k, n]: k evenings on the first n dates
        took = np.zeros((most + 1, dates + 1), np.bool_)
        for k in range(1, most + 1):
            saves = field.first[c] if k == 1 else field.further[c]
            before = 0
            best[k, 0] = 1e18
            for n in range(1, dates + 1):
                best[k, n] = best[k, n - 1]
                if not able[c, n - 1]:
                    continue
                while field.days[n - 1] - field.days[before] >= field.spacing[c] and before < n - 1:
                    before += 1
                last = before  # dates before `last` are far enough: days[before - 1] is
                value = best[k - 1, last] + cost[c, n - 1] - saves
                if value < best[k, n]:
                    best[k, n] = value
                    took[k, n] = True
        k = 0
        for j in range(1, most + 1):
            if best[j, dates] < best[k, dates]:
                k = j
        spent[c] = best[k, dates]
        for i in range(dates):
            y[c, i] = False
        n = dates
        while k > 0 and n > 0:
            if took[k, n]:
                y[c, n - 1] = True
                last = n - 1
                while last > 0 and field.days[n - 1] - field.days[last - 1] < field.spacing[c]:
                    last -= 1
                n = last
                k -= 1
            else:
                n -= 1
