"""The subscriber's way over the web: number, box, code, STOP."""

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

PHONE = "06 39 98 12 34"
E164 = "+33639981234"


@pytest.fixture
def eclaron(session: Session) -> str:
    """The INSEE code of a village with a published evening to come."""
    commune = make_commune(session, insee="52182", name="Éclaron", lat=48.57, lon=4.84)
    tour = make_tour(session, slug="ete-2027", name="Tournée d’été 2027")
    make_publication(session, evenings=[make_evening(session, tour=tour, commune=commune)], tour=tour)
    session.commit()
    return commune.insee


def _code(session: Session) -> str:
    body = session.scalars(select(Message.body).filter_by(kind="code").order_by(Message.created_at.desc())).first()
    found = re.search(r"\d{6}", body or "")
    assert found
    return found.group()


def test_the_page_offers_sms_calendar_and_paper_with_an_unticked_box(client: FlaskClient, eclaron: str) -> None:
    """Nothing is chosen for the visitor but the likeliest evenings; each label and block is there."""
    html = client.get(f"/abonnement?commune={eclaron}").get_data(as_text=True)
    assert 'value="near:52182:20"' in html
    assert "webcal://" in html
    assert "/communes/52182/20km.ics" in html  # the calendar of what is proposed first
    assert 'href="/calendriers?scope=near:52182:20"' in html
    assert "checked" not in html
    assert html.index("À moins de 20") < html.index("Éclaron seulement")


def test_the_scope_of_the_address_comes_first(client: FlaskClient, eclaron: str) -> None:
    """A link from a village's page proposes that village, and its own calendar."""
    html = client.get("/abonnement?scope=commune:52182").get_data(as_text=True)
    assert html.index('value="commune:52182"') < html.index('value="near:52182:20"')
    assert "/communes/52182.ics" in html


@pytest.mark.parametrize("query", ["?scope=tour:nulle-part", "?commune=99999", "?scope=%00", "?scope=near:52182:900"])
def test_a_scope_that_names_nothing_is_ignored(client: FlaskClient, eclaron: str, query: str) -> None:
    """Old posters and typing mistakes still show the form."""
    response = client.get(f"/abonnement{query}")
    assert response.status_code == 200
    assert 'value="tour:ete-2027"' in response.get_data(as_text=True)


def test_without_a_published_tour_the_page_says_so(client: FlaskClient) -> None:
    """Nobody leaves a number for nothing."""
    assert "Aucune tournée" in client.get("/abonnement").get_data(as_text=True)


def test_from_form_to_code_to_subscription(
    client: FlaskClient, session: Session, jobs: FakeJobs, eclaron: str, vault: Vault
) -> None:
    """The whole way: the code is queued and asked for, the right one subscribes and keeps the proof."""
    asked = client.post("/abonnement/sms", data={"phone": PHONE, "scope": "commune:52182", "consent": "y"})
    assert asked.status_code == 200
    assert E164 not in re.sub(r'value="[^"]*"', "", asked.get_data(as_text=True))
    assert jobs.sendings == 1
    confirmed = client.post("/abonnement/sms/confirmer", data={"phone": PHONE, "code": _code(session)})
    assert confirmed.status_code == 302
    assert "C’est fait" in client.get(confirmed.location).get_data(as_text=True)
    assert session.scalars(select(Subscription.scope)).all() == ["commune:52182"]
    assert "Mon numéro ne sert qu’à cela" in session.scalars(select(Consent.wording)).one()
    assert vault.decrypt(session.scalars(select(Subscriber.phone_encrypted)).one()) == E164


