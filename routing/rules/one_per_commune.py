"""`one_per_commune`: a commune has at most one evening a date, whatever the vehicles (rule 1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from routing.ground import Scene, Stop

from .base import Fault, Sentences, fault

NAME = "one_per_commune"
SENTENCES = Sentences(
    fr="La commune {commune} a déjà une soirée le {date}.",
    en="Commune {commune} already has an evening on {date}.",
)


def faults(scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
    """One fault per commune and date with two evenings or more."""
    for name in scene.communes(only):
        for number, count in Counter(stop.day for stop in scene.by_commune[name]).items():
            if count > 1 and (only is None or only.day == number):
                day = date.fromordinal(number)
                yield fault(NAME, f"{name} {day}", SENTENCES, commune=name, date=day)
