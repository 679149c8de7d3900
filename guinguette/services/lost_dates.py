"""What incidents take from vans and villages, as every plan respects it; and what publishing one makes of them."""

import datetime as dt
from collections.abc import Collection, Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, Conflict
from guinguette.models import Evening, Incident, Plan, PlannedEvening, Tour

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


def lost(incidents: Iterable[Incident], vans: Collection[int], day: dt.date) -> Lost:
    """Return what these incidents take after ``day``, a storm from all ``vans``; past and tonight stay as they are."""
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


def takes(taken: Lost, line: Evening | PlannedEvening) -> bool:
    """Tell whether a line cannot take place: its van or its village is lost, and nobody has signed an exception."""
    gone = {(line.vehicle_id, line.date), (line.commune_insee, line.date)} & taken
    return bool(gone) and "open_date" not in line.exception


def refuse_lost(session: Session, plan: Plan, clock: Clock) -> None:
    """Raise ``Conflict`` where an incident has taken a van or a village of the plan since it was made.

    Nor is a way out of an incident published that is over: nothing needs to be moved for it.
    """
    cause = _cause(plan)
    if cause is not None and cause.withdrawn_at is not None:
        raise Conflict(N_("L’imprévu est levé : ce plan n’a plus de raison d’être."))
    day = today(clock)
    # a van that has left the tour meanwhile drives into the storm all the same
    vans = {item.vehicle_id for item in plan.tour.vehicles} | {line.vehicle_id for line in plan.evenings}
    taken = lost(in_force(session, plan.tour, day), vans, day)
    for line in plan.evenings:
        if takes(taken, line):
            raise Conflict(
                N_("Un imprévu empêche la soirée du {date} à {commune} : relancez le calcul, puis publiez."),
                date=line.date,
                commune=line.commune.name,
            )


def reasons(session: Session, plan: Plan, changed: Iterable[Evening], clock: Clock) -> dict[str, str]:
    """Return what villagers are told, by evening id: the incident that hits it, else the one the plan was made for."""
    known = in_force(session, plan.tour, today(clock))
    cause = _cause(plan)
    found = {}
    for evening in changed:
        incident = next((each for each in known if hits(each, evening)), cause)
        if incident is not None:
            found[evening.id] = incident.reason
    return found


def _cause(plan: Plan) -> Incident | None:
    """Return the incident that the plan is a way out of, even one changed by hand; not what was settled before that."""
    first = plan
    while first.parent is not None:
        first = first.parent
    cause = first.run.incident if first.run else None
    return None if first is not plan and cause is not None and cause.settled_at is not None else cause


def settle(session: Session, plan: Plan, clock: Clock) -> None:
    """Note that the plan, just published, copes with every incident reported before its tour was read."""
    session.execute(
        update(Incident)
        .where(
            Incident.tour_id == plan.tour_id,
            Incident.settled_at.is_(None),
            Incident.withdrawn_at.is_(None),
            Incident.created_at <= plan.season_at,
        )
        .values(settled_at=clock.now())
    )


def _dates(incident: Incident) -> list[dt.date]:
    return [incident.first + dt.timedelta(days=n) for n in range((incident.last - incident.first).days + 1)]


def _whom(incident: Incident, vans: Collection[int]) -> list[int | str]:
    named = incident.vehicle_id or incident.commune_insee
    return list(vans) if named is None else [named]
