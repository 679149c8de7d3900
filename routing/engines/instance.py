"""The season as numbers: what every engine reads, computed once."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from routing.costing import shortfall_cost
from routing.ground import Ground, week_of
from routing.plan import Evening
from routing.season import IF_NEED_BE, NO, Costs, Season

from .field import Bools, Field, Metres, field_of

Slot = tuple[int, int, int]  # commune, vehicle, date: indices into the season's lists


@dataclass(frozen=True, slots=True)
class Fixed:
    """A locked evening: commune and date index, the vehicles it may be on, the rules it may break."""

    commune: int
    day: int
    vehicles: tuple[int, ...]
    waived: frozenset[str]


@dataclass(frozen=True, slots=True)
class Budget:
    """What a plan must reach beside the rules: the stages of a re-plan that are behind it.

    Its shortfalls, at `costs`, come to at most `shortfall`; at most `lost` baseline pairs are lost (None: any).
    """

    costs: Costs
    shortfall: int
    lost: int | None = None


class Instance:
    """Indices, integer matrices and candidate slots of a season.

    `fixed` are the locked evenings by (commune, date); `compatible` (communes, vehicles) says whom equipment and
    allowed vehicles let come, `runs` (vehicles, dates) when a vehicle is offered. `constant` is the part of the
    cost that no plan changes.
    """

    def __init__(self, ground: Ground, budget: Budget | None = None) -> None:
        season = ground.season
        self.budget = budget
        self.ground, self.season = ground, season
        self.days = [day.toordinal() for day in season.dates]
        self.weeks = [week_of(day) for day in self.days]
        index_of_day = {day: index for index, day in enumerate(season.dates)}
        self.commune_index = {item.id: index for index, item in enumerate(season.communes)}
        self.vehicle_index = {item.id: index for index, item in enumerate(season.vehicles)}
        places = np.array([ground.place[item.location] for item in season.communes], dtype=np.int64)
        depots = np.array([ground.place[item.depot] for item in season.vehicles], dtype=np.int64)
        self.direct: Metres = ground.metres[np.ix_(places, places)]
        self.out: Metres = ground.metres[np.ix_(depots, places)]
        self.back: Metres = ground.metres[np.ix_(places, depots)].T.copy()
        # seen by single numbers these cost a third of what arrays do, and no memory
        self._direct: memoryview[int] = self.direct.data
        self._out: memoryview[int] = self.out.data
        self._back: memoryview[int] = self.back.data
        self.near = [[self.commune_index[other] for other in ground.near[item.id]] for item in season.communes]
        self.compatible: Bools = np.array(
            [
                [
                    item.needs <= vehicle.equipment and (item.vehicles is None or vehicle.id in item.vehicles)
                    for vehicle in season.vehicles
                ]
                for item in season.communes
            ],
            dtype=np.bool_,
        ).reshape(len(season.communes), len(season.vehicles))
        self.runs: Bools = np.array(
            [[ground.runs(vehicle, day) for day in self.days] for vehicle in season.vehicles], dtype=np.bool_
        ).reshape(len(season.vehicles), len(self.days))
        self.outside = [lock for lock in season.locked if lock.date not in index_of_day]
        self.fixed = self._fixed(index_of_day)
        self.preference = self._preferences(season, index_of_day)
        self.quotas = [
            (
                sorted(self.commune_index[name] for name in quota.communes),
                [quota.covers(day) for day in season.dates],
                quota.maximum,
            )
            for quota in season.quotas
        ]
        self.constant = season.costs.moved * len(season.baseline)

    def _fixed(self, index_of_day: dict[date, int]) -> dict[tuple[int, int], Fixed]:
        everywhere = tuple(range(len(self.season.vehicles)))
        result: dict[tuple[int, int], Fixed] = {}
        for lock in self.season.locked:
            if lock.date not in index_of_day:
                continue
            key = (self.commune_index[lock.commune], index_of_day[lock.date])
            before = result.get(key, Fixed(*key, everywhere, frozenset()))
            named = everywhere if lock.vehicle is None else (self.vehicle_index[lock.vehicle],)
            vehicles = tuple(v for v in before.vehicles if v in named)
            result[key] = Fixed(*key, vehicles, before.waived | lock.waived)
        return result

    def _preferences(self, season: Season, index_of_day: dict[date, int]) -> list[list[int]]:
        """Cost of an evening of commune c on date i, beside the metres; a kept promise earns `moved` back."""
        result = [
            [season.costs.if_need_be if item.answer(day) == IF_NEED_BE else 0 for day in season.dates]
            for item in season.communes
        ]
        for (name, day), count in Counter((item.commune, item.date) for item in season.baseline).items():
            if name in self.commune_index and day in index_of_day:
                result[self.commune_index[name]][index_of_day[day]] -= season.costs.moved * count
        return result

    @cached_property
    def answers(self) -> Bools:
        """Shape (communes, dates): the commune's answer is not "no", and it has no locked evening then."""
        dates = self.season.dates
        result = np.array(
            [[item.answer(day) != NO for day in dates] for item in self.season.communes], dtype=np.bool_
        ).reshape(len(self.season.communes), len(dates))
        for c, i in self.fixed:
            result[c, i] = False
        return result

    @cached_property
    def open(self) -> list[list[tuple[int, int]]]:
        """Of each commune, the (vehicle, date) slots that rules 2 and 3 leave to it."""
        found = []
        for able, yes in zip(self.compatible, self.answers, strict=True):
            vehicles, dates = np.nonzero(self.runs & able[:, None] & yes)
            found.append(list(zip(vehicles.tolist(), dates.tolist(), strict=True)))
        return found

    @cached_property
    def count(self) -> int:
        """How many slots are in `open`, without making them."""
        return int(((self.answers.astype(np.int64) @ self.runs.T) * self.compatible).sum())

    @cached_property
    def apart(self) -> Bools:
        """Shape (communes, communes): `near` as a matrix."""
        result = np.zeros((len(self.near), len(self.near)), np.bool_)
        for c, others in enumerate(self.near):
            result[c, others] = True
        return result

    @cached_property
    def quotas_of(self) -> list[list[int]]:
        """Of each commune, the quotas that name it."""
        found: list[list[int]] = [[] for _ in self.season.communes]
        for q, (members, _, _) in enumerate(self.quotas):
            for c in members:
                found[c].append(q)
        return found

    @cached_property
    def dates_of(self) -> list[list[int]]:
        """Of each vehicle, the dates on which it may have an evening: when it is offered, and those of locks."""
        dates = [set(np.flatnonzero(row).tolist()) for row in self.runs]
        for _, v, i in self.fixed_slots():
            dates[v].add(i)
        return [sorted(found) for found in dates]

    def stretches(self, v: int, dates: list[int]) -> list[list[int]]:
        """Dates of the vehicle, cut where it is certain to sleep at home between two of them."""
        nights = self.season.vehicles[v].nights_out
        cuts = [k for k in range(1, len(dates)) if self.days[dates[k]] - self.days[dates[k - 1]] > nights]
        return [dates[first:last] for first, last in itertools.pairwise([0, *cuts, len(dates)]) if last > first]

    def most_on(self, v: int, dates: list[int]) -> int:
        """How many evenings the vehicle's week leaves to a stretch of dates, as far as that is one week alone."""
        most = self.season.vehicles[v].max_evenings_per_week
        one_week = len({self.weeks[i] for i in dates}) == 1
        return min(most, len(dates)) if most is not None and one_week else len(dates)

    @cached_property
    def field(self) -> Field:
        """The season as arrays, for the compiled searches."""
        return field_of(self)

    def fixed_slots(self) -> list[Slot]:
        """The slots that locked evenings may take, rules 2 and 3 applied where they are not waived."""
        result = []
        for lock in self.fixed.values():
            commune = self.season.communes[lock.commune]
            for v in lock.vehicles:
                vehicle = self.season.vehicles[v]
                closed = not self.runs[v][lock.day] or commune.answer(self.season.dates[lock.day]) == NO
                lacking = not commune.needs <= vehicle.equipment
                refused = commune.vehicles is not None and vehicle.id not in commune.vehicles
                if (
                    (not closed or "open_date" in lock.waived)
                    and (not lacking or "equipment" in lock.waived)
                    and (not refused or "allowed_vehicle" in lock.waived)
                ):
                    result.append((lock.commune, v, lock.day))
        return result

    def slots(self) -> list[Slot]:
        """Every slot that an evening may take, locked ones included."""
        return [*self.fixed_slots(), *((c, v, i) for c, here in enumerate(self.open) for v, i in here)]

    def waived(self, c: int, i: int) -> frozenset[str]:
        """The rules that an evening of commune c on date i may break."""
        lock = self.fixed.get((c, i))
        return lock.waived if lock is not None else frozenset()

    def depot_leg(self, v: int, c: int, *, out: bool) -> int | None:
        """Metres from the vehicle's depot to the commune (or back); None where the leg is too long."""
        metres = (self._out if out else self._back)[v, c]
        most = self.season.vehicles[v].max_leg_metres
        return metres if most is None or metres <= most else None

    def link(self, here: Slot, there: Slot) -> int | None:
        """Metres between two consecutive evenings of one vehicle; None where a leg would be too long."""
        a, v, i = here
        b, _, j = there
        vehicle, direct = self.season.vehicles[v], self._direct[a, b]
        if self.days[j] - self.days[i] <= vehicle.nights_out and (
            vehicle.max_leg_metres is None or direct <= vehicle.max_leg_metres
        ):
            return direct
        home, away = self.depot_leg(v, a, out=False), self.depot_leg(v, b, out=True)
        return None if home is None or away is None else home + away

    def metres_of(self, slots: Iterable[Slot]) -> int | None:
        """Metres of all legs; None where one is too long."""
        total = 0
        last: Slot | None = None
        for slot in sorted(slots, key=lambda slot: (slot[1], slot[2])):
            same = last is not None and last[1] == slot[1]
            legs = [self.link(last, slot)] if last is not None and same else []
            if last is not None and not same:
                legs.append(self.depot_leg(last[1], last[0], out=False))
            if not same:
                legs.append(self.depot_leg(slot[1], slot[0], out=True))
            for leg in legs:
                if leg is None:
                    return None
                total += leg
            last = slot
        home = 0 if last is None else self.depot_leg(last[1], last[0], out=False)
        return None if home is None else total + home

    def shortfall_of(self, slots: Iterable[Slot], costs: Costs) -> int:
        """The `no_evening` and `missing` part of the cost at these prices."""
        served = Counter(c for c, _, _ in slots)
        return sum(shortfall_cost(costs, item, served[c]) for c, item in enumerate(self.season.communes))

    def wishes_of(self, slots: Iterable[Slot], communes: Iterable[int]) -> int:
        """What these communes' wishes and dates cost with these evenings of theirs, kept promises earning back."""
        season = self.season
        found = list(slots)
        served = Counter(c for c, _, _ in found)
        shortfalls = sum(shortfall_cost(season.costs, season.communes[c], served[c]) for c in communes)
        return shortfalls + sum(self.preference[c][i] for c, _, i in found)

    def lost_of(self, slots: Iterable[Slot]) -> int:
        """How many pairs of the baseline the plan does not have."""
        dates = self.season.dates
        held = {(self.season.communes[c].id, dates[i]) for c, _, i in slots}
        return sum((item.commune, item.date) not in held for item in self.season.baseline)

    def cost_of(self, slots: list[Slot]) -> int | None:
        """The whole cost of a plan that keeps every other rule; None where a leg or the budget forbids it."""
        metres = self.metres_of(slots)
        budget = self.budget
        if budget is not None and (
            self.shortfall_of(slots, budget.costs) > budget.shortfall
            or (budget.lost is not None and self.lost_of(slots) > budget.lost)
        ):
            return None
        shortfalls = self.shortfall_of(slots, self.season.costs)
        preferences = sum(self.preference[c][i] for c, _, i in slots)
        return None if metres is None else metres + shortfalls + preferences + self.constant

    def most_spaced(self, indices: Iterable[int], days_apart: int) -> int:
        """How many of these dates can be chosen so many days apart: each as early as it may be."""
        count, free_from = 0, -math.inf
        for i in sorted(indices):
            if self.days[i] >= free_from:
                count, free_from = count + 1, self.days[i] + days_apart
        return count

    def worth(self, c: int, served: int) -> int:
        """What the next evening of commune c saves when it has `served` already (0 or more)."""
        costs, commune = self.season.costs, self.season.communes[c]
        return shortfall_cost(costs, commune, served) - shortfall_cost(costs, commune, served + 1)

    def slots_of(self, evenings: Iterable[Evening]) -> list[Slot]:
        """The slots of evenings on dates of the season."""
        dates = {day: i for i, day in enumerate(self.season.dates)}
        communes, vehicles = self.commune_index, self.vehicle_index
        return [(communes[item.commune], vehicles[item.vehicle], dates[item.date]) for item in evenings]

    def evenings(self, slots: Iterable[Slot]) -> list[Evening]:
        """The slots as evenings, by date, then vehicle id."""
        season = self.season
        found = [Evening(season.communes[c].id, season.dates[i], season.vehicles[v].id) for c, v, i in slots]
        return sorted(found, key=lambda item: (item.date, item.vehicle))
