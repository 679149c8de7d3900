"""The big calendar of days: months, weeks and cells for the page; and back from its radio buttons to values.

Its page is made by the macros of ``templates/_calendrier.html``, for organisers and hosts alike.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import groupby

from werkzeug.datastructures import MultiDict

from guinguette.adapters.public_holidays import is_public_holiday

_WEEK = 7


@dataclass(frozen=True, slots=True)
class Day:
    """A cell: ``open`` days have buttons, ``value`` is the one that is on ("" for none)."""

    date: dt.date
    open: bool
    value: str
    holiday: bool

    @property
    def name(self) -> str:
        """Return the name of its radio buttons."""
        return f"jour-{self.date}"


@dataclass(frozen=True, slots=True)
class Week:
    """A week of one month, Monday first: seven cells, those of the neighbouring months closed."""

    days: tuple[Day, ...]
    month: int

    @property
    def inside(self) -> list[Day]:
        """Return the days of this month."""
        return [day for day in self.days if day.date.month == self.month]

    @property
    def key(self) -> str:
        """Return what the week's own buttons send before their value."""
        return f"{self.inside[0].date}_{self.inside[-1].date}"


def months(open_days: Collection[dt.date], values: Mapping[dt.date, str]) -> list[tuple[dt.date, list[Week]]]:
    """Return the months of ``open_days`` with their weeks; weeks without an open day are left out."""
    open_set = set(open_days)
    return [
        (
            dt.date(year, month, 1),
            [week for week in _weeks(year, month, open_set, values) if any(d.open for d in week.days)],
        )
        for (year, month), _ in groupby(sorted(open_set), key=lambda day: (day.year, day.month))
    ]


def _weeks(year: int, month: int, open_set: set[dt.date], values: Mapping[dt.date, str]) -> list[Week]:
    first = dt.date(year, month, 1)
    monday = first - dt.timedelta(days=first.weekday())
    weeks = []
    while monday <= first or monday.month == month:
        dates = [monday + dt.timedelta(days=n) for n in range(_WEEK)]
        cells = (
            Day(day, day in open_set and day.month == month, values.get(day, ""), is_public_holiday(day))
            for day in dates
        )
        weeks.append(Week(tuple(cells), month))
        monday += dt.timedelta(days=_WEEK)
    return weeks


def typed(
    form: MultiDict[str, str], open_days: Collection[dt.date], levels: Collection[str]
) -> tuple[dict[dt.date, str], bool]:
    """Return the value of each open day that has one, and whether a button for several days was pressed (then applied).

    A week's button says ``semaine=<first>_<last>_<level>``; one for every Friday ``chaque=4_<level>``, Monday being 0,
    one for all days ``chaque=tous_<level>``.
    """
    values = {day: form.get(f"jour-{day}", "") for day in open_days}
    first, last, level = [*form.get("semaine", "").split("_", 2), "", ""][:3]
    which, every_level = [*form.get("chaque", "").split("_", 1), ""][:2]
    if first:
        values |= {day: level for day in open_days if first <= day.isoformat() <= last}
    if which:
        values |= {day: every_level for day in open_days if which in ("tous", str(day.weekday()))}
    return {day: value for day, value in sorted(values.items()) if value in levels}, bool(first or which)
