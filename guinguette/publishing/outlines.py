"""Outlines of the departments, so that a map says where it is even without tiles (``data/README.md``: © IGN)."""

import gzip
import json
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from guinguette.paths import DATA

ATTRIBUTION = "Contours © IGN"

_Ring = list[list[float]]


def departments(points: Iterable[tuple[float, float]]) -> dict[str, Any]:
    """Return, as GeoJSON, the departments in which at least one (latitude, longitude) lies."""
    wanted = {_department(lat, lon) for lat, lon in points}
    return {"type": "FeatureCollection", "features": [f for f in _all() if f["properties"]["code"] in wanted]}


@lru_cache(maxsize=4096)
def _department(lat: float, lon: float) -> str | None:
    """Return the code of the department a point lies in. Villages do not move, and looking takes its time."""
    return next((code for code, box, ring in _rings() if box.has(lat, lon) and _in_ring(ring, lat, lon)), None)


@cache
def _all() -> list[dict[str, Any]]:
    collection = json.loads(gzip.decompress((DATA / "departments.geojson.gz").read_bytes()))
    features: list[dict[str, Any]] = collection["features"]
    return features


class _Box(NamedTuple):
    """What a ring lies in: most departments are nowhere near a point, and a ring has a thousand sides."""

    south: float
    west: float
    north: float
    east: float

    def has(self, lat: float, lon: float) -> bool:
        return self.south <= lat <= self.north and self.west <= lon <= self.east


@cache
def _rings() -> list[tuple[str, _Box, _Ring]]:
    """Return the outer rings, each with its department's code: a department's holes are another's enclaves."""
    found = []
    for feature in _all():
        geometry = feature["geometry"]
        for polygon in [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]:
            lons, lats = zip(*polygon[0], strict=True)
            box = _Box(min(lats), min(lons), max(lats), max(lons))
            found.append((feature["properties"]["code"], box, polygon[0]))
    return found


def _in_ring(ring: _Ring, lat: float, lon: float) -> bool:
    """Count the sides that a ray to the east crosses: odd means inside."""
    crossings = 0
    for (lon_a, lat_a), (lon_b, lat_b) in pairwise(ring):
        if (lat_a > lat) != (lat_b > lat) and lon < lon_a + (lat - lat_a) * (lon_b - lon_a) / (lat_b - lat_a):
            crossings += 1
    return crossings % 2 == 1
