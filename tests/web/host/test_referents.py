"""The pages on which a village's people keep their own list."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.phone_numbers import masked
from guinguette.adapters.vault import Vault
from guinguette.models import Contact, Message
from tests import factories as make
from tests.fakes import FakeJobs
from tests.web.host.conftest import HostAtHome

MOBILE = "+33639980001"


@pytest.fixture(autouse=True)
def _mobile(host: HostAtHome, session: Session, vault: Vault) -> None:
    """Jeanne Petit has a mobile."""
    host.contact.phone_encrypted = vault.encrypt(MOBILE)
    session.commit()


def test_colleagues_are_named_and_their_numbers_hidden(host: HostAtHome, session: Session, vault: Vault) -> None:
    """A link that was passed on gives nobody's number away, not even its owner's."""
    make.make_contact(
        session, committee=host.contact.committee, name="Paul Roy", phone_encrypted=vault.encrypt("+33639980002")
    )
    session.commit()
    page = host.get("referents").text + host.get("referents/moi").text
    assert "Jeanne Petit (vous)" in page
    assert "Paul Roy" in page
    assert masked("+33639980002") in page
    assert "98 00" not in page.replace("\u00a0", " ")


def test_a_new_number_ends_this_link_and_says_where_the_next_one_goes(
    host: HostAtHome, session: Session, jobs: FakeJobs
) -> None:
    """In clear, so that a slip of the finger is seen; the page leads nowhere the link is needed."""
    form = {"name": "Jeanne Petit", "phone": "06 39 98 00 02", "version": str(host.contact.version)}
    page = host.post("referents/moi", data=form)
    assert "Un nouveau lien part par SMS au 06\u00a039\u00a098\u00a000\u00a002." in page.text
    assert host.token not in page.text
    assert host.get().status_code == 404
    assert jobs.sendings == 1
    assert session.scalars(select(Message.kind)).all() == ["link"]


def test_what_is_wrong_is_said_beside_its_field(host: HostAtHome) -> None:
    """And nothing is saved."""
    page = host.post("referents/moi", data={"name": "", "phone": "06 39", "version": "1"})
    assert "Ce champ est à remplir." in page.text
    page = host.post("referents/ajouter", data={"name": "Paul Roy", "phone": "03 53 01 00 01"})
    assert "Un lien n’arrive que sur un portable ou par e-mail" in page.text


def test_somebody_is_added_and_hears_of_it(host: HostAtHome, session: Session, jobs: FakeJobs) -> None:
    """By SMS; the village sees them, and the journal says so."""
    answer = host.post("referents/ajouter", data={"name": "Paul Roy", "phone": "06 39 98 00 02"})
    assert answer.location == host.path("referents")
    page = host.get("referents").text
    assert "Paul Roy reçoit son lien par SMS" in page
    assert "Paul Roy répond aussi" in host.get("journal").text
    assert (jobs.sendings, len(session.scalars(select(Message)).all())) == (1, 1)


def test_the_hand_is_passed_and_the_link_is_over(host: HostAtHome, session: Session) -> None:
    """Whoever follows finds what the village has answered."""
    form = {"name": "Paul Roy", "email": "paul@example.org", "version": str(host.contact.version)}
    page = host.post("referents/passer-la-main", data=form)
    assert "Paul Roy reçoit son lien par e-mail" in page.text
    assert host.get("referents").status_code == 404
    session.expire_all()
    follower = session.scalars(select(Contact).where(Contact.archived_at.is_(None))).one()
    token = make.make_host_link(session, contact=follower)
    session.commit()
    journal = host.client.get(f"/comite/{token}/journal").text
    assert "Paul Roy prend la suite" in journal
    assert "Jeanne Petit, par son lien" in journal
    assert "Ce qui a été répondu" in host.client.get(f"/comite/{token}/").text
