"""What the rules look at: the season with its distances, and the evenings of a plan upon it."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .plan import Evening
from .season import Commune, Lock, Quota, Season, Vehicle
from .travel import metres_between


def week_of(ordinal: int) -> int:
    """The number of the week, Monday to Sunday, of a proleptic day number (0001-01-01 was a Monday)."""
    return (ordinal - 1) // 7


def week_name(ordinal: int) -> str:
    """That week as ISO 8601 writes it, for example 2026-W19."""
    year, week, _ = date.fromordinal(ordinal).isocalendar()
    return f"{year:04d}-W{week:02d}"


@dataclass(frozen=True, slots=True, order=True)
class Stop:
    """An evening with what it refers to. `day` is the proleptic day number; `waived` the rules it may break."""

    day: int
    sequence: int
    commune: Commune = field(compare=False)
    vehicle: Vehicle = field(compare=False)
    waived: frozenset[str] = field(compare=False, default=frozenset())

    @property
    def date(self) -> date:
        """The evening's date."""
        return date.fromordinal(self.day)


class Ground:
    """A season with its distances and lookups, built once and shared by every plan that is looked at."""

    def __init__(self, season: Season) -> None:
        self.season = season
        self.metres: NDArray[np.int64] = metres_between(season)
        self.place = {item.id: index for index, item in enumerate(season.locations)}
        self.communes = {item.id: item for item in season.communes}
        self.vehicles = {item.id: item for item in season.vehicles}
        self.days = frozenset(day.toordinal() for day in season.dates)
        self._vehicle_days = {
            item.id: None if item.dates is None else frozenset(day.toordinal() for day in item.dates)
            for item in season.vehicles
        }

    def runs(self, vehicle: Vehicle, day: int) -> bool:
        """Whether the vehicle is offered on that day (within the season's dates or not)."""
        days = self._vehicle_days[vehicle.id]
        return days is None or day in days

    def drive(self, origin: str, destination: str) -> int:
        """Metres from one location to another."""
        return int(self.metres[self.place[origin], self.place[destination]])

    @cached_property
    def near(self) -> dict[str, tuple[str, ...]]:
        """For each commune, those that the separation rule keeps away from it."""
        rule = self.season.separation
        communes = self.season.communes
        if rule is None or rule.days == 0 or not communes:
            return {item.id: () for item in communes}
        places = np.array([self.place[item.location] for item in communes])
        between = self.metres[np.ix_(places, places)]
        close = np.minimum(between, between.T) <= rule.metres
        np.fill_diagonal(close, False)
        return {
            item.id: tuple(communes[other].id for other in np.flatnonzero(close[index]))
            for index, item in enumerate(communes)
        }

    @cached_property
    def quotas(self) -> dict[str, list[Quota]]:
        """The quotas that each commune counts in, in the season's order: a country has one for most of its communes."""
        found: dict[str, list[Quota]] = {}
        for quota in self.season.quotas:
            for name in dict.fromkeys(quota.communes):
                found.setdefault(name, []).append(quota)
        return found

    def waived(self, evening: Evening) -> frozenset[str]:
        """The rules that this evening may break because it is locked with them waived (rule 10)."""
        locks = self._locks.get((evening.commune, evening.date), ())
        return frozenset().union(*(lock.waived for lock in locks if lock.vehicle in (None, evening.vehicle)))

    @cached_property
    def _locks(self) -> dict[tuple[str, date], list[Lock]]:
        locks: dict[tuple[str, date], list[Lock]] = {}
        for lock in self.season.locked:
            locks.setdefault((lock.commune, lock.date), []).append(lock)
        return locks


class Scene:
    """The evenings of one plan, by commune and by vehicle, each in date order."""

    def __init__(self, ground: Ground, evenings: Iterable[Evening] = ()) -> None:
        self.ground = ground
        self.stops: list[Stop] = []
        self.by_commune: dict[str, list[Stop]] = {name: [] for name in ground.communes}
        self.by_vehicle: dict[str, list[Stop]] = {name: [] for name in ground.vehicles}
        self._count = 0
        for evening in evenings:
            self.add(self.stop(evening))

    def stop(self, evening: Evening) -> Stop:
        """The evening as a stop, not yet added. Raises KeyError for an unknown commune or vehicle."""
        self._count += 1
        return Stop(
            day=evening.date.toordinal(),
            sequence=self._count,
            commune=self.ground.communes[evening.commune],
            vehicle=self.ground.vehicles[evening.vehicle],
            waived=self.ground.waived(evening),
        )

    def add(self, stop: Stop) -> None:
        """Add a stop made by `stop`."""
        for stops in (self.stops, self.by_commune[stop.commune.id], self.by_vehicle[stop.vehicle.id]):
            insort(stops, stop)

    def remove(self, stop: Stop) -> None:
        """Take a stop out again."""
        for stops in (self.stops, self.by_commune[stop.commune.id], self.by_vehicle[stop.vehicle.id]):
            stops.remove(stop)

    def held_to(self, rule: str, stops: Iterable[Stop]) -> list[Stop]:
        """Those stops that the rule is not waived for."""
        return [stop for stop in stops if rule not in stop.waived]

    def communes(self, only: Stop | None) -> Iterable[str]:
        """The communes to look at: all, or that of the one stop."""
        return self.by_commune if only is None else (only.commune.id,)

    def vehicles(self, only: Stop | None) -> Iterable[str]:
        """The vehicles to look at: all, or that of the one stop."""
        return self.by_vehicle if only is None else (only.vehicle.id,)

    def each(self, only: Stop | None) -> Iterator[Stop]:
        """The stops to look at one by one: all, or the one."""
        return iter(self.stops if only is None else (only,))
