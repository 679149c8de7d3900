"""One long tournée, compiled: chains of exchanged legs (Lin and Kernighan 1973) and moved stretches, kicked locally.

For distances that are the same both ways. Every change is a stretch of the tour turned round, so that a kick that
did not pay is undone by turning the same stretches back.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .compiled import compiled, inner
from .dice import Dice, dice_of, roll, whole
from .field import Floats, Ints

_NEAR = 10  # nearest nodes that a leg may lead to instead
_DEEPEST = 24  # legs exchanged in one chain
_FIRST = 6  # nearest nodes tried at the head of a chain; the best one further on
_STRETCH = 3  # stops moved together
_KICK = 50  # stops that a kick reaches over, at most
_SMALLEST = 8  # nodes: below, nothing is left to kick


class Road(NamedTuple):
    """What no tour changes."""

    metres: Ints  # (n, n) symmetric
    near: Ints  # (n, most) nearest first


class Way(NamedTuple):
    """The tour under way, and what a round has done to it."""

    order: Ints  # (n,)
    at: Ints  # (n,) where each node is
    turns: Ints  # (room, 2) stretches turned round, to be undone
    queue: Ints  # (n,) nodes to look at, round and round
    queued: Ints  # (n,) 0 or 1
    added: Ints  # (_DEEPEST + 1, 2) legs of the chain under way
    counts: Ints  # turns, head and length of the queue


_TURNS, _HEAD, _WAITING = range(3)


class Tour:
    """One search on one thread; `order` is the best tour and `cost` its length."""

    def __init__(self, metres: Floats, order: list[int], *, seed: int) -> None:
        size = len(metres)
        apart = metres.copy()
        np.fill_diagonal(apart, np.inf)
        near = np.argsort(apart, axis=1, kind="stable")[:, : min(_NEAR, size - 1)]
        self._road = Road(metres.astype(np.int64), np.ascontiguousarray(near, dtype=np.int64))
        self._dice: Dice = dice_of(seed)
        self._way = Way(
            order=np.zeros(size, np.int64),
            at=np.zeros(size, np.int64),
            turns=np.zeros((100 * _DEEPEST + 100 * size, 2), np.int64),
            queue=np.zeros(size, np.int64),
            queued=np.zeros(size, np.int64),
            added=np.zeros((_DEEPEST + 1, 2), np.int64),
            counts=np.zeros(3, np.int64),
        )
        self.order = np.array(order, dtype=np.int64)
        self._costs = np.zeros(2, np.int64)
        self.start(self.order)

    def start(self, order: Ints) -> None:
        """Go on from this tour, which is the best so far, and bring it to where no chain shortens it."""
        self.order[:] = order
        settle_tour(self._road, self._way, self.order, self._costs)

    @property
    def cost(self) -> int:
        """Length of the best tour."""
        return int(self._costs[1])

    def run(self, heat: float, kicks: int) -> None:
        """So many kicks; one that lengthens the tour is kept with a chance that grows with `heat` (metres)."""
        if len(self.order) >= _SMALLEST:
            kick_tour(self._road, self._way, self._dice, self.order, self._costs, heat, kicks)


@inner
def _turn(way: Way, i: int, j: int) -> None:
    """Turn the stretch from place i on to place j round; or the rest of the tour, where that is shorter."""
    n = way.order.shape[0]
    inside = j - i + 1 if j >= i else j - i + 1 + n
    if 2 * inside > n:
        i, j = j + 1, i - 1
        if i >= n:
            i = 0
        if j < 0:
            j = n - 1
        inside = n - inside
    for _ in range(inside // 2):
        a, b = way.order[i], way.order[j]
        way.order[i], way.order[j] = b, a
        way.at[b], way.at[a] = i, j
        i += 1
        if i == n:
            i = 0
        j -= 1
        if j < 0:
            j = n - 1


@inner
def _turn_noted(way: Way, i: int, j: int) -> None:
    way.turns[way.counts[_TURNS], 0] = i
    way.turns[way.counts[_TURNS], 1] = j
    way.counts[_TURNS] += 1
    _turn(way, i, j)


@inner
def _undo(way: Way, down_to: int) -> None:
    while way.counts[_TURNS] > down_to:
        way.counts[_TURNS] -= 1
        _turn(way, way.turns[way.counts[_TURNS], 0], way.turns[way.counts[_TURNS], 1])


@inner
def _next(way: Way, a: int, forward: bool) -> int:
    k = way.at[a] + 1 if forward else way.at[a] - 1
    n = way.order.shape[0]
    return way.order[0 if k == n else n - 1 if k < 0 else k]


@inner
def _enqueue(way: Way, a: int) -> None:
    if way.queued[a] == 0:
        n = way.order.shape[0]
        place = way.counts[_HEAD] + way.counts[_WAITING]
        way.queue[place - n if place >= n else place] = a
        way.counts[_WAITING] += 1
        way.queued[a] = 1


@inner
def _exchange(way: Way, a: int, c: int, forward: bool) -> None:
    """Turn what lies between a and c, both left out, in the direction of travel."""
    b, d = _next(way, a, forward), _next(way, c, not forward)
    if forward:
        _turn_noted(way, way.at[b], way.at[d])
    else:
        _turn_noted(way, way.at[d], way.at[b])


@inner
def _fresh(way: Way, depth: int, a: int, b: int) -> bool:
    """Whether the leg between a and b was not put in by this chain."""
    for k in range(depth):
        if (way.added[k, 0] == a and way.added[k, 1] == b) or (way.added[k, 0] == b and way.added[k, 1] == a):
            return False
    return True


@inner
def _chain(road: Road, way: Way, a: int, forward: bool) -> int:
    """Exchange legs one after another, the first being that from a on; what the tour becomes shorter by, or 0."""
    metres = road.metres
    started = way.counts[_TURNS]
    first = _next(way, a, forward)
    for head in range(min(_FIRST, road.near.shape[1])):
        b, gain, best, best_turns, best_depth, depth = first, metres[a, first], 0, started, 0, 0
        forward = _next(way, a, True) == first
        while depth < _DEEPEST:
            found, most = -1, 0
            if depth == 0:
                c = road.near[b, head]
                if metres[b, c] >= gain:
                    return 0
                if c not in (a, _next(way, b, forward)):
                    found = c
            else:
                for k in range(road.near.shape[1]):
                    c = road.near[b, k]
                    left = gain - metres[b, c]
                    if left <= 0:
                        break
                    if c in (a, _next(way, b, forward)):
                        continue
                    d = _next(way, c, not forward)
                    if left + metres[d, c] > most and _fresh(way, depth, d, c):
                        found, most = c, left + metres[d, c]
            if found < 0:
                break
            d = _next(way, found, not forward)
            way.added[depth, 0], way.added[depth, 1] = b, found
            depth += 1
            gain += metres[d, found] - metres[b, found]
            _exchange(way, a, found, forward)
            forward = _next(way, a, True) == d  # the rest of the tour may have been turned instead
            b = d
            if gain - metres[b, a] > best:
                best, best_turns, best_depth = gain - metres[b, a], way.counts[_TURNS], depth
        _undo(way, best_turns)
        if best > 0:
            for k in range(best_depth):
                for side in range(2):
                    _enqueue(way, way.added[k, side])
                    _enqueue(way, _next(way, way.added[k, side], True))
                    _enqueue(way, _next(way, way.added[k, side], False))
            _enqueue(way, a)
            _enqueue(way, first)
            return best
    return 0


@inner
def _past(way: Way, i: int, a: int) -> int:
    """How many places a node is past place i."""
    ahead = way.at[a] - i
    return ahead if ahead >= 0 else ahead + way.order.shape[0]


@inner
def _move(road: Road, way: Way, a: int, forward: bool) -> int:
    """Move the stretch of up to three stops that ends in a to beside one of the nodes near a, either way round."""
    metres, n = road.metres, way.order.shape[0]
    b, behind = a, _next(way, a, forward)
    for count in range(1, _STRETCH + 1):
        if count > 1:
            b = _next(way, b, not forward)
        before = _next(way, b, not forward)
        i = way.at[b] if forward else way.at[a]
        saved = metres[before, b] + metres[a, behind] - metres[before, behind]
        for k in range(road.near.shape[1]):
            c = road.near[a, k]
            if metres[a, c] >= saved:
                break
            if _past(way, i, c) < count:
                continue
            for side in range(2):
                d = _next(way, c, side == 0)
                if _past(way, i, d) < count:
                    continue
                gain = saved - metres[a, c] - metres[b, d] + metres[c, d]
                if gain > 0:
                    first = _past(way, i, c) < _past(way, i, d)  # c comes before d after the stretch
                    j = i + count - 1 if i + count <= n else i + count - 1 - n
                    _shift(way, i, j, way.at[c] if first else way.at[d], first != forward)
                    for node in (a, b, c, d, before, behind):
                        _enqueue(way, node)
                    return gain
    return 0


@inner
def _shift(way: Way, i: int, j: int, p: int, upright: bool) -> None:
    """Exchange the stretch from place i to j with the one behind it up to place p; the first may stay turned round."""
    n = way.order.shape[0]
    count = j - i if j >= i else j - i + n
    one, other = way.order[i], way.order[j]
    head, tail = way.order[0 if j + 1 == n else j + 1], way.order[p]
    _turn_noted(way, i, p)
    if way.order[i] == one:  # the rest was turned instead
        _turn_noted(way, way.at[head], way.at[tail])
    else:
        _turn_noted(way, way.at[tail], way.at[head])
    if upright and count > 0:
        if _past(way, way.at[one], other) == count:
            _turn_noted(way, way.at[one], way.at[other])
        else:
            _turn_noted(way, way.at[other], way.at[one])


@inner
def _settle(road: Road, way: Way) -> int:
    """Shorten the tour around the nodes that wait until none does; by how much."""
    total, n = 0, way.order.shape[0]
    while way.counts[_WAITING] > 0:
        a = way.queue[way.counts[_HEAD]]
        way.counts[_HEAD] += 1
        if way.counts[_HEAD] == n:
            way.counts[_HEAD] = 0
        way.counts[_WAITING] -= 1
        way.queued[a] = 0
        gain = 1
        while gain > 0 and way.counts[_TURNS] + 4 * _DEEPEST < way.turns.shape[0]:
            gain = _move(road, way, a, True)
            if gain == 0:
                gain = _move(road, way, a, False)
            if gain == 0:
                gain = _chain(road, way, a, True)
            if gain == 0:
                gain = _chain(road, way, a, False)
            total += gain
    return total


@inner
def _length(road: Road, order: Ints) -> int:
    total = road.metres[order[order.shape[0] - 1], order[0]]
    for k in range(1, order.shape[0]):
        total += road.metres[order[k - 1], order[k]]
    return total


@compiled
def settle_tour(road: Road, way: Way, best: Ints, costs: Ints) -> None:
    """Take a tour over and shorten it until no chain does."""
    n = best.shape[0]
    for k in range(n):
        way.order[k] = best[k]
        way.at[best[k]] = k
    gain = 1 if n >= _SMALLEST else 0
    while gain > 0:
        way.counts[:] = 0
        for a in range(n):
            way.queued[a] = 0
        for k in range(n):
            _enqueue(way, best[k])
        gain = _settle(road, way)
    for k in range(n):
        best[k] = way.order[k]
    costs[0] = costs[1] = _length(road, best)


@compiled
def kick_tour(road: Road, way: Way, dice: Dice, best: Ints, costs: Ints, heat: float, kicks: int) -> None:
    """Exchange two short stretches, settle, keep or undo; so many times."""
    n = best.shape[0]
    most = min(_KICK, (n - 2) // 2)
    for _ in range(kicks):
        way.counts[_TURNS] = 0
        i, one, two = whole(dice, n), 1 + whole(dice, most), 1 + whole(dice, most)
        j, p = (i + one - 1) % n, (i + one + two - 1) % n
        a, b, c = way.order[i - 1 if i > 0 else n - 1], way.order[i], way.order[j]
        d, e, f = way.order[0 if j + 1 == n else j + 1], way.order[p], way.order[0 if p + 1 == n else p + 1]
        metres = road.metres
        change = metres[a, d] + metres[e, b] + metres[c, f] - metres[a, b] - metres[c, d] - metres[e, f]
        _shift(way, i, j, p, True)
        for node in (a, b, c, d, e, f):
            _enqueue(way, node)
        change -= _settle(road, way)
        if change > 0 and change >= -heat * math.log(1.0 - roll(dice)):
            _undo(way, 0)
            continue
        costs[0] += change
        if costs[0] < costs[1]:
            costs[1] = costs[0]
            for k in range(n):
                best[k] = way.order[k]
