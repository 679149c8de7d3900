"""A season: dates, places, vehicles, communes and the rules between them (guinguette-season/1).

Everything is frozen and validated at construction; whole numbers carry their unit in the name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from .errors import SeasonError, within

YES, IF_NEED_BE, NO = "yes", "if_need_be", "no"
ANSWERS = (YES, IF_NEED_BE, NO)

WAIVABLE = frozenset(
    {
        "open_date",
        "equipment",
        "allowed_vehicle",
        "wanted",
        "spacing",
        "separation",
        "weekly_rest",
        "days_in_row",
        "quota",
    }
)

# Sums of any season that fits in memory stay inside 64 bits: 1e12 metres is a thousand times to the sun.
LARGEST = 10**12
_HIGHEST_PRIORITY = 100


def _whole(place: str, value: object, least: int) -> None:
    if type(value) is not int:  # a bool is an int in Python, but not in the format
        raise SeasonError(place, "must be a whole number")
    if value < least:
        raise SeasonError(place, f"must be at least {least}")
    if value > LARGEST:
        raise SeasonError(place, f"must be at most {LARGEST}")


def _optional_whole(place: str, value: object, least: int) -> None:
    if value is not None:
        _whole(place, value, least)


def _number(place: str, value: object, least: float, most: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SeasonError(place, "must be a number")
    if not (math.isfinite(value) if isinstance(value, float) else abs(value) <= LARGEST):
        raise SeasonError(place, "must be a finite number")
    if not least <= value <= most:
        raise SeasonError(place, f"must be from {least:g} to {most:g}")


def text(place: str, value: object) -> None:
    """Refuse what is not Unicode text (a lone surrogate could not be written back)."""
    if not isinstance(value, str):
        raise SeasonError(place, "must be a string")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise SeasonError(place, "is not valid Unicode text") from None


def _ascending(place: str, dates: Iterable[date]) -> None:
    before: date | None = None
    for index, day in enumerate(dates):
        if before is not None and day <= before:
            why = f"{day} is named twice" if day == before else f"{day} comes after {before}: dates must ascend"
            raise SeasonError(f"{place}[{index}]", why)
        before = day


@dataclass(frozen=True, slots=True)
class Location:
    """A place, depot or commune, in degrees (WGS 84)."""

    id: str
    lat: float
    lon: float

    def __post_init__(self) -> None:
        text("id", self.id)
        _number("lat", self.lat, -90, 90)
        _number("lon", self.lon, -180, 180)


@dataclass(frozen=True, slots=True)
class GreatCircle:
    """Distance on the sphere, times `detour` (1 or more), rounded half up to a metre."""

    detour: float

    def __post_init__(self) -> None:
        _number("detour", self.detour, 1, 1000)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Metres from row to column, in the order of the season's locations; may be asymmetric, diagonal 0."""

    metres: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        size = len(self.metres)
        for i, row in enumerate(self.metres):
            if len(row) != size:
                raise SeasonError(f"metres[{i}]", f"has {len(row)} numbers, the matrix has {size} rows")
            # a whole row at a time, since there are millions of numbers
            if set(map(type, row)) != {int} or min(row) < 0 or max(row) > LARGEST:
                for j, value in enumerate(row):
                    _whole(f"metres[{i}][{j}]", value, 0)
            if row[i] != 0:
                raise SeasonError(f"metres[{i}][{i}]", "must be 0: from a place to itself")


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A guinguette on wheels: its depot (a location), its dates (None: all) and its limits (None: none)."""

    id: str
    depot: str
    dates: tuple[date, ...] | None = None
    equipment: frozenset[str] = frozenset()
    nights_out: int = 1
    max_leg_metres: int | None = None
    max_evenings_per_week: int | None = None
    max_days_in_row: int | None = None

    def __post_init__(self) -> None:
        text("id", self.id)
        _whole("nights_out", self.nights_out, 0)
        _optional_whole("max_leg_metres", self.max_leg_metres, 1)
        _optional_whole("max_evenings_per_week", self.max_evenings_per_week, 1)
        _optional_whole("max_days_in_row", self.max_days_in_row, 1)
        if self.dates is not None:
            _ascending("dates", self.dates)


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune's request. `availability` None means every date "yes"; a date it does not name is "no"."""

    id: str
    location: str
    evenings: int
    availability: Mapping[date, str] | None = None
    min_days_between: int = 1
    needs: frozenset[str] = frozenset()
    vehicles: frozenset[str] | None = None
    priority: int = 1

    def __post_init__(self) -> None:
        text("id", self.id)
        _whole("evenings", self.evenings, 1)
        _whole("min_days_between", self.min_days_between, 1)
        _whole("priority", self.priority, 1)
        if self.priority > _HIGHEST_PRIORITY:
            raise SeasonError("priority", f"must be at most {_HIGHEST_PRIORITY}")
        for day, answer in (self.availability or {}).items():
            if answer not in ANSWERS:
                raise SeasonError(f'availability["{day}"]', 'must be "yes", "if_need_be" or "no"')

    def answer(self, day: date) -> str:
        """ "yes", "if_need_be" or "no" for that date."""
        if self.availability is None:
            return YES
        return self.availability.get(day, NO)


