"""`locked`: every locked evening is in the plan, on the vehicle it names (rule 10)."""

from __future__ import annotations

from collections.abc import Iterator

from routing.ground import Scene, Stop
from routing.season import Lock

from .base import Fault, Sentences, fault

NAME = "locked"
ANY_VEHICLE = Sentences(
    fr="La soirée de {commune} le {date} est verrouillée.", en="The evening of {commune} on {date} is locked."
)
ON_VEHICLE = Sentences(
    fr="La soirée de {commune} le {date} est verrouillée sur le véhicule {vehicle}.",
    en="The evening of {commune} on {date} is locked on vehicle {vehicle}.",
)


def instance(lock: Lock) -> Fault:
    """The lock as a rule instance."""
    where = f"{lock.commune} {lock.date}"
    if lock.vehicle is None:
        return fault(NAME, where, ANY_VEHICLE, commune=lock.commune, date=lock.date)
    return fault(
        NAME, f"{where} {lock.vehicle}", ON_VEHICLE, commune=lock.commune, date=lock.date, vehicle=lock.vehicle
    )


def faults(scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
    """One fault per locked evening that the plan does not have; one more evening never breaks this rule."""
    if only is not None:
        return
    for lock in scene.ground.season.locked:
        if not any(
            stop.date == lock.date and lock.vehicle in (None, stop.vehicle.id)
            for stop in scene.by_commune[lock.commune]
        ):
            yield instance(lock)
