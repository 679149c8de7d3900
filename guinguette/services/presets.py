"""What a tour starts from: a summer and a winter (product.md, "Presets"). All of it is editable per tour."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A season's habits. ``weekdays`` counts from Monday = 0; hours are local; ``needs`` are names of equipment."""

    season: str
    weekdays: frozenset[int]
    starts_at: dt.time
    ends_at: dt.time
    hall_required: bool
    needs: tuple[str, ...]


#: Outside, with a hall for rain.
SUMMER = Preset(
    season="summer",
    weekdays=frozenset({THURSDAY, FRIDAY, SATURDAY, SUNDAY}),
    starts_at=dt.time(18),
    ends_at=dt.time(22),
    hall_required=False,
    needs=(),
)
#: In the hall, with a van whose bar is covered.
WINTER = Preset(
    season="winter",
    weekdays=frozenset({FRIDAY, SATURDAY}),
    starts_at=dt.time(18, 30),
    ends_at=dt.time(22, 30),
    hall_required=True,
    needs=("covered",),
)
PRESETS = {preset.season: preset for preset in (SUMMER, WINTER)}


def dates_between(
    first: dt.date,
    last: dt.date,
    preset: Preset,
    *,
    holidays: Iterable[dt.date] = (),
    weekdays: Iterable[int] | None = None,
) -> list[dt.date]:
    """Return the dates from ``first`` to ``last``, both included, on the preset's weekdays (or on ``weekdays``).

    A public holiday of ``holidays`` is an opportunity: it is added whatever its weekday.
    """
    allowed = preset.weekdays if weekdays is None else frozenset(weekdays)
    extra = frozenset(holidays)
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() in allowed or day in extra]