@dataclass(frozen=True, slots=True)
class Separation:
    """Communes at most `metres` apart have no two evenings less than `days` days apart (0: no rule)."""

    metres: int
    days: int

    def __post_init__(self) -> None:
        _whole("metres", self.metres, 0)
        _whole("days", self.days, 0)


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `maximum` evenings of these communes from `first` to `last`, both included (None: open end)."""

    id: str
    communes: frozenset[str]
    maximum: int
    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        text("id", self.id)
        _whole("max", self.maximum, 0)
        if self.first is not None and self.last is not None and self.last < self.first:
            raise SeasonError("to", f"{self.last} comes before from, {self.first}")

    def covers(self, day: date) -> bool:
        """Whether evenings of that date count."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Lock:
    """An evening that must be in the plan (vehicle None: on any), and the rules that it may break."""

    commune: str
    date: date
    vehicle: str | None = None
    waived: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for rule in sorted(self.waived - WAIVABLE):
            raise SeasonError("waived", f'"{rule}" is not a rule that can be waived')


@dataclass(frozen=True, slots=True)
class Promise:
    """An evening of the published plan (an item of `baseline`); its commune may have left the season."""

    commune: str
    date: date


@dataclass(frozen=True, slots=True)
class Costs:
    """Prices in metre-equivalents."""

    no_evening: int = 1_000_000
    missing: int = 300_000
    if_need_be: int = 20_000
    moved: int = 100_000

    def __post_init__(self) -> None:
        for name in ("no_evening", "missing", "if_need_be", "moved"):
            _whole(name, getattr(self, name), 0)


@dataclass(frozen=True, slots=True)
class Season:
    """The whole problem. Raises SeasonError, with the place, when ids are double or references unknown."""

    name: str
    dates: tuple[date, ...]
    locations: tuple[Location, ...]
    travel: GreatCircle | Matrix
    vehicles: tuple[Vehicle, ...]
    communes: tuple[Commune, ...]
    separation: Separation | None = None
    quotas: tuple[Quota, ...] = ()
    locked: tuple[Lock, ...] = ()
    baseline: tuple[Promise, ...] = ()
    costs: Costs = field(default_factory=Costs)

    def __post_init__(self) -> None:
        text("name", self.name)
        _ascending("dates", self.dates)
        places = _unique("locations", [item.id for item in self.locations])
        vehicles = _unique("vehicles", [item.id for item in self.vehicles])
        communes = _unique("communes", [item.id for item in self.communes])
        _unique("quotas", [item.id for item in self.quotas])
        if isinstance(self.travel, Matrix) and len(self.travel.metres) != len(self.locations):
            why = f"has {len(self.travel.metres)} rows for {len(self.locations)} locations"
            raise SeasonError("travel.metres", why)
        for i, vehicle in enumerate(self.vehicles):
            with within(f"vehicles[{i}]"):
                _known("depot", vehicle.depot, places, "location")
        for i, commune in enumerate(self.communes):
            with within(f"communes[{i}]"):
                _known("location", commune.location, places, "location")
                for name in sorted(commune.vehicles or ()):
                    _known("vehicles", name, vehicles, "vehicle")
        for i, quota in enumerate(self.quotas):
            for name in sorted(quota.communes):
                _known(f"quotas[{i}].communes", name, communes, "commune")
        for i, lock in enumerate(self.locked):
            with within(f"locked[{i}]"):
                _known("commune", lock.commune, communes, "commune")
                if lock.vehicle is not None:
                    _known("vehicle", lock.vehicle, vehicles, "vehicle")


def _unique(place: str, ids: list[str]) -> frozenset[str]:
    seen: set[str] = set()
    for index, name in enumerate(ids):
        if name in seen:
            raise SeasonError(f"{place}[{index}].id", f'"{name}" is used twice')
        seen.add(name)
    return frozenset(seen)


def _known(place: str, name: str, known: frozenset[str], what: str) -> None:
    if name not in known:
        raise SeasonError(place, f'no {what} has the id "{name}"')
