"""Signing in by password and by link (guinguette/web/sign_in.py)."""

import dataclasses
import re

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette import create_app, extensions
from guinguette.config import Settings
from guinguette.models import Attempt
from guinguette.services import accounts
from tests import factories
from tests.fakes import FakeJobs, FixedClock

PASSWORD = "une longue phrase bien gardee"


@pytest.fixture
def anne(app: Flask, session: Session) -> str:
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


def test_the_right_password_opens(client: FlaskClient, anne: str) -> None:
    """It is hashed with argon2 and leads to the organiser's pages."""
    answer = client.post("/connexion", data={"email": anne, "password": PASSWORD})
    assert answer.status_code == 302
    assert answer.location.endswith("/organisation/")
    assert client.get("/organisation/").status_code == 200


def test_a_wrong_password_does_not_say_what_is_wrong(client: FlaskClient, anne: str) -> None:
    """The same sentence for an unknown address and a wrong password."""
    sentence = "L’adresse ou le mot de passe n’est pas le bon."
    for address in (anne, "nobody@example.org"):
        answer = client.post("/connexion", data={"email": address, "password": "une autre phrase"})
        assert answer.status_code == 200
        assert sentence in answer.text


def _try(client: FlaskClient, email: str, *, address: str = "192.0.2.1", right: bool = False) -> int:
    """Send the form from a network address; return the answer's status."""
    data = {"email": email, "password": PASSWORD if right else "x"}
    return client.post("/connexion", data=data, environ_base={"REMOTE_ADDR": address}).status_code


def test_guessing_from_one_address_is_slow(client: FlaskClient, clock: FixedClock) -> None:
    """The eleventh try within a minute is refused, with a page that says how long to wait; then it goes on."""
    tries = [client.post("/connexion", data={"email": f"{n}@example.org", "password": "x"}) for n in range(11)]
    assert [answer.status_code for answer in tries] == [200] * 10 + [429]
    assert "Attendez une minute" in tries[-1].text
    clock.advance(minutes=1)
    assert client.post("/connexion", data={"email": "a@example.org", "password": "x"}).status_code == 200


def test_guessing_at_one_account_is_slow_from_everywhere(client: FlaskClient, anne: str, clock: FixedClock) -> None:
    """Ten tries a quarter of an hour, whatever the addresses and the capitals; other accounts are not concerned."""
    spellings = (anne, anne.upper(), f" {anne}")
    tries = [_try(client, spellings[n % 3], address=f"192.0.2.{n}") for n in range(11)]
    assert tries == [200] * 10 + [429]
    assert _try(client, anne, right=True) == 429
    assert _try(client, "luc@example.org") == 200
    assert "Attendez 15 minutes" in client.post("/connexion", data={"email": anne, "password": "x"}).text
    clock.advance(minutes=15)
    assert _try(client, anne, right=True) == 302


def test_guessing_in_json_counts_too(client: FlaskClient, anne: str) -> None:
    """Flask-Security reads the account from JSON as well as from the form."""
    for n in range(10):
        data = {"email": anne, "password": "x"}
        client.post("/connexion", json=data, environ_base={"REMOTE_ADDR": f"192.0.2.{n}"})
    assert _try(client, anne, right=True) == 429


def test_tries_are_counted_across_processes(
    client: FlaskClient, settings: Settings, clock: FixedClock, session: Session
) -> None:
    """A second web process does not give ten tries more; whose they were cannot be read in the database."""
    other = create_app(settings, clock=clock)
    other.config["WTF_CSRF_ENABLED"] = False
    assert [_try(client, "a@example.org") for _ in range(5)] == [200] * 5
    tries = [_try(other.test_client(), "a@example.org") for _ in range(6)]
    assert tries == [200] * 5 + [429]
    keys = session.scalars(select(Attempt.key)).all()
    assert not [key for key in keys if "192.0.2.1" in key or "example" in key]
    with other.app_context():
        extensions.db.engine.dispose()


def test_only_production_believes_the_proxy(settings: Settings) -> None:
    """Elsewhere no proxy stands before the app, and anybody could write the header to be counted anew."""
    for env, url, counted in (("development", "http://x", "127.0.0.1"), ("production", "https://x", "198.51.100.7")):
        app = create_app(dataclasses.replace(settings, env=env, public_url=url))
        app.add_url_rule("/who", "who", lambda: request.remote_addr or "")
        headers = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
        assert app.test_client().get("/who", headers=headers).text == counted


def test_a_form_without_its_token_is_refused(app: Flask, client: FlaskClient, anne: str) -> None:
    """CSRF: the form's own field is asked for, and the page's form has it."""
    app.config["WTF_CSRF_ENABLED"] = True
    data = {"email": anne, "password": PASSWORD}
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


def test_a_link_is_sent_to_whoever_has_an_account(
    client: FlaskClient, anne: str, jobs: FakeJobs, session: Session
) -> None:
    """The answer, and the work that it starts, are the same for everybody else: nobody learns who organises."""
    assert "/connexion/lien" in client.get("/connexion").text
    assert client.get("/connexion/lien").status_code == 200
    answers = {client.post("/connexion/lien", data={"email": to}).text for to in (" Anne@example.org", "b@c.org", "x")}
    assert len(answers) == 1
    assert jobs.sign_in_links == [accounts.get_user(session, anne).id, 0, 0]


def test_a_mailbox_is_not_filled_with_links(client: FlaskClient, anne: str, jobs: FakeJobs) -> None:
    """Four an hour, from wherever they are asked for."""
    asked = [
        client.post("/connexion/lien", data={"email": anne}, environ_base={"REMOTE_ADDR": f"192.0.2.{n}"}).status_code
        for n in range(5)
    ]
    assert asked == [200] * 4 + [429]
    assert len(jobs.sign_in_links) == 4


def test_signing_out_closes(organiser_client: FlaskClient) -> None:
    """After signing out the pages are closed again."""
    assert organiser_client.post("/deconnexion").status_code == 302
    assert organiser_client.get("/organisation/").status_code == 302
