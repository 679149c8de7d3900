"""What is due leaves the outbox: claimed before it is sent, so that none ever leaves twice.

The claim (``queued`` to ``sending``, one conditional UPDATE) is committed before the provider is asked, together with
what it takes from the channel's token bucket and daily budget (``services.gateways``). Whoever dies after that leaves a
row in ``sending``, which becomes ``uncertain``: ``services.reconciling`` asks the provider what became of it.
"""

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Lock
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.ports import Accepted, SendError, Senders
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_
from guinguette.models import Message
from guinguette.services import gateways, letters, opting_out, relevance, rules, taking_over
from guinguette.services.messages import ASKED_FOR, BODY_KEPT, advance
from guinguette.services.patience import patiently

_log = logging.getLogger(__name__)

#: A provider answers within ten seconds or not at all: a claim this old belongs to a worker that died.
LOST_AFTER = dt.timedelta(minutes=5)
#: Each has a provider of its own: where one is down, the other goes on.
CHANNELS = ("sms", "email")
#: Few enough that a code somebody is waiting for soon stands at the head of the next list.
_BATCH = 20
#: A round waits this many seconds for its turn; where it takes longer, the next round goes on (each minute).
_PATIENCE = 15.0
#: A provider takes a third of a second for one: as many are asked at once as its rate needs, within reason.
_SECONDS_EACH, _AT_ONCE = 1 / 3, 8
_Result = TypeVar("_Result")


def send_due(
    session_factory: sessionmaker[Session],
    *,
    clock: Clock,
    senders: Senders,
    vault: Vault,
    public_url: str,
    wait: Callable[[float], object] = time.sleep,
) -> Counter[str]:
    """Send what is due and permitted now on all channels, one after the other; return how many went to each state."""
    counts: Counter[str] = Counter()
    for channel in CHANNELS:
        counts += Round(session_factory, channel, clock, senders, vault, public_url, wait).run()
    return counts


