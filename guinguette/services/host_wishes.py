"""What a village's evening needs, and who asks for its temporary bar: answered by the village, kept in its request."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.models import Committee, Commune, CommuneRequest
from guinguette.services import journal, permits, requests, rules, site_sheet, village_places
from guinguette.services.journal import By


@dataclass(frozen=True, slots=True)
class Holder:
    """A committee that may ask for the bar: how many of its ``limit`` permits of ``year`` evenings use already."""

    committee: Committee
    used: int
    limit: int
    year: int


def request_of(session: Session, commune: Commune, slug: str, clock: Clock) -> CommuneRequest:
    """Return what the commune asks of a tour in use. Raises ``NotFound``."""
    found = next((each for each in site_sheet.requests_of(session, commune, clock) if each.tour.slug == slug), None)
    if found is None:
        raise NotFound(N_("Votre village ne participe pas à cette tournée."))
    return found


def write_needs(session: Session, request: CommuneRequest, needs: Sequence[str], version: int, *, by: By) -> None:
    """Write what is needed. Raises ``Conflict``."""
    _write(session, request, version, needs=tuple(needs))
    said = ", ".join(needs) or "rien de plus"
    journal.write(session, request.commune_insee, "needs", by, detail=said, tour=request.tour)


def write_holder(session: Session, request: CommuneRequest, holder_id: int | None, version: int, *, by: By) -> None:
    """Write which of the village's committees asks for the bar, or none; evenings to come without one follow.

    Raises ``Conflict``, ``InvalidInput``.
    """
    allowed = {each.committee.id: each.committee.name for each in holders(session, request)}
    if holder_id is not None and holder_id not in allowed:
        raise InvalidInput(N_("Ce comité n’est pas de votre village."), field="permit_holder_id")
    _write(session, request, version, permit_holder_id=holder_id)
    session.refresh(request, ["permit_holder"])
    village_places.hand_permits(session, request, by=by)
    said = allowed[holder_id] if holder_id is not None else "personne"
    journal.write(session, request.commune_insee, "permit", by, detail=said, tour=request.tour)


def holders(session: Session, request: CommuneRequest) -> list[Holder]:
    """Return the village's committees in use, and whoever holds the permit now, with their permits of the tour's year.

    The year is that of the tour's first date (Code de la santé publique, L3334-2).
    """
    here = (Committee.commune_insee == request.commune_insee) & Committee.archived_at.is_(None)
    found = session.scalars(
        select(Committee).where(here | (Committee.id == request.permit_holder_id)).order_by(Committee.name)
    ).all()
    first = request.tour.dates[0].date
    limit = rules.value(session, "permits_per_holder_and_year", first.replace(month=1, day=1))
    used = permits.used_by(session, [each.id for each in found], first.year)
    return [Holder(each, used.get(each.id, 0), limit, first.year) for each in found]


def _write(session: Session, request: CommuneRequest, version: int, **values: Any) -> None:
    requests.edit(session, request, replace(requests.command_of(request), **values), version)
