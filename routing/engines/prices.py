"""Prices of evenings, compiled: what communes wish for at them, what tournées earn at them, and how they move.

Who hosts and who drives are told apart: a vehicle earns `price[c, i]` for an evening of commune c on date i, and the
commune pays it. See `market` for what that is good for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import compiled, inner
from .field import Bools, Field, Floats, Ints
from .pricing import MOST_DATES, Cuts, Layout, price_block

_PRUNINGS = 3
_NEVER = 1e18


class Hosts(NamedTuple):
    """What each of C communes could wish for."""

    dates_of: Ints  # (C + 1,) first entry of each commune
    dates: Ints  # dates on which it could host
    wanted: Ints  # (C,)
    spacing: Ints  # (C,) days
    first: Floats  # (C,) what the first evening saves
    further: Floats  # (C,) what each further one saves
    cost: Floats  # (C, D) of an evening, beside its price


class Blocks(NamedTuple):
    """B blocks of vehicles' dates; a step is a date of a block."""

    vehicle: Ints  # (B,)
    most: Ints  # (B,) evenings in a tournée
    step: Ints  # (B + 1,) first step of each block
    date: Ints  # (steps,)
    home: Ints  # (B,) row of `ways`
    ways: Floats  # (depots, C) no way from the depot to the commune and back is shorter
    fitting: Bools  # (C, V) who may come


class Ties(NamedTuple):
    """R rows that tie communes together: at most `most` of these evenings."""

    of: Ints  # (R + 1,) first entry of each row
    commune: Ints
    date: Ints
    most: Floats  # (R,)


class Pool(NamedTuple):
    """Tournées seen so far, K at most of each block: their communes and dates (-1: none), metres, and use."""

    commune: Ints  # (B, K, MOST_DATES)
    date: Ints
    metres: Floats  # (B, K)
    used: Ints  # (B,) how many there are
    picked: Ints  # (B, K) how often it was the best at the last balancing


@inner
def _reached(blocks: Blocks, b: int, able: Bools, price: Floats, keep: Bools, best: Floats) -> int:
    """Mark in `keep` (steps, C) the slots that some tournée worth driving can hold; how many.

    A tournée is at least as long as the way to any of its places and back, so as any mean of these ways.
    """
    first, last, v, size = blocks.step[b], blocks.step[b + 1], blocks.vehicle[b], price.shape[0]
    ways, most, steps = blocks.ways[blocks.home[b]], blocks.most[b], last - first
    count = 0
    for s in range(steps):
        for c in range(size):
            keep[s, c] = blocks.fitting[c, v] and able[c, blocks.date[first + s]]
            count += keep[s, c]
    for turn in range(2 * _PRUNINGS):
        own = 1.0 if turn % 2 == 0 else 0.5
        rest = (1.0 - own) / (most - 1) if most > 1 else 0.0
        for s in range(steps):
            i, best[s] = blocks.date[first + s], 0.0
            for c in range(size):
                if keep[s, c]:
                    best[s] = min(best[s], rest * ways[c] - price[c, i])
        for s in range(steps):
            i, others, weakest = blocks.date[first + s], 0.0, -_NEVER
            for t in range(steps):
                if t != s:
                    others += best[t]
                    weakest = max(weakest, best[t])
            if most < steps:  # one date at least stays without an evening
                others -= weakest
            for c in range(size):
                if keep[s, c] and own * ways[c] - price[c, i] + others >= 0.0:
                    keep[s, c] = False
                    count -= 1
    return count


@compiled
def earn(
    field: Field, blocks: Blocks, near: Bools, chosen: Ints, able: Bools, price: Floats, pool: Pool, most: int
) -> float:
    """Put the cheapest tournées of each of the `chosen` blocks into the pool, `most` at most; what the best come to.

    Exact, and at most 0 a block: a tournée costs its metres less its prices. `able` (C, D) says which evenings there
    can be, `near` (C, C) whom separation keeps apart.
    """
    size, longest, total = price.shape[0], 0, 0.0
    for b in chosen:
        longest = max(longest, blocks.step[b + 1] - blocks.step[b])
    keep, best, none = np.zeros((longest, size), np.bool_), np.empty(longest), np.zeros(1, np.int64)
    paths, costs = np.zeros((most, MOST_DATES), np.int64), np.zeros(most)
    for b in chosen:
        first, last = blocks.step[b], blocks.step[b + 1]
        count = _reached(blocks, b, able, price, keep, best)
        if count == 0:
            continue
        step, values = np.zeros(last - first + 1, np.int64), np.zeros(count)
        commune, date = np.zeros(count, np.int64), np.zeros(count, np.int64)
        n = 0
        for s in range(last - first):
            for c in range(size):
                if keep[s, c]:
                    commune[n], date[n] = c, blocks.date[first + s]
                    values[n] = -price[c, date[n]]
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
        found = price_block(field, layout, cuts, 0, values, 0.0, paths, costs, False)
        if found:
            total += costs[0]
        for k in range(found):
            metres = costs[k]
            for q in range(MOST_DATES):
                if paths[k, q] >= 0:
                    metres -= values[paths[k, q]]
            _enter(pool, b, paths[k], commune, date, metres, price)
    return total


