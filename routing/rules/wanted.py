"""`wanted`: a commune gets at most the evenings it asked for (rule 4)."""

from __future__ import annotations

from collections.abc import Iterator

from routing.ground import Scene, Stop

from .base import Fault, Sentences, fault

NAME = "wanted"
SENTENCES = Sentences(
    fr="La commune {commune} n'a demandé que {evenings} soirée(s).",
    en="Commune {commune} asked for {evenings} evening(s) only.",
)


def faults(scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
    """One fault per commune with too many evenings."""
    for name in scene.communes(only):
        evenings = scene.ground.communes[name].evenings
        if len(scene.held_to(NAME, scene.by_commune[name])) > evenings:
            yield fault(NAME, name, SENTENCES, commune=name, evenings=evenings)
