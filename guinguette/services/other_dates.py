"""On which other date an evening could take place: what stands against one, and which are free."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, InvalidInput
from guinguette.domain.states import EveningState
from guinguette.models import Evening
from guinguette.services import lost_dates
from guinguette.services.evening_queries import alive_evenings

#: How long after its tour an evening may still be made up for. Further on, a year was mistyped.
FURTHEST = dt.timedelta(days=365)
#: So many days a host is offered.
_OFFERED = 6


def refuse(session: Session, evening: Evening, date: dt.date, vehicle_id: int, clock: Clock) -> None:
    """Raise ``InvalidInput`` (field ``date``) where the evening cannot take place with that van on that date."""
    if date < today(clock):
        raise InvalidInput(N_("Cette date est passée : choisissez-en une autre."), field="date")
    last = max((each.date for each in evening.tour.dates), default=evening.date)
    if date - last > FURTHEST:
        raise InvalidInput(
            N_("Cette date est à plus d’un an de la fin de la tournée, le {last} : choisissez-en une plus proche."),
            field="date",
            last=last,
        )
    if date == evening.date:
        raise InvalidInput(N_("C’est la date actuelle : choisissez-en une autre."), field="date")
    taken = session.scalars(
        select(Evening).where(
            Evening.date == date,
            Evening.state.not_in([EveningState.CANCELLED.value, EveningState.POSTPONED.value]),
            (Evening.vehicle_id == vehicle_id) | (Evening.commune_insee == evening.commune_insee),
        )
    ).first()
    if taken is not None:
        raise InvalidInput(
            N_("Ce jour-là, la guinguette est déjà à {commune} : choisissez une autre date."),
            field="date",
            commune=taken.commune.name,
        )
    before = date - dt.timedelta(days=1)
    lost = lost_dates.lost(lost_dates.in_force(session, evening.tour, before), [vehicle_id], before)
    if not lost.isdisjoint({(vehicle_id, date), (evening.commune_insee, date)}):
        raise InvalidInput(
            N_("Un imprévu empêche la soirée ce jour-là : choisissez une autre date, ou levez l’imprévu."), field="date"
        )


def free_days(session: Session, evening: Evening, clock: Clock) -> list[dt.date]:
    """Return the days of the tour nearest to the evening's on which its van and its village are free, in order."""
    day = today(clock)
    van, insee = evening.vehicle_id, evening.commune_insee
    garage = {iso for each in evening.tour.vehicles if each.vehicle_id == van for iso in each.unavailable}
    alive = alive_evenings(session, evening.tour)
    busy = {e.date for e in alive if e.vehicle_id == van or e.commune_insee == insee}
    lost = lost_dates.lost(lost_dates.in_force(session, evening.tour, day), [van], day)
    free = [
        each.date
        for each in evening.tour.dates
        if each.date > day
        and each.date not in busy
        and each.date.isoformat() not in garage
        and lost.isdisjoint({(van, each.date), (insee, each.date)})
    ]
    return sorted(sorted(free, key=lambda date: abs(date - evening.date))[:_OFFERED])
