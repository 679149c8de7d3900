"""`open_date`: the date is one of the season, of the vehicle and not "no" for the commune (rule 2)."""

from __future__ import annotations

from collections.abc import Iterator

from routing.ground import Scene, Stop
from routing.season import NO

from .base import Fault, Sentences, fault

NAME = "open_date"
SEASON = Sentences(fr="Le {date} n'est pas une date de la saison.", en="{date} is not a date of the season.")
VEHICLE = Sentences(fr="Le véhicule {vehicle} ne roule pas le {date}.", en="Vehicle {vehicle} does not run on {date}.")
COMMUNE = Sentences(
    fr="La commune {commune} n'est pas disponible le {date}.", en="Commune {commune} is not available on {date}."
)


def faults(scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
    """Up to three faults per evening.

    No waiver opens a date outside the season: the format makes a season with such a lock infeasible.
    """
    for stop in scene.each(only):
        day, commune, vehicle = stop.date, stop.commune.id, stop.vehicle.id
        if stop.day not in scene.ground.days:
            yield fault(NAME, f"{day}", SEASON, date=day)
        if NAME in stop.waived:
            continue
        if not scene.ground.runs(stop.vehicle, stop.day):
            yield fault(NAME, f"{vehicle} {day}", VEHICLE, vehicle=vehicle, date=day)
        if stop.commune.answer(day) == NO:
            yield fault(NAME, f"{commune} {day}", COMMUNE, commune=commune, date=day)
