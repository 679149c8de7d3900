"""Incidents as people deal with them: reported, found again, withdrawn. What they take away is in ``lost_dates``."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, Conflict, InvalidInput, NotFound
from guinguette.domain.states import TO_COME
from guinguette.models import Evening, Incident, Tour
from guinguette.services import lost_dates
from guinguette.services.evening_queries import alive_evenings
from guinguette.services.evenings import REASON_LENGTH

KINDS = ("breakdown", "hall", "storm", "committee")
#: What must be named for each kind; a storm may be over a van or a village, or over all.
_NEEDS = {"breakdown": "vehicle_id", "hall": "commune_insee", "committee": "commune_insee"}
_LONGEST = dt.timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What broke, from ``first`` to ``last``, and the sentence that villagers will read (``models.Incident``)."""

    kind: str
    first: dt.date
    last: dt.date
    reason: str
    vehicle_id: int | None = None
    commune_insee: str | None = None


def get(session: Session, incident_id: int) -> Incident:
    """Return the incident; raise ``NotFound``."""
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise NotFound(N_("Cet imprévu n’existe pas."))
    return incident


def of_tour(session: Session, tour: Tour) -> list[Incident]:
    """Return all incidents of a tour, the latest first."""
    return list(session.scalars(select(Incident).where(Incident.tour_id == tour.id).order_by(Incident.id.desc())))


def report(session: Session, tour: Tour, command: Report, *, actor: str, clock: Clock) -> Incident:
    """Record what broke; every plan respects it from now on. The same report sent twice is one incident.

    Raises ``Conflict`` where nothing of the tour is published, ``InvalidInput``.
    """
    if tour.archived_at is not None:
        raise Conflict(N_("Cette tournée est dans les archives : elle ne change plus."))
    if tour.published_version == 0:
        raise Conflict(
            N_("Cette tournée n’est pas encore en ligne : corrigez ses dates ou ses réponses, puis planifiez.")
        )
    _refuse(tour, command, today(clock))
    reason = " ".join(command.reason.split())
    same = session.scalar(
        select(Incident).where(
            Incident.tour_id == tour.id,
            Incident.kind == command.kind,
            Incident.vehicle_id == command.vehicle_id,
            Incident.commune_insee == command.commune_insee,
            Incident.first == command.first,
            Incident.last == command.last,
            Incident.withdrawn_at.is_(None),
        )
    )
    if same is not None:
        same.reason = reason
        return same
    incident = Incident(
        tour_id=tour.id,
        kind=command.kind,
        vehicle_id=command.vehicle_id,
        commune_insee=command.commune_insee,
        first=command.first,
        last=command.last,
        reason=reason,
        reported_by=actor,
        created_at=clock.now(),
    )
    session.add(incident)
    session.flush()
    return incident


def _refuse(tour: Tour, command: Report, day: dt.date) -> None:
    if command.kind not in KINDS:
        raise InvalidInput(N_("Choisissez ce qui s’est passé."), field="kind")
    needed = _NEEDS.get(command.kind)
    if needed == "vehicle_id" and command.vehicle_id is None:
        raise InvalidInput(N_("Choisissez le camion."), field="vehicle_id")
    if needed == "commune_insee" and command.commune_insee is None:
        raise InvalidInput(N_("Choisissez le village."), field="commune_insee")
    if command.vehicle_id is not None and command.commune_insee is not None:
        raise InvalidInput(N_("Choisissez un camion ou un village, pas les deux."), field="commune_insee")
    if command.vehicle_id not in (None, *(item.vehicle_id for item in tour.vehicles)):
        raise InvalidInput(N_("Ce camion ne fait pas cette tournée."), field="vehicle_id")
    if command.commune_insee not in (None, *(r.commune_insee for r in tour.requests if r.archived_at is None)):
        raise InvalidInput(N_("Ce village ne participe pas à cette tournée."), field="commune_insee")
    if command.last < command.first:
        raise InvalidInput(N_("La fin vient avant le début : corrigez l’une des deux dates."), field="last")
    if command.last < day:
        raise InvalidInput(N_("C’est déjà passé : donnez une fin à venir."), field="last")
    if command.last - command.first > _LONGEST:
        raise InvalidInput(N_("C’est plus d’un an : vérifiez l’année."), field="last")
    if not command.reason.strip():
        raise InvalidInput(N_("Dites pourquoi en quelques mots : les villageois le liront."), field="reason")
    if len(command.reason) > REASON_LENGTH:
        raise InvalidInput(
            N_("La raison dépasse {limit} caractères : raccourcissez-la."), field="reason", limit=REASON_LENGTH
        )


def hit_evenings(session: Session, incident: Incident, clock: Clock) -> tuple[list[Evening], list[Evening]]:
    """Return which evenings of the tour it hits: those of tonight, which only a hand can change, and those to come."""
    day = today(clock)
    hit = [e for e in alive_evenings(session, incident.tour) if e.date >= day and lost_dates.hits(incident, e)]
    return [e for e in hit if e.date == day and e.state in TO_COME], [e for e in hit if e.date > day]


def withdraw(session: Session, incident: Incident, clock: Clock) -> None:
    """Take it back: the van is repaired early, or it was a mistake. What is published stays until somebody plans."""
    if incident.withdrawn_at is not None:
        raise Conflict(N_("Cet imprévu est déjà levé."))
    incident.withdrawn_at = clock.now()
    session.flush()
