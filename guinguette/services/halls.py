"""Days on which a hall is somebody else's: an evening that stands in it then is a clash, never an overwrite."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, Conflict, InvalidInput, NotFound
from guinguette.domain.states import TO_COME, Venue
from guinguette.models import Evening, FallbackVenue, HallBooking
from guinguette.publishing.words import day_words
from guinguette.services import evening_queries, journal
from guinguette.services.journal import By

_WHAT_LENGTH = 120
_FURTHEST = dt.timedelta(days=3 * 365)  # further on, a year was mistyped


def book(session: Session, hall: FallbackVenue, day: dt.date, what: str, *, by: By) -> list[Evening]:
    """Note that the hall is taken on a day; return the evenings that stand in it then, which are clashes now.

    ``what`` for, in a few words, may be empty. Raises ``InvalidInput`` (date) for a day that is past or in years,
    ``Conflict`` where it is noted already.
    """
    now = today(by.clock)
    if day < now:
        raise InvalidInput(N_("Ce jour est passé : choisissez-en un à venir."), field="date")
    if day - now > _FURTHEST:
        raise InvalidInput(N_("Ce jour est dans plus de trois ans : vérifiez l’année."), field="date")
    if _on(session, hall.id, day) is not None:
        raise Conflict(N_("La salle est déjà notée prise le {day}."), field="date", day=day)
    what = " ".join(what.split())[:_WHAT_LENGTH]
    session.add(HallBooking(hall=hall, date=day, what=what, noted_at=by.clock.now(), noted_by=by.actor))
    session.flush()
    _note(session, hall, day, by, f"prise ({what})" if what else "prise")
    return [evening for evening in _standing(session, hall, day) if stands_in(evening, hall)]


def release(session: Session, booking: HallBooking, *, by: By) -> None:
    """Note that the hall is free on that day after all."""
    _note(session, booking.hall, booking.date, by, "libre")
    session.delete(booking)
    session.flush()


def get(session: Session, hall: FallbackVenue, booking_id: int) -> HallBooking:
    """Return a booking of this hall. Raises ``NotFound``."""
    booking = session.get(HallBooking, booking_id)
    if booking is None or booking.hall_id != hall.id:
        raise NotFound(N_("Ce jour n’est plus noté."))
    return booking


def coming(session: Session, hall: FallbackVenue, clock: Clock) -> Sequence[HallBooking]:
    """Return the hall's bookings from today on, in order."""
    to_come = (HallBooking.hall_id == hall.id, HallBooking.date >= today(clock))
    return session.scalars(select(HallBooking).where(*to_come).order_by(HallBooking.date)).all()


def stands_in(evening: Evening, hall: FallbackVenue) -> bool:
    """Tell whether the evening takes place in this hall, rain or not."""
    in_hall = evening.venue == Venue.HALL or evening.tour.hall_required
    return in_hall and evening.fallback_venue_id == hall.id


def clash(session: Session, evening: Evening) -> HallBooking | None:
    """Return the booking that an evening to come clashes with: it stands in that hall on that day."""
    return clashes(session, [evening]).get(evening.id)


def clashes(session: Session, evenings: Iterable[Evening]) -> dict[str, HallBooking]:
    """Return the bookings that these evenings clash with, by the evening's id, in one query."""
    inside = [e for e in evenings if e.state in TO_COME and e.fallback_venue and stands_in(e, e.fallback_venue)]
    taken = _taken(session, {e.fallback_venue_id for e in inside if e.fallback_venue_id is not None})
    return {e.id: taken[e.fallback_venue_id, e.date] for e in inside if (e.fallback_venue_id, e.date) in taken}


def no_shelter(session: Session, evening: Evening) -> HallBooking | None:
    """Return the booking that leaves an evening outdoors without its hall, should it rain."""
    if evening.fallback_venue is None or stands_in(evening, evening.fallback_venue):
        return None
    return _on(session, evening.fallback_venue.id, evening.date)


def refuse_clash(session: Session, evening: Evening) -> None:
    """Raise ``Conflict`` where an evening would stand in a hall that is taken that day."""
    if evening.fallback_venue is not None and stands_in(evening, evening.fallback_venue):
        refuse_taken(session, evening)


def refuse_taken(session: Session, evening: Evening, on: dt.date | None = None) -> None:
    """Raise ``Conflict`` where the evening's hall is taken ``on`` a day (its own), whether it stands there or not."""
    booking = evening.fallback_venue_id and _on(session, evening.fallback_venue_id, on or evening.date)
    if booking:
        raise Conflict(
            N_("{hall} est déjà prise le {day}{what} : changez de jour ou de lieu, ou libérez la salle d’abord."),
            hall=booking.hall.name,
            day=booking.date,
            what=f" ({booking.what})" if booking.what else "",
        )


def taken_days(session: Session, hall_ids: Collection[int]) -> set[tuple[int, dt.date]]:
    """Return (hall id, date) of every booking of these halls, in one query."""
    return {(row.hall_id, row.date) for row in _taken(session, hall_ids).values()}


def to_come_in(session: Session, insee: str, clock: Clock) -> list[Evening]:
    """Return the evenings to come of a commune that clash with a booking, in order of date."""
    evenings = evening_queries.coming_to(session, insee, today(clock))
    found = clashes(session, evenings)
    return [evening for evening in evenings if evening.id in found]


def _on(session: Session, hall_id: int, day: dt.date) -> HallBooking | None:
    return session.scalar(select(HallBooking).where(HallBooking.hall_id == hall_id, HallBooking.date == day))


def _taken(session: Session, hall_ids: Collection[int]) -> dict[tuple[int | None, dt.date], HallBooking]:
    if not hall_ids:
        return {}
    rows = session.scalars(select(HallBooking).where(HallBooking.hall_id.in_(hall_ids)))
    return {(row.hall_id, row.date): row for row in rows}


def _standing(session: Session, hall: FallbackVenue, day: dt.date) -> Sequence[Evening]:
    there = (Evening.fallback_venue_id == hall.id, Evening.date == day, Evening.state.in_(TO_COME))
    return session.scalars(select(Evening).where(*there)).all()


def _note(session: Session, hall: FallbackVenue, day: dt.date, by: By, what: str) -> None:
    journal.write(
        session,
        hall.commune_insee,
        "booking",
        by,
        detail=f"{hall.name}, {day_words(day, 'fr', year=True)}\u00a0: {what}",
    )
