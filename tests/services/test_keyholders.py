"""Whoever only opens the hall is rung for it, and for nothing else: neither asked, nor written to, nor believed."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.association import Association
from guinguette.models import Contact, Evening, Message
from guinguette.services import evenings, host_reach, host_sms, hosts, keywords, lost_links, official_letters, options
from guinguette.services.evenings import Act
from tests import factories as make
from tests.fakes import PUBLIC_URL, FixedClock

MOBILE = "+33639980077"


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> Act:
    """An organiser at work."""
    return Act(actor="o@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL)


@pytest.fixture
def neighbour(session: Session, vault: Vault) -> Contact:
    """Who has the keys, with a mobile, and was written down before the president, who has an e-mail alone."""
    sealed = vault.encrypt(MOBILE)
    found = make.make_contact(session, name="Le voisin", role=hosts.KEYS_ROLE, phone_encrypted=sealed)
    make.make_contact(session, committee=found.committee, name="Jeanne Petit", email="jeanne@example.org")
    session.commit()
    return found


@pytest.fixture
def evening(session: Session, neighbour: Contact) -> Evening:
    """An evening of their village."""
    return make.make_evening(session, commune=neighbour.committee.commune, date=dt.date(2027, 7, 17), state="proposed")


def test_the_president_is_asked_and_told(session: Session, act: Act, evening: Evening, neighbour: Contact) -> None:
    """By e-mail, though the neighbour has a mobile; whoever must ring somebody rings the neighbour last."""
    options.send(session, evening, act)
    evenings.confirm(session, [evening], act)
    session.commit()
    assert {(m.kind, m.contact.name) for m in session.scalars(select(Message)) if m.contact} == {
        ("option", "Jeanne Petit"), ("agreed", "Jeanne Petit"),
    }  # fmt: skip
    people = hosts.to_ring(session, [evening.commune_insee])[evening.commune_insee]
    assert [each.name for each in people] == ["Jeanne Petit", "Le voisin"]
    assert host_reach.channel_to(session, neighbour, act.vault) == ""


def test_their_no_cancels_nothing(session: Session, act: Act, evening: Evening) -> None:
    """Their number is nobody's who answers for the village, nor is a link sent there."""
    options.send(session, evening, act)
    session.commit()
    tools = {"clock": act.clock, "vault": act.vault, "public_url": PUBLIC_URL}
    keywords.receive(session, keywords.Received(number=MOBILE, text="non", provider_id="S1"), who="", phone="", **tools)  # type: ignore[arg-type]
    session.refresh(evening)
    assert evening.state == "option"
    assert host_sms.contacts(session, MOBILE, act.vault) == []
    assert lost_links.ask(session, MOBILE, **tools) == 0  # type: ignore[arg-type]


def test_they_sign_no_letter(session: Session, act: Act, evening: Evening, neighbour: Contact) -> None:
    """Even where their committee asks for the bar."""
    for holder in (neighbour.committee, None):
        evening.permit_holder = holder
        session.flush()
        session.expire_all()
        letter = official_letters.prepared(
            session, evening, "buvette", association=Association(name="La Guinguette"), clock=act.clock,
            vault=act.vault,
        ).as_text()  # fmt: skip
        assert "Jeanne Petit" in letter
        assert "Le voisin" not in letter
