"""The hard rules, one module each: its name, what breaks it, its sentence. `check` stands on these alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from routing.ground import Scene, Stop

from . import (
    allowed_vehicle,
    days_in_row,
    equipment,
    leg,
    locked,
    one_per_commune,
    one_per_vehicle,
    open_date,
    quota,
    separation,
    spacing,
    wanted,
    weekly_rest,
)
from .base import ENGLISH, FRENCH, Fault, Sentences, fault


class Rule(Protocol):
    """What a rule module offers."""

    NAME: str

    def faults(self, scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
        """What is broken in the scene, or only what that one stop (already in the scene) takes part in."""


RULES: tuple[Rule, ...] = (
    one_per_vehicle,
    one_per_commune,
    open_date,
    equipment,
    allowed_vehicle,
    wanted,
    spacing,
    separation,
    weekly_rest,
    days_in_row,
    leg,
    quota,
    locked,
)  # in the order of the format


def broken(scene: Scene, only: Stop | None = None) -> list[Fault]:
    """Every fault against every hard rule, in the order of the format."""
    return list(faults(scene, only))


def faults(scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
    """The same one by one, for who needs no more than the first few."""
    for rule in RULES:
        yield from rule.faults(scene, only)


__all__ = ["ENGLISH", "FRENCH", "RULES", "Fault", "Rule", "Sentences", "broken", "fault", "faults"]
