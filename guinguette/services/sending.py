"""What is due leaves the outbox: claimed before it is sent, so that none ever leaves twice.

The claim (``queued`` to ``sending``, one conditional UPDATE) is committed before the provider is asked. Whoever dies
after that leaves a row in ``sending``, which becomes ``uncertain`` and is never sent again: the provider's status
callback may still tell what became of it.
"""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.ports import SendError, Senders
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_
from guinguette.models import Message
from guinguette.services import letters, opting_out, relevance, rules, taking_over
from guinguette.services.messages import BODY_KEPT, advance

_log = logging.getLogger(__name__)

#: A provider answers within ten seconds or not at all: a claim this old belongs to a worker that died.
LOST_AFTER = dt.timedelta(minutes=5)
RETRY_AFTER = dt.timedelta(minutes=5)
#: A number that the provider's settings keep out waits for a person to put them right.
RETRY_NUMBER_AFTER = dt.timedelta(hours=1)
#: Each has a provider of its own: where one is down, the other goes on.
CHANNELS = ("sms", "email")
_BATCH = 50


def send_due(
    session_factory: sessionmaker[Session], *, clock: Clock, senders: Senders, vault: Vault, public_url: str
) -> Counter[str]:
    """Send what is due and permitted now, urgent messages first; return how many went to each state.

    No transaction is open while the provider is asked. A channel stops early where its provider refuses for the moment,
    unless it refuses one address alone: that message is put off, the others leave.
    """
    counts: Counter[str] = Counter()
    with session_factory.begin() as session:
        counts["uncertain"] = _give_up_lost(session, clock.now())
    for channel in CHANNELS:
        if channel == "email":  # what SMS could not do just now
            with session_factory.begin() as session:
                taking_over.follow(session, clock=clock, vault=vault, public_url=public_url)
        counts += _send_channel(session_factory, channel, clock=clock, senders=senders, vault=vault, url=public_url)
    return counts


def _send_channel(
    session_factory: sessionmaker[Session], channel: str, *, clock: Clock, senders: Senders, vault: Vault, url: str
) -> Counter[str]:
    counts: Counter[str] = Counter()
    while batch := _due(session_factory, channel, clock):
        for message_id in batch:
            outcome = _send_one(session_factory, message_id, clock=clock, senders=senders, vault=vault, url=url)
            counts["queued" if outcome == "halted" else outcome] += 1
            if outcome == "halted":
                return counts
    return counts


def _due(session_factory: sessionmaker[Session], channel: str, clock: Clock) -> Sequence[str]:
    with session_factory() as session:
        query = select(Message.id).where(
            Message.state == "queued", Message.channel == channel, *_may_leave(session, clock)
        )
        return session.scalars(query.order_by(Message.urgent.desc(), Message.due_at).limit(_BATCH)).all()


def _may_leave(session: Session, clock: Clock) -> list[ColumnElement[bool]]:
    """Return what is true of messages that are due and permitted at this moment."""
    now = clock.now()
    permitted = rules.sending_hours(session, today(clock)).permits(now)
    return [Message.due_at <= now] if permitted else [Message.due_at <= now, Message.urgent.is_(True)]


def _send_one(
    session_factory: sessionmaker[Session], message_id: str, *, clock: Clock, senders: Senders, vault: Vault, url: str
) -> str:
    """Claim, check, send and record one message; return its state afterwards.

    "elsewhere": it is not ours to send, for another worker has it or the permitted hours are over since it was listed.
    "halted": it is queued again, and the others had better wait too.
    """
    with session_factory.begin() as session:
        message = _claim(session, message_id, clock=clock, vault=vault)
        if message is None:
            return "elsewhere"
        if message.state == "dropped":
            _log.info("message %s dropped: %s", message_id, message.error)
            return "dropped"
        try:
            letter = letters.write(session, message, vault=vault, public_url=url)
        except ValueError:  # one unreadable row must not stand in the way of all the others
            message.state, message.error = "failed", N_("adresse illisible : la clé des données a changé")
            _log.error("message %s failed: its address was encrypted with another key", message_id)
            return "failed"
    try:
        accepted = letter.send(senders)
    except SendError as error:
        outcome = _refused(session_factory, message_id, error, clock=clock, vault=vault)
        _log.warning("message %s to %s %s: %s %s", message_id, letter.masked, outcome, error.code, error)
        return outcome
    with session_factory.begin() as session:
        advance(session, message_id, "sent", clock.now(), provider_id=accepted.provider_id)
    _log.info("message %s to %s sent", message_id, letter.masked)
    return "sent"


def _claim(session: Session, message_id: str, *, clock: Clock, vault: Vault) -> Message | None:
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
    reason = relevance.no_longer(session, message, now, vault)
    if reason:
        message.state, message.error, message.ended_at = "dropped", reason, now
        message.body = "" if message.kind == "code" else message.body
    return message


def _refused(
    session_factory: sessionmaker[Session], message_id: str, error: SendError, *, clock: Clock, vault: Vault
) -> str:
    now = clock.now()
    text = f"{error.code} {error}".strip()[:300]
    with session_factory.begin() as session:
        if error.opted_out:
            message = session.get_one(Message, message_id)
            person = message.subscriber or message.contact
            if person is not None:
                opting_out.oppose(session, person, said_by="provider", clock=clock, vault=vault)
        if error.uncertain or error.permanent:
            outcome = "uncertain" if error.uncertain else "failed"
            advance(session, message_id, outcome, now, error=text)
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
            body=BODY_KEPT,
            error=N_("envoi interrompu : le message est peut-être parti"),
            updated_at=now,
        )
        .returning(Message.id)
    )
    return len(lost.all())
