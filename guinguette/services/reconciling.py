"""What became of messages that may have left: the provider is asked, and no message ever leaves twice for it.

Its status callback may tell at any time. Besides, the provider's list of what it was given for the same number since
then is compared with the text. Found: the message is where the provider says. Not found after a few looks: it has
failed, and never left; a person may queue it again where it is still true.
"""

import datetime as dt
import logging
from collections import Counter
from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.phone_numbers import masked
from guinguette.adapters.ports import Known, SendError, SmsSender
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, Conflict
from guinguette.models import Message
from guinguette.services import host_links, relevance
from guinguette.services.evenings import Act
from guinguette.services.messages import NEVER_LEFT, advance

_log = logging.getLogger(__name__)

#: How long after it became uncertain, then after each look, the provider is asked again; then nothing more is expected.
LOOKS_AFTER = tuple(dt.timedelta(minutes=m) for m in (1, 4, 15, 40))
#: The provider's clock and ours may differ.
_CLOCKS_DIFFER = dt.timedelta(minutes=2)
_BATCH = 100
#: Sign-in links and reminders wait behind a round, and the provider may take ten seconds for each answer.
_ROUND = dt.timedelta(seconds=10)
NOBODY_KNOWS = N_("on ne saura pas s’il est parti")


@dataclass(frozen=True, slots=True)
class _Question:
    """What to ask of the provider about one message."""

    message_id: str
    to: str
    body: str
    since: dt.datetime


def reconcile(session_factory: sessionmaker[Session], *, clock: Clock, sms: SmsSender, vault: Vault) -> Counter[str]:
    """Ask about every uncertain message whose time to be asked about has come; return how many went to each state.

    No transaction is open while the provider is asked. Where it cannot be reached, or has taken its time over the first
    few, the next round asks.
    """
    counts: Counter[str] = Counter()
    until = clock.now() + _ROUND
    with session_factory.begin() as session:
        counts["failed"] = _close_unknowable(session, clock.now())
        questions = _questions(session, clock.now(), vault)
    for question in questions:
        if clock.now() >= until:
            break
        try:
            known = sms.sent_to(question.to, question.since - _CLOCKS_DIFFER)
        except SendError as error:
            _log.warning("message %s cannot be asked about: %s %s", question.message_id, error.code, error)
            break
        with session_factory.begin() as session:
            state = _conclude(session, question, known, clock.now())
        counts[state] += 1
        _log.info("message %s to %s looked up: %s", question.message_id, masked(question.to), state)
    return +counts


def send_again(session: Session, message: Message, act: Act) -> None:
    """Queue a message again that the provider has never heard of, because a person says so.

    Raises ``Conflict`` where it may have left, where an e-mail has taken its place, or where it is no longer true.
    """
    now = act.clock.now()
    session.refresh(message, with_for_update=True)  # an e-mail in its place leaves only while this row says failed
    if message.state != "failed" or message.error != NEVER_LEFT:
        raise Conflict(N_("Ce message est peut-être parti : il ne peut pas être renvoyé."))
    if session.scalar(select(Message.id).where(Message.takes_over == message.id)) is not None:
        raise Conflict(N_("Un e-mail a déjà pris la place de ce message."))
    reason = relevance.no_longer(session, message, now, act.vault)
    if reason:
        raise Conflict(N_("Ce message n’a plus lieu d’être envoyé ({reason})."), reason=reason)
    again = session.execute(
        update(Message)
        .where(Message.id == message.id, Message.state == "failed", Message.error == NEVER_LEFT)
        .values(
            state="queued", due_at=now, claimed_at=None, ended_at=None, looks=0, looked_at=None, error="",
            updated_at=now,
        )
        .returning(Message.id)
    ).all()  # fmt: skip
    if not again:  # its callback came at this moment, or somebody else was quicker
        raise Conflict(N_("Ce message est peut-être parti : il ne peut pas être renvoyé."))
    _log.info("message %s queued again by %s", message.id, act.actor)
    session.expire(message)


def _close_unknowable(session: Session, now: dt.datetime) -> int:
    """End what nobody can tell: mail servers keep no list, and a code's text is not kept to be compared."""
    code_over = (Message.kind == "code") & (Message.expires_at <= now)
    email_over = (Message.channel == "email") & (Message.claimed_at <= now - sum(LOOKS_AFTER, dt.timedelta()))
    ended = session.execute(
        update(Message)
        .where(Message.state == "uncertain", code_over | email_over)
        .values(state="failed", error=NOBODY_KNOWS, ended_at=now, updated_at=now)
        .returning(Message.id)
    )
    return len(ended.all())


def _questions(session: Session, now: dt.datetime, vault: Vault) -> list[_Question]:
    since = func.coalesce(Message.looked_at, Message.updated_at)
    due = or_(*((Message.looks == looks) & (since <= now - after) for looks, after in enumerate(LOOKS_AFTER)))
    rows = session.scalars(
        select(Message)
        .where(Message.state == "uncertain", Message.channel == "sms", Message.kind != "code", due)
        .order_by(since)
        .limit(_BATCH)
    )
    questions = []
    for message in rows:
        person = message.subscriber or message.contact
        try:
            to = vault.decrypt(person.phone_encrypted) if person and person.phone_encrypted else ""
        except ValueError:  # another key encrypted it
            to = ""
        if to:
            questions.append(_Question(message.id, to, message.body, message.claimed_at or message.created_at))
        else:  # erased meanwhile
            message.state, message.error, message.ended_at = "failed", NOBODY_KNOWS, now
    return questions


def _conclude(session: Session, question: _Question, known: list[Known], now: dt.datetime) -> str:
    found = next(filter(partial(_is_ours, session, question), known), None)
    if found is not None:
        advance(session, question.message_id, found.state, now, provider_id=found.provider_id, error=found.error)
        return found.state
    message = session.get(Message, question.message_id)
    if message is None:
        return "erased"
    if message.state != "uncertain":  # its callback has come while the provider was asked
        return message.state
    message.looks, message.looked_at = message.looks + 1, now
    session.flush()
    if message.looks < len(LOOKS_AFTER):
        return "uncertain"
    advance(session, message.id, "failed", now, error=NEVER_LEFT)
    return "failed"


def _is_ours(session: Session, question: _Question, known: Known) -> bool:
    """Tell whether the provider's message is the one asked about, and no other row's.

    The text may have been set among others (a trial account writes a line before it).
    """
    if not host_links.same_text(question.body, known.body):
        return False
    other = select(Message.id).where(Message.provider_id == known.provider_id, Message.id != question.message_id)
    return session.scalar(other) is None
