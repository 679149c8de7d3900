"""« Mes données »: a number, its code, and then everything that is kept, to see, take away, change or erase."""

import json
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from guinguette.adapters.vault import Vault
from guinguette.models import Call, ConfirmationCode, Consent, Message, Opposition, Subscriber, Subscription
from guinguette.services import opting_out
from guinguette.services.opting_out import stop_token, token_hash
from tests.factories import make_commune, make_evening, make_message, make_subscriber
from tests.fakes import NOW, FixedClock

PHONE, E164 = "06 39 98 12 34", "+33639981234"
PAGE = "/abonnement/mes-donnees"


@pytest.fixture
def person(session: Session, vault: Vault) -> Subscriber:
    """Somebody with two villages, one of them with both boxes, a consent, a message and a call."""
    for insee in ("52182", "52001"):
        make_commune(session, insee=insee, name={"52182": "Éclaron", "52001": "Ageville"}[insee])
    hashed = token_hash(vault, stop_token(vault, vault.fingerprint(E164)))
    row = make_subscriber(
        session, vault=vault, phone=E164, scopes=["commune:52182", "commune:52001"], stop_token_hash=hashed
    )
    row.subscriptions[1].week_ahead = row.subscriptions[1].new_evenings = True
    session.add(
        Consent(
            subscriber_id=row.id, scope="commune:52182", wording="J’accepte.", wording_version="1", given_at=NOW,
            confirmed_at=NOW,
        )
    )  # fmt: skip
    evening = make_evening(session)
    make_message(session, subscriber=row, evening=evening, state="delivered", body="Guinguette : samedi à Éclaron.")
    session.add(
        Call(
            evening_id=evening.id, subscriber_id=row.id, kind="cancelled", number=1, state="reached", created_at=NOW,
            rung_at=NOW, rung_by="Paul",
        )
    )  # fmt: skip
    session.commit()
    return row


def _code(session: Session) -> str:
    session.rollback()
    body = session.scalars(select(Message.body).filter_by(kind="code").order_by(Message.created_at.desc())).first()
    found = re.findall(r"\d{6}", body or "")
    session.rollback()
    return found[0] if found else ""


def _enter(client: FlaskClient, session: Session) -> TestResponse:
    client.post(PAGE, data={"phone": PHONE})
    return client.post(f"{PAGE}/code", data={"phone": PHONE, "code": _code(session)}, follow_redirects=True)


@pytest.mark.usefixtures("person")
def test_the_right_code_shows_everything_with_the_number_masked(client: FlaskClient, session: Session) -> None:
    """Villages, boxes, words of consent, messages; kept by no cache."""
    page = _enter(client, session)
    html = page.get_data(as_text=True)
    for shown in ("Éclaron seulement", "Ageville seulement", "J’accepte.", "samedi à Éclaron", "•••••••34"):
        assert shown in html
    assert E164 not in html
    assert html.count("checked") == 4
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("person")
def test_a_known_and_an_unknown_number_are_answered_alike_and_only_the_known_gets_a_code(
    client: FlaskClient, session: Session
) -> None:
    """Nobody learns who subscribes, and nobody makes us write to strangers."""
    known = client.post(PAGE, data={"phone": PHONE}).get_data(as_text=True)
    unknown = client.post(PAGE, data={"phone": "06 39 98 99 34"}).get_data(as_text=True)
    assert known.replace(PHONE, "X").replace(E164, "X") == unknown.replace("06 39 98 99 34", "X").replace(
        "+33639989934", "X"
    )
    assert session.scalar(select(func.count()).where(Message.kind == "code")) == 1
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 1


@pytest.mark.usefixtures("person")
def test_without_the_code_nothing_is_shown_given_changed_or_erased(client: FlaskClient, session: Session) -> None:
    """Five wrong codes kill the right one; each address leads back to the number."""
    client.post(PAGE, data={"phone": PHONE})
    code = _code(session)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(5):
        assert client.post(f"{PAGE}/code", data={"phone": PHONE, "code": wrong}).status_code == 400
    assert client.post(f"{PAGE}/code", data={"phone": PHONE, "code": code}).status_code == 400
    assert client.get(f"{PAGE}.json").location == PAGE
    assert client.post(f"{PAGE}/choix", data={"shown": "1"}).location == PAGE
    assert client.post(f"{PAGE}/effacer", data={"sure": "y"}).location == PAGE
    assert "Votre numéro de portable" in client.get(PAGE).get_data(as_text=True)
    assert session.scalar(select(func.count()).select_from(Subscription)) == 2


@pytest.mark.usefixtures("person")
def test_this_code_subscribes_to_nothing_and_the_other_opens_nothing(
    client: FlaskClient, session: Session, clock: FixedClock
) -> None:
    """Each is good for what its SMS was asked for; both count against the four an hour."""
    client.post(PAGE, data={"phone": PHONE})
    own = _code(session)
    clock.advance(seconds=1)
    client.post("/abonnement/sms", data={"phone": PHONE, "scope": "commune:52182", "consent": "y"})
    other = _code(session)
    assert own != other
    assert client.post("/abonnement/sms/confirmer", data={"phone": PHONE, "code": own}).status_code == 400
    assert client.post(f"{PAGE}/code", data={"phone": PHONE, "code": other}).status_code == 400
    for _ in range(4):
        clock.advance(seconds=1)
        client.post(PAGE, data={"phone": PHONE})
    assert session.scalar(select(func.count()).select_from(ConfirmationCode)) == 4


