"""A fresh link leaves for addresses we know, by the way it was asked for, and ends those before it."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.ports import SendError, Senders
from guinguette.adapters.vault import Vault
from guinguette.domain.errors import NotFound
from guinguette.models import Contact, JournalEntry, Message
from guinguette.services import host_links, lost_links, messages, opting_out, sending
from tests import factories as make
from tests.fakes import PUBLIC_URL, FakeEmail, FakeSms, FixedClock
from tests.services.outbox import send, states

MOBILE, EMAIL = "+33639980001", "jeanne@example.org"
NIGHT = dt.datetime(2027, 6, 9, 21, 0, tzinfo=dt.UTC)


@pytest.fixture
def host(session: Session, vault: Vault) -> Contact:
    """Jeanne Petit at Éclaron, with a mobile and an e-mail address."""
    committee = make.make_committee(session, commune=make.make_commune(session, name="Éclaron"))
    contact = make.make_contact(session, committee=committee, phone_encrypted=vault.encrypt(MOBILE), email=EMAIL)
    session.commit()
    return contact


def ask(session: Session, address: str, clock: FixedClock, vault: Vault) -> int:
    """Ask for a link and commit, as a worker does."""
    count = lost_links.ask(session, address, clock=clock, vault=vault, public_url=PUBLIC_URL)
    session.commit()
    return count


def token_in(body: str) -> str:
    """The token of the link in a text that has left."""
    return body.partition("/comite/")[2].split()[0]


def test_whoever_asks_at_night_has_a_new_link_at_once_and_the_old_one_ends(
    session: Session, session_factory: sessionmaker[Session], host: Contact, clock: FixedClock, sms: FakeSms,
    vault: Vault,
) -> None:  # fmt: skip
    """In one SMS, to the number that asked; the row that is kept does not have the token."""
    old = host_links.new(session, host, clock.now())
    clock.set(NIGHT)
    assert ask(session, "06 39 98 00 01", clock, vault) == 1
    assert host_links.find(session, old, clock).contact is host  # until the new one leaves
    session.commit()
    assert send(session_factory, clock, sms, vault) == {"sent": 1}
    [sent] = sms.sent
    assert (sent.to, len(sent.body) <= 160) == (MOBILE, True)
    assert sent.body.startswith("Guinguette à Éclaron, votre lien personnel : https://guinguette.example/comite/")
    assert host_links.find(session, token_in(sent.body), clock).contact.id == host.id
    with pytest.raises(NotFound):
        host_links.find(session, old, clock)
    message = session.scalars(select(Message)).one()
    assert host_links.PLACEHOLDER in message.body
    entry = session.scalars(select(JournalEntry)).one()
    assert (entry.what, entry.actor, entry.how) == ("link", "Jeanne Petit", "link")


def test_an_address_that_we_do_not_know_gets_nothing(
    session: Session, host: Contact, clock: FixedClock, vault: Vault
) -> None:
    """Nor does that of somebody who has left, of a committee put aside, or who has said STOP."""
    assert ask(session, "06 39 98 00 02", clock, vault) == 0
    assert ask(session, "jeanne@example.com", clock, vault) == 0
    host.archived_at = clock.now()
    assert ask(session, MOBILE, clock, vault) == 0
    host.archived_at, host.committee.archived_at = None, clock.now()
    assert ask(session, MOBILE, clock, vault) == 0
    host.committee.archived_at = None
    assert ask(session, MOBILE, clock, vault) == 1
    opting_out.oppose(session, host, said_by="link", clock=clock, vault=vault)
    assert ask(session, MOBILE, clock, vault) == 0


def test_who_has_two_villages_gets_a_link_to_each(
    session: Session, host: Contact, clock: FixedClock, vault: Vault
) -> None:
    """A secretary of two town halls; by e-mail where that is what was typed."""
    make.make_contact(session, email="JEANNE@example.org")
    assert ask(session, EMAIL, clock, vault) == 2
    found = session.scalars(select(Message)).all()
    assert {(each.channel, each.subject) for each in found} == {("email", "Guinguette\u00a0: votre lien personnel")}


def test_only_the_last_one_asked_for_leaves(
    session: Session, session_factory: sessionmaker[Session], host: Contact, clock: FixedClock, sms: FakeSms,
    vault: Vault,
) -> None:  # fmt: skip
    """Whoever asks three times while nothing leaves is not sent three, each ending the one before."""
    for _ in range(3):
        ask(session, MOBILE, clock, vault)
    assert sorted(states(session)) == ["dropped", "dropped", "queued"]
    session.commit()
    assert send(session_factory, clock, sms, vault) == {"sent": 1}


def test_stop_holds_for_a_link_that_waits_and_so_does_leaving(
    session: Session, session_factory: sessionmaker[Session], host: Contact, clock: FixedClock, sms: FakeSms,
    vault: Vault,
) -> None:  # fmt: skip
    """Sent from the desk in the evening, it waits for nine; STOP, or an archive, said meanwhile, keeps it here."""
    other = make.make_contact(session, phone_encrypted=vault.encrypt("+33639980003"))
    clock.set(NIGHT)
    for contact in (host, other):
        lost_links.send(session, contact, urgent=False, clock=clock, vault=vault, public_url=PUBLIC_URL)
    session.commit()
    assert send(session_factory, clock, sms, vault) == {}
    opting_out.oppose(session, host, said_by="link", clock=clock, vault=vault)
    other.archived_at = clock.now()
    session.commit()
    clock.advance(hours=12)
    assert send(session_factory, clock, sms, vault) == {"dropped": 2}
    assert sms.sent == []


def test_an_e_mail_follows_an_sms_that_failed_at_once(
    session: Session, session_factory: sessionmaker[Session], host: Contact, clock: FixedClock, vault: Vault
) -> None:
    """They wait for it, at night too; its link is the one that opens."""
    clock.set(NIGHT)
    ask(session, MOBILE, clock, vault)
    senders = Senders(FakeSms(errors=[SendError("gone", code="30006", permanent=True)]), email := FakeEmail())
    sending.send_due(session_factory, clock=clock, senders=senders, vault=vault, public_url=PUBLIC_URL, wait=clock.wait)
    [letter] = email.sent
    assert letter.to == EMAIL
    assert host_links.find(session, token_in(letter.text), clock).contact.id == host.id


def test_a_link_that_cannot_be_sent_ends_no_other(
    session: Session, session_factory: sessionmaker[Session], host: Contact, clock: FixedClock, sms: FakeSms,
    vault: Vault,
) -> None:  # fmt: skip
    """The one that works is all they have; it ends when another has really left."""
    host.email = ""
    old = host_links.new(session, host, clock.now())
    clock.advance(days=1)
    ask(session, MOBILE, clock, vault)
    refusing = FakeSms(errors=[SendError("gone", code="30006", permanent=True)])
    assert send(session_factory, clock, refusing, vault) == {"failed": 1}
    assert host_links.find(session, old, clock).contact.id == host.id
    clock.advance(hours=1)
    ask(session, MOBILE, clock, vault)
    assert send(session_factory, clock, sms, vault) == {"sent": 1}
    assert host_links.find(session, token_in(sms.sent[0].body), clock).contact.id == host.id
    with pytest.raises(NotFound):
        host_links.find(session, old, clock)


def test_one_that_turns_out_to_have_left_ends_the_others_then(
    session: Session, session_factory: sessionmaker[Session], host: Contact, clock: FixedClock, vault: Vault
) -> None:
    """Nobody knew at first; the provider says later that it arrived."""
    old = host_links.new(session, host, clock.now())
    clock.advance(days=1)
    ask(session, MOBILE, clock, vault)
    vanishing = FakeSms(errors=[SendError("no answer", uncertain=True)])
    assert send(session_factory, clock, vanishing, vault) == {"uncertain": 1}
    assert host_links.find(session, old, clock).contact.id == host.id
    message = session.scalars(select(Message)).one()
    messages.advance(session, message.id, "delivered", clock.now())
    with pytest.raises(NotFound):
        host_links.find(session, old, clock)
