"""`separation`: communes close to each other have no evenings on close dates (rule 6)."""

from __future__ import annotations

from collections.abc import Iterator

from routing.ground import Scene, Stop

from .base import Fault, Sentences, fault

NAME = "separation"
SENTENCES = Sentences(
    fr="{commune} ({date}) et {other} ({other_date}) sont voisines : il faut {days} jours entre leurs soirées.",
    en="{commune} ({date}) and {other} ({other_date}) are neighbours: their evenings need {days} days between.",
)


def faults(scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
    """One fault per pair of evenings that is too close in place and time."""
    rule = scene.ground.season.separation
    if rule is None or rule.days == 0:
        return
    for stop in scene.each(only):
        if NAME in stop.waived:
            continue
        for neighbour in scene.ground.near[stop.commune.id]:
            for other in scene.held_to(NAME, scene.by_commune[neighbour]):
                if abs(other.day - stop.day) < rule.days and (only is not None or stop < other):
                    first, second = sorted((stop, other), key=lambda item: (item.day, item.commune.id))
                    one, two = first.commune.id, second.commune.id
                    yield fault(
                        NAME,
                        f"{one} {first.date} {two} {second.date}",
                        SENTENCES,
                        commune=one,
                        date=first.date,
                        other=two,
                        other_date=second.date,
                        days=rule.days,
                    )
