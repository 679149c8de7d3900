"""The outbox and the world: what the provider answers, workers that die or meet, what the logs may show."""

import datetime as dt
import logging
import threading

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.ports import Accepted, SendError
from guinguette.adapters.vault import Vault
from guinguette.models import Message, Subscriber
from guinguette.services import messages, sending
from tests.factories import make_message, make_subscriber
from tests.fakes import NOW, PUBLIC_URL, FakeSms, FixedClock, only_sms
from tests.services.outbox import Factory, send, states


def test_an_uncertain_message_is_never_sent_again(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """It may have left; only its callback can tell."""
    make_message(session, subscriber=subscriber, expires_at=NOW + dt.timedelta(days=9))
    session.commit()
    sms.errors = [SendError("time-out", uncertain=True)]
    assert send(session_factory, clock, sms, vault) == {"uncertain": 1}
    clock.advance(days=1)
    assert send(session_factory, clock, sms, vault) == {}
    assert sms.sent == []


def test_a_refusal_for_the_moment_goes_back_to_the_queue_and_ends_the_round(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """The provider is not hammered; a minute later all leave."""
    for _ in range(2):
        make_message(session, subscriber=subscriber)
    session.commit()
    sms.errors = [SendError("unknown account", code="20003")]
    assert send(session_factory, clock, sms, vault) == {"queued": 1}
    clock.advance(minutes=1)
    assert send(session_factory, clock, sms, vault) == {"sent": 2}


def test_a_number_refused_alone_holds_nobody_else(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """One foreign number that the account's settings keep out is put off for an hour; the others leave now."""
    for _ in range(3):
        make_message(session, subscriber=subscriber)
    session.commit()
    sms.errors = [SendError("not this country", code="21408", this_number=True)]
    assert send(session_factory, clock, sms, vault) == {"queued": 1, "sent": 2}
    clock.advance(minutes=59)
    assert send(session_factory, clock, sms, vault) == {}
    clock.advance(minutes=1)
    assert send(session_factory, clock, sms, vault) == {"sent": 1}


def test_a_stop_that_only_the_provider_knew_counts_here_too(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """One refusal, and everything else to that number is dropped."""
    first = make_message(session, subscriber=subscriber)
    second = make_message(session, subscriber=subscriber)
    session.commit()
    sms.errors = [SendError("opted out", code="21610", permanent=True, opted_out=True)]
    assert send(session_factory, clock, sms, vault) == {"failed": 1, "elsewhere": 1}
    session.expire_all()
    assert (first.state, second.state) == ("failed", "dropped")
    assert subscriber.opted_out_at == clock.now()


def test_what_a_dead_worker_left_becomes_uncertain(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """After five minutes, not before: the worker might still be waiting for its answer."""
    make_message(session, subscriber=subscriber, state="sending", claimed_at=NOW)
    session.commit()
    clock.advance(minutes=5)
    assert send(session_factory, clock, sms, vault) == {}
    clock.advance(seconds=1)
    assert send(session_factory, clock, sms, vault) == {"uncertain": 1}
    assert sms.sent == []


class SlowSms:
    """Holds each message until told to go on."""

    def __init__(self) -> None:
        self.asked, self.go_on = threading.Event(), threading.Event()
        self.sent: list[str] = []

    def send(self, *, to: str, body: str, message_id: str) -> Accepted:
        """Wait, then accept."""
        self.asked.set()
        assert self.go_on.wait(20)
        self.sent.append(message_id)
        return Accepted(provider_id=f"slow-{message_id}")


def test_two_workers_never_send_the_same_message_and_hold_no_transaction(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """While one waits for the provider, the other finds nothing to do, and anybody can write."""
    message = make_message(session, subscriber=subscriber)
    session.commit()
    slow = SlowSms()
    worker = threading.Thread(
        target=sending.send_due,
        args=(session_factory,),
        kwargs={"clock": clock, "senders": only_sms(slow), "vault": vault, "public_url": PUBLIC_URL},
    )
    worker.start()
    assert slow.asked.wait(20)
    assert send(session_factory, clock, sms, vault) == {}
    with session_factory.begin() as other:
        other.get_one(Subscriber, subscriber.id).locale = "en"
    slow.go_on.set()
    worker.join(20)
    assert slow.sent == [message.id]
    assert states(session) == ["sent"]


def test_a_callback_that_overtakes_the_answer_is_not_undone(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, vault: Vault
) -> None:
    """Delivered before we have even written "sent": it stays delivered."""

    class Overtaken:
        def send(self, *, to: str, body: str, message_id: str) -> Accepted:
            with session_factory.begin() as other:
                messages.record_status(other, message_id, "delivered", provider_id="SM1", error="", clock=clock)
            return Accepted(provider_id="SM1")

    make_message(session, subscriber=subscriber)
    session.commit()
    sending.send_due(
        session_factory, clock=clock, senders=only_sms(Overtaken()), vault=vault, public_url=PUBLIC_URL, wait=clock.wait
    )
    assert states(session) == ["delivered"]


@pytest.mark.parametrize("error", [None, SendError("no"), SendError("time-out", uncertain=True)])
def test_whoever_is_erased_while_a_message_is_on_its_way_ends_no_round(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, vault: Vault,
    error: SendError | None,
) -> None:  # fmt: skip
    """Taken, refused or doubtful: there is no row left to write it to, and the others leave."""
    leaving = make_subscriber(session, vault=vault, phone="+33639980002")
    make_message(session, subscriber=leaving, due_at=NOW - dt.timedelta(minutes=1))
    make_message(session, subscriber=subscriber)
    session.commit()

    class Erased(FakeSms):
        def send(self, *, to: str, body: str, message_id: str) -> Accepted:
            if to != "+33639980002":
                return super().send(to=to, body=body, message_id=message_id)
            with session_factory.begin() as other:
                other.execute(delete(Message).where(Message.id == message_id))
            if error is not None:
                raise error
            return Accepted(provider_id="SM0")

    provider = Erased()
    send(session_factory, clock, provider, vault)
    assert [sent.to for sent in provider.sent] == ["+33639980001"]
    assert states(session) == ["sent"]


def test_logs_show_masked_numbers_only(
    session: Session,
    session_factory: Factory,
    subscriber: Subscriber,
    clock: FixedClock,
    sms: FakeSms,
    vault: Vault,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Sent or refused: two digits and never the text. Dropped: no digit at all."""
    sms.errors = [None, SendError("no", permanent=True)]
    for _ in range(2):
        make_message(session, subscriber=subscriber, body="secret")
    make_message(session, subscriber=subscriber, body="secret", expires_at=NOW, due_at=NOW)
    session.commit()
    with caplog.at_level(logging.DEBUG):
        send(session_factory, clock, sms, vault)
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("guinguette"))
    assert ours.count("+33 •••••••01") == 2
    assert "639980001" not in ours
    assert "secret" not in ours


def test_an_unreadable_number_does_not_stand_in_the_way(
    session: Session,
    session_factory: sessionmaker[Session],
    subscriber: Subscriber,
    clock: FixedClock,
    sms: FakeSms,
    vault: Vault,
) -> None:
    """A number encrypted with another key, and one that STOP has erased, are set aside; the others leave."""
    lost = make_subscriber(session, vault=vault, phone="+33639980002", phone_encrypted="gibberish")
    gone = make_subscriber(session, vault=vault, phone="+33639980003", phone_encrypted="", opted_out_at=NOW)
    rows = [make_message(session, subscriber=who) for who in (lost, gone, subscriber)]
    session.commit()
    send(session_factory, clock, sms, vault)
    session.expire_all()
    assert [row.state for row in rows] == ["failed", "dropped", "sent"]
