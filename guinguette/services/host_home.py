"""What is awaited from a village, from every errand: the first page of its hosts."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.models import Commune
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
