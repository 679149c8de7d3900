"""The outbox: every message leaves at most once, when it may, and only while it is true."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.ports import Accepted, SendError
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS
from guinguette.models import Message, Subscriber
from guinguette.services import messages
from tests.factories import make_evening, make_message, make_subscriber
from tests.fakes import NOW, FakeSms, FixedClock
from tests.services.outbox import Factory, draft, send, states


def test_the_same_message_can_be_queued_only_once(session: Session, subscriber: Subscriber, clock: FixedClock) -> None:
    """The row is unique by evening, person, kind and number; another number is another message."""
    evening = make_evening(session).id
    first, again = draft(subscriber, evening), draft(subscriber, evening, body="autre")
    other = draft(subscriber, evening, number=20270626)
    assert messages.enqueue(session, [first, again], clock) == 1
    assert messages.enqueue(session, [first, other], clock) == 1
    assert len(states(session)) == 2
    assert messages.enqueue(session, [], clock) == 0


def test_codes_are_as_many_as_are_asked_for(session: Session, subscriber: Subscriber, clock: FixedClock) -> None:
    """They belong to no evening."""
    code = draft(subscriber, None, kind="code", number=0, body="123456")
    assert messages.enqueue(session, [code, code], clock) == 2


def test_what_is_due_leaves_once(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """Queued, sent, with the provider's name; a second round sends nothing."""
    message = make_message(session, subscriber=subscriber)
    session.commit()
    assert send(session_factory, clock, sms, vault) == {"sent": 1}
    assert send(session_factory, clock, sms, vault) == {}
    assert [(one.to, one.message_id) for one in sms.sent] == [("+33639980001", message.id)]
    session.refresh(message)
    assert (message.state, message.provider_id, message.sent_at) == ("sent", "fake-1", clock.now())


def test_what_is_not_due_waits(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """Not a second early."""
    make_message(session, subscriber=subscriber, due_at=NOW + dt.timedelta(seconds=1))
    session.commit()
    assert send(session_factory, clock, sms, vault) == {}
    clock.advance(seconds=1)
    assert send(session_factory, clock, sms, vault) == {"sent": 1}


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
    send(session_factory, clock, sms, vault)
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

    assert send(session_factory, clock, SlowSms(), vault) == {"sent": 2, "elsewhere": 1}
    assert sorted(states(session)) == ["queued", "sent", "sent"]


def test_a_code_whose_number_was_erased_is_dropped(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """Nothing is asked of the provider, and the others go on."""
    subscriber.phone_encrypted = ""
    make_message(session, subscriber=subscriber, kind="code", body="123456", urgent=True)
    make_message(session, subscriber=make_subscriber(session, vault=vault, phone="+33639980002"))
    session.commit()
    assert send(session_factory, clock, sms, vault) == {"dropped": 1, "sent": 1}
    assert [one.to for one in sms.sent] == ["+33639980002"]


def test_a_code_is_blanked_once_it_has_left(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """Sent, failed, uncertain or expired: nobody finds a code in the database."""
    sms.errors = [None, SendError("no", permanent=True), SendError("?", uncertain=True)]
    for _ in range(3):
        make_message(session, subscriber=subscriber, kind="code", body="code 123456", urgent=True)
    make_message(session, subscriber=subscriber, kind="code", body="code 123456", urgent=True, expires_at=NOW)
    session.commit()
    assert send(session_factory, clock, sms, vault) == {"sent": 1, "failed": 1, "uncertain": 1, "dropped": 1}
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
    assert send(session_factory, clock, sms, vault) == {state: 1}
    assert len(sms.sent) == (state == "sent")


def test_whoever_opted_out_gets_nothing_but_a_code_asked_for(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """STOP holds even for what slipped into the queue; a code is the way back."""
    subscriber.opted_out_at = NOW
    make_message(session, subscriber=subscriber)
    make_message(session, subscriber=subscriber, kind="code", urgent=True)
    session.commit()
    assert send(session_factory, clock, sms, vault) == {"dropped": 1, "sent": 1}


def test_what_comes_too_late_is_dropped(
    session: Session, session_factory: Factory, subscriber: Subscriber, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """No reminder of an evening that has begun."""
    make_message(session, subscriber=subscriber, expires_at=NOW)
    session.commit()
    assert send(session_factory, clock, sms, vault) == {"dropped": 1}


def test_more_messages_than_a_statement_takes_are_queued_in_parts(
    session: Session, subscriber: Subscriber, clock: FixedClock
) -> None:
    """A cancellation concerns thousands."""
    drafts = [draft(subscriber, None, kind="code", number=n) for n in range(3_000)]
    assert messages.enqueue(session, drafts, clock) == 3_000