@pytest.mark.parametrize(
    ("data", "sentence", "field"),
    [
        ({"phone": "06 39 98 12 3"}, "Il manque un chiffre : vous en avez tapé neuf sur dix.", "phone"),
        ({"phone": ""}, "Écrivez votre numéro de portable.", "phone"),
        ({"consent": ""}, "Cochez la case", "consent"),
        ({"scope": "commune:00000"}, "Choisissez les soirées", "scope"),
        ({"scope": ""}, "Choisissez les soirées", "scope"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    client: FlaskClient, session: Session, eclaron: str, data: dict[str, str], sentence: str, field: str
) -> None:
    """A sentence that says what to do, tied to the field; nothing is kept."""
    sound = {"phone": PHONE, "scope": "commune:52182", "consent": "y"}
    response = client.post("/abonnement/sms", data={k: v for k, v in (sound | data).items() if v})
    assert response.status_code == 400
    html = response.get_data(as_text=True)
    assert sentence in html
    assert f'aria-describedby="{field}-erreur"' in html
    assert session.scalars(select(Subscriber)).all() == []


def test_the_answer_is_the_same_for_a_known_and_an_unknown_number(
    client: FlaskClient, session: Session, vault: Vault, eclaron: str
) -> None:
    """Nobody learns from the page who has subscribed."""
    make_subscriber(session, vault=vault, phone=E164, scopes=["commune:52182"])
    session.commit()
    known, unknown = (
        client.post("/abonnement/sms", data={"phone": phone, "scope": "commune:52182", "consent": "y"})
        for phone in (PHONE, "06 39 98 99 34")
    )
    assert known.get_data(as_text=True).replace("639981234", "X") == unknown.get_data(as_text=True).replace(
        "639989934", "X"
    )


def test_a_wrong_code_is_refused_and_counted(client: FlaskClient, session: Session, eclaron: str) -> None:
    """Five tries, then even the right code is dead."""
    client.post("/abonnement/sms", data={"phone": PHONE, "scope": "commune:52182", "consent": "y"})
    code = _code(session)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        refused = client.post("/abonnement/sms/confirmer", data={"phone": PHONE, "code": wrong})
        assert refused.status_code == 400
        assert "n’est pas le bon" in refused.get_data(as_text=True)
    client.post("/abonnement/sms/confirmer", data={"phone": PHONE, "code": code})
    assert session.scalars(select(Subscription)).all() == []


def test_too_many_requests_from_one_address_are_refused(client: FlaskClient, eclaron: str) -> None:
    """Ten forms a minute and no more."""
    answers = [client.post("/abonnement/sms", data={"phone": "1"}).status_code for _ in range(11)]
    assert answers == [400] * 10 + [429]


def test_forms_carry_a_csrf_field(client: FlaskClient, eclaron: str) -> None:
    """Without it the post is refused."""
    client.application.config["WTF_CSRF_ENABLED"] = True
    assert 'name="csrf_token"' in client.get("/abonnement").get_data(as_text=True)
    assert client.post("/abonnement/sms", data={"phone": PHONE}).status_code == 400


def test_reloading_an_answer_leads_back_to_the_form(client: FlaskClient) -> None:
    """The addresses that forms post to can be opened as well."""
    assert client.get("/abonnement/sms").location == "/abonnement"
    assert client.get("/abonnement/sms/confirmer").location == "/abonnement"


def test_stop_shows_one_button_and_acts_only_when_pressed(client: FlaskClient, session: Session, vault: Vault) -> None:
    """A messenger that previews the link must not unsubscribe anybody; the button does, at once."""
    token = stop_token(vault, vault.fingerprint(E164))
    make_subscriber(
        session, vault=vault, phone=E164, scopes=["commune:52182"], stop_token_hash=token_hash(vault, token)
    )
    session.commit()
    assert client.get(f"/stop/{token}").get_data(as_text=True).count("<button") == 1
    assert session.scalars(select(Subscription)).all() != []
    session.rollback()
    assert "C’est arrêté" in client.post(f"/stop/{token}").get_data(as_text=True)
    assert session.scalars(select(Subscription)).all() == []
    assert session.scalars(select(Subscriber.opted_out_at)).one() is not None


def test_nothing_keeps_anybody_from_stopping(app: Flask, session: Session, vault: Vault) -> None:
    """No cookie, no JavaScript, a hundred telephones behind one address: the button works."""
    app.config["WTF_CSRF_ENABLED"] = True
    token = stop_token(vault, vault.fingerprint(E164))
    make_subscriber(session, vault=vault, phone=E164, stop_token_hash=token_hash(vault, token))
    session.commit()
    answers = [app.test_client(use_cookies=False).post(f"/stop/{token}").status_code for _ in range(12)]
    assert answers == [200] * 12
    assert session.scalars(select(Subscriber.opted_out_at)).one() is not None


def test_a_production_without_a_provider_offers_no_sms(app: Flask, session: Session, eclaron: str) -> None:
    """Nobody leaves a number to wait for a code that never comes; the calendar is there."""
    tools = app.extensions["guinguette"]
    settings = dataclasses.replace(tools.settings, env="production")
    app.extensions["guinguette"] = dataclasses.replace(tools, settings=settings)
    client = app.test_client()
    page = client.get("/abonnement").get_data(as_text=True)
    assert "Les SMS ne sont pas encore en service" in page
    assert 'name="phone"' not in page
    assert "webcal://" in page
    data = {"phone": PHONE, "scope": "commune:52182", "consent": "y"}
    assert client.post("/abonnement/sms", data=data).location == "/abonnement"
    assert session.scalars(select(Subscriber)).all() == []


def test_an_unknown_stop_link_is_not_found(client: FlaskClient) -> None:
    """A link cut short gets a page that says so."""
    response = client.get("/stop/abc")
    assert response.status_code == 404
    assert "pas complet" in response.get_data(as_text=True)
