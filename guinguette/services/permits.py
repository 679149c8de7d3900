"""Temporary bars: who asks for one, and how many of a calendar year are used (Code de la santé publique, L3334-2)."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from guinguette.domain.errors import N_, InvalidInput
from guinguette.models import Committee, Commune, CommuneRequest, Evening
from guinguette.services import rules

_CALLED_OFF = ("cancelled", "postponed")


def candidates(session: Session, evening: Evening) -> Sequence[Committee]:
    """Return who may hold an evening's permit: the village's committees in use, whoever holds one in the tour, and its
    own; by name.
    """
    holds = select(CommuneRequest.permit_holder_id).where(
        CommuneRequest.tour_id == evening.tour_id, CommuneRequest.archived_at.is_(None)
    )
    in_reach = or_(Committee.commune_insee == evening.commune_insee, Committee.id.in_(holds))
    return session.scalars(
        select(Committee)
        .where(Committee.archived_at.is_(None) & in_reach | (Committee.id == evening.permit_holder_id))
        .join(Commune, Committee.commune_insee == Commune.insee)
        .order_by(Committee.commune_insee != evening.commune_insee, Committee.name)
    ).all()


def check(session: Session, evening: Evening, holder_id: int | None) -> None:
    """Raise ``InvalidInput`` where this committee cannot hold the evening's permit: unknown, archived, or used up."""
    if holder_id is None:
        return
    holder = session.get(Committee, holder_id)
    if holder is None or holder.archived_at is not None:
        raise InvalidInput(N_("Ce comité n’est pas en service : choisissez-en un autre."), field="permit_holder_id")
    limit = rules.value(session, "permits_per_holder_and_year", dt.date(evening.date.year, 1, 1))
    others = used_by(session, [holder_id], evening.date.year, besides=evening)
    if others.get(holder_id, 0) >= limit:
        raise InvalidInput(
            N_("{holder} a déjà ses {limit} buvettes temporaires de {year} : choisissez un autre responsable."),
            field="permit_holder_id",
            holder=holder.name,
            limit=limit,
            year=evening.date.year,
        )


def used_by(
    session: Session, holder_ids: Collection[int], year: int, *, besides: Evening | None = None
) -> dict[int, int]:
    """Return how many evenings of a year (``besides`` this one) each of these committees holds the permit of."""
    rows = session.execute(
        select(Evening.permit_holder_id, func.count())
        .where(
            Evening.permit_holder_id.in_(holder_ids),
            Evening.date.between(dt.date(year, 1, 1), dt.date(year, 12, 31)),
            Evening.state.not_in(_CALLED_OFF),
            Evening.id != (besides.id if besides else ""),
        )
        .group_by(Evening.permit_holder_id)
    )
    return {holder: count for holder, count in rows if holder is not None}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of a calendar year's temporary bars a committee has used, one evening's own included."""

    holder: str
    used: int
    limit: int
    year: int


def tally(session: Session, evening: Evening) -> Tally | None:
    """Return the count of the evening's permit holder for its year; null where nobody asks for a permit."""
    holder = evening.permit_holder
    if holder is None:
        return None
    year = evening.date.year
    limit = rules.value(session, "permits_per_holder_and_year", dt.date(year, 1, 1))
    return Tally(holder.name, used_by(session, [holder.id], year).get(holder.id, 0), limit, year)
