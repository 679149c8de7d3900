"""The cheapest tournées of a block for given slot values, compiled and exact.

A backward pass gives each slot the least that any continuation costs, leaving out what the slots of a tournée
forbid each other; the search forward does not leave it out and is cut off by what the backward pass promises. So
the least found is the least there is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled, inner
from .field import DAYS_IN_ROW, SEPARATION, SPACING, Field, Floats, Ints
from .moves import link

MOST_DATES = 8  # in a block; beyond that it has too many tournées to search exactly
_HUGE = 1e60


class Layout(NamedTuple):
    """The blocks of a season in one piece: nodes are slots, by block, then date."""

    block: Ints  # (B + 1,) first step of each block; a step is a date of a block
    step: Ints  # (S + 1,) first node of each step
    date: Ints  # (S,) date index
    vehicle: Ints  # (B,)
    most: Ints  # (B,) evenings in a tournée
    slot: Ints  # (N,) index into the slots
    commune: Ints  # (N,)
    near: NDArray[np.bool_]  # (C, C)


class Cuts(NamedTuple):
    """Subset-row cuts as the search meets them: a tournée pays `penalty` for every second row of a cut it hits."""

    of: Ints  # (slots + 1,) first entry of each slot
    cut: Ints  # (entries,)
    hits: Ints  # (entries,) rows of the cut that the slot is in
    base: Ints  # (B, K) whether the block's own row is one of them
    penalty: Floats  # (K,) at least 0


@inner
def _clash(field: Field, layout: Layout, n: int, i: int, m: int, j: int) -> bool:
    """Whether spacing or separation forbids the evenings of nodes n (date i) and m (date j) in one plan."""
    a, c, apart = layout.commune[n], layout.commune[m], abs(field.days[j] - field.days[i])
    waived = field.waived[a, i] | field.waived[c, j]
    if a == c:
        return bool(apart < field.spacing[a] and not waived & SPACING)
    return bool(layout.near[a, c] and apart < field.apart and not waived & SEPARATION)


@inner
def _least(metres: Floats, onward: Floats) -> float:
    """The least sum of two numbers in the same place."""
    best = _HUGE
    for c in range(onward.shape[0]):
        best = min(best, metres[c] + onward[c])
    return best


@compiled
def _places(field: Field, layout: Layout, b: int) -> tuple[Ints, Ints]:
    """The communes of a block, and where each is among them (-1: nowhere)."""
    first, last = layout.step[layout.block[b]], layout.step[layout.block[b + 1]]
    number, places, few = np.full(field.spacing.shape[0], -1, np.int64), np.empty(last - first, np.int64), 0
    for n in range(first, last):
        c = layout.commune[n]
        if number[c] < 0:
            number[c], places[few] = few, c
            few += 1
    return places[:few], number


@inner
def _waives(field: Field, layout: Layout, b: int) -> bool:
    for s in range(layout.block[b], layout.block[b + 1]):
        for n in range(layout.step[s], layout.step[s + 1]):
            if field.waived[layout.commune[n], layout.date[s]]:
                return True
    return False


@compiled
def _continuations(field: Field, layout: Layout, b: int, values: Floats) -> Floats:
    """Shape (levels, nodes of the block): least cost after a node, with so many evenings still allowed.

    The way home is included, the node itself is not. `forbidden` legs stay in the sums, far above any saving. What
    spacing and separation forbid two evenings in a row is left out, unless some evening of the block may break rules.
    Every node of a date is compared with all places at once, visited then or not: so it takes a quarter of the time.
    """
    first, last = layout.block[b], layout.block[b + 1]
    start, v = layout.step[first], layout.vehicle[b]
    levels = layout.most[b] if layout.most[b] < last - first else 1  # where all dates may be used, one level does
    places, number = _places(field, layout, b)
    few, strict = len(places), not _waives(field, layout, b)
    metres = np.empty((few, few))
    for p in range(few):
        for q in range(few):
            metres[p, q] = field.direct[places[p], places[q]]
            if metres[p, q] > field.longest[v]:
                metres[p, q] = field.back[v, places[p]] + field.out[v, places[q]]
    apart = metres.copy()
    for p in range(few):
        for q in range(few):
            if layout.near[places[p], places[q]]:
                apart[p, q] = _HUGE
    ahead, onward = np.empty((levels, layout.step[last] - start)), np.empty(few)
    for level in range(levels):
        for s in range(last - 1, first - 1, -1):
            for n in range(layout.step[s], layout.step[s + 1]):
                ahead[level, n - start] = field.back[v, layout.commune[n]]
            if level == 0 and levels > 1:
                continue
            for t in range(s + 1, last):
                gap, leave = field.days[layout.date[t]] - field.days[layout.date[s]], _HUGE
                onward[:] = _HUGE
                for m in range(layout.step[t], layout.step[t + 1]):
                    c = layout.commune[m]
                    cost = values[layout.slot[m]] + ahead[level - 1 if levels > 1 else 0, m - start]
                    onward[number[c]] = cost
                    leave = min(leave, field.out[v, c] + cost)
                table = apart if strict and gap < field.apart else metres
                for p in range(few):
                    again = strict and gap < field.spacing[places[p]]
                    table[p, p] = _HUGE if again else field.direct[places[p], places[p]]
                for n in range(layout.step[s], layout.step[s + 1]):
                    c = layout.commune[n]
                    best = _least(table[number[c]], onward) if gap <= field.nights[v] else field.back[v, c] + leave
                    ahead[level, n - start] = min(ahead[level, n - start], best)
    return ahead


@inner
def _penalty(cuts: Cuts, hit: Ints, slot: int) -> float:
    """What a tournée that has hit so many rows of each cut pays for one slot more."""
    total = 0.0
    for k in range(cuts.of[slot], cuts.of[slot + 1]):
        cut = cuts.cut[k]
        total += cuts.penalty[cut] * ((hit[cut] + cuts.hits[k]) // 2 - hit[cut] // 2)
    return total


@inner
def _hit(cuts: Cuts, hit: Ints, slot: int, sign: int) -> None:
    for k in range(cuts.of[slot], cuts.of[slot + 1]):
        hit[cuts.cut[k]] += sign * cuts.hits[k]


@compiled
def price_block(
    field: Field,
    layout: Layout,
    cuts: Cuts,
    b: int,
    values: Floats,
    below: float,
    paths: Ints,
    costs: Floats,
    everything: bool,
) -> int:
    """Tournées of block b cheaper than `below`; returns how many were found.

    Without `everything` the cheapest len(costs) of them, sorted; with it all, or len(costs) + 1 when they are more.
    `paths`, shape (len(costs), MOST_DATES), gets the nodes of each and then -1. The cost is metres plus values.
    """
    first, last, v = layout.block[b], layout.block[b + 1], layout.vehicle[b]
    start, most, keep = layout.step[first], layout.most[b], costs.shape[0]
    ahead = _continuations(field, layout, b, values)
    levels = ahead.shape[0]
    step, node = np.zeros(MOST_DATES + 1, np.int64), np.zeros(MOST_DATES + 1, np.int64)
    at, row = np.zeros(MOST_DATES + 1, np.int64), np.zeros(MOST_DATES + 1, np.int64)
    paid = np.zeros(MOST_DATES + 1)
    hit = cuts.base[b].copy()
    count, depth, limit = 0, 0, below
    step[0], node[0] = first, layout.step[first]
    while depth >= 0:
        s = step[depth]
        if s >= last:
            depth -= 1
            if depth >= 0:
                _hit(cuts, hit, layout.slot[at[depth]], -1)
            continue
        m = node[depth]
        if m >= layout.step[s + 1]:
            step[depth] = s + 1
            node[depth] = layout.step[s + 1]
            continue
        node[depth] = m + 1
        c, i = layout.commune[m], layout.date[s]
        cost = values[layout.slot[m]]
        if depth == 0:
            cost += field.out[v, c]
        else:
            before = at[depth - 1]
            cost += paid[depth - 1] + link(field, v, layout.commune[before], row[depth - 1], c, i)
        onward = ahead[most - 1 - depth if levels > 1 else 0, m - start]
        if cost + onward >= limit:
            continue
        cost += _penalty(cuts, hit, layout.slot[m])
        if cost + onward >= limit:
            continue
        clash = False
        for q in range(depth):
            if _clash(field, layout, at[q], row[q], m, i):
                clash = True
        if clash:
            continue
        at[depth], row[depth], paid[depth] = m, i, cost
        if not _rests(field, layout, at, row, depth, field.row_limit[v]):
            continue
        whole = cost + field.back[v, c]
        if whole < limit:
            if everything:
                if count == keep:
                    return keep + 1
                q = count
                count += 1
            else:
                q = min(count, keep - 1)
                count = q + 1
                while q > 0 and costs[q - 1] > whole:
                    costs[q] = costs[q - 1]
                    for z in range(MOST_DATES):  # by hand: a slice would compile numba's errors of shape as well
                        paths[q, z] = paths[q - 1, z]
                    q -= 1
            costs[q] = whole
            for z in range(MOST_DATES):
                paths[q, z] = at[z] if z <= depth else -1
            if not everything and count == keep:
                limit = min(limit, costs[keep - 1])
        if depth + 1 < most and s + 1 < last:
            _hit(cuts, hit, layout.slot[m], 1)
            depth += 1
            step[depth], node[depth] = s + 1, layout.step[s + 1]
    return count


@inner
def _rests(field: Field, layout: Layout, at: Ints, row: Ints, depth: int, limit: int) -> bool:
    """Whether the run of consecutive dates that ends with the last evening is short enough."""
    length, day = 0, -1
    for q in range(depth, -1, -1):
        if field.waived[layout.commune[at[q]], row[q]] & DAYS_IN_ROW:
            continue
        if day >= 0 and field.days[row[q]] != day - 1:
            return True
        day = field.days[row[q]]
        length += 1
        if length > limit:
            return False
    return True


@compiled
def price_blocks(
    field: Field,
    layout: Layout,
    cuts: Cuts,
    blocks: Ints,
    values: Floats,
    below: Floats,
    paths: Ints,
    costs: Floats,
    found: Ints,
    everything: bool,
) -> None:
    """`price_block` for each of these blocks, into row b of paths (B, keep, MOST_DATES), costs and found (B,)."""
    for b in blocks:
        found[b] = price_block(field, layout, cuts, b, values, below[b], paths[b], costs[b], everything)
