"""One evening at each other date and vehicle while the others stay: which rules it breaks there, and what it costs.

Where another evening has the slot, the two change places: that is what is tried and priced then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

from .ground import Ground, Scene, Stop
from .legs import detour
from .plan import Evening
from .rules import Fault, broken
from .rules import leg as legs
from .season import IF_NEED_BE, WAIVABLE, Season


@dataclass(frozen=True, slots=True)
class Place:
    """Where an evening could go. `metres` and `dearer` (metre-equivalents) are what the plan gains or loses by it.

    `exchanged` is where the evening that has the slot goes instead; None where the slot is free, or has an evening
    that cannot go there (locked, or of the same commune). `faults` are the rules that the plan would break and does
    not break now; `in_the_way` the evenings that clash, each on its own, with this one there. `waivable`: the faults
    are all of this evening's, and of rules that an exception can lift for it.
    """

    evening: Evening
    exchanged: Evening | None
    faults: tuple[Fault, ...]
    in_the_way: tuple[Evening, ...]
    waivable: bool
    metres: int
    dearer: int


def places(
    season: Season, evenings: Iterable[Evening], evening: Evening, vehicles: Container[str] | None = None
) -> tuple[Place, ...]:
    """Every date and vehicle of the season but its own, in order; `evening` is one of `evenings`.

    `vehicles` are the ids of those to try (None: all).

    A lock of the evening itself counts for nothing here: who asks is about to move it. Raises KeyError for an
    evening of an unknown commune or vehicle.
    """
    evenings = list(evenings)
    known = frozenset(broken(Scene(Ground(season), evenings)))
    own = (evening.commune, evening.date)
    free = replace(season, locked=tuple(lock for lock in season.locked if (lock.commune, lock.date) != own))
    board = _Board(free, [item for item in evenings if item != evening], evening, known)
    return tuple(
        board.place(Evening(evening.commune, day, vehicle.id))
        for day in season.dates
        for vehicle in season.vehicles
        if (vehicles is None or vehicle.id in vehicles) and (day, vehicle.id) != (evening.date, evening.vehicle)
    )


class _Board:
    """The plan without the evening that is being moved."""

    def __init__(self, season: Season, others: list[Evening], evening: Evening, known: frozenset[Fault]) -> None:
        self._season, self._known, self._from = season, known, evening
        self._scene = Scene(Ground(season), others)
        self._locked = {(lock.commune, lock.date) for lock in season.locked}
        self._promised = Counter((item.commune, item.date) for item in season.baseline)
        self._named = {(who, str(item.date)): item for item in others for who in (item.commune, item.vehicle)}
        here = self._scene.stop(evening)
        self._scene.add(here)
        self._metres_here, self._cost_here = detour(self._scene, here), self._answer_cost(here)
        self._scene.remove(here)
        left = self._scene.by_vehicle[evening.vehicle]
        self._legs_left = list(legs.faults(self._scene, left[0])) if left else []

    def place(self, there: Evening) -> Place:
        """Try the evening there, alone or in exchange."""
        taken = next(
            (stop for stop in self._scene.by_vehicle[there.vehicle] if stop.day == there.date.toordinal()), None
        )
        if taken is None or taken.commune.id == there.commune or (taken.commune.id, taken.date) in self._locked:
            return self._tried(there, None)
        saved = detour(self._scene, taken)
        self._scene.remove(taken)
        try:
            return self._tried(there, taken, saved)
        finally:
            self._scene.add(taken)

    def _tried(self, there: Evening, taken: Stop | None, saved: int = 0) -> Place:
        """Try it; `taken`, out of the scene already and with it `saved` metres, goes where this evening was."""
        scene = self._scene
        arriving = scene.stop(there)
        scene.add(arriving)
        metres = detour(scene, arriving) - self._metres_here - saved
        price = self._answer_cost(arriving) - self._cost_here
        back, theirs = None, None
        if taken is not None:
            back = Evening(taken.commune.id, self._from.date, self._from.vehicle)
            theirs = scene.stop(back)
            scene.add(theirs)
            metres += detour(scene, theirs)
            price += self._answer_cost(theirs) - self._answer_cost(taken)
        own = [found for found in broken(scene, arriving) if found not in self._known]
        faults = own + [found for found in self._others(theirs, there) if found not in self._known and found not in own]
        if theirs is not None:
            scene.remove(theirs)
        scene.remove(arriving)
        named = {name for found in own for name in _named(found)}
        in_the_way = sorted({self._named[name] for name in named if name in self._named}, key=lambda item: item.date)
        waivable = len(own) == len(faults) and all(found.rule in WAIVABLE for found in faults)
        return Place(there, back, tuple(faults), tuple(in_the_way), waivable, metres, metres + price)

    def _others(self, theirs: Stop | None, there: Evening) -> list[Fault]:
        """What the evening that gives way breaks, or the vehicle that is left with longer legs."""
        if theirs is not None:
            return broken(self._scene, theirs)
        if there.vehicle == self._from.vehicle:
            return []
        return self._legs_left

    def _answer_cost(self, stop: Stop) -> int:
        """What an evening costs beside its metres: its date's answer, and less where it was published there."""
        costs = self._season.costs
        twice = any(other is not stop and other.date == stop.date for other in self._scene.by_commune[stop.commune.id])
        kept = 0 if twice else self._promised[stop.commune.id, stop.date]  # a promise is kept once
        return costs.if_need_be * (stop.commune.answer(stop.date) == IF_NEED_BE) - costs.moved * kept


def _named(found: Fault) -> set[tuple[str, str]]:
    """The (commune or vehicle, date) that a fault of a rule about single evenings or pairs of them names."""
    words = dict(found.words)
    pairs = {
        "one_per_vehicle": (("vehicle", "date"),),
        "one_per_commune": (("commune", "date"),),
        "spacing": (("commune", "first"), ("commune", "second")),
        "separation": (("commune", "date"), ("other", "other_date")),
    }
    return {(words[who], words[when]) for who, when in pairs.get(found.rule, ())}
