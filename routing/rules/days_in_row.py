"""`days_in_row`: a vehicle has evenings on at most so many consecutive dates (rule 7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from routing.ground import Scene, Stop

from .base import Fault, Sentences, fault

NAME = "days_in_row"
SENTENCES = Sentences(
    fr="Le véhicule {vehicle} tourne au plus {most} jours de suite : {first} au {last} en fait trop.",
    en="Vehicle {vehicle} runs at most {most} days in a row: {first} to {last} is too many.",
)


def faults(scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
    """One fault per run of consecutive calendar dates that is too long."""
    if only is not None and NAME in only.waived:
        return
    for name in scene.vehicles(only):
        most = scene.ground.vehicles[name].max_days_in_row
        if most is None:
            continue
        for first, last in _runs(sorted({stop.day for stop in scene.held_to(NAME, scene.by_vehicle[name])})):
            if last - first >= most and (only is None or first <= only.day <= last):
                start, end = date.fromordinal(first), date.fromordinal(last)
                yield fault(NAME, f"{name} {start} {end}", SENTENCES, vehicle=name, most=most, first=start, last=end)


def _runs(days: list[int]) -> Iterator[tuple[int, int]]:
    start = 0
    for index, day in enumerate(days):
        if index + 1 == len(days) or days[index + 1] != day + 1:
            yield days[start], day
            start = index + 1
