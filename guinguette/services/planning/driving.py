"""How far and how long a van drives for each evening, by road where that is known."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import routing
from guinguette.models import Evening, PlannedEvening, RoadSurvey, SolverRun, Tour, Vehicle
from guinguette.services.planning.drafting import Key
from guinguette.services.planning.road_cache import Pair, seconds_by_road
from guinguette.services.planning.roads import degrees_of, known_roads
from guinguette.services.season import point_of
from routing.ground import Ground, Scene
from routing.legs import Leg, legs_of
from routing.roads import on_grid

#: What a road server times is a car, which drives as the law allows on the roads between villages (Code de la route,
#: R413-2: 80 km/h outside built-up areas where nothing divides the road).
CAR_KM_PER_HOUR = 80
_METRES_PER_SECOND = 1000 / 3600  # in a km/h
_DEPOT = "depot-"

Line = PlannedEvening | Evening


@dataclass(frozen=True, slots=True)
class Drive:
    """One way: INSEE codes, empty for the van's depot. ``by_road`` where ``seconds`` come from a road server."""

    origin: str
    destination: str
    metres: int
    seconds: int
    by_road: bool


def slowness(vehicle: Vehicle) -> float:
    """Return by how much a car's time is multiplied for this van: 1 or more.

    A van that cruises below what the law allows loses that share of its time everywhere, in villages too, where it
    would not: rather an hour early than an hour late. One that could go faster may not.
    """
    return max(1.0, CAR_KM_PER_HOUR / vehicle.cruise_km_per_hour)


def day_drives(session: Session, tour: Tour, lines: Sequence[Line]) -> dict[Key, tuple[Drive, ...]]:
    """Return the drives of each line's day (INSEE code, date, van's id): to the evening, and home where it ends there.

    ``lines`` are all those of the vans looked at. Distances are those of the tour's latest run
    (``planning.known_roads``), legs those of season-format.md. Where the server gave no time, the van's own cruising
    speed takes its place. An evening in a village that nobody has placed on the map has none.
    """
    requests = {request.commune_insee: request for request in tour.requests}
    points: dict[str, tuple[float, float]] = {}
    for line in lines:
        asked = requests.get(line.commune_insee)
        if point := point_of(asked.pitch if asked else None, line.commune):
            points[line.commune_insee] = point
    at = {(line.vehicle.slug, line.date): line for line in lines if line.commune_insee in points}
    season = _season(tour, points, at.values())
    roads = known_roads(session, tour)
    if roads is not None:
        season["travel"] = roads.travel(season)
    legs = list(_legs(season, at.values()))
    timed = _timed(session, tour, season, [leg for _, leg in legs]) if roads is not None else {}
    found: dict[Key, list[Drive]] = defaultdict(list)
    for slug, leg in legs:
        line = at[slug, leg.day]
        seconds = timed.get((leg.origin, leg.destination))
        found[line.commune_insee, line.date, line.vehicle_id].append(_drive(leg, line.vehicle, seconds))
    return {key: tuple(drives) for key, drives in found.items()}


def _season(tour: Tour, points: Mapping[str, tuple[float, float]], lines: Iterable[Line]) -> dict[str, Any]:
    """Return just enough of a season for its legs."""
    vans = {line.vehicle.slug: line.vehicle for line in lines}
    depots = {_DEPOT + slug: (van.depot_lat, van.depot_lon) for slug, van in vans.items()}
    return {
        "format": "guinguette-season/1",
        "name": tour.name,
        "dates": [],
        "locations": [{"id": name, "lat": lat, "lon": lon} for name, (lat, lon) in {**depots, **points}.items()],
        "travel": {"kind": "great_circle", "detour": tour.detour},
        "vehicles": [
            {
                "id": slug,
                "depot": _DEPOT + slug,
                "nights_out": van.nights_out,
                **({"max_leg_metres": van.max_leg_metres} if van.max_leg_metres else {}),
            }
            for slug, van in vans.items()
        ],
        "communes": [{"id": insee, "location": insee, "evenings": 1} for insee in points],
    }


def _legs(season: Mapping[str, Any], lines: Iterable[Line]) -> Iterable[tuple[str, Leg]]:
    """Yield each leg with the slug of its van."""
    evenings = [routing.Evening(line.commune_insee, line.date, line.vehicle.slug) for line in lines]
    scene = Scene(Ground(routing.parse_season(season)), evenings)
    for van in scene.ground.season.vehicles:
        for leg in legs_of(scene.ground, van, scene.by_vehicle[van.id]):
            yield van.id, leg


def _timed(session: Session, tour: Tour, season: Mapping[str, Any], legs: Sequence[Leg]) -> dict[tuple[str, str], int]:
    """Return a car's seconds for those legs (from, to) that the server of the tour's latest run knows."""
    runs = select(RoadSurvey.server).join(SolverRun).where(SolverRun.tour_id == tour.id)
    server = session.scalar(runs.order_by(RoadSurvey.run_id.desc()).limit(1))
    steps = dict(zip((place["id"] for place in season["locations"]), on_grid(degrees_of(season)).tolist(), strict=True))
    pairs: dict[tuple[str, str], Pair] = {
        (leg.origin, leg.destination): (*steps[leg.origin], *steps[leg.destination]) for leg in legs
    }
    known = seconds_by_road(session, server or "", pairs.values())
    return {ends: known[pair] for ends, pair in pairs.items() if pair in known}


def _drive(leg: Leg, vehicle: Vehicle, car_seconds: int | None) -> Drive:
    cruising = leg.metres / (vehicle.cruise_km_per_hour * _METRES_PER_SECOND)
    seconds = cruising if car_seconds is None else car_seconds * slowness(vehicle)
    origin, destination = ("" if end.startswith(_DEPOT) else end for end in (leg.origin, leg.destination))
    return Drive(origin, destination, leg.metres, round(seconds), car_seconds is not None)
