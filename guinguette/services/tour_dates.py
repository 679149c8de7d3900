"""The dates that a tour may use: added and removed one by one, whatever its preset said."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, InvalidInput
from guinguette.models import Evening, Tour, TourDate
from guinguette.services import editing
from guinguette.services.evening_queries import alive_evenings


@dataclass(frozen=True, slots=True)
class DatesChanged:
    """What a change of dates did; ``orphans`` are the evenings to come whose date the tour no longer has."""

    added: int
    removed: int
    orphans: tuple[Evening, ...]


def replace(session: Session, tour: Tour, dates: Collection[dt.date], version: int, clock: Clock) -> DatesChanged:
    """Give the tour exactly these dates. Evenings on a removed date stay until the next plan moves them.

    Raises ``Conflict``, and ``InvalidInput`` where no date is left.
    """
    editing.begin(tour, version)
    wanted = set(dates)
    if not wanted:
        raise InvalidInput(N_("Une tournée garde au moins une date."))
    stored = {row.date: row for row in tour.dates}
    tour.dates = [stored.get(day) or TourDate(date=day) for day in sorted(wanted)]
    editing.save(session, tour)
    removed = stored.keys() - wanted
    orphans = [e for e in alive_evenings(session, tour) if e.date in removed and e.date >= today(clock)]
    return DatesChanged(len(wanted - stored.keys()), len(removed), tuple(orphans))
