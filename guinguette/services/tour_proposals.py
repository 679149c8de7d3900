"""What a new tour's form starts from: the coming summer or winter, or last season's tour moved to the coming one."""

import datetime as dt
import re
from collections import Counter

from sqlalchemy.orm import Session

from guinguette.models import Tour
from guinguette.services import presets, vehicles
from guinguette.services.tours import TourCommand, TourSettings

#: First and last day of a season as (month, day): from May to September, from December to mid-March.
_PERIODS = {"summer": ((5, 1), (9, 30)), "winter": ((12, 1), (3, 15))}
_SEPARATION_METRES, _SEPARATION_DAYS = 8000, 2


def likely_season(day: dt.date) -> str:
    """Return the season whose tour is being prepared on this day."""
    return min(_PERIODS, key=lambda season: _period(season, day)[0])


def from_preset(session: Session, season: str, day: dt.date, name: str) -> TourCommand:
    """Return the coming summer or winter as the preset has it; ``name`` may hold {years}."""
    preset = presets.PRESETS[season]
    first, last = _period(season, day)
    years = str(first.year) if first.year == last.year else f"{first.year}-{last.year}"
    return TourCommand(
        settings=TourSettings(
            name=name.format(years=years),
            starts_at=preset.starts_at,
            ends_at=preset.ends_at,
            hall_required=preset.hall_required,
            needs=preset.needs,
            separation_metres=_SEPARATION_METRES,
            separation_days=_SEPARATION_DAYS,
        ),
        season=season,
        first=first,
        last=last,
        weekdays=preset.weekdays,
        vehicle_ids=tuple(v.id for v in vehicles.listing(session) if set(preset.needs) <= set(v.equipment)),
    )


def from_tour(source: Tour, day: dt.date) -> TourCommand:
    """Return last season's tour moved by whole years, so that it has not begun on ``day``."""
    dates = [row.date for row in source.dates] or [day]
    years = 1
    while _moved(dates[0], years) < day:
        years += 1
    counts = Counter(date.weekday() for date in dates)
    usual = max(counts.values())
    return TourCommand(
        settings=TourSettings(
            name=re.sub(r"\b20\d\d\b", lambda found: str(int(found[0]) + years), source.name),
            starts_at=source.starts_at,
            ends_at=source.ends_at,
            hall_required=source.hall_required,
            needs=tuple(source.default_needs),
            separation_metres=source.separation_metres,
            separation_days=source.separation_days,
            presentation=source.presentation,
        ),
        season=source.season,
        first=_moved(dates[0], years),
        last=_moved(dates[-1], years),
        # a weekday that is there only for its public holidays is not one of the tour's evenings
        weekdays=frozenset(weekday for weekday, count in counts.items() if count * 4 >= usual),
        vehicle_ids=tuple(row.vehicle_id for row in source.vehicles if row.vehicle.archived_at is None),
    )


def _period(season: str, day: dt.date) -> tuple[dt.date, dt.date]:
    (month, first_day), (last_month, last_day) = _PERIODS[season]
    year = day.year if dt.date(day.year, month, first_day) > day else day.year + 1
    first = dt.date(year, month, first_day)
    return first, dt.date(year + (last_month < month), last_month, last_day)


def _moved(day: dt.date, years: int) -> dt.date:
    """Return the same day some years later; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
