"""The first page of a host: what is awaited from their village, from every errand, and its evenings to come."""

import datetime as dt
from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from guinguette.domain.clock import Clock, today
from guinguette.domain.states import TO_COME
from guinguette.models import Commune, Evening, Tour
from guinguette.services import host_answers, host_evenings, preparations, reports, site_sheet
from guinguette.services.host_todo import Todo

#: Tells what one errand awaits from a village.
Source = Callable[[Session, Commune, Clock], list[Todo]]
#: Of each errand, its ``todos``. Of two without a date, the first named comes first.
SOURCES: tuple[Source, ...] = (
    reports.todos,
    host_evenings.todos,
    host_answers.todos,
    preparations.todos,
    site_sheet.todos,
)


def todos(session: Session, commune: Commune, clock: Clock) -> list[Todo]:
    """Return what a village still has to do: what has a date first, the nearest before all."""
    found = [todo for source in SOURCES for todo in source(session, commune, clock)]
    return sorted(found, key=lambda todo: todo.due_on or dt.date.max)


def coming(session: Session, commune: Commune, clock: Clock) -> Sequence[Evening]:
    """Return the evenings of a village from today on that are still awaited, with what its page says of each."""
    query = (
        select(Evening)
        .join(Evening.tour)
        .where(
            Evening.commune_insee == commune.insee,
            Evening.date >= today(clock),
            Evening.state.in_(TO_COME),
            Tour.archived_at.is_(None),
        )
        .order_by(Evening.date, Evening.id)
        .options(joinedload(Evening.pitch), joinedload(Evening.fallback_venue))
    )
    return session.scalars(query).all()
