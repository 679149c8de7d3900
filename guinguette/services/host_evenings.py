"""A village's evenings as its hosts see them: theirs alone, what is asked of them, what they have agreed to."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, NotFound
from guinguette.domain.states import TO_COME, EveningState
from guinguette.models import Agreement, Commune, DateOption, Evening
from guinguette.services import agreements, open_options
from guinguette.services.host_todo import Todo

#: So many of the evenings that are over are shown.
_PAST = 12


@dataclass(frozen=True, slots=True)
class Evenings:
    """The evenings of a village: those awaited, the next first; those that are over or off, the latest first."""

    coming: tuple[Evening, ...]
    over: tuple[Evening, ...]


def of_commune(session: Session, insee: str, clock: Clock) -> Evenings:
    """Return the evenings of a village with what they show, in two queries."""
    everything = session.scalars(
        select(Evening)
        .where(Evening.commune_insee == insee)
        .order_by(Evening.date, Evening.id)
        .options(
            joinedload(Evening.pitch), joinedload(Evening.fallback_venue), selectinload(Evening.options),
            joinedload(Evening.tour, innerjoin=True), joinedload(Evening.permit_holder),
        )
    ).all()  # fmt: skip
    day = today(clock)
    coming = tuple(evening for evening in everything if evening.state in TO_COME and evening.date >= day)
    over = [evening for evening in everything if evening not in coming]
    return Evenings(coming, tuple(over[::-1][:_PAST]))


def get(session: Session, insee: str, evening_id: str) -> Evening:
    """Return an evening of this village. Raises ``NotFound``, for another village's in the same words as for none."""
    evening = session.get(Evening, evening_id)
    if evening is None or evening.commune_insee != insee:
        raise NotFound(N_("Cette soirée n’existe pas."))
    return evening


def asked(evening: Evening) -> DateOption | None:
    """Return the option that waits for the host's answer, or null: nothing is asked any more in a tour put aside."""
    return open_options.of(evening) if evening.tour.archived_at is None else None


def todos(session: Session, commune: Commune, clock: Clock) -> list[Todo]:
    """Return what waits for an answer of the village: a date, or what has changed since it was agreed."""
    of_it = of_commune(session, commune.insee, clock).coming
    coming = tuple(evening for evening in of_it if evening.tour.archived_at is None)
    agreed = _latest_agreements(session, coming)
    found: list[Todo] = []
    for evening in coming:
        option, agreement = asked(evening), agreed.get(evening.id)
        if option is not None:
            found.append(
                _todo(evening, N_("Répondez pour le {day}"), N_("Pouvez-vous nous recevoir ?"), option.expires_on)
            )
        elif agreement and evening.state == EveningState.CONFIRMED and agreements.changed_since(session, agreement):
            found.append(_todo(evening, N_("Relisez la soirée du {day}"), N_("Elle a changé depuis votre accord.")))
    return found


def _latest_agreements(session: Session, evenings: tuple[Evening, ...]) -> dict[str, Agreement]:
    rows = session.scalars(
        select(Agreement).where(Agreement.evening_id.in_([e.id for e in evenings])).order_by(Agreement.number)
    )
    return {row.evening_id: row for row in rows}


def _todo(evening: Evening, title: str, text: str, due_on: dt.date | None = None) -> Todo:
    return Todo(
        title=title,
        text=text,
        values={"day": evening.date},
        endpoint="host.evening",
        arguments={"evening_id": evening.id},
        due_on=due_on,
    )
