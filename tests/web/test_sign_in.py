"""Signing in by password and by link (guinguette/web/sign_in.py)."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy.orm import Session

from guinguette.services import accounts
from tests import factories
from tests.fakes import FixedClock

PASSWORD = "une longue phrase bien gardee"


@pytest.fixture
def email(app: Flask, session: Session) -> str:
    """An organiser who has a password."""
    with app.app_context():
        hashed = hash_password(PASSWORD)
    user = accounts.create_user(session, email="anne@example.org", role="organiser", password_hash=hashed)
    session.commit()
    return user.email


def test_a_visitor_is_sent_to_the_sign_in_page(client: FlaskClient) -> None:
    """The organiser's pages are closed, and the way in is a page of ours."""
    answer = client.get("/organisation/", follow_redirects=True)
    assert answer.request.path == "/connexion"
    assert "Espace de l’association" in answer.text


def test_the_right_password_opens(client: FlaskClient, email: str) -> None:
    """It is hashed with argon2 and leads to the organiser's pages."""
    answer = client.post("/connexion", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 302
    assert answer.location.endswith("/organisation/")
    assert client.get("/organisation/").status_code == 200


def test_a_wrong_password_does_not_say_what_is_wrong(client: FlaskClient, email: str) -> None:
    """The same sentence for an unknown address and a wrong password."""
    sentence = "L’adresse ou le mot de passe n’est pas le bon."
    for address in (email, "nobody@example.org"):
        answer = client.post("/connexion", data={"email": address, "password": "une autre phrase"})
        assert answer.status_code == 200
        assert sentence in answer.text


def test_guessing_is_slow(client: FlaskClient) -> None:
    """The eleventh try within a minute is refused, with a page that says to wait."""
    tries = [client.post("/connexion", data={"email": "a@example.org", "password": "x"}) for _ in range(11)]
    assert [answer.status_code for answer in tries] == [200] * 10 + [429]
    assert "Attendez une minute" in tries[-1].text


def test_a_form_without_its_token_is_refused(app: Flask, client: FlaskClient, email: str) -> None:
    """CSRF: the form's own field is asked for, and the page's form has it."""
    app.config["WTF_CSRF_ENABLED"] = True
    data = {"email": email, "password": PASSWORD}
    assert client.post("/connexion", data=data).status_code == 400
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/connexion").text)
    assert token is not None
    assert client.post("/connexion", data=data | {"csrf_token": token[1]}).status_code == 302


def test_a_link_opens_once(app: Flask, session: Session, clock: FixedClock) -> None:
    """The page shows a button, the button signs in, the second time it is gone."""
    token = accounts.new_sign_in_link(session, factories.make_user(session, role="organiser"), clock)
    session.commit()
    address = f"/connexion/lien/{token}"
    first, second = app.test_client(), app.test_client()
    page = first.get(address)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert first.get("/organisation/").status_code == 302, "looking does not sign in"
    assert first.post(address).location.endswith("/organisation/")
    assert first.get("/organisation/").status_code == 200
    assert second.get(address).status_code == 410
    assert second.post(address).status_code == 404


def test_signing_out_closes(organiser_client: FlaskClient) -> None:
    """After signing out the pages are closed again."""
    assert organiser_client.post("/deconnexion").status_code == 302
    assert organiser_client.get("/organisation/").status_code == 302
