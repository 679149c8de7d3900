"""The messages that follow from a change: who is told of which evening."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock
from guinguette.models import Publication
from guinguette.publishing.tour import PublishedTour
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

    ``why`` gives the reason by evening id, where the evening's own note does not.
    """
    tour = PublishedTour.from_json(publication.payload)
    reasons = why or {}
    evenings = {
        evening.id: replace(evening, change_note=reasons.get(evening.id) or evening.change_note)
        for evening in tour.evenings
    }
    return sum(
        messages_for_change(session, tour, evenings[evening_id], kind, clock, vault, public_url)
        for evening_id, kind in changed
    )
