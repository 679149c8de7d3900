"""« Mes données » for those without a mobile: a code by e-mail opens the page."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from guinguette.adapters.vault import Vault
from guinguette.models import Consent, Message, Subscriber
from guinguette.services import opting_out
from guinguette.services.opting_out import stop_token, token_hash
from tests.factories import make_commune, make_subscriber
from tests.fakes import NOW, FixedClock

EMAIL = "anne@example.org"
PAGE = "/abonnement/mes-donnees"


def make_reader(session: Session, vault: Vault, **values: Any) -> Subscriber:
    """Somebody subscribed to Éclaron by e-mail, with a consent."""
    email_hash = opting_out.email_hash(vault, EMAIL)
    by_email: dict[str, Any] = {
        "phone_encrypted": "", "phone_hash": None, "email_encrypted": vault.encrypt(EMAIL), "email_hash": email_hash,
        "email_confirmed_at": NOW, "stop_token_hash": token_hash(vault, stop_token(vault, email_hash)),
    }  # fmt: skip
    row = make_subscriber(session, vault=vault, scopes=["commune:52182"], **(by_email | values))
    session.add(
        Consent(
            subscriber_id=row.id, scope="commune:52182", wording="J’accepte.", wording_version="1", medium="email",
            given_at=NOW, confirmed_at=NOW,
        )
    )  # fmt: skip
    session.commit()
    return row


@pytest.fixture(autouse=True)
def eclaron(session: Session) -> None:
    """The village."""
    make_commune(session, insee="52182", name="Éclaron")
    session.commit()


def code(session: Session) -> str:
    """The code sent last by e-mail, if any."""
    session.rollback()
    query = select(Message.body).filter_by(kind="code", channel="email").order_by(Message.created_at.desc())
    found = re.findall(r"\d{6}", session.scalars(query).first() or "")
    session.rollback()
    return found[0] if found else ""


def enter(client: FlaskClient, session: Session) -> TestResponse:
    """Ask for a code and type it."""
    client.post(PAGE, data={"email": EMAIL})
    return client.post(f"{PAGE}/code", data={"email": EMAIL, "code": code(session)}, follow_redirects=True)


@pytest.mark.parametrize("landline", [False, True])
def test_whoever_has_no_mobile_sees_takes_away_and_erases(
    client: FlaskClient, session: Session, vault: Vault, *, landline: bool
) -> None:
    """An e-mail alone, or one that was confirmed beside a landline."""
    if landline:
        number = "+33326199001"
        beside = {"phone_encrypted": vault.encrypt(number), "phone_hash": vault.fingerprint(number), "landline": True}
        token = token_hash(vault, stop_token(vault, vault.fingerprint(number)))
        make_reader(session, vault, **beside, stop_token_hash=token)
    else:
        make_reader(session, vault)
    html = enter(client, session).get_data(as_text=True)
    assert "Éclaron seulement" in html
    assert "a•••@example.org" in html
    assert EMAIL not in html
    answer = client.get(f"{PAGE}.json")
    assert EMAIL in answer.get_data(as_text=True)
    client.post(f"{PAGE}/effacer", data={"sure": "y"})
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 0


def test_a_known_and_an_unknown_address_are_answered_alike(client: FlaskClient, session: Session, vault: Vault) -> None:
    """Nobody learns who subscribes; nothing leaves to a stranger."""
    make_reader(session, vault)
    answers = [
        client.post(PAGE, data={"email": email}).get_data(as_text=True).replace(email, "X")
        for email in (EMAIL, "alix@example.org")
    ]
    assert answers[0] == answers[1]
    assert "Si a•••@example.org est dans nos listes" in answers[0]
    assert session.scalar(select(func.count()).where(Message.kind == "code")) == 1


def test_an_email_beside_a_mobile_does_not_open_the_number_s_page(
    client: FlaskClient, session: Session, vault: Vault
) -> None:
    """A mailbox may be two people's; the mobile has its own code."""
    make_reader(session, vault, phone_encrypted=vault.encrypt("+33639980001"), phone_hash="1")
    client.post(PAGE, data={"email": EMAIL})
    assert code(session) == ""


def test_the_code_is_good_for_an_hour_and_for_nothing_else(
    client: FlaskClient, session: Session, vault: Vault, clock: FixedClock
) -> None:
    """It confirms no subscription, and five wrong ones kill it."""
    make_reader(session, vault)
    client.post(PAGE, data={"email": EMAIL})
    right = code(session)
    answer = client.post("/abonnement/email/confirmer", data={"email": EMAIL, "code": right})
    assert answer.status_code == 400
    clock.advance(minutes=61)
    answer = client.post(f"{PAGE}/code", data={"email": EMAIL, "code": right})
    assert answer.status_code == 400
    assert "Si a•••@example.org est dans nos listes" in answer.get_data(as_text=True)


def test_whoever_said_stop_sees_what_is_left(
    client: FlaskClient, session: Session, vault: Vault, clock: FixedClock
) -> None:
    """The address was erased then; typed again, it has the code."""
    opting_out.oppose(session, make_reader(session, vault), said_by="link", clock=clock, vault=vault)
    session.commit()
    assert "Vous avez dit STOP" in enter(client, session).get_data(as_text=True)


@pytest.mark.parametrize("email", ["", "anne@"])
def test_a_wrong_address_is_said_beside_its_field(client: FlaskClient, email: str) -> None:
    """As everywhere."""
    answer = client.post(PAGE, data={"email": email})
    assert answer.status_code == 400
    assert 'aria-describedby="email-' in answer.get_data(as_text=True)
