"""Outlines of the departments, so that a map says where it is even without tiles (``data/README.md``: © IGN)."""

import gzip
import json
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from guinguette.paths import DATA

ATTRIBUTION = "Contours © IGN"

_Ring = list[list[float]]


def departments(points: Iterable[tuple[float, float]]) -> dict[str, Any]:
    """Return, as GeoJSON, the departments in which at least one (latitude, longitude) lies."""
    wanted = {_department(lat, lon) for lat, lon in points}
    return {"type": "FeatureCollection", "features": [f for f in _all() if f["properties"]["code"] in wanted]}


@lru_cache(maxsize=4096)
def _department(lat: float, lon: float) -> str | None:
    """Return the code of the department a point lies in. Villages do not move, and looking costs two milliseconds."""
    return next((f["properties"]["code"] for f in _all() if _inside(f["geometry"], lat, lon)), None)


@cache
def _all() -> list[dict[str, Any]]:
    collection = json.loads(gzip.decompress((DATA / "departments.geojson.gz").read_bytes()))
    features: list[dict[str, Any]] = collection["features"]
    return features


def _inside(geometry: dict[str, Any], lat: float, lon: float) -> bool:
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return any(_in_ring(polygon[0], lat, lon) for polygon in polygons)  # a department's holes are another's enclaves


def _in_ring(ring: _Ring, lat: float, lon: float) -> bool:
    """Count the sides that a ray to the east crosses: odd means inside."""
    crossings = 0
    for (lon_a, lat_a), (lon_b, lat_b) in pairwise(ring):
        if (lat_a > lat) != (lat_b > lat) and lon < lon_a + (lat - lat_a) * (lon_b - lon_a) / (lat_b - lat_a):
            crossings += 1
    return crossings % 2 == 1
