"""`leg`: no leg is longer than the vehicle's `max_leg_metres` (rule 8)."""

from __future__ import annotations

from collections.abc import Iterator

from routing.ground import Scene, Stop
from routing.legs import legs_of

from .base import Fault, Sentences, fault

NAME = "leg"
SENTENCES = Sentences(
    fr="Le véhicule {vehicle} devrait rouler {metres} m de {origin} à {destination} ({date}), plus que {most} m.",
    en="Vehicle {vehicle} would drive {metres} m from {origin} to {destination} ({date}), more than {most} m.",
)


def faults(scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
    """One fault per leg that is too long; for one stop, of its vehicle, since it may lengthen others' legs."""
    for name in scene.vehicles(only):
        vehicle = scene.ground.vehicles[name]
        most = vehicle.max_leg_metres
        if most is None:
            continue
        for leg in legs_of(scene.ground, vehicle, scene.by_vehicle[name]):
            if leg.metres > most:
                yield fault(
                    NAME,
                    f"{name} {leg.origin} {leg.destination} {leg.day}",
                    SENTENCES,
                    vehicle=name,
                    metres=leg.metres,
                    origin=leg.origin,
                    destination=leg.destination,
                    date=leg.day,
                    most=most,
                )
