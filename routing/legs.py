"""The legs that a vehicle drives, and what they come to (section "Legs" of the format)."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .ground import Ground, Scene, Stop
from .season import Vehicle


@dataclass(frozen=True, slots=True)
class Leg:
    """A drive from one location to another; `day` is the date of the evening it leads to or comes from."""

    origin: str
    destination: str
    metres: int
    day: date


def legs_of(ground: Ground, vehicle: Vehicle, stops: Sequence[Stop]) -> list[Leg]:
    """The legs for these stops of the vehicle, in date order.

    Never the shorter of direct and via the depot: the format says which one is driven, so that two programs
    that round differently agree.
    """
    if not stops:
        return []
    depot, limit = vehicle.depot, vehicle.max_leg_metres

    def leg(origin: str, destination: str, stop: Stop) -> Leg:
        return Leg(origin, destination, ground.drive(origin, destination), stop.date)

    result = [leg(depot, stops[0].commune.location, stops[0])]
    for here, there in itertools.pairwise(stops):
        direct = leg(here.commune.location, there.commune.location, there)
        if there.day - here.day <= vehicle.nights_out and (limit is None or direct.metres <= limit):
            result.append(direct)
        else:
            result.append(leg(here.commune.location, depot, here))
            result.append(leg(depot, there.commune.location, there))
    result.append(leg(stops[-1].commune.location, depot, stops[-1]))
    return result


def detour(scene: Scene, stop: Stop) -> int:
    """The metres that its vehicle drives for a stop of the scene: with it less without it, between its neighbours.

    The legs from and to the depot that these would have at the ends are in both, and cancel each other.
    """
    ground, stops = scene.ground, scene.by_vehicle[stop.vehicle.id]
    at = bisect_left(stops, stop)
    around = stops[max(0, at - 1) : at + 2]
    without = [other for other in around if other is not stop]
    return sum(leg.metres for leg in legs_of(ground, stop.vehicle, around)) - sum(
        leg.metres for leg in legs_of(ground, stop.vehicle, without)
    )


def metres_of(scene: Scene, vehicle: str | None = None) -> int:
    """The sum of all legs of all vehicles, or of one."""
    ground = scene.ground
    names = scene.by_vehicle if vehicle is None else (vehicle,)
    return sum(leg.metres for name in names for leg in legs_of(ground, ground.vehicles[name], scene.by_vehicle[name]))
