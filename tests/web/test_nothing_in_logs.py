"""The whole life of a number, with every logger listening: nothing of anybody stands in a log, unless it is masked."""

import dataclasses
import logging
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker
from twilio.request_validator import RequestValidator

from guinguette.adapters.ports import Senders
from guinguette.adapters.sms_twilio import TwilioSms
from guinguette.adapters.vault import Vault
from guinguette.models import Message, Opposition, Subscriber
from guinguette.services import retention, sending, subscriptions
from tests.adapters.fake_twilio import Answer, FakeTwilio
from tests.factories import make_commune, make_evening, make_publication, make_tour
from tests.fakes import FakeEmail, FixedClock

PUBLIC, TOKEN = "https://guinguette.example", "made-up-token"
MOBILE, OTHER, LANDLINE = "+33639981234", "+33639985678", "+33326191001"


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    """A Twilio on this machine."""
    fake = FakeTwilio()
    yield fake
    fake.stop()


def _traces(number: str) -> list[str]:
    """The ways a number may be written."""
    national = "0" + number.removeprefix("+33")
    pairs = [national[i : i + 2] for i in range(0, 10, 2)]
    return [number.removeprefix("+33"), *(mark.join(pairs) for mark in (" ", ".", "-", "\u00a0"))]


@pytest.mark.enable_socket
def test_no_log_says_whose_number_it_was(  # noqa: PLR0915 -- a whole life, in its order
    app: Flask,
    client: FlaskClient,
    organiser_client: FlaskClient,
    session: Session,
    session_factory: sessionmaker[Session],
    clock: FixedClock,
    vault: Vault,
    twilio: FakeTwilio,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Form, code, own data, SMS received, paper list, sending that fails in each way, STOP, erasure, retention."""
    edge = app.extensions["guinguette"]
    account = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": TOKEN, "twilio_api_url": twilio.start()}
    settings = dataclasses.replace(edge.settings, public_url=PUBLIC, **account)
    app.extensions["guinguette"] = dataclasses.replace(edge, settings=settings)
    commune = make_commune(session, insee="52182", name="Éclaron")
    tour = make_tour(session)
    make_publication(session, tour=tour, evenings=[make_evening(session, tour=tour, commune=commune)])
    session.commit()
    caplog.set_level(logging.DEBUG)
    secrets = ["jeanne@example.org", "Mme Roy", *(t for n in (MOBILE, OTHER, LANDLINE) for t in _traces(n))]

    def send(*answers: Answer) -> None:
        twilio.answers = list(answers)
        senders = Senders(TwilioSms(settings), FakeEmail())
        sending.send_due(session_factory, clock=clock, senders=senders, vault=vault, public_url=PUBLIC, wait=clock.wait)
        assert twilio.answers == []  # each refusal has been met

    def code() -> str:
        session.rollback()
        bodies = session.scalars(select(Message.body).where(Message.kind == "code", Message.state == "queued")).all()
        secrets.extend(re.findall(r"\d{6}", bodies[0]))
        session.rollback()
        return secrets[-1]

    def received(body: str, number: str = MOBILE) -> None:
        form = {"From": number, "Body": body, "MessageSid": body}
        signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/sms/entrant", form)
        assert client.post("/sms/entrant", data=form, headers={"X-Twilio-Signature": signature}).status_code == 204

    form = {"phone": "06 39 98 12 34", "scope": "commune:52182", "consent": "y"}
    client.post("/abonnement/sms", data=form)
    typed = code()
    send()
    assert client.post("/abonnement/sms/confirmer", data={"phone": MOBILE, "code": typed}).status_code == 302
    client.post("/abonnement/mes-donnees", data={"phone": MOBILE})
    typed = code()
    send(Answer(status=429, code=20429, accept=False))
    client.post("/abonnement/mes-donnees/code", data={"phone": MOBILE, "code": typed})
    assert MOBILE in client.get("/abonnement/mes-donnees.json").get_data(as_text=True)
    received("GUINGUETTE Éclaron")
    received("GUINGUETTE Nulle-part", OTHER)
    send(Answer(status=500, accept=False), Answer(status=400, code=21211, accept=False))
    lines = "Mme Roy 03 26 19 10 01\n06 39 98 56 78 jeanne@example.org\nPaul 06 39 98"
    sheet = {
        "lines": lines, "scope": "commune:52182", "signed_on": "2027-06-05", "collected_by": "Mme Petit",
        "kept_at": "classeur", "has_wording": "y", "only_right": "y",
    }  # fmt: skip
    assert organiser_client.post("/organisation/abonnes/liste", data=sheet).status_code == 302
    send(Answer(status=400, code=21610, accept=False))
    organiser_client.post("/organisation/abonnes", data={"address": MOBILE}, follow_redirects=True)
    organiser_client.post("/organisation/abonnes/stop", data={"address": LANDLINE})
    received("STOP")
    client.post("/abonnement/mes-donnees/effacer", data={"sure": "y"})
    clock.advance(days=4 * 365)
    subscriptions.erase_unconfirmed(session, clock)
    retention.forget(session, clock)
    session.commit()

    told = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert "•••••••34" in told  # so the log does speak of this number
    assert twilio.accepted
    assert [secret for secret in secrets if secret in told] == []
    for table in (Subscriber, Message, Opposition):
        assert session.scalars(select(table)).all() == []


def test_an_error_of_the_database_does_not_say_what_it_was_given(session: Session, vault: Vault) -> None:
    """Its message goes to the log with the traceback: no text of an SMS, no code, may stand in it."""
    row = Subscriber(phone_hash="h", stop_token_hash="h", name_encrypted="Mme Roy", created_at=FixedClock().now())
    session.add(row)
    session.commit()
    twin = Subscriber(phone_hash="h", stop_token_hash="h", name_encrypted="Mme Roy", created_at=row.created_at)
    session.add(twin)
    with pytest.raises(IntegrityError) as error:
        session.flush()
    assert "Mme Roy" not in str(error.value)
    session.rollback()
