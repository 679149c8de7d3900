"""What has happened to the evenings of a tour: who, when, what, from, to, why."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from guinguette.models import Commune, Evening, EveningChange, Tour

PAGE = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a history, the latest first, on page ``number`` of ``pages`` (from 1)."""

    lines: Sequence[EveningChange]
    number: int
    pages: int


def of_tour(session: Session, tour: Tour, *, number: int = 1, insee: str = "") -> Page:
    """Return a page of a tour's history, of one commune's evenings where ``insee`` is given."""
    which = [Evening.tour_id == tour.id] + ([Evening.commune_insee == insee] if insee else [])
    count = session.scalar(select(func.count()).select_from(EveningChange).join(EveningChange.evening).where(*which))
    pages = max(1, -(-(count or 0) // PAGE))
    number = min(max(1, number), pages)
    lines = session.scalars(
        select(EveningChange)
        .join(EveningChange.evening)
        .where(*which)
        .order_by(EveningChange.id.desc())
        .limit(PAGE)
        .offset((number - 1) * PAGE)
        .options(joinedload(EveningChange.evening, innerjoin=True).joinedload(Evening.commune, innerjoin=True))
    ).all()
    return Page(lines, number, pages)


def communes_of(session: Session, tour: Tour) -> Sequence[Commune]:
    """Return the communes that have, or had, evenings in a tour, by name."""
    having = select(Evening.commune_insee).where(Evening.tour_id == tour.id)
    return session.scalars(select(Commune).where(Commune.insee.in_(having)).order_by(Commune.search_key)).all()
