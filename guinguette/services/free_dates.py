"""On which dates of its tour an evening could take place instead, and what each would break."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.states import EveningState
from guinguette.models import Evening, Vehicle
from guinguette.services import lost_dates, planning, requests


@dataclass(frozen=True, slots=True)
class FreeDate:
    """A date on which van and village are both free. ``level``: "yes", "if_need_be", or "" without an answer.

    ``reasons`` name the rules that the evening would break there, as those of a plan do; none where it fits.
    """

    date: dt.date
    vehicle: Vehicle
    level: str
    reasons: tuple[dict[str, Any], ...] = ()


def free_dates(session: Session, evening: Evening, clock: Clock) -> list[FreeDate]:
    """Return the tour's dates to come on which one of its vans is free and the village has not said no, in order.

    What an incident takes is not free. The evening's own van comes first on each date. Each is tried against the
    season's rules while all other evenings stay; one that breaks a rule is named with it, and left to the person who
    must find a new date today.
    """
    levels, left_out = _levels(session, evening)
    days = [d.date for d in evening.tour.dates if d.date > today(clock) and d.date != evening.date]
    vans = sorted(evening.tour.vehicles, key=lambda item: item.vehicle_id != evening.vehicle_id)
    ids, day = [item.vehicle_id for item in vans], today(clock)
    busy = _busy(session, evening, days, ids)
    busy |= lost_dates.lost(lost_dates.in_force(session, evening.tour, day), ids, day)
    free = [
        FreeDate(day, item.vehicle, levels.get(day, ""))
        for day in days
        if levels.get(day, left_out) != "no" and (evening.commune_insee, day) not in busy
        for item in vans
        if day.isoformat() not in item.unavailable and (item.vehicle_id, day) not in busy
    ]
    broken = planning.broken_by_moving(session, evening, [(one.date, one.vehicle) for one in free], clock)
    return [replace(one, reasons=reasons) for one, reasons in zip(free, broken, strict=True)]


def _levels(session: Session, evening: Evening) -> tuple[dict[dt.date, str], str]:
    """Return the village's answers by date, and what a date that has none counts as."""
    request = requests.find(session, evening.tour, evening.commune_insee)
    if request is None:
        return {}, "yes"
    return {answer.date: answer.level for answer in request.availabilities}, requests.left_out(request)


def _busy(
    session: Session, evening: Evening, days: list[dt.date], vehicles: list[int]
) -> set[tuple[int | str, dt.date]]:
    """Return (van id, date) and (INSEE code, date) of living evenings on these days, whatever their tour."""
    rows = session.execute(
        select(Evening.vehicle_id, Evening.commune_insee, Evening.date).where(
            Evening.date.in_(days),
            Evening.state.not_in([EveningState.CANCELLED.value, EveningState.POSTPONED.value]),
            or_(Evening.vehicle_id.in_(vehicles), Evening.commune_insee == evening.commune_insee),
        )
    )
    return {key for vehicle, insee, day in rows for key in ((vehicle, day), (insee, day))}
