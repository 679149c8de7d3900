"""What somebody who gives dates should know of a day: holidays, the fête, the hall, evenings near by."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.public_holidays import is_public_holiday
from guinguette.adapters.school_holidays import is_school_holiday, zone_of
from guinguette.domain.scopes import distance_km
from guinguette.models import Commune, FallbackVenue, HallBooking
from guinguette.services import fetes, published

#: Evenings this near take each other's public.
NEAR_KM = 15
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Note:
    """One thing about a day. ``kind``: holiday, own (evening), fete, hall (taken), near (the village ``name``)."""

    kind: str
    name: str = ""
    km: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """The same note on days that follow each other, ``first`` to ``last``."""

    first: dt.date
    last: dt.date
    note: Note


@dataclass(frozen=True, slots=True)
class Notes:
    """What there is to know: of each day, and the school holidays of the village's zone from and to (both included)."""

    of_day: Mapping[dt.date, Sequence[Note]]
    school: Sequence[tuple[dt.date, dt.date]]

    def spans(self, days: Iterable[dt.date]) -> list[Span]:
        """Return the notes of ``days`` in order; one that goes on from a day to the next is said once."""
        found: list[Span] = []
        for day in sorted(days):
            for note in self.of_day.get(day, ()):
                before = next((s for s in found if s.note == note and s.last == day - _DAY), None)
                if before is not None:
                    found[found.index(before)] = Span(before.first, day, note)
                else:
                    found.append(Span(day, day, note))
        return found

    def school_in(self, month: dt.date) -> list[tuple[dt.date, dt.date]]:
        """Return the school holidays that lie in the month of a date, or reach into it."""
        start = month.replace(day=1)
        end = (start + dt.timedelta(days=31)).replace(day=1) - _DAY
        return [(first, last) for first, last in self.school if first <= end and last >= start]


def of(session: Session, commune: Commune, days: Collection[dt.date]) -> Notes:
    """Return what a village should know of ``days``."""
    notes: defaultdict[dt.date, list[Note]] = defaultdict(list)
    for day in days:
        if is_public_holiday(day):
            notes[day].append(Note("holiday"))
    for fete in fetes.during(session, commune, days):
        for day in days:
            if fete.first <= day <= fete.last:
                notes[day].append(Note("fete", fete.name))
    for day, note in (*_bookings(session, commune, set(days)), *_evenings(session, commune, set(days))):
        notes[day].append(note)
    return Notes(notes, _school(commune, days))


def _bookings(session: Session, commune: Commune, days: set[dt.date]) -> list[tuple[dt.date, Note]]:
    """Return the days on which a hall of the village is somebody else's."""
    taken = session.execute(
        select(HallBooking.date, FallbackVenue.name)
        .join(HallBooking.hall)
        .where(
            FallbackVenue.commune_insee == commune.insee,
            FallbackVenue.archived_at.is_(None),
            HallBooking.date.in_(days),
        )
        .order_by(HallBooking.date, FallbackVenue.id)
    )
    return [(row.date, Note("hall", row.name)) for row in taken]


def _evenings(session: Session, commune: Commune, days: set[dt.date]) -> list[tuple[dt.date, Note]]:
    found: list[tuple[dt.date, Note]] = []
    for evening in published.all_evenings(published.latest(session)):
        if evening.date not in days or not evening.alive:
            continue
        if evening.insee == commune.insee:
            found.append((evening.date, Note("own")))
        elif commune.lat is not None and commune.lon is not None:
            km = round(distance_km(commune.lat, commune.lon, evening.lat, evening.lon))
            if km <= NEAR_KM:
                found.append((evening.date, Note("near", evening.commune, km)))
    return found


def _school(commune: Commune, days: Collection[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """Return the school holidays that touch the months of ``days``, whole."""
    zone = zone_of(commune.department)
    if zone is None or not days:
        return []
    spans: list[tuple[dt.date, dt.date]] = []
    day, end = min(days).replace(day=1), max(days)
    while day <= end:
        if not is_school_holiday(day, zone):
            day += _DAY
            continue
        first = last = day
        while is_school_holiday(first - _DAY, zone):
            first -= _DAY
        while is_school_holiday(last + _DAY, zone):
            last += _DAY
        spans.append((first, last))
        day = last + _DAY
    return spans
