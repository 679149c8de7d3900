"""The servers that tell roads: OSRM (`/table`) and Valhalla (`/sources_to_targets`), over HTTP.

Standard library and numpy only. Sources: the two projects' own API references (docs/solver.md names them).
"""

from __future__ import annotations

import http.client
import json
import math
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from .roads import GRID_PER_DEGREE, NO_ROAD, Drives, Limit, OffRoadError, Points, RoadsError, TooLargeError

_TRIES = 4
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0
_NEXT_TO_NOTHING_METRES = 1.0
_TOO_MANY_REQUESTS, _SERVER_ERROR = 429, 500


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
