"""The outbox: every SMS is a row first, claimed before it is sent, so that none ever leaves twice.

The claim (``queued`` to ``sending``, one conditional UPDATE) is committed before the provider is asked. Whoever dies
after that leaves a row in ``sending``, which becomes ``uncertain`` and is never sent again: the provider's status
callback may still tell what became of it. States only advance, except that a message which the provider refused for
the moment, and therefore did not send, goes back to ``queued``.
"""

import datetime as dt
import logging
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, case, delete, select, update
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.phone_numbers import masked
from guinguette.adapters.ports import SmsError, SmsSender
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_
from guinguette.domain.states import ALIVE, EveningState, Venue
from guinguette.models import Message, Subscriber
from guinguette.services import opting_out, rules
from guinguette.services.insert_once import insert_once

_log = logging.getLogger(__name__)

#: A provider answers within ten seconds or not at all: a claim this old belongs to a worker that died.
LOST_AFTER = dt.timedelta(minutes=5)
RETRY_AFTER = dt.timedelta(minutes=5)
#: A number that the provider's settings keep out waits for a person to put them right.
RETRY_NUMBER_AFTER = dt.timedelta(hours=1)
_BATCH = 50

#: From which states each may be reached by what the provider says.
_BEFORE = {
    "sent": ("sending", "uncertain"),
    "uncertain": ("sending",),
    "delivered": ("sending", "uncertain", "sent"),
    "failed": ("sending", "uncertain", "sent"),
}
# Nobody needs to read a code again once it has left.
_BODY_KEPT = case((Message.kind == "code", ""), else_=Message.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message to be queued. ``number`` as in ``models.Message``; instants are aware."""

    subscriber_id: int
    evening_id: str | None
    kind: str
    number: int
    body: str
    segments: int
    urgent: bool
    due_at: dt.datetime
    expires_at: dt.datetime


def enqueue(session: Session, drafts: Sequence[Draft], clock: Clock) -> int:
    """Queue the drafts and return how many are new: (evening, subscriber, kind, number) can exist only once."""
    now = clock.now()
    common = {"state": "queued", "created_at": now, "updated_at": now, "error": ""}
    rows = [{"id": secrets.token_hex(16), **asdict(draft), **common} for draft in drafts]
    return insert_once(session, Message, rows)


def supersede(session: Session, evening_id: str, clock: Clock) -> None:
    """Withdraw what is queued about an evening that has changed: reminders are written anew, older news is dropped."""
    withdraw_reminders(session, evening_id)
    session.execute(
        update(Message)
        .where(Message.evening_id == evening_id, Message.state == "queued")
        .values(state="dropped", error=N_("remplacé par une nouvelle plus récente"), updated_at=clock.now())
    )


def withdraw_reminders(session: Session, evening_id: str) -> None:
    """Delete the reminders of an evening that nobody has claimed: the next round writes them anew, as it stands."""
    session.execute(
        delete(Message).where(Message.evening_id == evening_id, Message.state == "queued", Message.kind == "reminder")
    )


def send_due(session_factory: sessionmaker[Session], *, clock: Clock, sms: SmsSender, vault: Vault) -> Counter[str]:
    """Send what is due and permitted now, urgent messages first; return how many went to each state.

    No transaction is open while the provider is asked. Stops early where the provider refuses for the moment, unless it
    refuses one number alone: that message is put off, the others leave.
    """
    counts: Counter[str] = Counter()
    with session_factory.begin() as session:
        counts["uncertain"] = _give_up_lost(session, clock.now())
    while batch := _due(session_factory, clock):
        for message_id in batch:
            outcome = _send_one(session_factory, message_id, clock=clock, sms=sms, vault=vault)
            counts["queued" if outcome == "halted" else outcome] += 1
            if outcome == "halted":
                return counts
    return counts


def record_status(session: Session, message_id: str, state: str, *, provider_id: str, error: str, clock: Clock) -> None:
    """Write down what the provider's callback says (sent, delivered or failed). Old news changes nothing."""
    _advance(session, message_id, state, clock.now(), provider_id=provider_id, error=error)


def _due(session_factory: sessionmaker[Session], clock: Clock) -> Sequence[str]:
    with session_factory() as session:
        query = select(Message.id).where(Message.state == "queued", *_may_leave(session, clock))
        return session.scalars(query.order_by(Message.urgent.desc(), Message.due_at).limit(_BATCH)).all()


def _may_leave(session: Session, clock: Clock) -> list[ColumnElement[bool]]:
    """Return what is true of messages that are due and permitted at this moment."""
    now = clock.now()
    permitted = rules.sending_hours(session, today(clock)).permits(now)
    return [Message.due_at <= now] if permitted else [Message.due_at <= now, Message.urgent.is_(True)]


def _send_one(
    session_factory: sessionmaker[Session], message_id: str, *, clock: Clock, sms: SmsSender, vault: Vault
) -> str:
    """Claim, check, send and record one message; return its state afterwards.

    "elsewhere": it is not ours to send, for another worker has it or the permitted hours are over since it was listed.
    "halted": it is queued again, and the others had better wait too.
    """
    with session_factory.begin() as session:
        message = _claim(session, message_id, clock)
        if message is None:
            return "elsewhere"
        if message.state == "dropped":
            _log.info("SMS %s dropped: %s", message_id, message.error)
            return "dropped"
        try:
            to, body = vault.decrypt(message.subscriber.phone_encrypted), message.body
        except ValueError:  # one unreadable row must not stand in the way of all the others
            message.state, message.error = "failed", N_("numéro illisible : la clé des données a changé")
            _log.error("SMS %s failed: its number was encrypted with another key", message_id)
            return "failed"
    try:
        accepted = sms.send(to=to, body=body, message_id=message_id)
    except SmsError as error:
        outcome = _refused(session_factory, message_id, error, clock)
        _log.warning("SMS %s to %s %s: %s %s", message_id, masked(to), outcome, error.code, error)
        return outcome
    with session_factory.begin() as session:
        _advance(session, message_id, "sent", clock.now(), provider_id=accepted.provider_id)
    _log.info("SMS %s to %s sent", message_id, masked(to))
    return "sent"


def _claim(session: Session, message_id: str, clock: Clock) -> Message | None:
    """Take a queued message for this worker alone; drop it where it is no longer wanted or true."""
    now = clock.now()
    claimed = session.execute(
        update(Message)
        .where(Message.id == message_id, Message.state == "queued", *_may_leave(session, clock))
        .values(state="sending", claimed_at=now, updated_at=now)
        .returning(Message.id)
    ).scalar()
    if claimed is None:
        return None
    message = session.get_one(Message, message_id)
    reason = _no_longer(message, now)
    if reason:
        message.state, message.error = "dropped", reason
        message.body = "" if message.kind == "code" else message.body
    return message


def _no_longer(message: Message, now: dt.datetime) -> str:
    """Return why the message must not leave any more, or nothing."""
    if message.expires_at <= now:
        return N_("trop tard : le moment est passé")
    if message.kind != "code" and message.subscriber.opted_out_at is not None:
        return N_("la personne s’est désinscrite")
    evening = message.evening
    if evening is None:
        # a number that is not subscribed is kept as long as its code is good, and no longer
        return "" if message.subscriber.phone_encrypted else N_("le numéro a été effacé")
    state = EveningState(evening.state)
    still_true = {
        "reminder": state in ALIVE and message.number == reminder_number(evening.date),
        "moved_to_hall": state in ALIVE and evening.venue == Venue.HALL,
        "changed": state in ALIVE,
        "cancelled": state is EveningState.CANCELLED,
        "postponed": state is EveningState.POSTPONED,
    }
    return "" if still_true[message.kind] else N_("ce n’est plus vrai : la soirée a changé")


def reminder_number(evening_date: dt.date) -> int:
    """Return the ``number`` of a reminder: an evening that moves is reminded of on its new date too (20270619)."""
    return evening_date.year * 10_000 + evening_date.month * 100 + evening_date.day


def _refused(session_factory: sessionmaker[Session], message_id: str, error: SmsError, clock: Clock) -> str:
    now = clock.now()
    text = f"{error.code} {error}".strip()[:300]
    with session_factory.begin() as session:
        if error.opted_out:
            subscriber = session.get_one(Subscriber, session.get_one(Message, message_id).subscriber_id)
            opting_out.opt_out(session, subscriber, clock)
        if error.uncertain or error.permanent:
            outcome = "uncertain" if error.uncertain else "failed"
            _advance(session, message_id, outcome, now, error=text)
            return outcome
        session.execute(
            update(Message)
            .where(Message.id == message_id, Message.state == "sending")
            .values(
                state="queued",
                due_at=now + (RETRY_NUMBER_AFTER if error.this_number else RETRY_AFTER),
                claimed_at=None,
                error=text,
                updated_at=now,
            )
        )
    return "queued" if error.this_number else "halted"


def _give_up_lost(session: Session, now: dt.datetime) -> int:
    """Mark what a dead worker left in ``sending``: nobody knows whether it left, so it never leaves again."""
    lost = session.execute(
        update(Message)
        .where(Message.state == "sending", Message.claimed_at < now - LOST_AFTER)
        .values(
            state="uncertain",
            body=_BODY_KEPT,
            error=N_("envoi interrompu : le message est peut-être parti"),
            updated_at=now,
        )
        .returning(Message.id)
    )
    return len(lost.all())


def _advance(
    session: Session, message_id: str, state: str, now: dt.datetime, *, provider_id: str = "", error: str = ""
) -> None:
    """Move a message on to ``state`` unless it is there or further; the provider's name for it is kept either way."""
    this: ColumnElement[bool] = Message.id == message_id
    values: dict[str, object] = {"state": state, "updated_at": now, "body": _BODY_KEPT, "error": error}
    if state == "sent":
        values["sent_at"] = now
    session.execute(update(Message).where(this, Message.state.in_(_BEFORE[state])).values(values))
    if provider_id:
        # a name that stands elsewhere already (a mock gives every message the same) must not cost us the state
        taken = select(Message.id).where(Message.provider_id == provider_id).exists()
        session.execute(
            update(Message).where(this, Message.provider_id.is_(None), ~taken).values(provider_id=provider_id)
        )
