"""The season as arrays and the plan under construction as arrays, for the compiled searches.

Indices are those of `Instance`. Prices are floats here: they only steer; what is found is priced again in whole
numbers before anybody hears of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .instance import Instance


Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Metres: TypeAlias = NDArray[np.int64]

NEVER = 1 << 30  # a limit that nothing reaches
WAIVABLE = ("wanted", "spacing", "separation", "weekly_rest", "days_in_row", "quota")
WANTED, SPACING, SEPARATION, WEEKLY_REST, DAYS_IN_ROW, QUOTA = (1 << k for k in range(len(WAIVABLE)))


class Field(NamedTuple):
    """What no plan changes. C communes, V vehicles, D dates, Q quotas; lists of lists as (pointers, items)."""

    days: Ints  # (D,) day numbers
    week: Ints  # (D,) from 0
    direct: Floats  # (C, C) metres
    out: Floats  # (V, C) metres from the depot, `forbidden` added where that leg is too long
    back: Floats  # (V, C) metres to the depot, likewise
    longest: Floats  # (V,)
    nights: Ints  # (V,)
    week_limit: Ints  # (V,)
    row_limit: Ints  # (V,)
    answers: Bools  # (C, D) not "no"
    fitting: Bools  # (C, V) equipment and allowed vehicles
    runs: Bools  # (V, D)
    locked: Bools  # (C, D)
    waived: Ints  # (C, D) bits
    preference: Floats  # (C, D)
    first: Floats  # (C,) what the first evening saves
    further: Floats  # (C,) what each further one saves
    wanted: Ints  # (C,)
    spacing: Ints  # (C,) days
    apart: int  # days of separation
    near_of: Ints  # (C + 1,)
    near: Ints
    quotas_of: Ints  # (C + 1,)
    quotas: Ints
    covers: Bools  # (Q, D)
    dates_of: Ints  # (C + 1,)
    dates: Ints  # dates on which some vehicle could come
    vehicles_of: Ints  # (C + 1,)
    vehicles: Ints
    turns: Ints  # (n, 3) commune, date, vehicle that a locked evening could also be on


class Table(NamedTuple):
    """A plan under construction."""

    slot: Ints  # (V, D) commune or -1
    block: Ints  # (C, D) how many evenings keep this commune off this date
    served: Ints  # (C,)
    counted: Ints  # (C,) as served, without those that `wanted` is waived for
    in_week: Ints  # (V, weeks)
    in_row: Bools  # (V, D)
    room: Ints  # (Q,)


def _lists(items: list[list[int]]) -> tuple[Ints, Ints]:
    pointers = np.cumsum([0, *(len(item) for item in items)]).astype(np.int64)
    flat = [value for item in items for value in item]
    return pointers, np.array(flat or [0], dtype=np.int64)


def field_of(instance: Instance) -> Field:
    """The arrays of a season."""
    season, days = instance.season, instance.days
    communes, vehicles = season.communes, season.vehicles
    size, dates = len(communes), len(days)
    weeks = {week: index for index, week in enumerate(sorted(set(instance.weeks)))}
    first = np.array([instance.worth(c, 0) for c in range(size)], dtype=np.float64)
    further = np.array([season.costs.missing * item.priority for item in communes], dtype=np.float64)
    longest = np.array([np.inf if v.max_leg_metres is None else v.max_leg_metres for v in vehicles], dtype=np.float64)
    out, back = instance.out.astype(np.float64), instance.back.astype(np.float64)
    forbidden = forbidden_of(instance)
    locked, waived = np.zeros((size, dates), np.bool_), np.zeros((size, dates), np.int64)
    for (c, i), lock in instance.fixed.items():
        locked[c, i] = True
        waived[c, i] = sum(1 << WAIVABLE.index(rule) for rule in lock.waived if rule in WAIVABLE)
    runs, fitting = instance.runs, instance.compatible
    # what can be: dates on which some vehicle that may come is offered, vehicles offered on some date of the commune
    answers = instance.answers & (fitting @ runs)
    coming = fitting & (instance.answers @ runs.T)
    stuck = {"weekly_rest", "days_in_row"}  # what waives these keeps the vehicle that it is given at the start
    turns = [(c, i, v) for c, v, i in instance.fixed_slots() if not stuck & instance.fixed[c, i].waived]
    near_of, near = _lists(instance.near)
    quotas_of, quotas = _lists(instance.quotas_of)
    dates_of, open_dates = _lists([np.flatnonzero(row).tolist() for row in answers])
    vehicles_of, open_vehicles = _lists([np.flatnonzero(row).tolist() for row in coming])
    return Field(
        days=np.array(days, dtype=np.int64),
        week=np.array([weeks[week] for week in instance.weeks], dtype=np.int64),
        direct=instance.direct.astype(np.float64),
        out=np.where(out > longest[:, None], out + forbidden, out),
        back=np.where(back > longest[:, None], back + forbidden, back),
        longest=longest,
        nights=np.array([min(v.nights_out, NEVER) for v in vehicles], dtype=np.int64),
        week_limit=np.array([min(v.max_evenings_per_week or NEVER, NEVER) for v in vehicles], dtype=np.int64),
        row_limit=np.array([min(v.max_days_in_row or NEVER, NEVER) for v in vehicles], dtype=np.int64),
        answers=answers,
        fitting=fitting,
        runs=runs,
        locked=locked,
        waived=waived,
        preference=np.array(instance.preference, dtype=np.float64).reshape(size, dates),
        first=first,
        further=further,
        wanted=np.array([min(item.evenings, NEVER) for item in communes], dtype=np.int64),
        spacing=np.array([min(item.min_days_between, NEVER) for item in communes], dtype=np.int64),
        apart=min(season.separation.days, NEVER) if season.separation is not None else 0,
        near_of=near_of,
        near=near,
        quotas_of=quotas_of,
        quotas=quotas,
        covers=np.array([covers for _, covers, _ in instance.quotas], np.bool_).reshape(len(instance.quotas), dates),
        dates_of=dates_of,
        dates=open_dates,
        vehicles_of=vehicles_of,
        vehicles=open_vehicles,
        turns=np.array(turns, dtype=np.int64).reshape(-1, 3),
    )


def forbidden_of(instance: Instance) -> float:
    """More than any plan can save: the price of a leg that is too long, while another evening may shorten it."""
    season = instance.season
    saved = sum(
        instance.worth(c, 0) + (min(item.evenings, len(instance.days)) - 1) * season.costs.missing * item.priority
        for c, item in enumerate(season.communes)
    )
    return 10.0 * (1 + saved + instance.constant) + 10.0 * (1 + int(instance.ground.metres.max(initial=0)))


def empty_table(instance: Instance) -> Table:
    """No evening placed yet, not even the locked ones."""
    field = instance.field
    size, dates = field.preference.shape
    cars = len(field.nights)
    return Table(
        slot=np.full((cars, dates), -1, np.int64),
        block=np.zeros((size, dates), np.int64),
        served=np.zeros(size, np.int64),
        counted=np.zeros(size, np.int64),
        in_week=np.zeros((cars, int(field.week.max(initial=-1)) + 1), np.int64),
        in_row=np.zeros((cars, dates), np.bool_),
        room=np.array([most for _, _, most in instance.quotas], dtype=np.int64),
    )
