"""The question that is open about an evening's date, and how it ends: whatever changes the evening asks this first."""

import datetime as dt

from sqlalchemy import delete
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.states import EveningState
from guinguette.models import DateOption, DoneTask, Evening, EveningChange


def of(evening: Evening) -> DateOption | None:
    """Return the option that its host has not answered yet, or null: only an evening "en option" may have one."""
    if evening.state != EveningState.OPTION:
        return None
    return next((option for option in evening.options if option.state == "sent"), None)


def is_counter(option: DateOption, evening: Evening) -> bool:
    """Tell whether the evening's option is another day that its host has offered, not taken or turned down yet."""
    return option.state == "countered" and evening.state == EveningState.PROPOSED and evening.date == option.date


def counter(evening: Evening) -> DateOption | None:
    """Return the option by which its host has offered another day, while that waits for the association, or null."""
    return next((option for option in evening.options[::-1] if is_counter(option, evening)), None)


def close(
    evening: Evening,
    end: str,
    *,
    actor: str,
    clock: Clock,
    answered_by: str = "",
    how: str = "",
    note: str = "",
    counter_date: dt.date | None = None,
) -> None:
    """End the open question, where there is one, with a line of history.

    ``end``: accepted, refused, countered (by ``answered_by``, by the way ``how``), expired, withdrawn. ``note`` and
    ``counter_date`` as in ``models.DateOption``.
    """
    option = of(evening)
    if option is None:
        return
    option.state, option.closed_at, option.answered_by = end, clock.now(), answered_by
    option.answered_how, option.note, option.counter_date = how, note, counter_date
    evening.history.append(
        EveningChange(
            at=clock.now(), actor=actor, what="option", old=option.expires_on.isoformat(), new=end, why=answered_by
        )
    )


def start_over(session: Session, evening: Evening, *, actor: str, clock: Clock) -> None:
    """Forget what was asked and ticked for the evening's old date: it has another."""
    close(evening, "withdrawn", actor=actor, clock=clock)
    session.execute(delete(DoneTask).where(DoneTask.evening_id == evening.id))
