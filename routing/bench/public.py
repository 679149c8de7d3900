"""Instances of TSPLIB and CVRPLIB as seasons with the rules off: their costs are those of the plans.

City 1, or the depot, is the depot. A tour is one vehicle that has a date for every other city and sleeps where it is;
a route of Q stops is a vehicle with Q dates in a row. Files are read by `vrplib`, which knows the plane's distances
and two shapes of matrices; the distances on the globe and TSPLIB's pseudo-Euclidean ones are computed here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.errors import SeasonError
from routing.season import Commune, Costs, Location, Matrix, Season, Vehicle

SUFFIXES = (".tsp", ".vrp")
_FIRST_DAY = date(2026, 1, 1)
_GLOBE = 6378.388  # kilometres, TSPLIB's
_PI = 3.141592  # likewise: optimal values depend on it
_FROM_NAME = re.compile(r"-k(\d+)$")


@dataclass(frozen=True, slots=True)
class Public:
    """An instance as a season; `metres` is its matrix, the depot first; `vehicles` tournées of at most `room` stops.

    `best` is the best-known cost, where a `.sol` file says it.
    """

    season: Season
    metres: NDArray[np.int64]
    vehicles: int
    room: int
    best: int | None


def read(path: Path) -> Public:
    """Read an instance and the `.sol` beside it. Raises SeasonError for one that is no season, OSError as it comes."""
    import vrplib  # noqa: PLC0415 - for development only

    try:
        found = vrplib.read_instance(path, compute_edge_weights=False)
        solution = vrplib.read_solution(path.with_suffix(".sol")) if path.with_suffix(".sol").exists() else {}
        metres = _metres(found)
        best = int(solution["cost"]) if "cost" in solution else None
    except (ValueError, RuntimeError, KeyError, IndexError, TypeError) as bad:
        raise SeasonError("", f"is not an instance that can be read ({bad})") from None
    size = len(metres)
    room, vehicles = size - 1, 1
    if found.get("type") != "TSP":
        room = _room(found, size)
        named = _FROM_NAME.search(str(found.get("name", "")))
        known = len(solution.get("routes", ())) or (int(named.group(1)) if named else 0)
        vehicles = max(known, math.ceil((size - 1) / room))
    name = str(found.get("name", path.stem))
    return Public(_season(name, metres, vehicles, room), metres, vehicles, room, best)


def _room(found: dict[str, Any], size: int) -> int:
    """Stops of a route. Only where all demands are alike do dates stand for a load."""
    demands = np.asarray(found["demand"]).ravel()
    depots = np.asarray(found["depot"]).ravel().tolist()
    if depots not in ([0], [1]) or len(demands) != size:
        raise SeasonError("", "has not one depot, its first node")
    wanted = set(demands[1:].tolist())
    if len(wanted) != 1:
        raise SeasonError("", "has customers of different demands: dates cannot stand for its loads")
    return int(found["capacity"]) // int(wanted.pop())


def _metres(found: dict[str, Any]) -> NDArray[np.int64]:
    kind = found.get("edge_weight_type")
    if "edge_weight" in found:
        metres = np.asarray(found["edge_weight"], dtype=np.float64)
    else:
        places = np.asarray(found["node_coord"], dtype=np.float64)
        if kind == "GEO":
            return _on_the_globe(places)
        apart = np.hypot(*(np.subtract.outer(axis, axis) for axis in places.T))
        if kind == "ATT":
            apart /= math.sqrt(10)
            metres = np.floor(apart + 0.5)
            metres += metres < apart
        elif kind == "CEIL_2D":
            metres = np.ceil(apart)
        elif kind == "EUC_2D":
            metres = np.floor(apart + 0.5)
        else:
            raise ValueError(f"distances of type {kind}")
    whole: NDArray[np.int64] = np.floor(metres + 0.5).astype(np.int64)
    np.fill_diagonal(whole, 0)
    return whole


def _on_the_globe(places: NDArray[np.float64]) -> NDArray[np.int64]:
    """TSPLIB's GEO: degrees and minutes as DDD.MM, cut to whole kilometres."""
    degrees = np.trunc(places)
    radians = _PI * (degrees + 5.0 * (places - degrees) / 3.0) / 180.0
    lat, lon = radians.T
    q1, q2, q3 = (
        np.cos(np.subtract.outer(lon, lon)),
        np.cos(np.subtract.outer(lat, lat)),
        np.cos(np.add.outer(lat, lat)),
    )
    inside = 0.5 * ((1.0 + q1) * q2 - (1.0 - q1) * q3)
    whole: NDArray[np.int64] = (_GLOBE * np.arccos(np.clip(inside, -1.0, 1.0)) + 1.0).astype(np.int64)
    np.fill_diagonal(whole, 0)
    return whole


def _season(name: str, metres: NDArray[np.int64], vehicles: int, room: int) -> Season:
    names = [str(k) for k in range(1, len(metres) + 1)]
    return Season(
        name=name,
        dates=tuple(_FIRST_DAY + timedelta(days=k) for k in range(room)),
        locations=tuple(Location(item, 0.0, 0.0) for item in names),  # the matrix says where they are
        travel=Matrix(tuple(tuple(row) for row in metres.tolist())),
        vehicles=tuple(
            Vehicle(f"v{k}", names[0], nights_out=room if vehicles == 1 else 1) for k in range(1, vehicles + 1)
        ),
        communes=tuple(Commune(item, item, 1) for item in names[1:]),
        costs=Costs(no_evening=max(10**6, 10 * int(metres.max(initial=0)))),  # nobody is left out for the metres
    )
