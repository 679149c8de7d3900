"""Personal links at the desk: sent, seen to be opened, shut; and the village's journal."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Contact, Message
from guinguette.services import host_messages, options
from guinguette.services.evenings import Act
from tests import factories as make
from tests.fakes import PUBLIC_URL, FakeJobs, FixedClock


@pytest.fixture
def contact(session: Session, vault: Vault) -> Contact:
    """Jeanne Petit, with a mobile."""
    contact = make.make_contact(session, phone_encrypted=vault.encrypt("+33639980001"))
    session.commit()
    return contact


def test_a_link_is_sent_and_its_opening_seen(
    organiser_client: FlaskClient, client: FlaskClient, contact: Contact, session: Session, jobs: FakeJobs
) -> None:
    """Nobody at the desk sees the link itself; the journal of the village says who sent it."""
    page = f"/organisation/contacts/{contact.id}"
    assert "Aucun n’est parti pour l’instant." in organiser_client.get(page).text
    html = organiser_client.post(f"{page}/lien", follow_redirects=True).text
    assert "Le lien part par SMS, aux heures permises." in html
    message = session.scalars(select(Message)).one()
    assert (message.kind, message.urgent, jobs.sendings) == ("link", False, 1)
    token = make.make_host_link(session, contact=contact)
    session.commit()
    assert "pas encore ouvert" in organiser_client.get(page).text
    client.get(f"/comite/{token}/")
    html = organiser_client.get(page).text
    assert "ouvert le mercredi 9\u00a0juin à 12\u00a0h" in html
    assert token not in html
    village = organiser_client.get(f"/organisation/communes/{contact.committee.commune_insee}").text
    assert "envoyé à Jeanne Petit" in village
    assert "ouvert pour la première fois" in village


def test_all_links_of_somebody_are_shut(
    organiser_client: FlaskClient, client: FlaskClient, contact: Contact, session: Session
) -> None:
    """The one that waits to leave too."""
    page = f"/organisation/contacts/{contact.id}"
    organiser_client.post(f"{page}/lien")
    token = make.make_host_link(session, contact=contact)
    session.commit()
    html = organiser_client.post(f"{page}/liens/fermer", follow_redirects=True).text
    assert "1 lien est fermé." in html
    assert "fermé le mercredi 9\u00a0juin" in html
    assert "Fermer tous ses liens" not in html
    assert client.get(f"/comite/{token}/").status_code == 404
    session.expire_all()
    assert session.scalars(select(Message.state)).all() == ["dropped"]


def test_whom_no_message_reaches_is_rung(
    organiser_client: FlaskClient, session: Session, vault: Vault, jobs: FakeJobs
) -> None:
    """The desk is told, and nothing is queued."""
    landline = make.make_contact(session, phone_encrypted=vault.encrypt("+33353010001"))
    session.commit()
    html = organiser_client.post(f"/organisation/contacts/{landline.id}/lien", follow_redirects=True).text
    assert "Rien ne part" in html
    assert session.scalars(select(Message)).all() == []


def test_a_number_corrected_at_the_desk_ends_the_links(
    organiser_client: FlaskClient, client: FlaskClient, contact: Contact, session: Session, clock: FixedClock
) -> None:
    """Whoever has the old telephone is not the host any more; a name alone changes nothing."""
    token = make.make_host_link(session, contact=contact, at=clock.now())
    session.commit()
    form = {"name": "Jeanne Roy", "phone": "06 39 98 00 01", "version": "1"}
    organiser_client.post(f"/organisation/contacts/{contact.id}", data=form)
    assert client.get(f"/comite/{token}/").status_code == 200
    form |= {"phone": "06 39 98 00 02", "version": "2"}
    organiser_client.post(f"/organisation/contacts/{contact.id}", data=form)
    assert client.get(f"/comite/{token}/").status_code == 404


def test_an_e_mail_corrected_at_the_desk_ends_them_too(
    organiser_client: FlaskClient, client: FlaskClient, contact: Contact, session: Session
) -> None:
    """A slip of the finger gave somebody else the link; one that is added where there was none ends nothing."""
    token = make.make_host_link(session, contact=contact)
    session.commit()
    page, form = f"/organisation/contacts/{contact.id}", {"name": "Jeanne Petit", "phone": "06 39 98 00 01"}
    organiser_client.post(page, data=form | {"email": "faux@example.org", "version": "1"})
    assert client.get(f"/comite/{token}/").status_code == 200
    organiser_client.post(page, data=form | {"email": "bon@example.org", "version": "2"})
    assert client.get(f"/comite/{token}/").status_code == 404


def test_what_waits_brings_no_fresh_link_once_all_are_shut(
    organiser_client: FlaskClient, contact: Contact, session: Session, vault: Vault, clock: FixedClock
) -> None:
    """A question that waits for the morning would; a message without a link still leaves."""
    act = Act(actor="o@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL)
    evening = make.make_evening(session, commune=contact.committee.commune, date=dt.date(2027, 7, 17), state="proposed")
    options.send(session, evening, act)
    host_messages.reply(session, contact, "Merci.", clock)
    session.commit()
    organiser_client.post(f"/organisation/contacts/{contact.id}/liens/fermer")
    session.expire_all()
    assert {m.kind: m.state for m in session.scalars(select(Message))} == {"option": "dropped", "reply": "queued"}
