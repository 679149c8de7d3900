"""The locked evenings: a place for each to begin with, or the proof that they contradict the rules."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from routing.ground import Scene
from routing.plan import Evening
from routing.rules import Fault, broken, fault
from routing.rules.locked import NAME as LOCKED
from routing.rules.locked import instance as lock_instance
from routing.rules.open_date import NAME as OPEN_DATE
from routing.rules.open_date import SEASON
from routing.season import Lock

from .cpsat import run
from .instance import Instance, Slot
from .model import Model
from .watch import Watch

_MOST_ASSIGNMENTS = 2_000


@dataclass(frozen=True, slots=True)
class Start:
    """Slots for the locked evenings, or why there are none (`conflicts`, an irreducible set)."""

    slots: list[Slot]
    conflicts: list[Fault]


def place_locked(instance: Instance, watch: Watch) -> Start:
    """Give each locked evening a vehicle.

    Every rule but `leg` only forbids, so locks that contradict those rules by themselves make the season
    infeasible. Legs are asked for too, but not insisted upon: other evenings on the way may shorten them.
    """
    if instance.outside:
        lock = instance.outside[0]
        return Start([], [lock_instance(lock), fault(OPEN_DATE, str(lock.date), SEASON, date=lock.date)])
    if not instance.fixed:
        return Start([], [])
    slots = instance.fixed_slots()
    plain = _place(instance, slots, watch, with_legs=False)
    if plain is None:
        return Start([], conflicts(instance, watch))
    return Start(_place(instance, slots, watch, with_legs=True) or plain, [])


def _place(instance: Instance, slots: list[Slot], watch: Watch, *, with_legs: bool) -> list[Slot] | None:
    model = Model(instance, slots, with_legs=with_legs, most_arcs=20_000)
    if model.too_big:
        return None
    outcome = run(model, watch, seconds=max(0.5, watch.left / 4), effort=2.0 if with_legs else None)
    return outcome.slots


def conflicts(instance: Instance, watch: Watch) -> list[Fault]:
    """An irreducible set of locks and rule instances that contradict each other."""
    locks = list(instance.season.locked)
    index = 0
    while index < len(locks) and not watch.over():
        fewer = locks[:index] + locks[index + 1 :]
        if _contradict(instance, fewer):
            locks = fewer
        else:
            index += 1
    return [lock_instance(lock) for lock in locks] + _instances(instance, locks)


def _assignments(instance: Instance, locks: list[Lock]) -> list[list[Evening]]:
    """Every way to give these locks their vehicles, up to a number that no organiser's locks reach."""
    everything = [vehicle.id for vehicle in instance.season.vehicles]
    choices = [[lock.vehicle] if lock.vehicle is not None else everything for lock in locks]
    ways = itertools.islice(itertools.product(*choices), _MOST_ASSIGNMENTS)
    return [
        sorted({Evening(lock.commune, lock.date, name) for lock, name in zip(locks, way, strict=True)}) for way in ways
    ]


def _faults(instance: Instance, evenings: list[Evening]) -> dict[tuple[str, str], Fault]:
    found = broken(Scene(instance.ground, evenings))
    return {(item.rule, item.detail): item for item in found if item.rule not in ("leg", LOCKED)}


def _contradict(instance: Instance, locks: list[Lock]) -> bool:
    return bool(locks) and all(_faults(instance, way) for way in _assignments(instance, locks))


def _instances(instance: Instance, locks: list[Lock]) -> list[Fault]:
    """Fewest rule instances (none can be spared) of which every assignment breaks one."""
    ways = [_faults(instance, way) for way in _assignments(instance, locks)]
    kept = {key: item for way in ways for key, item in way.items()}
    for key in sorted(kept):
        rest = kept.keys() - {key}
        if all(rest & way.keys() for way in ways):
            del kept[key]
    return [kept[key] for key in sorted(kept)]
