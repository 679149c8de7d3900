"""`one_per_vehicle`: a vehicle has at most one evening a date (rule 1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from routing.ground import Scene, Stop

from .base import Fault, Sentences, fault

NAME = "one_per_vehicle"
SENTENCES = Sentences(
    fr="Le véhicule {vehicle} est déjà pris le {date}.",
    en="Vehicle {vehicle} is already taken on {date}.",
)


def faults(scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
    """One fault per vehicle and date with two evenings or more."""
    for name in scene.vehicles(only):
        for number, count in Counter(stop.day for stop in scene.by_vehicle[name]).items():
            if count > 1 and (only is None or only.day == number):
                day = date.fromordinal(number)
                yield fault(NAME, f"{name} {day}", SENTENCES, vehicle=name, date=day)
