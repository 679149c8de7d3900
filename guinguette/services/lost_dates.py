"""The dates that incidents take from vans and villages, as every plan and every page reads them."""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Evening, Incident, PlannedEvening, Tour

#: (vehicle id, date) or (INSEE code, date)
Lost = set[tuple[int | str, dt.date]]


def in_force(session: Session, tour: Tour, day: dt.date) -> list[Incident]:
    """Return the incidents that take dates after ``day`` from this tour, in the order they were reported.

    A storm over everybody is the tour's own; a van or a village that cannot, cannot in any tour.
    """
    named = Incident.vehicle_id.is_not(None) | Incident.commune_insee.is_not(None)
    return list(
        session.scalars(
            select(Incident)
            .where(Incident.withdrawn_at.is_(None), Incident.last > day, (Incident.tour_id == tour.id) | named)
            .order_by(Incident.id)
        )
    )


def lost(incidents: Iterable[Incident], tour: Tour, day: dt.date) -> Lost:
    """Return what these incidents take from the tour after ``day``; what is past or tonight stays as it is."""
    vans = [item.vehicle_id for item in tour.vehicles]
    return {
        (who, date)
        for incident in incidents
        for date in _dates(incident)
        if date > day
        for who in _whom(incident, vans)
    }


def hits(incident: Incident, line: Evening | PlannedEvening) -> bool:
    """Tell whether the incident takes away this evening's van or village on its date."""
    if not incident.first <= line.date <= incident.last:
        return False
    return (incident.vehicle_id or incident.commune_insee) in (None, line.vehicle_id, line.commune_insee)


def _dates(incident: Incident) -> list[dt.date]:
    return [incident.first + dt.timedelta(days=n) for n in range((incident.last - incident.first).days + 1)]


def _whom(incident: Incident, vans: list[int]) -> list[int | str]:
    named = incident.vehicle_id or incident.commune_insee
    return list(vans) if named is None else [named]
