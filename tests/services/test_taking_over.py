"""An e-mail follows where an SMS has failed for good: at most one, at once, and only while it is true."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.ports import SendError, Senders
from guinguette.adapters.vault import Vault
from guinguette.models import Evening, Message, Opposition, Subscriber, Tour
from guinguette.services import messages, opting_out, sending, taking_over
from tests.factories import (
    make_commune,
    make_contact,
    make_evening,
    make_message,
    make_publication,
    make_subscriber,
    make_tour,
)
from tests.fakes import NOW, PUBLIC_URL, FakeEmail, FakeSms, FixedClock

EMAIL = "anne@example.org"


@pytest.fixture
def tour(session: Session) -> Tour:
    """The summer tour."""
    return make_tour(session, slug="ete-2027")


@pytest.fixture
def evening(session: Session, tour: Tour) -> Evening:
    """Tonight at Éclaron, called off and published so."""
    commune = make_commune(session, insee="52182", name="Éclaron")
    values: dict[str, Any] = {"state": "cancelled", "change_note": "Orages.", "sequence": 3, "date": NOW.date()}
    evening = make_evening(session, id="eclaron1", tour=tour, commune=commune, **values)
    make_publication(session, tour=tour, evenings=[evening])
    return evening


@pytest.fixture
def person(session: Session, vault: Vault) -> Subscriber:
    """Somebody with a number and a confirmed e-mail beside it."""
    return make_subscriber(
        session,
        vault=vault,
        email_encrypted=vault.encrypt(EMAIL),
        email_hash=opting_out.email_hash(vault, EMAIL),
        email_confirmed_at=NOW,
    )


def failed(session: Session, person: Subscriber, evening: Evening, **values: Any) -> Message:
    """An SMS that said tonight is off and did not arrive."""
    defaults = {"kind": "cancelled", "number": 3, "state": "failed", "urgent": True}
    return make_message(session, subscriber=person, evening=evening, **(defaults | values))


def follow(session: Session, clock: FixedClock, vault: Vault) -> int:
    """Look once."""
    return taking_over.follow(session, clock=clock, vault=vault, public_url=PUBLIC_URL)


def test_a_refused_sms_is_followed_by_an_email_in_the_same_round(
    session: Session,
    session_factory: sessionmaker[Session],
    person: Subscriber,
    evening: Evening,
    clock: FixedClock,
    vault: Vault,
) -> None:
    """Number gone: minutes before the evening nobody waits for the next round. Never a second one."""
    sms = failed(session, person, evening, state="queued", expires_at=NOW + dt.timedelta(hours=9))
    session.commit()
    senders = Senders(FakeSms(errors=[SendError("gone", code="21211", permanent=True)]), FakeEmail())
    for _ in range(2):
        sending.send_due(
            session_factory, clock=clock, senders=senders, vault=vault, public_url=PUBLIC_URL, wait=clock.wait
        )
    (email,) = senders.email.sent
    assert (email.to, email.subject) == (EMAIL, "ANNULÉE\u00a0: la guinguette à Éclaron, mercredi 9\u00a0juin")
    assert "Le SMS n’a pas pu vous parvenir" in email.text
    row = session.scalars(select(Message).filter_by(channel="email")).one()
    assert (row.takes_over, row.state, row.urgent, row.segments) == (sms.id, "sent", True, 0)
    assert row.expires_at == sms.expires_at


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "delivered", "uncertain", "dropped"])
def test_what_may_have_arrived_is_not_said_twice(
    session: Session, person: Subscriber, evening: Evening, clock: FixedClock, vault: Vault, state: str
) -> None:
    """Only a message that is known to have failed is followed; what was withdrawn is nobody's loss."""
    failed(session, person, evening, state=state)
    assert follow(session, clock, vault) == 0


def test_an_uncertain_sms_is_followed_once_it_is_known_never_to_have_left(
    session: Session, person: Subscriber, evening: Evening, clock: FixedClock, vault: Vault
) -> None:
    """Not a moment before."""
    sms = failed(session, person, evening, state="uncertain")
    assert follow(session, clock, vault) == 0
    messages.advance(session, sms.id, "failed", clock.now(), error="jamais parti")
    session.expire_all()
    assert [follow(session, clock, vault), follow(session, clock, vault)] == [1, 0]


@pytest.mark.parametrize(
    "change",
    [
        {"email_confirmed_at": None},
        {"email_encrypted": ""},
        {"opted_out_at": NOW},
    ],
)
def test_only_a_confirmed_email_takes_over(
    session: Session, person: Subscriber, evening: Evening, clock: FixedClock, vault: Vault, change: dict[str, Any]
) -> None:
    """Never confirmed, erased, or stopped."""
    for name, value in change.items():
        setattr(person, name, value)
    failed(session, person, evening)
    assert follow(session, clock, vault) == 0


def test_an_opposed_email_takes_nothing_over(
    session: Session, person: Subscriber, evening: Evening, clock: FixedClock, vault: Vault
) -> None:
    """Said on whatever list it stood."""
    session.add(Opposition(address_hash=person.email_hash, said_by="link", at=NOW))
    failed(session, person, evening)
    assert follow(session, clock, vault) == 0


