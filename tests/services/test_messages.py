"""The outbox: every message leaves at most once, when it may, and only while it is true."""

import datetime as dt
import logging
import threading

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.ports import Accepted, SmsError
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS
from guinguette.models import Message, Subscriber
from guinguette.services import messages
from tests.factories import make_evening, make_message, make_subscriber
from tests.fakes import NOW, FakeSms, FixedClock

Factory = sessionmaker[Session]


def _send(factory: Factory, clock: FixedClock, sms: FakeSms, vault: Vault) -> dict[str, int]:
    return {k: n for k, n in messages.send_due(factory, clock=clock, sms=sms, vault=vault).items() if n}


def _states(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(Message.state).order_by(Message.id)))


@pytest.fixture
def subscriber(session: Session, vault: Vault) -> Subscriber:
    """Somebody who asked to be told."""
    return make_subscriber(session, vault=vault, phone="+33639980001")


def _draft(subscriber: Subscriber, evening_id: str | None = None, **values: object) -> messages.Draft:
    defaults: dict[str, object] = {
        "subscriber_id": subscriber.id, "evening_id": evening_id, "kind": "reminder", "number": 20270619,
        "body": "Guinguette : samedi.", "segments": 1, "urgent": False, "due_at": NOW,
        "expires_at": NOW + dt.timedelta(days=1),
    }  # fmt: skip
    return messages.Draft(**(defaults | values))  # type: ignore[arg-type]


def test_the_same_message_can_be_queued_only_once(session: Session, subscriber: Subscriber, clock: FixedClock) -> None:
    """The row is unique by evening, person, kind and number; another number is another message."""
    evening = make_evening(session).id
    first, again = _draft(subscriber, evening), _draft(subscriber, evening, body="autre")
    other = _draft(subscriber, evening, number=20270626)
    assert messages.enqueue(session, [first, again], clock) == 1
    assert messages.enqueue(session, [first, other], clock) == 1
    assert len(_states(session)) == 2
    assert messages.enqueue(session, [], clock) == 0


def test_codes_are_as_many_as_are_asked_for(session: Session, subscriber: Subscriber, clock: FixedClock) -> None:
    """They belong to no evening."""
    code = _draft(subscriber, None, kind="code", number=0, body="123456")
    assert messages.enqueue(session, [code, code], clock) == 2


