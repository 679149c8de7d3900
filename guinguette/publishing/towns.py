"""The towns that a map names, so that people find their way on it without tiles (``data/README.md``)."""

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from guinguette.paths import DATA

#: Whoever lives far from any town of this size knows the way to one all the same.
_INHABITANTS = 2500
#: A village alone has surroundings too: the least width and height of a map, in degrees.
_LEAST = 0.4
#: From the middle to the edge, and between two names that would touch on a phone: shares of the width and height.
_REACH = 0.7
_APART = (0.26, 0.06)
#: Nearer than that to an evening (degrees, some 2 km), a name would stand under its lantern.
_BESIDE = 0.02


@dataclass(frozen=True, slots=True)
class Town:
    """A commune that people go by: its name and degrees WGS 84."""

    name: str
    lat: float
    lon: float


def landmarks(points: Sequence[tuple[float, float]], count: int) -> list[Town]:
    """Return at most ``count`` towns among and around the (latitude, longitude) given, the biggest first.

    None is beside one of the points, and none so near to another that their names would touch.
    """
    lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
    middle_lat, middle_lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    height, width = max(max(lats) - min(lats), _LEAST), max(max(lons) - min(lons), _LEAST)
    chosen: list[Town] = []
    for town in _towns():
        if abs(town.lat - middle_lat) > _REACH * height or abs(town.lon - middle_lon) > _REACH * width:
            continue
        if any(abs(town.lat - lat) < _BESIDE and abs(town.lon - lon) < _BESIDE for lat, lon in points):
            continue
        if any(
            abs(town.lon - other.lon) < _APART[0] * width and abs(town.lat - other.lat) < _APART[1] * height
            for other in chosen
        ):
            continue
        chosen.append(town)
        if len(chosen) == count:
            break
    return chosen


@cache
def _towns() -> list[Town]:
    """Return the towns of metropolitan France and overseas, the biggest first."""
    with gzip.open(DATA / "communes.csv.gz", "rt", encoding="utf-8", newline="") as text:
        rows = [row for row in csv.DictReader(text) if row["lat"] and int(row["population"] or 0) >= _INHABITANTS]
    rows.sort(key=lambda row: (-int(row["population"]), row["insee"]))
    return [Town(row["name"], float(row["lat"]), float(row["lon"])) for row in rows]
