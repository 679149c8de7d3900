"""`quota`: the evenings of the named communes within its dates are at most its maximum (rule 9)."""

from __future__ import annotations

from collections.abc import Iterator

from routing.ground import Scene, Stop

from .base import Fault, Sentences, fault

NAME = "quota"
SENTENCES = Sentences(
    fr="Le quota {quota} est de {most} soirée(s) au plus.", en="Quota {quota} is {most} evening(s) at most."
)


def faults(scene: Scene, only: Stop | None = None) -> Iterator[Fault]:
    """One fault per quota that is exceeded."""
    if only is not None and NAME in only.waived:
        return
    ground = scene.ground
    for quota in ground.season.quotas if only is None else ground.quotas.get(only.commune.id, ()):
        if only is not None and not quota.covers(only.date):
            continue
        held = sum(
            quota.covers(stop.date) for name in quota.communes for stop in scene.held_to(NAME, scene.by_commune[name])
        )
        if held > quota.maximum:
            yield fault(NAME, quota.id, SENTENCES, quota=quota.id, most=quota.maximum)
