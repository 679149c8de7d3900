"""`weekly_rest`: a vehicle's evenings in a week, Monday to Sunday, stay within its limit (rule 7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from routing.ground import Scene, Stop, week_name, week_of

from .base import Fault, Sentences, fault

NAME = "weekly_rest"
SENTENCES = Sentences(
    fr="Le véhicule {vehicle} fait au plus {most} soirées par semaine : la semaine {week} est pleine.",
    en="Vehicle {vehicle} has at most {most} evenings a week: week {week} is full.",
)


def faults(scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
    """One fault per vehicle and week with too many evenings."""
    if only is not None and NAME in only.waived:
        return
    for name in scene.vehicles(only):
        most = scene.ground.vehicles[name].max_evenings_per_week
        if most is None:
            continue
        stops = scene.held_to(NAME, scene.by_vehicle[name])
        first_of_week = {week_of(stop.day): stop for stop in reversed(stops)}
        for week, count in Counter(week_of(stop.day) for stop in stops).items():
            if count > most and (only is None or week == week_of(only.day)):
                named = week_name(first_of_week[week].day)
                yield fault(NAME, f"{name} {named}", SENTENCES, vehicle=name, most=most, week=named)
