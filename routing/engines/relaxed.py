"""A season with its rules off, planned on the open road, as a place to begin: its tournées are then dated anew."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np

from routing.ground import Ground, week_of
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
        communes=tuple(
            replace(item, evenings=1, availability=None, min_days_between=1) for item in season.communes
        ),
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
        if week is not None and sum(week_of(item.toordinal()) == week_of(day.toordinal()) for item in kept[-7:]) >= week:
            continue
        row = vehicle.max_days_in_row
        if row is not None and len(kept) >= row and (day - kept[-row]).days == row:
            continue
        kept.append(day)
    return tuple(kept)


def head_start(instance: Instance, fixed: list[Slot], watch: Watch) -> list[Slot]:
    """A plan from the tournées of the season with its rules off, those in `watch`; empty where there are none."""
    season = rules_off(instance.season)
    other = Instance(Ground(season))
    road = open_road(other)
    if road is None:
        return []
    Roam(other, road, watch).run()
    table, field = empty_table(instance), instance.field
    fill(field, table, np.array(fixed, dtype=np.int64).reshape(-1, 3))
    tournees: dict = {}
    for c, v, i in sorted(watch.slots or [], key=lambda slot: slot[2]):
        tournees.setdefault(v, []).append(c)
    for v, stops in tournees.items():
        dates = np.array([i for i, runs in enumerate(instance.runs[v]) if runs], dtype=np.int64)
        left = [c for c in stops if table.counted[c] == 0]
        spare = len(_working(instance.season, v)) - len(left)
        unroll(field, table, v, dates, np.array(left, dtype=np.int64), spare)
    search = Search(instance, [], seed=watch.limits.seed)
    search.offer([(int(table.slot[v, i]), int(v), int(i)) for v, i in np.argwhere(table.slot >= 0)])
    search.construct(watch.interrupted)
    return search.last()
