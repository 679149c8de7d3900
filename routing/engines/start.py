"""The locked evenings: a place for each to begin with, or the proof that they contradict the rules."""

from __future__ import annotations

from dataclasses import dataclass

from routing.ground import Scene
from routing.plan import Evening
from routing.rules import Fault, broken, fault
from routing.rules.leg import NAME as LEG
from routing.rules.locked import instance as lock_instance
from routing.rules.open_date import NAME as OPEN_DATE
from routing.rules.open_date import SEASON

from .instance import Instance, Slot
from .reach import cut_off
from .watch import Watch

_SECONDS = 0.5  # for one run of CP-SAT over the locked evenings, at least: without them there is no plan


@dataclass(frozen=True, slots=True)
class Start:
    """Slots for the locked evenings; None where there are none (`conflicts`, an irreducible set) or none was found."""

    slots: list[Slot] | None
    conflicts: list[Fault]


def place_locked(instance: Instance, watch: Watch) -> Start:
    """Give each locked evening a vehicle.

    Every rule but `leg` only forbids, so locks that contradict those rules by themselves make the season
    infeasible. Legs are asked for too, but not insisted upon: other evenings on the way may shorten them.
    """
    if instance.outside:
        lock = instance.outside[0]
        return Start(None, [lock_instance(lock), fault(OPEN_DATE, str(lock.date), SEASON, date=lock.date)])
    slots = in_turn(instance)
    if slots is not None and instance.metres_of(slots) is not None:
        return Start(slots, [])
    return _asked(instance, slots, watch)


def in_turn(instance: Instance) -> list[Slot] | None:
    """Each in turn on its first vehicle that breaks no rule, best without legs that are too long.

    That is nearly always enough, and CP-SAT takes long to load.
    """
    season = instance.season
    choices: dict[tuple[int, int], list[Slot]] = {key: [] for key in instance.fixed}
    for slot in instance.fixed_slots():
        choices[slot[0], slot[2]].append(slot)
    scene, result = Scene(instance.ground), []
    for (c, i), found in sorted(choices.items(), key=lambda item: len(item[1])):
        taken: Slot | None = None
        for slot in found:
            stop = scene.stop(Evening(season.communes[c].id, season.dates[i], season.vehicles[slot[1]].id))
            scene.add(stop)
            rules = {item.rule for item in broken(scene, stop)}
            scene.remove(stop)
            if not rules or (rules == {LEG} and taken is None):
                taken = slot
            if not rules:
                break
        if taken is None:
            return None
        result.append(taken)
        scene.add(scene.stop(Evening(season.communes[c].id, season.dates[i], season.vehicles[taken[1]].id)))
    return result


def _asked(instance: Instance, slots: list[Slot] | None, watch: Watch) -> Start:
    """The same from CP-SAT: first under every rule but `leg`, where `slots` does not show already that it works."""
    from .conflicts import conflicts, out_of_reach  # noqa: PLC0415 - they load CP-SAT
    from .cpsat import run  # noqa: PLC0415
    from .model import Model  # noqa: PLC0415

    seconds = max(_SECONDS, watch.left / 4)
    if slots is None:
        plain = run(
            Model(instance, instance.fixed_slots(), with_legs=False),
            watch,
            seconds=seconds,
            effort=watch.effort(),
            stoppable=False,
        )
        if plain.infeasible:
            return Start(None, conflicts(instance, watch, with_legs=False))
        if plain.slots is None:
            return Start(None, [])
        slots = plain.slots
    lost = cut_off(instance)
    if lost is not None:
        return Start(None, out_of_reach(instance, lost, watch))
    model = Model(instance, instance.fixed_slots(), most_arcs=20_000)
    if model.too_big or watch.over():
        return Start(slots, [])
    return Start(run(model, watch, seconds=seconds, effort=2.0).slots or slots, [])