@inner
def _enter(pool: Pool, b: int, path: Ints, commune: Ints, date: Ints, metres: float, price: Floats) -> None:
    """Put a tournée into the pool, unless it is there; in the place of the dearest where the pool is full."""
    worst, place = -_NEVER, 0
    for k in range(pool.used[b]):
        same, cost = True, pool.metres[b, k]
        for q in range(MOST_DATES):
            c, i, n = pool.commune[b, k, q], pool.date[b, k, q], path[q]
            if c >= 0:
                cost -= price[c, i]
            if (n < 0) != (c < 0) or (n >= 0 and (commune[n] != c or date[n] != i)):
                same = False
        if same:
            return
        if cost > worst:
            worst, place = cost, k
    if pool.used[b] < pool.metres.shape[1]:
        place = pool.used[b]
        pool.used[b] += 1
    pool.metres[b, place] = metres
    for q in range(MOST_DATES):
        n = path[q]
        pool.commune[b, place, q] = commune[n] if n >= 0 else -1
        pool.date[b, place, q] = date[n] if n >= 0 else -1


@inner
def _wishes(
    hosts: Hosts, days: Ints, able: Bools, price: Floats, charge: Floats, y: Bools, best: Floats, took: Bools
) -> float:
    """For each commune the cheapest choice of dates under its spacing, into y (C, D); what all come to.

    best[k, n] is the cheapest choice of k of its first n dates.
    """
    total = 0.0
    for c in range(price.shape[0]):
        first, count = hosts.dates_of[c], hosts.dates_of[c + 1] - hosts.dates_of[c]
        for n in range(count + 1):
            best[0, n] = 0.0
        chosen = 0
        for k in range(1, min(hosts.wanted[c], best.shape[0] - 1) + 1):
            saves, before = hosts.first[c] if k == 1 else hosts.further[c], 0
            best[k, 0] = _NEVER
            for n in range(1, count + 1):
                i = hosts.dates[first + n - 1]
                while before < n - 1 and days[i] - days[hosts.dates[first + before]] >= hosts.spacing[c]:
                    before += 1
                value = best[k - 1, before] + hosts.cost[c, i] + price[c, i] + charge[c, i] - saves
                took[k, n] = able[c, i] and value < best[k, n - 1]
                best[k, n] = value if took[k, n] else best[k, n - 1]
            if best[k, count] < best[chosen, count]:
                chosen = k
        total += best[chosen, count]
        for n in range(count):
            y[c, hosts.dates[first + n]] = False
        n, k = count, chosen
        while k > 0:
            n -= 1
            if took[k, n + 1]:
                i = hosts.dates[first + n]
                y[c, i] = True
                k -= 1
                while n > 0 and days[i] - days[hosts.dates[first + n - 1]] < hosts.spacing[c]:
                    n -= 1
    return total


@inner
def _charge(ties: Ties, r: int, change: float, charge: Floats) -> None:
    for k in range(ties.of[r], ties.of[r + 1]):
        charge[ties.commune[k], ties.date[k]] += change


@compiled
def balance(
    hosts: Hosts,
    days: Ints,
    ties: Ties,
    pool: Pool,
    able: Bools,
    price: Floats,
    tie_price: Floats,
    strides: Floats,
    momentum: float,
) -> float:
    """Move all prices to where wishes and the tournées of the pool agree, by strides of so many metres (subgradients).

    Returns what wishes and ties alone come to at the prices it was given: beside the best tournées of each block that
    is the Lagrangian value. With no strides nothing moves. `picked` counts what each tournée was chosen in the second
    half: the shares that a linear program would give it, about.
    """
    size, dates = price.shape
    most = 1 + (min(hosts.wanted.max(), dates) if size else 0)
    best, took = np.empty((most, dates + 1)), np.empty((most, dates + 1), np.bool_)
    charge, way, tie_way = np.zeros((size, dates)), np.zeros((size, dates)), np.zeros(tie_price.shape[0])
    y, value = np.zeros((size, dates), np.bool_), 0.0
    for r in range(tie_price.shape[0]):
        if tie_price[r] > 0:
            _charge(ties, r, tie_price[r], charge)
            value -= tie_price[r] * ties.most[r]
    if len(strides) == 0:
        return value + _wishes(hosts, days, able, price, charge, y, best, took)
    pool.picked[:] = 0
    for t in range(len(strides)):
        wished = _wishes(hosts, days, able, price, charge, y, best, took)
        value += wished if t == 0 else 0.0
        for c in range(size):
            for n in range(hosts.dates_of[c], hosts.dates_of[c + 1]):
                i = hosts.dates[n]
                way[c, i] = momentum * way[c, i] + y[c, i]
        _drive(pool, price, way, 2 * t >= len(strides))
        for r in range(tie_price.shape[0]):
            over = -ties.most[r]
            for k in range(ties.of[r], ties.of[r + 1]):
                over += y[ties.commune[k], ties.date[k]]
            tie_way[r] = momentum * tie_way[r] + over
            new = max(0.0, tie_price[r] + strides[t] * tie_way[r])
            if new != tie_price[r]:
                _charge(ties, r, new - tie_price[r], charge)
                tie_price[r] = new
            elif tie_way[r] < 0.0:  # at its least already: nothing to gather speed for
                tie_way[r] = 0.0
        for c in range(size):
            for n in range(hosts.dates_of[c], hosts.dates_of[c + 1]):
                price[c, hosts.dates[n]] += strides[t] * way[c, hosts.dates[n]]
    return value


@inner
def _drive(pool: Pool, price: Floats, way: Floats, count: bool) -> None:
    """Every block takes the cheapest tournée of the pool, if it is worth driving."""
    for b in range(pool.used.shape[0]):
        least, pick = 0.0, -1
        for k in range(pool.used[b]):
            cost = pool.metres[b, k]
            for q in range(MOST_DATES):
                c = pool.commune[b, k, q]
                if c < 0:
                    break
                cost -= price[c, pool.date[b, k, q]]
            if cost < least:
                least, pick = cost, k
        if pick >= 0:
            pool.picked[b, pick] += count
            for q in range(MOST_DATES):
                c = pool.commune[b, pick, q]
                if c >= 0:
                    way[c, pool.date[b, pick, q]] -= 1.0
