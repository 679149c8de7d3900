"""The slots that one more evening of a commune could take, the most promising first.

A slot is judged by what a few look-ups tell is broken there for certain, so that who asks all the rules about slots
one by one may stop early: in a country's season a commune has thousands of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from .ground import Scene
from .plan import Evening
from .season import NO

# Where several sets of broken rules are equally small, the one that an organiser can act upon comes first.
_TELLING = (
    "quota",
    "one_per_vehicle",
    "weekly_rest",
    "days_in_row",
    "separation",
    "spacing",
    "leg",
    "allowed_vehicle",
    "equipment",
    "one_per_commune",
    "open_date",
    "wanted",
)

Rank = tuple[int, int]  # how many rule instances, and how little they tell: the less, the better


def rank_of(rules: Iterable[str]) -> Rank:
    """The rank of the broken rules of one slot, by name, one name for each instance."""
    telling = sorted(_TELLING.index(rule) for rule in rules)
    key = 0
    for place in telling:
        key = key * len(_TELLING) + place
    return len(telling), key


class Openings:
    """The dates and vehicles of a season as one plan leaves them."""

    def __init__(self, scene: Scene) -> None:
        season = scene.ground.season
        self._scene = scene
        self._dates, self._vehicles = season.dates, season.vehicles
        self._date_index = {day: index for index, day in enumerate(season.dates)}
        vehicle_index = {item.id: index for index, item in enumerate(season.vehicles)}
        shape = (len(season.dates), len(season.vehicles))
        self._stands = np.zeros(shape, dtype=bool)
        for v, vehicle in enumerate(season.vehicles):
            for i, day in enumerate(season.dates):
                self._stands[i, v] = not scene.ground.runs(vehicle, day.toordinal())
        self._taken = np.zeros(shape, dtype=bool)
        for stop in scene.stops:
            if stop.date in self._date_index:
                self._taken[self._date_index[stop.date], vehicle_index[stop.vehicle.id]] = True
        self._locked: dict[str, list[int]] = {}
        for lock in season.locked:
            if lock.date in self._date_index:
                self._locked.setdefault(lock.commune, []).append(self._date_index[lock.date])

    def count(self) -> int:
        """How many slots the dates, the equipment and the communes' vehicles leave to all communes together."""
        return sum(
            int((~(closed[:, None] | self._stands) & ~(lacking | refused)).sum())
            for closed, lacking, refused in map(self._answers, self._scene.ground.communes)
        )

    def of(self, commune: str) -> Iterator[tuple[Rank, int, Evening]]:
        """Every slot where the commune has no evening yet: its least rank, its number in the season, the evening.

        Ascending by rank and number; what the rules say of a slot ranks no lower than that.
        """
        closed, lacking, refused = self._answers(commune)
        held = [stop for stop in self._scene.by_commune[commune] if stop.date in self._date_index]
        doubled = np.zeros(len(self._dates), dtype=bool)
        doubled[[self._date_index[stop.date] for stop in held]] = True
        count = np.zeros(self._taken.shape, dtype=np.int64)
        key = np.zeros_like(count)
        for rule, broken in (  # ascending in _TELLING, as rank_of has them
            ("one_per_vehicle", self._taken),
            ("allowed_vehicle", refused),
            ("equipment", lacking),
            ("one_per_commune", doubled[:, None]),
            ("open_date", self._stands),
            ("open_date", closed[:, None]),
        ):
            count += broken
            key = np.where(broken, key * len(_TELLING) + _TELLING.index(rule), key)
        for i in self._locked.get(commune, ()):  # a second evening on that date has its lock's waivers
            count[i] = key[i] = 0
        taken = {(stop.date, stop.vehicle.id) for stop in held}
        counts, keys, vehicles = count.ravel().tolist(), key.ravel().tolist(), len(self._vehicles)
        for number in np.lexsort((key.ravel(), count.ravel())).tolist():
            day, vehicle = self._dates[number // vehicles], self._vehicles[number % vehicles].id
            if (day, vehicle) not in taken:  # it would be the same evening
                yield (counts[number], keys[number]), number, Evening(commune, day, vehicle)

    def _answers(self, name: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """The dates that the commune refuses, the vehicles that lack what it needs, and those that it does not name."""
        commune = self._scene.ground.communes[name]
        return (
            np.array([commune.answer(day) == NO for day in self._dates], dtype=bool),
            np.array([not commune.needs <= item.equipment for item in self._vehicles], dtype=bool),
            np.array(
                [commune.vehicles is not None and item.id not in commune.vehicles for item in self._vehicles],
                dtype=bool,
            ),
        )
