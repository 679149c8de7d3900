"""The outbox: every message is a row first, so that none ever leaves twice.

(evening or tour, person, kind, number, channel) can exist only once. ``services.sending`` claims and sends the rows.
States only advance, except that a message which the provider refused for the moment, and therefore did not send, goes
back to ``queued``.
"""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, case, delete, select, update
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_
from guinguette.models import Message
from guinguette.services import host_links
from guinguette.services.insert_once import insert_once

#: The kinds that say again what the calendar says: withdrawn when their evening changes, then written anew.
REMINDERS = ("reminder", "week_ahead")
#: Answers to what the person has just asked for: they leave before all else, and never out of what is kept for news.
ASKED_FOR = ("code", "welcome", "link", "reply")
#: Why a message has failed that the provider has never heard of: the one kind that a person may queue again.
NEVER_LEFT = N_("jamais parti : le fournisseur ne le connaît pas")
#: The kinds that a change of their evening does not make old by itself: written anew (``new_evenings``), or asked
#: whether they are true still when they are about to leave (``relevance``).
_OF_THEIR_OWN = ("announced", "option", "nudge", "option_lapsed", "turned_down", "agreed", "link")

#: From which states each may be reached by what the provider says.
_BEFORE = {
    "sent": ("sending", "uncertain"),
    "uncertain": ("sending",),
    "delivered": ("sending", "uncertain", "sent"),
    "failed": ("sending", "uncertain", "sent"),
}
_ENDS = ("delivered", "failed")
#: Nobody needs to read a code again once it has left.
BODY_KEPT = case((Message.kind == "code", ""), else_=Message.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message to be queued, to a subscriber or a host's contact; fields as in ``models.Message``, instants aware."""

    subscriber_id: int | None = None
    contact_id: int | None = None
    evening_id: str | None
    tour_id: int | None = None
    kind: str
    number: int
    channel: str = "sms"
    takes_over: str | None = None
    subject: str = ""
    body: str
    segments: int
    urgent: bool
    due_at: dt.datetime
    expires_at: dt.datetime


def enqueue(session: Session, drafts: Sequence[Draft], clock: Clock) -> int:
    """Queue the drafts and return how many are new: each can exist only once."""
    now = clock.now()
    common = {"state": "queued", "created_at": now, "updated_at": now, "error": "", "looks": 0}
    rows = [{"id": secrets.token_hex(16), **asdict(draft), **common} for draft in drafts]
    return insert_once(session, Message, rows)


def supersede(session: Session, evening_id: str, clock: Clock) -> None:
    """Withdraw what is queued about an evening that has changed: reminders are written anew, older news is dropped."""
    withdraw_reminders(session, evening_id)
    session.execute(
        update(Message)
        .where(Message.evening_id == evening_id, Message.state == "queued", Message.kind.not_in(_OF_THEIR_OWN))
        .values(state="dropped", error=N_("remplacé par une nouvelle plus récente"), updated_at=clock.now())
    )


def withdraw_reminders(session: Session, evening_id: str) -> None:
    """Delete the reminders of an evening that nobody has claimed: the next round writes them anew, as it stands."""
    session.execute(
        delete(Message).where(Message.evening_id == evening_id, Message.state == "queued", Message.kind.in_(REMINDERS))
    )


def record_status(session: Session, message_id: str, state: str, *, provider_id: str, error: str, clock: Clock) -> None:
    """Write down what the provider's callback says (sent, delivered or failed). Old news changes nothing."""
    advance(session, message_id, state, clock.now(), provider_id=provider_id, error=error)


def advance(
    session: Session, message_id: str, state: str, now: dt.datetime, *, provider_id: str = "", error: str = ""
) -> None:
    """Move a message on to ``state`` unless it is there or further; the provider's name for it is kept either way.

    Where the provider was believed never to have had it, its own word to the contrary counts, also after a person has
    queued it again: a message that the provider has a name for has left.
    """
    this: ColumnElement[bool] = Message.id == message_id
    before: ColumnElement[bool] = Message.state.in_(_BEFORE[state])
    if state != "uncertain":
        before |= (Message.state == "failed") & (Message.error == NEVER_LEFT)
    if provider_id:
        before |= Message.state == "queued"
    values: dict[str, object] = {"state": state, "updated_at": now, "body": BODY_KEPT, "error": error}
    if state == "sent":
        values["sent_at"] = now
    values["ended_at"] = now if state in _ENDS else None
    session.execute(update(Message).where(this, before).values(values))
    if state in ("sent", "delivered"):
        host_links.sent(session, message_id, now)
    if provider_id:
        # a name that stands elsewhere already (a mock gives every message the same) must not cost us the state
        taken = select(Message.id).where(Message.provider_id == provider_id).exists()
        session.execute(
            update(Message).where(this, Message.provider_id.is_(None), ~taken).values(provider_id=provider_id)
        )


def reminder_number(evening_date: dt.date) -> int:
    """Return the ``number`` of a reminder: an evening that moves is reminded of on its new date too (20270619)."""
    return evening_date.year * 10_000 + evening_date.month * 100 + evening_date.day
