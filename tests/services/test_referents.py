"""Those who answer for a village keep their own list."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.models import Contact, HostLink, Message
from guinguette.services import host_links, journal, referents
from guinguette.services.committees import ContactCommand
from guinguette.services.journal import By
from tests import factories as make
from tests.fakes import PUBLIC_URL, FixedClock

MOBILE, OTHER, LANDLINE = "+33639980001", "+33639980002", "+33353010001"
Tools = dict[str, Any]


@pytest.fixture
def tools(clock: FixedClock, vault: Vault) -> Tools:
    """Who acts, and with what."""
    return {"by": By(actor="Jeanne Petit", how="link", clock=clock), "vault": vault, "public_url": PUBLIC_URL}


@pytest.fixture
def host(session: Session, vault: Vault, clock: FixedClock) -> Contact:
    """Jeanne Petit, who has a mobile and a link."""
    contact = make.make_contact(session, role="présidente", phone_encrypted=vault.encrypt(MOBILE))
    host_links.new(session, contact, clock.now())
    return contact


def open_links(session: Session, contact: Contact) -> int:
    """Count the links that open still."""
    session.expire_all()
    rows = session.scalars(select(HostLink).where(HostLink.contact_id == contact.id, HostLink.revoked_at.is_(None)))
    return len(rows.all())


def command(**values: str) -> ContactCommand:
    """What somebody types."""
    return ContactCommand(**({"name": "Paul Roy"} | values))


def test_a_name_is_corrected_and_the_link_goes_on(session: Session, host: Contact, tools: Tools) -> None:
    """What is left empty stays; an address that comes on top ends nothing."""
    assert referents.correct(session, host, command(name="Jeanne Roy"), host.version, **tools) is None
    assert (
        referents.correct(session, host, command(name="Jeanne Roy", email="j@example.org"), host.version, **tools)
        is None
    )
    assert (host.name, host.email, tools["vault"].decrypt(host.phone_encrypted)) == (
        "Jeanne Roy",
        "j@example.org",
        MOBILE,
    )
    assert open_links(session, host) == 1


def test_a_new_number_ends_the_links_and_gets_one(session: Session, host: Contact, tools: Tools) -> None:
    """The telephone that was lost opens nothing any more."""
    assert referents.correct(session, host, command(phone="06 39 98 00 02"), host.version, **tools) == "sms"
    assert open_links(session, host) == 0
    message = session.scalars(select(Message)).one()
    assert (message.kind, message.urgent, message.contact_id) == ("link", True, host.id)


def test_nobody_shuts_themselves_out(session: Session, host: Contact, tools: Tools) -> None:
    """To a landline no link comes: an e-mail address must stand beside it."""
    with pytest.raises(InvalidInput) as refused:
        referents.correct(session, host, command(phone=LANDLINE), host.version, **tools)
    assert refused.value.field == "email"
    with pytest.raises(InvalidInput):
        referents.add(session, host, command(), **tools)
    assert open_links(session, host) == 1


def test_a_colleague_is_added_once(session: Session, host: Contact, tools: Tools) -> None:
    """With a link of their own; two who share the town hall's e-mail are two, where each has a number."""
    host.email = "mairie@example.org"
    added, channel = referents.add(session, host, command(phone=OTHER, email="mairie@example.org"), **tools)
    assert (added.committee, channel) == (host.committee, "sms")
    assert open_links(session, host) == 1
    with pytest.raises(Conflict) as refused:
        referents.add(session, host, command(name="Paul R.", phone=OTHER), **tools)
    assert "Paul Roy" in str(refused.value)


def test_a_village_has_not_more_than_a_handful(session: Session, host: Contact, tools: Tools) -> None:
    """A link in the wrong hands does not write to half the country."""
    for number in range(referents.MOST - 1):
        make.make_contact(session, committee=host.committee, email=f"{number}@example.org")
    session.expire_all()
    with pytest.raises(Conflict):
        referents.add(session, host, command(phone=OTHER), **tools)


def test_handing_over_keeps_the_history(session: Session, host: Contact, tools: Tools, clock: FixedClock) -> None:
    """The successor has the committee, a link, and the journal; the predecessor a link that does not open."""
    journal.write(session, host.committee.commune_insee, "dates", tools["by"], detail="douze oui")
    follower, channel = referents.hand_over(session, host, command(phone=OTHER), host.version, **tools)
    assert (follower.name, follower.committee, channel) == ("Paul Roy", host.committee, "sms")
    assert host.archived_at == clock.now()
    assert open_links(session, host) == 0
    lines = journal.of_commune(session, host.committee.commune_insee)
    assert [(line.what, line.detail) for line in lines] == [
        ("people", "Paul Roy prend la suite"), ("dates", "douze oui"),
    ]  # fmt: skip


def test_a_colleague_may_be_who_follows(session: Session, host: Contact, tools: Tools, vault: Vault) -> None:
    """They are known by their number, and stand there once."""
    colleague = make.make_contact(session, committee=host.committee, name="Paul", phone_encrypted=vault.encrypt(OTHER))
    session.expire_all()
    follower, _ = referents.hand_over(session, host, command(phone=OTHER), host.version, **tools)
    assert follower is colleague
    session.expire_all()
    assert referents.in_use(colleague) == [colleague]
