"""`allowed_vehicle`: the vehicle is one of the commune's (rule 3)."""

from __future__ import annotations

from collections.abc import Iterator

from routing.ground import Scene, Stop

from .base import Fault, Sentences, fault

NAME = "allowed_vehicle"
SENTENCES = Sentences(
    fr="La commune {commune} n'accepte pas le véhicule {vehicle}.",
    en="Commune {commune} does not take vehicle {vehicle}.",
)


def faults(scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
    """One fault per evening on a vehicle that the commune does not name."""
    for stop in scene.each(only):
        allowed = stop.commune.vehicles
        if allowed is not None and stop.vehicle.id not in allowed and NAME not in stop.waived:
            commune, vehicle = stop.commune.id, stop.vehicle.id
            yield fault(NAME, f"{commune} {vehicle}", SENTENCES, commune=commune, vehicle=vehicle)
