"""Who may pay for evenings of a tour, and how many its communes wish for."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from guinguette.models import Commune, CommuneRequest, Epci, Funding, Tour


@dataclass(frozen=True, slots=True)
class Payer:
    """An EPCI with communes in the tour, or that funds it: its communes there and the evenings they wish for."""

    siren: str
    name: str
    communes: int
    evenings_wanted: int


def payers(session: Session, tour: Tour) -> list[Payer]:
    """Return the EPCI of the tour's communes and those that fund it, by name."""
    asked = (
        select(Commune.epci_siren, func.count().label("communes"), func.sum(CommuneRequest.evenings).label("evenings"))
        .join(CommuneRequest, CommuneRequest.commune_insee == Commune.insee)
        .where(CommuneRequest.tour_id == tour.id, CommuneRequest.archived_at.is_(None), Commune.epci_siren.is_not(None))
        .group_by(Commune.epci_siren)
        .subquery()
    )
    funding = select(Funding.epci_siren).where(Funding.tour_id == tour.id)
    rows = session.execute(
        select(Epci.siren, Epci.name, func.coalesce(asked.c.communes, 0), func.coalesce(asked.c.evenings, 0))
        .outerjoin(asked, asked.c.epci_siren == Epci.siren)
        .where(asked.c.epci_siren.is_not(None) | Epci.siren.in_(funding))
        .order_by(Epci.name)
    )
    return [Payer(*row) for row in rows]
