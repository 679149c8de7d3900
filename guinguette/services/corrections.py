"""A correction of what evenings show (a place, a host, a van, the tour's own words) reaches what is online.

It goes with the edit, in the same transaction. Nobody is told by SMS: the place is the same, only better described.
An evening that really takes place elsewhere is given another place on its own page, and that is told.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.models import Committee, Evening, FallbackVenue, Pitch, Tour, Vehicle
from guinguette.publishing.tour import PublishedTour
from guinguette.services import publication
from guinguette.services.evening_queries import is_alive, of_tour
from guinguette.services.freezing import freeze

Shown = Committee | FallbackVenue | Pitch | Tour | Vehicle
_SHOWN_BY: dict[type[Any], Any] = {
    Committee: Evening.permit_holder_id,
    FallbackVenue: Evening.fallback_venue_id,
    Pitch: Evening.pitch_id,
    Vehicle: Evening.vehicle_id,
}


def follow(session: Session, row: Shown, *, actor: str, clock: Clock) -> list[Evening]:
    """Publish again the tours in use whose public words ``row`` has changed; what is archived stays as it was.

    Returns the evenings to come that people's calendars will correct, in order of date. Raises ``InvalidInput`` where
    an evening is left without any position.
    """
    session.flush()
    corrected = [evening for tour in _tours(session, row) for evening in _publish_again(session, tour, actor, clock)]
    coming = (evening for evening in corrected if is_alive(evening) and evening.date >= today(clock))
    return sorted(coming, key=lambda evening: evening.date)


def _tours(session: Session, row: Shown) -> Sequence[Tour]:
    concerned = Tour.id == row.id
    if not isinstance(row, Tour):
        concerned = Tour.id.in_(select(Evening.tour_id).where(_SHOWN_BY[type(row)] == row.id))
    return session.scalars(select(Tour).where(concerned, Tour.archived_at.is_(None)).order_by(Tour.id)).all()


def _publish_again(session: Session, tour: Tour, actor: str, clock: Clock) -> list[Evening]:
    """Publish the tour unless it reads as it did; return the evenings whose SEQUENCE that has raised."""
    last = publication.latest(session, tour)
    if last is None:
        return []
    online = PublishedTour.from_json(last.payload)
    evenings = of_tour(session, tour)
    if freeze(tour, evenings, online.published_at, before=online) == replace(online, number=tour.published_version):
        return []
    before = [evening.sequence for evening in evenings]
    publication.refresh(session, tour, actor=actor, clock=clock)
    return [evening for evening, sequence in zip(evenings, before, strict=True) if evening.sequence != sequence]
