"""Which communes the association knows, and what each takes part in."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from guinguette.models import Committee, Commune, CommuneRequest, Tour


def communes_known(session: Session) -> Sequence[Commune]:
    """Return the communes with a committee or a request, by name."""
    known = or_(
        Commune.insee.in_(select(Committee.commune_insee).where(Committee.archived_at.is_(None))),
        Commune.insee.in_(select(CommuneRequest.commune_insee).where(CommuneRequest.archived_at.is_(None))),
    )
    return session.scalars(
        select(Commune).where(known).options(joinedload(Commune.epci)).order_by(Commune.search_key)
    ).all()


def of_commune(session: Session, commune: Commune) -> Sequence[CommuneRequest]:
    """Return the commune's requests in the tours in use, the latest tour first."""
    return session.scalars(
        select(CommuneRequest)
        .join(CommuneRequest.tour)
        .where(
            CommuneRequest.commune_insee == commune.insee,
            CommuneRequest.archived_at.is_(None),
            Tour.archived_at.is_(None),
        )
        .order_by(Tour.id.desc())
    ).all()