@pytest.mark.usefixtures("person")
def test_the_page_shuts_by_itself_and_by_its_button(client: FlaskClient, session: Session, clock: FixedClock) -> None:
    """After half an hour; at once on a telephone that others use."""
    for shut in (lambda: clock.advance(minutes=31), lambda: client.post(f"{PAGE}/fermer")):
        assert "Éclaron" in _enter(client, session).get_data(as_text=True)
        shut()
        assert "Éclaron" not in client.get(PAGE).get_data(as_text=True)
        clock.advance(hours=1)


@pytest.mark.usefixtures("person")
def test_the_file_has_everything_in_clear_and_nobody_elses_name(client: FlaskClient, session: Session) -> None:
    """What the law calls access and portability; the volunteer who rang is not their datum."""
    _enter(client, session)
    answer = client.get(f"{PAGE}.json")
    data = json.loads(answer.get_data(as_text=True))
    assert data["telephone"] == E164
    assert [each["scope"] for each in data["subscriptions"]] == ["commune:52182", "commune:52001"]
    assert data["consents"][0]["wording"] == "J’accepte."
    assert [each["kind"] for each in data["messages"]] == ["code", "reminder"]
    assert data["calls"][0]["state"] == "reached"
    assert "Paul" not in answer.get_data(as_text=True)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_choices_change_and_a_box_ticked_anew_is_a_consent(
    client: FlaskClient, session: Session, person: Subscriber
) -> None:
    """One village goes, the other gains a box: its words are kept. Somebody else's subscription is left alone."""
    eclaron, ageville = [row.id for row in person.subscriptions]
    other = Subscription(subscriber_id=person.id, scope="commune:52999", created_at=NOW, confirmed_at=NOW)
    session.add(other)
    session.commit()
    _enter(client, session)
    client.post(
        f"{PAGE}/choix",
        data={
            "shown": [str(eclaron), str(ageville), "99999", "x"],
            f"kept-{eclaron}": "y",
            f"week_ahead-{eclaron}": "y",
        },
    )
    session.expire_all()
    rows = session.scalars(select(Subscription).order_by(Subscription.id)).all()
    assert [(row.scope, row.week_ahead) for row in rows] == [("commune:52182", True), ("commune:52999", False)]
    newest = session.scalars(select(Consent).order_by(Consent.id.desc())).first()
    assert newest is not None
    assert (newest.scope, newest.wording, newest.week_ahead) == (
        "commune:52182", "Me prévenir aussi une semaine avant", True,
    )  # fmt: skip


def test_another_persons_subscription_is_out_of_reach(
    client: FlaskClient, session: Session, vault: Vault, person: Subscriber
) -> None:
    """Its number in the form changes nothing."""
    other = make_subscriber(session, vault=vault, phone="+33639980009", scopes=["commune:52182"])
    theirs = other.subscriptions[0].id
    session.commit()
    _enter(client, session)
    client.post(f"{PAGE}/choix", data={"shown": str(theirs)})
    session.expire_all()
    assert session.get(Subscription, theirs) is not None


@pytest.mark.usefixtures("person")
def test_erasing_leaves_nothing_but_the_hash_of_a_stop(
    client: FlaskClient, session: Session, clock: FixedClock, vault: Vault
) -> None:
    """Only with the box ticked; consents, messages, codes and calls go too. Opposed, the number stays opposed."""
    opting_out.stop_number(session, E164, said_by="sms", clock=clock, vault=vault)
    session.commit()
    _enter(client, session)
    assert client.post(f"{PAGE}/effacer").status_code == 400
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 1
    session.rollback()
    done = client.post(f"{PAGE}/effacer", data={"sure": "y"}, follow_redirects=True)
    assert "C’est effacé. Il ne reste que l’empreinte de votre STOP" in done.get_data(as_text=True)
    for table in (Subscriber, Subscription, Consent, ConfirmationCode, Message, Call):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    assert session.scalars(select(Opposition.address_hash)).all() == [vault.fingerprint(E164)]
    assert "Votre numéro de portable" in client.get(PAGE).get_data(as_text=True)


def test_an_erased_person_s_open_page_shows_nobody_else(
    client: FlaskClient, session: Session, vault: Vault, person: Subscriber
) -> None:
    """SQLite gives the same id again: the cookie names the address, not the row."""
    _enter(client, session)
    session.delete(person)
    session.commit()
    newcomer = make_subscriber(session, vault=vault, phone="+33639980009", scopes=["commune:52182"])
    session.commit()
    assert newcomer.id
    assert "Éclaron seulement" not in client.get(PAGE).get_data(as_text=True)


@pytest.mark.parametrize("phone", ["", "03 26 19 10 01", "06 39"])
def test_a_wrong_number_is_said_beside_its_field(client: FlaskClient, phone: str) -> None:
    """As everywhere."""
    answer = client.post(PAGE, data={"phone": phone})
    assert answer.status_code == 400
    assert 'aria-describedby="phone-erreur"' in answer.get_data(as_text=True)
