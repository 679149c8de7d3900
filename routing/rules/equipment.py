"""`equipment`: the vehicle has all that the commune needs (rule 3)."""

from __future__ import annotations

from collections.abc import Iterator

from routing.ground import Scene, Stop

from .base import Fault, Sentences, fault

NAME = "equipment"
SENTENCES = Sentences(
    fr="La commune {commune} a besoin de ce que le véhicule {vehicle} n'a pas : {lacking}.",
    en="Commune {commune} needs what vehicle {vehicle} lacks: {lacking}.",
)


def faults(scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
    """One fault per evening whose vehicle lacks something."""
    for stop in scene.each(only):
        lacking = stop.commune.needs - stop.vehicle.equipment
        if lacking and NAME not in stop.waived:
            commune, vehicle = stop.commune.id, stop.vehicle.id
            yield fault(
                NAME,
                f"{commune} {vehicle}",
                SENTENCES,
                commune=commune,
                vehicle=vehicle,
                lacking=", ".join(sorted(lacking)),
            )
