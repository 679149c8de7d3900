"""The messages that follow from a change: who is told of which evening."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock
from guinguette.domain.states import EveningState
from guinguette.models import Evening, Message, Publication
from guinguette.publishing.tour import PublishedTour
from guinguette.services import new_evenings
from guinguette.services.reminders import messages_for_change


def announce(
    session: Session,
    publication: Publication,
    changed: Iterable[tuple[str, str]],
    *,
    clock: Clock,
    vault: Vault,
    public_url: str,
    why: Mapping[str, str] | None = None,
) -> int:
    """Queue an SMS of its kind for each (evening id, kind) of ``changed``; return how many were queued.

    ``why`` gives the reason by evening id, where the evening's own note does not. What is queued already and names an
    evening as it was (a postponement to it, the news that it is new) is written anew.
    """
    tour = PublishedTour.from_json(publication.payload)
    reasons = why or {}
    evenings = {
        evening.id: replace(evening, change_note=reasons.get(evening.id) or evening.change_note)
        for evening in tour.evenings
    }
    told = sum(
        messages_for_change(session, tour, evenings[evening_id], kind, clock, vault, public_url)
        for evening_id, kind in changed
    )
    new_evenings.rewrite(session, publication, clock=clock, vault=vault, public_url=public_url)
    return told + sum(
        messages_for_change(session, tour, evenings[evening_id], "postponed", clock, vault, public_url)
        for evening_id in _untrue_postponements(session, publication.tour_id)
    )


def _untrue_postponements(session: Session, tour_id: int) -> list[str]:
    """Return the postponed evenings whose news, still queued, names a date that is no longer the one (or no more)."""
    query = (
        select(Evening.id)
        .join(Message, Message.evening_id == Evening.id)
        .where(
            Evening.tour_id == tour_id,
            Evening.state == EveningState.POSTPONED,
            Message.kind == "postponed",
            Message.state == "queued",
            Message.number < Evening.sequence,
        )
        .distinct()
    )
    return list(session.scalars(query))