def test_what_is_due_leaves_once(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """Queued, sent, with the provider's name; a second round sends nothing."""
    message = make_message(session, subscriber=subscriber)
    session.commit()
    assert _send(session_factory, clock, sms, vault) == {"sent": 1}
    assert _send(session_factory, clock, sms, vault) == {}
    assert [(one.to, one.message_id) for one in sms.sent] == [("+33639980001", message.id)]
    session.refresh(message)
    assert (message.state, message.provider_id, message.sent_at) == ("sent", "fake-1", clock.now())


def test_what_is_not_due_waits(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """Not a second early."""
    make_message(session, subscriber=subscriber, due_at=NOW + dt.timedelta(seconds=1))
    session.commit()
    assert _send(session_factory, clock, sms, vault) == {}
    clock.advance(seconds=1)
    assert _send(session_factory, clock, sms, vault) == {"sent": 1}


@pytest.mark.parametrize(
    ("local", "left"),
    [
        ("2027-06-12 08:59", ["urgent"]), ("2027-06-12 09:00", ["urgent", "calm"]), ("2027-06-12 20:00", ["urgent"]),
        ("2027-06-13 12:00", ["urgent"]), ("2027-07-14 12:00", ["urgent"]),
    ],
)  # fmt: skip
def test_outside_the_permitted_hours_only_what_is_urgent_leaves(
    session: Session,
    session_factory: Factory,
    subscriber: Subscriber,
    clock: FixedClock,
    sms: FakeSms,
    vault: Vault,
    local: str,
    left: list[str],
) -> None:
    """Nights, Sundays and holidays; the urgent one goes first anyway."""
    far = NOW + dt.timedelta(days=90)
    make_message(session, subscriber=subscriber, body="calm", expires_at=far)
    make_message(session, subscriber=subscriber, body="urgent", urgent=True, expires_at=far)
    session.commit()
    clock.set(dt.datetime.fromisoformat(local).replace(tzinfo=PARIS))
    _send(session_factory, clock, sms, vault)
    assert [one.body for one in sms.sent] == left


def test_a_round_that_goes_on_past_the_last_hour_stops_there(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, vault: Vault
) -> None:
    """Each message is permitted when it leaves, not only when it was listed: a slow provider must not wake anybody."""
    for _ in range(3):
        make_message(session, subscriber=subscriber)
    session.commit()
    clock.set(dt.datetime(2027, 6, 9, 19, 59, 50, tzinfo=PARIS))

    class SlowSms(FakeSms):
        def send(self, *, to: str, body: str, message_id: str) -> Accepted:
            clock.advance(seconds=9)
            return super().send(to=to, body=body, message_id=message_id)

    assert _send(session_factory, clock, SlowSms(), vault) == {"sent": 2, "elsewhere": 1}
    assert sorted(_states(session)) == ["queued", "sent", "sent"]


def test_a_code_whose_number_was_erased_is_dropped(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """Nothing is asked of the provider, and the others go on."""
    subscriber.phone_encrypted = ""
    make_message(session, subscriber=subscriber, kind="code", body="123456", urgent=True)
    make_message(session, subscriber=make_subscriber(session, vault=vault, phone="+33639980002"))
    session.commit()
    assert _send(session_factory, clock, sms, vault) == {"dropped": 1, "sent": 1}
    assert [one.to for one in sms.sent] == ["+33639980002"]


def test_a_code_is_blanked_once_it_has_left(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """Sent, failed, uncertain or expired: nobody finds a code in the database."""
    sms.errors = [None, SmsError("no", permanent=True), SmsError("?", uncertain=True)]
    for _ in range(3):
        make_message(session, subscriber=subscriber, kind="code", body="code 123456", urgent=True)
    make_message(session, subscriber=subscriber, kind="code", body="code 123456", urgent=True, expires_at=NOW)
    session.commit()
    assert _send(session_factory, clock, sms, vault) == {"sent": 1, "failed": 1, "uncertain": 1, "dropped": 1}
    assert sms.sent[0].body == "code 123456"
    session.expire_all()
    assert set(session.scalars(select(Message.body))) == {""}


@pytest.mark.parametrize(
    ("kind", "number", "evening", "state"),
    [
        ("reminder", 20270619, {}, "sent"),
        ("reminder", 20270619, {"state": "cancelled"}, "dropped"),
        ("reminder", 20270619, {"state": "postponed"}, "dropped"),
        ("reminder", 20270612, {}, "dropped"),  # it has moved to the 19th since
        ("cancelled", 1, {"state": "cancelled"}, "sent"),
        ("postponed", 1, {"state": "postponed"}, "sent"),
        ("moved_to_hall", 1, {"venue": "hall"}, "sent"),
        ("moved_to_hall", 1, {"venue": "pitch"}, "dropped"),
        ("moved_to_hall", 1, {"venue": "hall", "state": "cancelled"}, "dropped"),
        ("changed", 1, {}, "sent"),
        ("changed", 1, {"state": "cancelled"}, "dropped"),
    ],
)
def test_what_is_no_longer_true_is_dropped(
    session: Session,
    session_factory: Factory,
    subscriber: Subscriber,
    clock: FixedClock,
    sms: FakeSms,
    vault: Vault,
    kind: str,
    number: int,
    evening: dict[str, str],
    state: str,
) -> None:
    """The evening is asked again at the last moment."""
    make_message(session, subscriber=subscriber, evening=make_evening(session, **evening), kind=kind, number=number)
    session.commit()
    assert _send(session_factory, clock, sms, vault) == {state: 1}
    assert len(sms.sent) == (state == "sent")


def test_whoever_opted_out_gets_nothing_but_a_code_asked_for(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """STOP holds even for what slipped into the queue; a code is the way back."""
    subscriber.opted_out_at = NOW
    make_message(session, subscriber=subscriber)
    make_message(session, subscriber=subscriber, kind="code", urgent=True)
    session.commit()
    assert _send(session_factory, clock, sms, vault) == {"dropped": 1, "sent": 1}


def test_what_comes_too_late_is_dropped(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """No reminder of an evening that has begun."""
    make_message(session, subscriber=subscriber, expires_at=NOW)
    session.commit()
    assert _send(session_factory, clock, sms, vault) == {"dropped": 1}


def test_an_uncertain_message_is_never_sent_again(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """It may have left; only its callback can tell."""
    make_message(session, subscriber=subscriber, expires_at=NOW + dt.timedelta(days=9))
    session.commit()
    sms.errors = [SmsError("time-out", uncertain=True)]
    assert _send(session_factory, clock, sms, vault) == {"uncertain": 1}
    clock.advance(days=1)
    assert _send(session_factory, clock, sms, vault) == {}
    assert sms.sent == []


def test_a_refusal_for_the_moment_goes_back_to_the_queue_and_ends_the_round(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """The provider is not hammered; five minutes later all leave."""
    for _ in range(2):
        make_message(session, subscriber=subscriber)
    session.commit()
    sms.errors = [SmsError("slower", code="20429")]
    assert _send(session_factory, clock, sms, vault) == {"queued": 1}
    clock.advance(minutes=5)
    assert _send(session_factory, clock, sms, vault) == {"sent": 2}


def test_a_number_refused_alone_holds_nobody_else(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """One foreign number that the account's settings keep out is put off for an hour; the others leave now."""
    for _ in range(3):
        make_message(session, subscriber=subscriber)
    session.commit()
    sms.errors = [SmsError("not this country", code="21408", this_number=True)]
    assert _send(session_factory, clock, sms, vault) == {"queued": 1, "sent": 2}
    clock.advance(minutes=59)
    assert _send(session_factory, clock, sms, vault) == {}
    clock.advance(minutes=1)
    assert _send(session_factory, clock, sms, vault) == {"sent": 1}


def test_a_stop_that_only_the_provider_knew_counts_here_too(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """One refusal, and everything else to that number is dropped."""
    first = make_message(session, subscriber=subscriber)
    second = make_message(session, subscriber=subscriber)
    session.commit()
    sms.errors = [SmsError("opted out", code="21610", permanent=True, opted_out=True)]
    assert _send(session_factory, clock, sms, vault) == {"failed": 1, "elsewhere": 1}
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
    assert _send(session_factory, clock, sms, vault) == {}
    clock.advance(seconds=1)
    assert _send(session_factory, clock, sms, vault) == {"uncertain": 1}
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
        target=messages.send_due, args=(session_factory,), kwargs={"clock": clock, "sms": slow, "vault": vault}
    )
    worker.start()
    assert slow.asked.wait(20)
    assert _send(session_factory, clock, sms, vault) == {}
    with session_factory.begin() as other:
        other.get_one(Subscriber, subscriber.id).locale = "en"
    slow.go_on.set()
    worker.join(20)
    assert slow.sent == [message.id]
    assert _states(session) == ["sent"]


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
    messages.send_due(session_factory, clock=clock, sms=Overtaken(), vault=vault)
    assert _states(session) == ["delivered"]


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
    sms.errors = [None, SmsError("no", permanent=True)]
    for _ in range(2):
        make_message(session, subscriber=subscriber, body="secret")
    make_message(session, subscriber=subscriber, body="secret", expires_at=NOW, due_at=NOW)
    session.commit()
    with caplog.at_level(logging.DEBUG):
        _send(session_factory, clock, sms, vault)
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("guinguette"))
    assert ours.count("+33 •••••••01") == 2
    assert "639980001" not in ours
    assert "secret" not in ours


def test_more_messages_than_a_statement_takes_are_queued_in_parts(
    session: Session, subscriber: Subscriber, clock: FixedClock
) -> None:
    """A cancellation concerns thousands."""
    drafts = [_draft(subscriber, None, kind="code", number=n) for n in range(3_000)]
    assert messages.enqueue(session, drafts, clock) == 3_000


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
    _send(session_factory, clock, sms, vault)
    session.expire_all()
    assert [row.state for row in rows] == ["failed", "dropped", "sent"]
