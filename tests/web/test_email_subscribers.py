"""The subscriber's way over the web by e-mail: address, box, code or link; the e-mail beside a number; one click."""

import dataclasses
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Consent, Message, Subscriber, Subscription
from guinguette.services.opting_out import stop_token, token_hash
from tests.factories import make_commune, make_evening, make_publication, make_subscriber, make_tour
from tests.fakes import FakeJobs

EMAIL = "anne@example.org"
PHONE = "06 39 98 12 34"


@pytest.fixture
def eclaron(session: Session) -> str:
    """The INSEE code of a village with a published evening to come."""
    commune = make_commune(session, insee="52182", name="Éclaron", lat=48.57, lon=4.84)
    tour = make_tour(session, slug="ete-2027", name="Tournée d’été 2027")
    make_publication(session, evenings=[make_evening(session, tour=tour, commune=commune)], tour=tour)
    session.commit()
    return commune.insee


def _asked(session: Session, channel: str) -> tuple[str, str]:
    """The code last sent on a channel, and the path of its link (nothing in an SMS)."""
    query = select(Message.body).filter_by(kind="code", channel=channel).order_by(Message.created_at.desc())
    body = session.scalars(query).first() or ""
    code, link = re.search(r"\d{6}", body), re.search(r"/abonnement/email/lien/\S+", body)
    assert code
    return code.group(), link.group() if link else ""


def _ask(client: FlaskClient, prefix: str = "") -> str:
    data = {"email": EMAIL, "scope": "commune:52182", "consent": "y", "week_ahead": "y"}
    response = client.post(f"{prefix}/abonnement/email", data=data)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_nothing_is_ticked_beforehand(client: FlaskClient, eclaron: str) -> None:
    """The likeliest evenings come first; the page that offers SMS leads here."""
    html = client.get("/abonnement/email?scope=commune:52182").get_data(as_text=True)
    assert "checked" not in html
    assert html.index('value="commune:52182"') < html.index('value="near:52182:20"')
    assert "/abonnement/email?scope=" in client.get("/abonnement").get_data(as_text=True)


def test_from_form_to_code_to_subscription(client: FlaskClient, session: Session, jobs: FakeJobs, eclaron: str) -> None:
    """The code is queued and asked for, the address shown masked; the right code subscribes and keeps the proof."""
    html = _ask(client)
    assert "a•••@example.org" in html
    assert EMAIL not in re.sub(r'value="[^"]*"', "", html)
    assert jobs.sendings == 1
    code, _ = _asked(session, "email")
    wrong = client.post("/abonnement/email/confirmer", data={"email": EMAIL, "code": "12"})
    assert wrong.status_code == 400
    done = client.post("/abonnement/email/confirmer", data={"email": EMAIL, "code": code})
    assert "C’est fait" in client.get(done.location).get_data(as_text=True)
    (subscription,) = session.scalars(select(Subscription))
    assert (subscription.scope, subscription.week_ahead) == ("commune:52182", True)
    assert "Mon adresse ne sert qu’à cela" in session.scalars(select(Consent.wording)).one()


def test_opening_the_link_changes_nothing_its_button_does(client: FlaskClient, session: Session, eclaron: str) -> None:
    """Mail programs open links by themselves; once used, it says so. In the reader's language."""
    _ask(client, "/en")
    _, link = _asked(session, "email")
    assert link.startswith("/abonnement/email/lien/")
    assert client.get(f"/en{link}").status_code == 200
    assert session.scalars(select(Subscription)).all() == []
    assert client.post(f"/en{link}").status_code == 302
    assert session.scalars(select(Subscription.scope)).all() == ["commune:52182"]
    assert session.scalars(select(Subscriber.locale)).one() == "en"
    assert "I agree to receive" in session.scalars(select(Consent.wording)).one()
    assert client.post(f"/en{link}").status_code == 410


