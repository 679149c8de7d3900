"""Plans on the open road as arrays, for compiled searches: the map, tournées under way, the pool of those seen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .field import Bools, Floats, Ints
from .open_road import OpenRoad

MOST_POOLED = 32  # stops: no pool is kept of longer tournées, in which combining finds nothing
_POOL_BITS = 17
_AROUND = 120  # nearest communes that are known

ABSENT, STAMP, TOUCHED, LOOKS = range(4)  # what `Tours.counts` counts


class Map(NamedTuple):
    """What no plan changes; C communes, B blocks, K kinds."""

    metres: Floats  # (nodes, nodes)
    depot: Ints  # (B,)
    room: Ints  # (B,)
    kind: Ints  # (B,)
    fits: Bools  # (C, K)
    worth: Floats  # (C,)
    near: Ints  # (C, most) the nearest communes, nearest first
    home: Floats  # (C,) metres from the nearest depot and back
    marks: Ints  # (C,) random bits: a set of communes has the sum of theirs as its own


class Tours(NamedTuple):
    """A plan under way: stops of the blocks, where each commune is (-1: nowhere), and the blocks without stops."""

    stops: Ints  # (B, most room)
    size: Ints  # (B,)
    block: Ints  # (C,)
    at: Ints  # (C,)
    vacant: Ints  # (K, B)
    vacant_at: Ints  # (B,)
    vacancies: Ints  # (K,)
    absent: Ints  # (C,)
    counts: Ints  # absent communes, stamp, touched blocks, places until one is overlooked


class Undo(NamedTuple):
    """The blocks as they were before the round began."""

    stops: Ints
    size: Ints
    stamp: Ints  # (B,)
    touched: Ints  # (B,)
    absent: Ints
    key: Floats  # (C,) to sort by


class Pool(NamedTuple):
    """Tournées of good plans, as a hash table by kind and set of communes; the shortest order of each."""

    mark: Ints  # (size,) 0: empty
    stops: Ints  # (size, most room)
    counts: Ints
    kind: Ints
    metres: Floats
    filled: Ints  # (1,)


def map_of(road: OpenRoad) -> Map:
    """The season's map; distances both ways count for what is near."""
    size = len(road.worth)
    between = road.metres[:size, :size] + road.metres[:size, :size].T
    np.fill_diagonal(between, np.inf)
    most = min(_AROUND, max(0, size - 1))
    near = np.argsort(between, axis=1, kind="stable")[:, :most]
    home = (road.metres[:size, size:] + road.metres[size:, :size].T).min(axis=1)
    marks = np.random.default_rng(1).integers(1, 2**62, size=size, dtype=np.int64)
    return Map(
        road.metres,
        road.depot,
        road.room,
        road.kind,
        road.fits,
        road.worth,
        np.ascontiguousarray(near, dtype=np.int64),
        home,
        marks,
    )


def empty_pool(road: OpenRoad) -> Pool:
    """Nothing remembered yet."""
    longest = int(road.room.max(initial=0))
    size = 1 << _POOL_BITS if longest <= MOST_POOLED else 0
    return Pool(
        mark=np.zeros(size, np.int64),
        stops=np.zeros((size, longest if size else 0), np.int64),
        counts=np.zeros(size, np.int64),
        kind=np.zeros(size, np.int64),
        metres=np.zeros(size),
        filled=np.zeros(1, np.int64),
    )
