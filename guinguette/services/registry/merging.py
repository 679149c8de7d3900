"""Two records become one: the one kept takes the fields that were chosen, and all that referred to the other.

The other goes to the archives and says where it went; nothing is deleted.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, Conflict, InvalidInput
from guinguette.models import Committee, CommuneRequest, Contact, Evening, EveningChange
from guinguette.services import committees, corrections, editing, rules
from guinguette.services.registry.kinds import Kind, Tools

#: What may be chosen of each field: that of the record kept, that of the other, or (of texts) one below the other.
CHOICES = ("kept", "other", "both")


@dataclass(frozen=True, slots=True)
class References:
    """What refers to a record: how many contacts, requests and evenings."""

    contacts: int
    requests: int
    evenings: int


def references(session: Session, row: Committee | Contact) -> References:
    """Return what a merge would hand over."""
    if isinstance(row, Contact):
        return References(0, 0, 0)

    def count(column: Any) -> int:
        return session.scalar(select(func.count()).where(column == row.id)) or 0

    return References(
        count(Contact.committee_id), count(CommuneRequest.permit_holder_id), count(Evening.permit_holder_id)
    )


def command_for(kind: Kind, kept: Any, other: Any, choices: Mapping[str, str]) -> Any:
    """Return the command that the choices make of the two records; a field without a choice stays as kept.

    Raises ``InvalidInput`` on a choice that there is not.
    """
    ours, theirs = kind.command_of(kept), kind.command_of(other)
    values = {}
    for column in kind.columns:
        one, two = getattr(ours, column.field), getattr(theirs, column.field)
        choice = choices.get(column.field, "kept")
        if choice not in CHOICES:
            raise InvalidInput(N_("Choisissez l’une des deux fiches."), field=column.field)
        values[column.field] = {"kept": one, "other": two, "both": "\n".join(filter(None, (one, two)))}[choice]
    return kind.command(**values)


def merge(
    session: Session, kind: Kind, pair: tuple[Any, Any], versions: tuple[int, int], command: Any, tools: Tools
) -> None:
    """Make one record of ``pair`` (the one kept first), with ``command``, under the versions that were read.

    Raises ``Conflict`` where either was changed or put aside meanwhile, ``InvalidInput``.
    """
    kept, other = pair
    if kept.id == other.id:
        raise InvalidInput(N_("C’est deux fois la même fiche."))
    for row, version in zip(pair, versions, strict=True):
        editing.begin(row, version)
        if row.archived_at is not None:
            raise Conflict(N_("L’une des deux fiches est dans les archives : remettez-la d’abord en service."))
    if isinstance(kept, Contact):
        committees.edit_contact(session, kept, command, versions[0], tools.vault)
    else:
        _hand_over(session, kept, other, tools)
        committees.edit(session, kept, command, versions[0], actor=tools.actor, clock=tools.clock)
    if isinstance(other, Committee):
        other.merged_into = kept
    editing.archive(session, other, versions[1], tools.clock)
    if isinstance(kept, Committee):
        corrections.follow(session, kept, actor=tools.actor, clock=tools.clock)


def _hand_over(session: Session, kept: Committee, other: Committee, tools: Tools) -> None:
    """Let all that names the other committee name the one kept; each evening's history says so."""
    for contact in list(other.contacts):
        contact.committee = kept
    for request in session.scalars(select(CommuneRequest).where(CommuneRequest.permit_holder_id == other.id)):
        request.permit_holder = kept
    now = tools.clock.now()
    for evening in session.scalars(select(Evening).where(Evening.permit_holder_id == other.id)).all():
        evening.permit_holder = kept
        evening.updated_at = now
        session.add(
            EveningChange(
                evening_id=evening.id,
                at=now,
                actor=tools.actor,
                what="permit_holder_id",
                old=other.name,
                new=kept.name,
                why="",
            )
        )


def permits_too_many(session: Session, pair: tuple[Any, Any], clock: Clock) -> list[tuple[int, int, int]]:
    """Return the (year, permits, limit) from this year on in which two committees together hold more than is allowed.

    Of two contacts, who hold none, that is nothing.
    """
    if not isinstance(pair[0], Committee):
        return []
    dates = session.scalars(
        select(Evening.date).where(
            Evening.permit_holder_id.in_([row.id for row in pair]),
            Evening.date >= dt.date(clock.now().year, 1, 1),
            Evening.state.not_in(["cancelled", "postponed"]),
        )
    )
    years = Counter(date.year for date in dates)
    limits = {year: rules.value(session, "permits_per_holder_and_year", dt.date(year, 1, 1)) for year in years}
    return [(year, used, limits[year]) for year, used in sorted(years.items()) if used > limits[year]]
