"""Metres and seconds by road between places, asked of OSRM (`/table`) or Valhalla (`/sources_to_targets`).

Standard library and numpy only. What is known already comes from a cache that the caller passes; only the rest is
asked, in batches that the server accepts. Sources: the two projects' own API references (docs/solver.md names them).
"""

from __future__ import annotations

import http.client
import json
import math
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from .travel import great_circle_metres

#: Stand where a pair has never been answered, and where the answer was that no road leads there.
UNKNOWN, NO_ROAD = -2, -1
#: Places are compared and asked for on a grid of 1e-5 degrees (1.1 m): what OSRM's own polylines carry.
GRID_PER_DEGREE = 100_000

_TRIES = 4
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0
_NEXT_TO_NOTHING_METRES = 1.0
_TOO_MANY_REQUESTS, _SERVER_ERROR = 429, 500

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


class _Http:
    """A connection for each request; tries again what a busy or restarting server has not answered."""

    def __init__(
        self,
        url: str,
        *,
        user: str = "",
        password: str = "",
        timeout_seconds: float = 20.0,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connect = partial(kind, parts.hostname or "", parts.port, timeout=timeout_seconds)
        self._path = parts.path.rstrip("/")
        self._headers = {"User-Agent": "guinguette-mobile"}
        if user:
            self._headers["Authorization"] = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
        self._pause = pause

    def get(self, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """The status (below 500, never 429) and the JSON object that came with it; a POST where there is a `body`."""
        why = ""
        wait = _FIRST_PAUSE_SECONDS
        for attempt in range(_TRIES):
            if attempt:
                self._pause(wait)
                wait = min(2 * wait, _LONGEST_PAUSE_SECONDS)
            try:
                status, headers, text = self._once(path, body)
            except TimeoutError:
                why = "no answer in time"
                continue
            except (OSError, http.client.HTTPException) as error:
                why = f"no connection ({type(error).__name__}: {error})"
                continue
            if status == _TOO_MANY_REQUESTS or status >= _SERVER_ERROR:
                why = f"HTTP {status}"
                wait = _asked_to_wait(headers.get("Retry-After"), wait)
                continue
            return status, _object(status, text)
        raise RoadsError(f"{why}, tried {_TRIES} times")

    def _once(self, path: str, body: Mapping[str, Any] | None) -> tuple[int, http.client.HTTPMessage, bytes]:
        method, headers, sent = ("GET", self._headers, None)
        if body is not None:
            method, headers = "POST", {**self._headers, "Content-Type": "application/json"}
            sent = json.dumps(body).encode()
        with closing(self._connect()) as connection:
            connection.request(method, self._path + path, sent, headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()


def _asked_to_wait(header: str | None, wait: float) -> float:
    """The seconds that a Retry-After asks for, where it is a number, but never very long."""
    return min(_LONGEST_PAUSE_SECONDS, max(wait, float(header))) if header and header.isdecimal() else wait


def _object(status: int, text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise RoadsError(f"HTTP {status} with an answer that is no JSON object")
    return found


class Osrm:
    """An OSRM server (osrm-routed) at `url`, for example http://127.0.0.1:5000; `profile` is the word in its paths.

    100 places a side is osrm-routed's own `--max-table-size`; a server that takes fewer says so and is asked for less.
    """

    limit = Limit(pairs=100 * 100, points=200)  # also keeps the address of a request under 5 KB
    farthest_metres = math.inf

    def __init__(self, url: str, profile: str = "driving", **connection: Any) -> None:
        self._http, self._profile = _Http(url, **connection), profile

    def table(self, sources: Points, targets: Points) -> Drives:
        """From each source to each target. Raises RoadsError."""
        points, index = np.unique(np.concatenate([sources, targets]), axis=0, return_inverse=True)
        index = index.reshape(-1)
        if len(points) == 1:
            points = np.repeat(points, 2, axis=0)  # from a place to itself: OSRM wants two
        places = ";".join(f"{_degrees(lon)},{_degrees(lat)}" for lat, lon in points.tolist())
        numbers = [";".join(map(str, part.tolist())) for part in (index[: len(sources)], index[len(sources) :])]
        status, found = self._http.get(
            f"/table/v1/{self._profile}/{places}"
            f"?annotations=distance,duration&sources={numbers[0]}&destinations={numbers[1]}"
        )
        if found.get("code") != "Ok":
            said = f"HTTP {status}, OSRM says {found.get('code')}: {found.get('message', '')}"
            raise TooLargeError(said) if found.get("code") == "TooBig" else RoadsError(said)
        shape = len(sources), len(targets)
        return _drives(found.get("distances"), found.get("durations"), shape)


class Valhalla:
    """A Valhalla server at `url`, for example http://127.0.0.1:8002; `profile` is its costing model.

    2,500 pairs no further apart than 400 km are what its service_limits allow for `auto` unless somebody changed them.
    """

    limit = Limit(pairs=2_500, points=2_501)
    farthest_metres = 400_000.0
    _TOO_MANY, _OFF_ROAD = 150, (170, 171, 442)

    def __init__(self, url: str, profile: str = "auto", **connection: Any) -> None:
        self._http, self._profile = _Http(url, **connection), profile

    def table(self, sources: Points, targets: Points) -> Drives:
        """From each source to each target. Raises RoadsError."""
        body = {
            "sources": [_lat_lon(point) for point in sources.tolist()],
            "targets": [_lat_lon(point) for point in targets.tolist()],
            "costing": self._profile,
            "units": "kilometers",
        }
        status, found = self._http.get("/sources_to_targets", body)
        rows = found.get("sources_to_targets")
        if rows is None:
            code = found.get("error_code")
            said = f"HTTP {status}, Valhalla says {code}: {found.get('error', '')}"
            if code == self._TOO_MANY:
                raise TooLargeError(said)
            raise OffRoadError(said) if code in self._OFF_ROAD else RoadsError(said)
        try:
            kilometres = [[cell["distance"] for cell in row] for row in rows]
            seconds = [[cell["time"] for cell in row] for row in rows]
        except (TypeError, KeyError) as error:
            raise RoadsError("Valhalla's table is not one of distances and times") from error
        return _drives(kilometres, seconds, (len(sources), len(targets)), metres_each=1000.0)


def _degrees(steps: int) -> str:
    return f"{steps / GRID_PER_DEGREE:.5f}"


def _lat_lon(point: list[int]) -> dict[str, float]:
    return {"lat": point[0] / GRID_PER_DEGREE, "lon": point[1] / GRID_PER_DEGREE}


def _drives(distances: Any, durations: Any, shape: tuple[int, int], *, metres_each: float = 1.0) -> Drives:
    """Two tables of numbers, null where no road leads, as whole numbers rounded half up. Raises RoadsError.

    OSRM has distances below zero: by a decimetre between neighbours, which is 0, and now and then by kilometres
    (its issues 5855 and 7269), which nobody knows what to make of: no road, so that an estimate takes their place.
    """
    try:
        metres = np.array(distances, dtype=np.float64) * metres_each
        seconds = np.array(durations, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise RoadsError("the server's table holds something else than numbers") from error
    if metres.shape != shape or seconds.shape != shape:
        raise RoadsError(f"the server's table is {metres.shape}, {shape} was asked for")
    none = ~np.isfinite(metres) | ~np.isfinite(seconds) | (metres < -_NEXT_TO_NOTHING_METRES) | (seconds < 0)
    whole = [
        np.floor(np.where(none, 0.0, np.maximum(table, 0.0)) + 0.5).astype(np.int64) for table in (metres, seconds)
    ]
    return Drives(*(np.where(none, NO_ROAD, table) for table in whole))
