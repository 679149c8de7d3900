"""Uncertain messages are cleared up, and none leaves twice for it (services/reconciling.py)."""

import datetime as dt

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from guinguette.adapters.ports import Known
from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict
from guinguette.models import Message, Subscriber
from guinguette.services import messages, reconciling
from guinguette.services.evenings import Act
from guinguette.services.messages import NEVER_LEFT
from tests.factories import make_evening, make_message
from tests.fakes import NOW, PUBLIC_URL, FakeSms, FixedClock
from tests.services.outbox import Factory, send

BODY = "Guinguette : samedi à Éclaron."


@pytest.fixture
def message(session: Session, subscriber: Subscriber) -> Message:
    """A reminder that may have left."""
    row = make_message(
        session, subscriber=subscriber, body=BODY, state="uncertain", claimed_at=NOW, updated_at=NOW,
        evening=make_evening(session), number=20270619, expires_at=NOW + dt.timedelta(days=9),
    )  # fmt: skip
    session.commit()
    return row


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> Act:
    """Anne's hand."""
    return Act(actor="anne@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL)


def _look(factory: Factory, clock: FixedClock, sms: FakeSms, vault: Vault, **later: float) -> dict[str, int]:
    clock.advance(**later)
    return dict(reconciling.reconcile(factory, clock=clock, sms=sms, vault=vault))


def _lose(factory: Factory, clock: FixedClock, sms: FakeSms, vault: Vault) -> None:
    """Ask until nothing more is expected."""
    for after in reconciling.LOOKS_AFTER:
        _look(factory, clock, sms, vault, seconds=after.total_seconds())


@pytest.mark.parametrize(
    ("state", "error"), [("sent", ""), ("delivered", ""), ("failed", "30003")]
)  # fmt: skip
def test_what_the_provider_has_is_where_it_says(
    session: Session, session_factory: Factory, message: Message, clock: FixedClock, sms: FakeSms, vault: Vault,
    state: str, error: str,
) -> None:  # fmt: skip
    """Found by number and text; the provider's name and code are kept."""
    sms.known = [Known("SM0", "autre chose", "delivered", ""), Known("SM1", BODY, state, error)]
    assert _look(session_factory, clock, sms, vault, minutes=1) == {state: 1}
    session.refresh(message)
    assert (message.state, message.provider_id, message.error) == (state, "SM1", error)
    assert sms.asked == [("+33639980001", NOW - dt.timedelta(minutes=2))]
    assert _look(session_factory, clock, sms, vault, days=1) == {}


def test_what_it_never_had_has_failed_after_a_few_looks(
    session: Session, session_factory: Factory, message: Message, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """Four looks within an hour; in between nobody asks."""
    assert _look(session_factory, clock, sms, vault, seconds=59) == {}
    assert _look(session_factory, clock, sms, vault, seconds=1) == {"uncertain": 1}
    assert _look(session_factory, clock, sms, vault, minutes=3) == {}
    for minutes in (1, 15):
        assert _look(session_factory, clock, sms, vault, minutes=minutes) == {"uncertain": 1}
    assert _look(session_factory, clock, sms, vault, minutes=40) == {"failed": 1}
    session.refresh(message)
    assert (message.state, message.error, message.ended_at) == ("failed", NEVER_LEFT, clock.now())
    assert send(session_factory, clock, sms, vault) == {}  # never by itself


def test_a_provider_out_of_reach_says_nothing(
    session: Session, session_factory: Factory, message: Message, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """No look is counted, however long it lasts."""
    sms.silent = True
    for _ in range(9):
        assert _look(session_factory, clock, sms, vault, hours=1) == {}
    session.refresh(message)
    assert (message.state, message.looks) == ("uncertain", 0)


def test_another_rows_message_with_the_same_text_is_no_proof(
    session: Session, session_factory: Factory, message: Message, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """Two rows, one SMS at the provider: one of them is not found."""
    make_message(session, subscriber=message.subscriber, body=BODY, state="sent", provider_id="SM1")
    session.commit()
    sms.known = [Known("SM1", BODY, "delivered", "")]
    assert _look(session_factory, clock, sms, vault, minutes=1) == {"uncertain": 1}


def test_a_line_that_the_provider_has_added_does_not_hide_the_message(
    session_factory: Factory, message: Message, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """Trial accounts begin each SMS with one of their own."""
    sms.known = [Known("SM1", f"Sent from your trial account - {BODY}", "delivered", "")]
    assert _look(session_factory, clock, sms, vault, minutes=1) == {"delivered": 1}


def test_a_slow_provider_keeps_nobody_waiting(
    session: Session, session_factory: Factory, message: Message, clock: FixedClock, vault: Vault
) -> None:
    """Sign-in links stand behind the questions: a round ends after some seconds, and the next goes on with the rest."""
    assert message.subscriber is not None
    for number in range(5):
        make_message(session, subscriber=message.subscriber, body=f"{number}", state="uncertain", updated_at=NOW)
    session.commit()

    class Slow(FakeSms):
        def sent_to(self, to: str, since: dt.datetime) -> list[Known]:
            clock.advance(seconds=9)
            return super().sent_to(to, since)

    slow, looks = Slow(), select(Message.looks)
    assert _look(session_factory, clock, slow, vault, minutes=1) == {"uncertain": 2}
    assert _look(session_factory, clock, slow, vault, minutes=1) == {"uncertain": 2}
    assert _look(session_factory, clock, slow, vault, minutes=1) == {"uncertain": 2}
    assert set(session.scalars(looks)) == {1}


def test_whoever_is_erased_while_the_provider_is_asked_ends_no_round(
    session: Session, session_factory: Factory, message: Message, clock: FixedClock, vault: Vault
) -> None:
    """There is nothing left to conclude."""

    class Erased(FakeSms):
        def sent_to(self, to: str, since: dt.datetime) -> list[Known]:
            with session_factory.begin() as other:
                other.execute(delete(Message))
            return []

    assert _look(session_factory, clock, Erased(), vault, minutes=1) == {"erased": 1}


def test_what_cannot_be_known_ends_as_such(
    session: Session, session_factory: Factory, message: Message, clock: FixedClock, sms: FakeSms, vault: Vault
) -> None:
    """A number that was erased, a code whose text is gone, an e-mail: no list can tell."""
    assert message.subscriber is not None
    code = make_message(session, subscriber=message.subscriber, kind="code", body="", state="uncertain")
    mail = make_message(session, subscriber=message.subscriber, channel="email", state="uncertain", claimed_at=NOW)
    message.subscriber.phone_encrypted = ""
    session.commit()
    _look(session_factory, clock, sms, vault, days=1)
    session.expire_all()
    assert {(row.state, row.error) for row in (message, code, mail)} == {("failed", reconciling.NOBODY_KNOWS)}
    assert sms.asked == []


def test_a_person_may_send_again_what_never_left(
    session: Session,
    session_factory: Factory,
    message: Message,
    clock: FixedClock,
    sms: FakeSms,
    vault: Vault,
    act: Act,
) -> None:
    """Once: it leaves in a permitted hour, and has its life before it again."""
    with pytest.raises(Conflict):
        reconciling.send_again(session, message, act)  # uncertain still
    session.rollback()  # as a refused request ends: the row is locked until then
    _lose(session_factory, clock, sms, vault)
    session.refresh(message)
    reconciling.send_again(session, message, act)
    session.commit()
    assert send(session_factory, clock, sms, vault) == {"sent": 1}
    session.refresh(message)
    assert (message.state, message.looks, message.ended_at) == ("sent", 0, None)
    with pytest.raises(Conflict):
        reconciling.send_again(session, message, act)


def test_what_is_no_longer_true_or_already_told_is_not_sent_again(
    session: Session, session_factory: Factory, message: Message, clock: FixedClock, sms: FakeSms, vault: Vault,
    act: Act,
) -> None:  # fmt: skip
    """The evening was called off since; an e-mail has taken its place."""
    _lose(session_factory, clock, sms, vault)
    session.refresh(message)
    assert message.evening is not None
    message.evening.state = "cancelled"
    with pytest.raises(Conflict, match="n’a plus lieu"):
        reconciling.send_again(session, message, act)
    assert message.subscriber is not None
    make_message(session, subscriber=message.subscriber, channel="email", takes_over=message.id)
    with pytest.raises(Conflict, match="e-mail"):
        reconciling.send_again(session, message, act)


def test_a_late_callback_is_believed_and_ends_the_second_chance(
    session: Session, session_factory: Factory, message: Message, clock: FixedClock, sms: FakeSms, vault: Vault,
    act: Act,
) -> None:  # fmt: skip
    """The provider's own word counts more than that it did not list the message."""
    _lose(session_factory, clock, sms, vault)
    messages.record_status(session, message.id, "delivered", provider_id="SM1", error="", clock=clock)
    session.commit()
    assert session.scalars(select(Message.state)).one() == "delivered"
    with pytest.raises(Conflict):
        reconciling.send_again(session, message, act)


@pytest.mark.parametrize("state", ["sent", "delivered", "failed"])
def test_a_callback_after_it_was_queued_again_keeps_it_from_leaving_twice(
    session: Session, session_factory: Factory, message: Message, clock: FixedClock, sms: FakeSms, vault: Vault,
    act: Act, state: str,
) -> None:  # fmt: skip
    """A person has said "send again", and only then the provider speaks up: it had it all the time."""
    _lose(session_factory, clock, sms, vault)
    session.refresh(message)
    reconciling.send_again(session, message, act)
    session.commit()
    messages.record_status(session, message.id, state, provider_id="SM1", error="", clock=clock)
    session.commit()
    assert send(session_factory, clock, sms, vault) == {}
    session.refresh(message)
    assert (message.state, message.provider_id, sms.sent) == (state, "SM1", [])
