"""Which part of a big season is planned anew next: vehicles that serve the same places, and whom they serve."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing.plan import Territory

from .instance import Instance, Slot
from .territories import territories

_USUAL = 0.9  # of the vehicles' evenings: no wish that is farther away is looked at
_FARTHER = 1.2


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A part: the territory its turn counts for, vehicles, communes, these and whom separation ties to them, quotas."""

    land: int
    vehicles: frozenset[int]
    communes: frozenset[int]
    reach: frozenset[int]
    quotas: frozenset[int]

    def touches(self, other: Neighbourhood) -> bool:
        """Whether a change in the one can be in the way of a change in the other."""
        return bool(self.vehicles & other.vehicles or self.communes & other.reach or self.quotas & other.quotas)


class Neighbourhoods:
    """Gives every territory its turns: twice as it is, then around one of its vehicles, whoever serves there too."""

    def __init__(self, instance: Instance, dice: random.Random) -> None:
        self.instance, self._dice = instance, dice
        self.lands = territories(instance)
        self.turns = [0] * len(self.lands)

    @property
    def taken(self) -> int:
        """How many turns there have been."""
        return sum(self.turns)

    def first(self, plan: Sequence[Slot], busy: Sequence[Neighbourhood]) -> Neighbourhood | None:
        """The next territory that has had no turn and touches none of these: its own vehicles and communes.

        And those of the plan's communes that these vehicles serve already.
        """
        for k, land in enumerate(self.lands):
            if not self.turns[k]:
                vehicles = set(land.vehicles)
                part = self._of(k, vehicles, {*land.communes, *(c for c, v, _ in plan if v in vehicles)})
                if not any(part.touches(other) for other in busy):
                    self.turns[k] += 1
                    return part
        return None

    def next(self, plan: Sequence[Slot], busy: Sequence[Neighbourhood]) -> Neighbourhood | None:
        """The next part that touches none of these; one of the territories with the fewest turns where there is one."""
        order = sorted(range(len(self.lands)), key=lambda k: (self.turns[k], self._dice.random()))
        for k in order:
            part = self._part(k, plan)
            if part.communes and not any(part.touches(other) for other in busy):
                self.turns[k] += 1
                return part
        return None

    def _part(self, k: int, plan: Sequence[Slot]) -> Neighbourhood:
        land = self.lands[k]
        vehicles = set(land.vehicles) if self.turns[k] == 1 else self._around(land.vehicles, plan)
        communes = {c for c, v, _ in plan if v in vehicles} | self._short(vehicles, plan)
        return self._of(k, vehicles, communes)

    def _of(self, k: int, vehicles: set[int], communes: set[int]) -> Neighbourhood:
        near = {other for c in communes for other in self.instance.near[c]}
        quotas = {q for c in communes for q in self.instance.quotas_of[c]}
        return Neighbourhood(
            k,
            frozenset(vehicles),
            frozenset(communes),
            frozenset(communes | near),
            frozenset(quotas),
        )

    def _around(self, vehicles: Sequence[int], plan: Sequence[Slot]) -> set[int]:
        """One of these vehicles and the ones whose evenings are closest to its own, as many as there are here."""
        season = self.instance.season
        count = np.zeros((len(season.vehicles), len(season.communes)))
        np.add.at(count, ([v for _, v, _ in plan], [c for c, _, _ in plan]), 1.0)
        share = count / np.maximum(1.0, count.sum(axis=1, keepdims=True))
        here = self._dice.choice(vehicles)
        far = share @ (self.instance.direct @ share[here])
        far[count.sum(axis=1) == 0] = np.inf
        far[here] = -1.0
        return set(np.argsort(far, kind="stable")[: max(2, len(vehicles))].tolist())

    def _short(self, vehicles: set[int], plan: Sequence[Slot]) -> set[int]:
        """Communes that want more evenings and are not farther from these vehicles than most that they serve."""
        instance, own = self.instance, sorted(vehicles)
        served = np.bincount([c for c, _, _ in plan], minlength=len(instance.near))
        short = served < instance.field.wanted
        way = np.where(instance.compatible[:, own].T, (instance.out + instance.back)[own], np.inf).min(
            axis=0, initial=np.inf
        )
        usual = [way[c] for c, v, _ in plan if v in vehicles and np.isfinite(way[c])]
        limit = _FARTHER * float(np.quantile(usual, _USUAL)) if usual else np.inf
        return set(np.flatnonzero(short & (way <= limit)).tolist())

    def standing(self, plan: Sequence[Slot]) -> tuple[Territory, ...]:
        """Each territory with its turns, and what its vehicles' metres and its communes' wishes and dates cost."""
        instance = self.instance
        result = []
        for land, turns in zip(self.lands, self.turns, strict=True):
            vehicles, communes = set(land.vehicles), set(land.communes)
            metres = instance.metres_of(slot for slot in plan if slot[1] in vehicles) or 0
            wishes = instance.wishes_of([slot for slot in plan if slot[0] in communes], communes)
            result.append(Territory(land.depots, land.sector, turns, metres + wishes))
        return tuple(result)
