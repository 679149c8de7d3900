"""Metres and seconds by road between places, asked of a server (`road_servers`).

Standard library and numpy only. What is known already comes from a cache that the caller passes; only the rest is
asked, in batches that the server accepts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .travel import great_circle_metres

#: Stand where a pair has never been answered, and where the answer was that no road leads there.
UNKNOWN, NO_ROAD = -2, -1
#: Places are compared and asked for on a grid of 1e-5 degrees (1.1 m): what OSRM's own polylines carry.
GRID_PER_DEGREE = 100_000

Points = NDArray[np.int64]


class RoadsError(Exception):
    """The server gave no answer that can be used; the text says why, in one line and without a password."""


class TooLargeError(RoadsError):
    """The server takes fewer places at a time than it was asked for."""


class OffRoadError(RoadsError):
    """One of the places is too far from any road, and the server does not say which."""


@dataclass(frozen=True, slots=True)
class Drives:
    """Whole `metres` and `seconds` from row to column, of one shape; UNKNOWN or NO_ROAD where there are none."""

    metres: NDArray[np.int64]
    seconds: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Limit:
    """What one request may hold: `pairs` is sources times targets, `points` the two together."""

    pairs: int
    points: int

    def halved(self) -> Limit:
        """The limit with half as many places a side. Raises RoadsError where not even one pair was taken."""
        if self.pairs == 1:
            raise RoadsError("the server refuses even a single pair of places as too many")
        return Limit(max(1, self.pairs // 4), max(2, self.points // 2))


class Cache(Protocol):
    """Remembers answers of one server."""

    def known(self, points: Points) -> Drives:
        """What is known between these points (shape (n, 2), sorted, no two alike): arrays of the caller's own."""
        ...

    def keep(self, sources: Points, targets: Points, drives: Drives) -> None:
        """Remember one answer, as soon as it is there: what comes later may fail."""
        ...


class Server(Protocol):
    """Answers a table of a few places at a time."""

    @property
    def limit(self) -> Limit:
        """What it takes at a time, as far as is known before it refuses."""
        ...

    @property
    def farthest_metres(self) -> float:
        """Pairs further apart than this, as the crow flies, are not asked for."""
        ...

    def table(self, sources: Points, targets: Points) -> Drives:
        """From each source to each target. Raises RoadsError."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """`drives` between `points` (shape (m, 2), sorted, no two alike); `failure` says why some are UNKNOWN."""

    points: Points
    drives: Drives
    failure: str = ""


def on_grid(degrees: NDArray[np.float64]) -> Points:
    """Latitudes and longitudes in degrees, shape (n, 2), as whole steps of the grid."""
    return np.rint(np.asarray(degrees, dtype=np.float64).reshape(-1, 2) * GRID_PER_DEGREE).astype(np.int64)


def key_of(points: Points) -> NDArray[np.int64]:
    """One number for each point, in the points' own order: latitude first, then longitude."""
    return points[:, 0] * (1 << 32) + points[:, 1]


def ask(
    server: Server,
    degrees: NDArray[np.float64],
    cache: Cache,
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> Answer:
    """The drives between all these places (latitude, longitude; shape (n, 2)), from the cache or else the server.

    Never raises RoadsError: what a server that fails has left unanswered is UNKNOWN, and `failure` says why. Whoever
    stops it keeps what is there.
    """
    points = np.unique(on_grid(degrees), axis=0)
    drives = cache.known(points)
    _leave_out_far(drives, points, server.farthest_metres)
    limit = server.limit
    try:
        while (unknown := drives.metres == UNKNOWN).any():
            for sources, targets in batches(unknown, limit):
                if should_stop():
                    return Answer(points, drives, "stopped before all roads were asked for")
                try:
                    found = _answered(server, points[sources], points[targets])
                except TooLargeError:
                    limit = limit.halved()
                    break
                cache.keep(points[sources], points[targets], found)
                drives.metres[np.ix_(sources, targets)] = found.metres
                drives.seconds[np.ix_(sources, targets)] = found.seconds
    except RoadsError as error:
        return Answer(points, drives, str(error))
    return Answer(points, drives)


def filled(
    answer: Answer, degrees: NDArray[np.float64], *, detour: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Metres between places (shape (n, 2) in, (n, n) out), and where they are an estimate: great circle times `detour`.

    That is where no road leads, where nobody has answered, and where the answer does not know the place.
    """
    degrees = np.asarray(degrees, dtype=np.float64).reshape(-1, 2)
    grid = on_grid(degrees)
    size = len(grid)
    metres = np.full((size, size), UNKNOWN, dtype=np.int64)
    if len(answer.points) and size:
        keys = key_of(answer.points)
        index = np.minimum(np.searchsorted(keys, key_of(grid)), len(keys) - 1)
        there = np.flatnonzero(keys[index] == key_of(grid))
        metres[np.ix_(there, there)] = answer.drives.metres[np.ix_(index[there], index[there])]
    estimated = metres < 0
    np.fill_diagonal(estimated, False)
    metres = np.where(estimated, great_circle_metres(degrees[:, 0], degrees[:, 1], detour=detour), metres)
    np.fill_diagonal(metres, 0)
    return metres, estimated


def batches(unknown: NDArray[np.bool_], limit: Limit) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Sources and targets of requests within the limit that together ask for every unknown pair, each once.

    Sources that lack the same targets are asked together: a new place among old ones costs its row and its column.
    """
    lacking, group = np.unique(unknown, axis=0, return_inverse=True)
    group = group.reshape(-1)
    for number, columns in enumerate(lacking):
        targets, sources = np.flatnonzero(columns), np.flatnonzero(group == number)
        if len(targets) == 0:
            continue
        high, wide = _shape(len(sources), len(targets), limit)
        for top in range(0, len(sources), high):
            for left in range(0, len(targets), wide):
                yield sources[top : top + high], targets[left : left + wide]


def _shape(rows: int, columns: int, limit: Limit) -> tuple[int, int]:
    """How many sources and targets of so many to ask for at once: as square as the limits and the numbers allow."""
    side = max(1, math.isqrt(limit.pairs))
    wide = min(columns, max(side, limit.pairs // rows), max(1, limit.points - min(rows, side)))
    high = min(rows, max(1, limit.pairs // wide), max(1, limit.points - wide))
    return high, wide


def _leave_out_far(drives: Drives, points: Points, farthest_metres: float) -> None:
    if math.isinf(farthest_metres) or not len(points):
        return
    degrees = points / GRID_PER_DEGREE
    far = great_circle_metres(degrees[:, 0], degrees[:, 1], detour=1.0) > farthest_metres
    far &= drives.metres == UNKNOWN
    drives.metres[far] = drives.seconds[far] = NO_ROAD


def _answered(server: Server, sources: Points, targets: Points) -> Drives:
    """The server's table; where a place is off all roads, by halves until it is alone, and no road leads there."""
    try:
        return server.table(sources, targets)
    except OffRoadError:
        if len(sources) == len(targets) == 1:
            none = np.full((1, 1), NO_ROAD, dtype=np.int64)
            return Drives(none, none.copy())
    axis = 0 if len(sources) >= len(targets) else 1
    if axis == 0:
        middle = len(sources) // 2
        halves = [_answered(server, part, targets) for part in (sources[:middle], sources[middle:])]
    else:
        middle = len(targets) // 2
        halves = [_answered(server, sources, part) for part in (targets[:middle], targets[middle:])]
    return Drives(
        np.concatenate([half.metres for half in halves], axis),
        np.concatenate([half.seconds for half in halves], axis),
    )
