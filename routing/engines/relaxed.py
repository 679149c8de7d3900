"""A season with its rules off, planned on the open road, as a place to begin: its tournées are then dated anew."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np

from routing.ground import Ground, week_of
from routing.plan import Limits
from routing.season import NO, Season

from .field import empty_table
from .improve import Search
from .instance import Instance, Slot
from .moves import fill
from .open_road import open_road
from .roam import Roam
from .stretches import unroll
from .watch import Watch


def rules_off(season: Season) -> Season:
    """One evening for each commune, on any date; crews rest on fixed dates, and some dates are left to spare."""
    share = _share(season)
    return replace(
        season,
        vehicles=tuple(
            replace(
                vehicle,
                dates=_some(_working(season, v), share),
                max_leg_metres=None,
                max_evenings_per_week=None,
                max_days_in_row=None,
            )
            for v, vehicle in enumerate(season.vehicles)
        ),
        communes=tuple(replace(item, evenings=1, availability=None, min_days_between=1) for item in season.communes),
        separation=None,
        quotas=(),
        locked=(),
        baseline=(),
    )


def _share(season: Season) -> float:
    """How many of a vehicle's dates its tournées may count on: communes say no to some, but all are to be served."""
    dates = sum(len(_working(season, v)) for v in range(len(season.vehicles)))
    answers = [item.answer(day) != NO for item in season.communes for day in season.dates]
    return max(sum(answers) / max(1, len(answers)), len(season.communes) / max(1, dates))


def _some(dates: tuple[date, ...], share: float) -> tuple[date, ...]:
    """That share of the dates, at least, spread evenly."""
    most = min(len(dates), math.ceil(share * len(dates)))
    return tuple(dates[k * len(dates) // most] for k in range(most))


def _working(season: Season, v: int) -> tuple[date, ...]:
    """The vehicle's dates without those on which its crew would rest if it worked whenever it may."""
    vehicle = season.vehicles[v]
    kept: list[date] = []
    for day in season.dates:
        if vehicle.dates is not None and day not in vehicle.dates:
            continue
        week = vehicle.max_evenings_per_week
        weeks = [week_of(item.toordinal()) for item in kept[-7:]]
        if week is not None and weeks.count(week_of(day.toordinal())) >= week:
            continue
        row = vehicle.max_days_in_row
        if row is not None and len(kept) >= row and (day - kept[-row]).days == row:
            continue
        kept.append(day)
    return tuple(kept)


class RulesOff:
    """A season with its rules off as pure routing; `cost` is that of its last plan."""

    def __init__(self, instance: Instance) -> None:
        self.instance, self.cost = instance, math.inf
        self._other = Instance(Ground(rules_off(instance.season)))
        self._road = open_road(self._other)

    def plan(self, fixed: list[Slot], limits: Limits, should_stop: Callable[[], bool]) -> list[Slot]:
        """Tournées found within these limits, which begin now, dated under the rules; [] where there are none."""
        if self._road is None:
            return []
        instance, watch = self.instance, Watch(limits, None, should_stop, time.monotonic())
        watch.search_seconds = limits.seconds
        Roam(self._other, self._road, watch).run()
        if watch.cost is None:
            return []
        self.cost = watch.cost
        tournees: dict[int, list[int]] = {}
        for c, v, _ in sorted(watch.slots or [], key=lambda slot: slot[2]):
            tournees.setdefault(v, []).append(c)
        slots = fixed
        for v, stops in tournees.items():
            either = [self._dated(slots, v, order) for order in (stops, stops[::-1])]
            slots = min(either, key=lambda found: instance.cost_of(found) or math.inf)
        search = Search(instance, [], seed=limits.seed)
        search.offer(slots)
        search.construct(should_stop)
        return search.last()

    def _dated(self, slots: list[Slot], v: int, stops: list[int]) -> list[Slot]:
        """These slots and the vehicle's tournée, as far as it can be dated beside them."""
        instance, field, table = self.instance, self.instance.field, empty_table(self.instance)
        fill(field, table, np.array(slots, dtype=np.int64).reshape(-1, 3))
        left = np.array([c for c in stops if table.counted[c] == 0], dtype=np.int64)
        dates = np.array([i for i, runs in enumerate(instance.runs[v]) if runs], dtype=np.int64)
        unroll(field, table, v, dates, left, len(_working(instance.season, v)) - len(left))
        return [(int(table.slot[w, i]), int(w), int(i)) for w, i in np.argwhere(table.slot >= 0)]