def test_a_stop_that_only_the_provider_knew_is_heard_by_email_too(
    session: Session,
    session_factory: sessionmaker[Session],
    person: Subscriber,
    evening: Evening,
    clock: FixedClock,
    vault: Vault,
) -> None:
    """Whoever told Twilio to stop is not written to another way."""
    failed(session, person, evening, state="queued", expires_at=NOW + dt.timedelta(hours=9))
    session.commit()
    error = SendError("opted out", code="21610", permanent=True, opted_out=True)
    senders = Senders(FakeSms(errors=[error]), FakeEmail())
    sending.send_due(session_factory, clock=clock, senders=senders, vault=vault, public_url=PUBLIC_URL, wait=clock.wait)
    assert senders.email.sent == []


def test_too_late_is_too_late(
    session: Session, person: Subscriber, evening: Evening, clock: FixedClock, vault: Vault
) -> None:
    """Nobody reads on Monday that Saturday was called off."""
    failed(session, person, evening, expires_at=NOW)
    assert follow(session, clock, vault) == 0


def test_codes_are_never_taken_over(
    session: Session, person: Subscriber, evening: Evening, clock: FixedClock, vault: Vault
) -> None:
    """A code proves the number it was sent to."""
    make_message(session, subscriber=person, kind="code", state="failed", number=0)
    assert follow(session, clock, vault) == 0


def test_older_news_does_not_follow_newer(
    session: Session, person: Subscriber, evening: Evening, clock: FixedClock, vault: Vault
) -> None:
    """ "In the hall" failed, then came "called off": only the last is worth an e-mail, and only where it failed too."""
    failed(session, person, evening, kind="moved_to_hall", number=2)
    newer = failed(session, person, evening, state="sent")
    assert follow(session, clock, vault) == 0
    newer.state = "failed"
    assert follow(session, clock, vault) == 1
    assert session.scalars(select(Message.takes_over).filter_by(channel="email")).all() == [newer.id]


def test_what_is_no_longer_true_does_not_leave(
    session: Session,
    session_factory: sessionmaker[Session],
    person: Subscriber,
    evening: Evening,
    clock: FixedClock,
    vault: Vault,
) -> None:
    """A reminder of what has been called off meanwhile: queued, and dropped with its reason as it would leave."""
    failed(session, person, evening, kind="reminder", number=20270609)
    session.commit()
    senders = Senders(FakeSms(), FakeEmail())
    sending.send_due(session_factory, clock=clock, senders=senders, vault=vault, public_url=PUBLIC_URL, wait=clock.wait)
    assert senders.email.sent == []
    row = session.scalars(select(Message).filter_by(channel="email")).one()
    assert (row.state, row.error) == ("dropped", "ce n’est plus vrai\u00a0: la soirée a changé")


def test_an_address_is_told_once_whoever_it_stands_beside(
    session: Session, person: Subscriber, evening: Evening, clock: FixedClock, vault: Vault
) -> None:
    """Two telephones of a couple with one mailbox; or a mailbox that is subscribed by itself as well."""
    beside = {
        "email_encrypted": person.email_encrypted, "email_hash": person.email_hash, "email_confirmed_at": NOW,
    }  # fmt: skip
    partner = make_subscriber(session, vault=vault, phone="+33639980002", **beside)
    for one in (person, partner):
        failed(session, one, evening)
    assert [follow(session, clock, vault), follow(session, clock, vault)] == [1, 0]
    by_itself = make_subscriber(session, vault=vault, phone_hash=None, phone_encrypted="", **beside)
    failed(session, by_itself, evening, channel="email", state="sent", kind="moved_to_hall", number=9)
    failed(session, person, evening, kind="moved_to_hall", number=9)
    assert follow(session, clock, vault) == 0


@pytest.mark.parametrize("state", ["delivered", "sent", "uncertain"])
def test_an_sms_that_has_arrived_after_all_keeps_the_email_back(
    session: Session,
    session_factory: sessionmaker[Session],
    person: Subscriber,
    evening: Evening,
    clock: FixedClock,
    vault: Vault,
    state: str,
) -> None:
    """Its callback came after it was given up, while the e-mail waited for the morning."""
    sms = failed(session, person, evening, error=messages.NEVER_LEFT)
    follow(session, clock, vault)
    sms.state = state
    session.commit()
    senders = Senders(FakeSms(), FakeEmail())
    sending.send_due(session_factory, clock=clock, senders=senders, vault=vault, public_url=PUBLIC_URL, wait=clock.wait)
    assert senders.email.sent == []
    row = session.scalars(select(Message).filter_by(channel="email")).one()
    assert (row.state, row.error) == ("dropped", "le SMS est peut-être arrivé")


def test_a_host_whose_number_is_wrong_is_asked_by_email(
    session: Session, evening: Evening, clock: FixedClock, vault: Vault
) -> None:
    """The same words, once; without an e-mail nothing follows."""
    values = {"kind": "option", "number": 7, "state": "failed", "body": "Guinguette : libre samedi ?"}
    expires_at = NOW + dt.timedelta(days=5)
    for email in ("mairie@example.org", ""):
        contact = make_contact(session, phone_encrypted=vault.encrypt("+33639980009"), email=email)
        make_message(session, subscriber=None, contact=contact, evening=evening, expires_at=expires_at, **values)
    assert follow(session, clock, vault) == 1
    assert follow(session, clock, vault) == 0
    [email_sent] = session.scalars(select(Message).where(Message.channel == "email")).all()
    assert (email_sent.contact.email, email_sent.body) == ("mairie@example.org", "Guinguette : libre samedi ?")
    assert email_sent.subject == "Guinguette\u00a0: pouvez-vous nous recevoir\u00a0?"
