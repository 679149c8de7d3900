"""`spacing`: two evenings of a commune are at least `min_days_between` days apart (rule 5)."""

from __future__ import annotations

from collections.abc import Iterator

from routing.ground import Scene, Stop

from .base import Fault, Sentences, fault

NAME = "spacing"
SENTENCES = Sentences(
    fr="La commune {commune} veut {days} jours entre deux soirées : {first} et {second} sont trop proches.",
    en="Commune {commune} wants {days} days between two evenings: {first} and {second} are too close.",
)


def faults(scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
    """One fault per pair that is too close: all pairs, so that each instance has its own name."""
    if only is not None and NAME in only.waived:
        return
    for name in scene.communes(only):
        days = scene.ground.communes[name].min_days_between
        stops = scene.held_to(NAME, scene.by_commune[name])
        for index, first in enumerate(stops):
            for second in stops[index + 1 :]:
                if second.day - first.day >= days:
                    break
                if only is None or only in (first, second):
                    yield fault(
                        NAME,
                        f"{name} {first.date} {second.date}",
                        SENTENCES,
                        commune=name,
                        days=days,
                        first=first.date,
                        second=second.date,
                    )