def senders_needed(session: Session, channel: str, clock: Clock) -> int:
    """Return how many senders at a time keep up with the provider's rate."""
    return max(1, min(_AT_ONCE, round(gateways.rate(session, channel, clock) * _SECONDS_EACH)))


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one channel. ``wait`` waits so many seconds and returns true where the worker is to stop.

    No transaction is open while the provider is asked.
    """

    factory: sessionmaker[Session]
    channel: str
    clock: Clock
    senders: Senders
    vault: Vault
    public_url: str
    wait: Callable[[float], object] = time.sleep
    #: One of this round's senders at a time waits for the token bucket, while the others wait for the provider.
    turn: Lock = field(default_factory=Lock)

    def run(self, at_once: int = 1) -> Counter[str]:
        """Send what is due and permitted, what was asked for and urgent news first, so many at a time.

        Returns how many went to each state. The round ends early where the channel is held (``services.gateways``) for
        longer than a few seconds; a refusal of one address alone puts that message off, and the others leave.
        """
        counts: Counter[str] = Counter()
        counts["uncertain"] = self._do(partial(_give_up_lost, channel=self.channel, now=self.clock.now()))
        if self.channel == "email":  # what SMS could not do
            self._do(partial(taking_over.follow, clock=self.clock, vault=self.vault, public_url=self.public_url))
        halt = Event()
        with ThreadPoolExecutor(at_once) as pool:
            while not halt.is_set() and (batch := self._do(self._due)):
                counts.update(pool.map(partial(self._see_to, halt), batch))
        del counts["waiting"]
        return counts

    def _do(self, work: Callable[[Session], _Result]) -> _Result:
        return patiently(self.factory, work, self.wait)

    def _due(self, session: Session) -> Sequence[str]:
        """Return the next messages that may leave, what matters most first."""
        anything, news = gateways.left_today(session, self.channel, self.clock)
        asked_for = Message.kind.in_(ASKED_FOR)
        within_budget = or_(
            Message.segments <= anything,
            and_(Message.segments <= news, Message.urgent.is_(True), ~asked_for),
        )
        query = select(Message.id).where(
            Message.state == "queued", Message.channel == self.channel, within_budget, *self._permitted(session)
        )
        return session.scalars(
            query.order_by(asked_for.desc(), Message.urgent.desc(), Message.due_at).limit(_BATCH)
        ).all()

    def _permitted(self, session: Session) -> list[ColumnElement[bool]]:
        """Return what is true of messages that are due and permitted at this moment."""
        now = self.clock.now()
        permitted = rules.sending_hours(session, today(self.clock)).permits(now)
        return [Message.due_at <= now] if permitted else [Message.due_at <= now, Message.urgent.is_(True)]

    def _see_to(self, halt: Event, message_id: str) -> str:
        """Claim, send and record one message when its turn comes; return its state afterwards.

        "elsewhere": it is not ours to send, for another worker has it or the permitted hours are over since it was
        listed. "waiting": it is not its turn yet.
        """
        with self.turn:
            claimed = self._when_its_turn_comes(halt, message_id)
        return claimed if isinstance(claimed, str) else self._send(claimed, message_id)

    def _when_its_turn_comes(self, halt: Event, message_id: str) -> str | letters.Sms | letters.Letter:
        while not halt.is_set():
            claimed = self._do(partial(self._claim, message_id=message_id))
            if not isinstance(claimed, float):
                return claimed
            if claimed == gateways.SHUT:  # for this message, perhaps not for others: the next list knows
                return "waiting"
            if claimed > _PATIENCE or self.wait(claimed):
                halt.set()
        return "waiting"

    def _claim(self, session: Session, message_id: str) -> str | float | letters.Sms | letters.Letter:
        """Take a queued message for this worker alone and return what is to leave.

        Else return the state that it has got, or how many seconds it has to wait. It is dropped where it is no longer
        wanted or true.
        """
        now = self.clock.now()
        message = session.get(Message, message_id)
        if message is None or message.state != "queued":
            return "elsewhere"  # found out before anything is locked
        gateway = gateways.lock(session, self.channel)
        seconds = gateways.delay(session, gateway, message, self.clock)
        if seconds:
            return seconds
        claimed = session.execute(
            update(Message)
            .where(Message.id == message_id, Message.state == "queued", *self._permitted(session))
            .values(state="sending", claimed_at=now, updated_at=now)
            .returning(Message.id)
        ).scalar()
        if claimed is None:
            return "elsewhere"
        session.refresh(message)
        reason = relevance.no_longer(session, message, now, self.vault)
        if reason:
            message.state, message.error, message.ended_at = "dropped", reason, now
            message.body = "" if message.kind == "code" else message.body
            _log.info("message %s dropped: %s", message_id, reason)
            return "dropped"
        try:
            letter = letters.write(session, message, vault=self.vault, public_url=self.public_url)
        except ValueError:  # one unreadable row must not stand in the way of all the others
            message.state, message.ended_at = "failed", now
            message.error = N_("adresse illisible : la clé des données a changé")
            _log.error("message %s failed: its address was encrypted with another key", message_id)
            return "failed"
        gateways.take(session, gateway, message, self.clock)
        return letter

    def _send(self, letter: letters.Sms | letters.Letter, message_id: str) -> str:
        try:
            accepted = letter.send(self.senders)
        except SendError as error:
            outcome = self._do(partial(self._refused, message_id=message_id, error=error))
            _log.warning("message %s to %s %s: %s %s", message_id, letter.masked, outcome, error.code, error)
            return outcome
        self._do(partial(self._accepted, message_id=message_id, accepted=accepted))
        _log.info("message %s to %s sent", message_id, letter.masked)
        return "sent"

    def _accepted(self, session: Session, *, message_id: str, accepted: Accepted) -> None:
        gateways.succeeded(session, self.channel, self.clock)
        advance(session, message_id, "sent", self.clock.now(), provider_id=accepted.provider_id)

    def _refused(self, session: Session, *, message_id: str, error: SendError) -> str:
        message, now = session.get(Message, message_id), self.clock.now()
        if message is None:  # erased while the provider was asked
            return "elsewhere"
        text = f"{error.code} {error}".strip()[:300]
        if error.uncertain:
            gateways.doubtful(session, self.channel, error, self.clock)
            advance(session, message_id, "uncertain", now, error=text)
            return "uncertain"
        due_at = gateways.refused(session, message, error, self.clock)
        if error.permanent:
            person = message.subscriber or message.contact
            if error.opted_out and person is not None:
                opting_out.oppose(session, person, said_by="provider", clock=self.clock, vault=self.vault)
            advance(session, message_id, "failed", now, error=text)
            return "failed"
        session.execute(
            update(Message)
            .where(Message.id == message_id, Message.state == "sending")
            .values(
                state="queued",
                due_at=due_at,
                claimed_at=None,
                error=text,
                updated_at=now,
            )
        )
        return "queued"


def _give_up_lost(session: Session, *, channel: str, now: dt.datetime) -> int:
    """Mark what a dead worker left in ``sending``: nobody knows whether it left, so it never leaves again."""
    lost = session.execute(
        update(Message)
        .where(Message.state == "sending", Message.channel == channel, Message.claimed_at < now - LOST_AFTER)
        .values(
            state="uncertain",
            body=BODY_KEPT,
            error=N_("envoi interrompu : le message est peut-être parti"),
            updated_at=now,
        )
        .returning(Message.id)
    )
    return len(lost.all())