@pytest.mark.parametrize(
    ("data", "sentence", "field"),
    [
        ({"email": ""}, "Écrivez votre adresse e-mail.", "email"),
        ({"email": "anne"}, "n’est pas une adresse e-mail", "email"),
        ({"consent": ""}, "Cochez la case pour recevoir les e-mails.", "consent"),
        ({"scope": ""}, "Choisissez les soirées", "scope"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    client: FlaskClient, session: Session, eclaron: str, data: dict[str, str], sentence: str, field: str
) -> None:
    """A sentence that says what to do, tied to the field; nothing is kept."""
    sound = {"email": EMAIL, "scope": "commune:52182", "consent": "y"}
    response = client.post("/abonnement/email", data={k: v for k, v in (sound | data).items() if v})
    assert response.status_code == 400
    html = response.get_data(as_text=True)
    assert sentence in html
    assert f'aria-describedby="{field}-erreur"' in html
    assert session.scalars(select(Subscriber)).all() == []


def test_the_answer_is_the_same_for_a_known_and_an_unknown_address(client: FlaskClient, eclaron: str) -> None:
    """Nobody learns from the page who has subscribed."""
    assert _ask(client) == _ask(client)


def test_an_email_beside_a_number_is_offered_once_its_code_is_typed(
    client: FlaskClient, session: Session, eclaron: str, vault: Vault
) -> None:
    """And only then: number, its code, address, its link."""
    assert client.get("/abonnement/email/secours").status_code == 302
    client.post("/abonnement/sms", data={"phone": PHONE, "scope": "commune:52182", "consent": "y"})
    code, _ = _asked(session, "sms")
    offer = client.post("/abonnement/sms/confirmer", data={"phone": PHONE, "code": code})
    assert "Un e-mail de secours" in client.get(offer.location).get_data(as_text=True)
    assert client.post("/abonnement/email/secours", data={"email": EMAIL}).status_code == 400
    asked = client.post("/abonnement/email/secours", data={"email": EMAIL, "consent": "y"})
    assert 'href="/abonnement/email/secours"' in asked.get_data(as_text=True)  # to correct the address
    _, link = _asked(session, "email")
    client.post(link)
    session.expire_all()
    person = session.scalars(select(Subscriber).where(Subscriber.phone_hash.is_not(None))).one()
    assert vault.decrypt(person.email_encrypted) == EMAIL
    assert person.email_confirmed_at is not None
    assert client.get("/abonnement/email/secours").status_code == 302  # once is enough


def test_without_a_proved_number_nothing_is_put_beside_one(client: FlaskClient, session: Session, eclaron: str) -> None:
    """Whoever posts by hand is sent to begin at the beginning."""
    answer = client.post("/abonnement/email/secours", data={"email": EMAIL, "consent": "y"})
    assert (answer.status_code, answer.location) == (302, "/abonnement")
    assert session.scalars(select(Message)).all() == []


def test_a_production_without_a_mail_server_offers_no_email(app: Flask, session: Session, eclaron: str) -> None:
    """And promises nothing: neither here nor after the code of a number."""
    running = app.extensions["guinguette"]
    settings = dataclasses.replace(running.settings, env="production", sms="twilio")
    app.extensions["guinguette"] = dataclasses.replace(running, settings=settings)
    client = app.test_client()
    assert "Par e-mail" not in client.get("/abonnement").get_data(as_text=True)
    assert "pas encore en service" in client.get("/abonnement/email").get_data(as_text=True)
    client.post("/abonnement/email", data={"email": EMAIL, "scope": "commune:52182", "consent": "y"})
    assert session.scalars(select(Message)).all() == []
    client.post("/abonnement/sms", data={"phone": PHONE, "scope": "commune:52182", "consent": "y"})
    answer = client.post("/abonnement/sms/confirmer", data={"phone": PHONE, "code": _asked(session, "sms")[0]})
    assert answer.location == "/abonnement"


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_in_the_mail_program_stops_everything(
    app: Flask, session: Session, vault: Vault, prefix: str, content_type: str
) -> None:
    """RFC 8058: a POST from a machine of the mail provider's, without cookie, CSRF field or second question."""
    app.config["WTF_CSRF_ENABLED"] = True
    address = vault.fingerprint(f"email:{EMAIL}")
    token = stop_token(vault, address)
    make_subscriber(
        session,
        vault=vault,
        phone_encrypted="",
        phone_hash=None,
        email_encrypted=vault.encrypt(EMAIL),
        email_hash=address,
        stop_token_hash=token_hash(vault, token),
        scopes=["commune:52182"],
    )
    session.commit()
    client = app.test_client(use_cookies=False)
    body = {"List-Unsubscribe": "One-Click"}
    answer = client.post(f"{prefix}/stop/{token}", data=body, content_type=content_type)
    assert answer.status_code == 200
    session.expire_all()
    person = session.scalars(select(Subscriber)).one()
    assert (person.email_encrypted, person.subscriptions) == ("", [])
    assert person.opted_out_at is not None
