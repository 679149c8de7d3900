"""A telephone number's way: from the form to the code, to the reminder, to STOP, with a real sender."""

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.ports import SmsSender
from guinguette.adapters.sms_console import ConsoleSms
from guinguette.adapters.sms_twilio import TwilioSms
from guinguette.adapters.vault import Vault
from guinguette.config import Settings
from guinguette.domain.clock import PARIS
from guinguette.models import Message
from guinguette.services import reminders, sending
from tests.adapters.prism import serve_specification
from tests.factories import make_commune, make_evening, make_publication, make_tour
from tests.fakes import PUBLIC_URL, FixedClock, only_sms

PHONE = "06 39 98 12 34"
PUBLIC = "https://guinguette.example"


@pytest.fixture
def twilio(settings: Settings) -> Iterator[TwilioSms]:
    """The official client on Twilio's own specification."""
    with serve_specification() as base:
        account = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": "t", "twilio_api_url": base}
        yield TwilioSms(dataclasses.replace(settings, **account, public_url=PUBLIC))


@pytest.fixture(params=["console", pytest.param("twilio", marks=pytest.mark.node)])
def sender(request: pytest.FixtureRequest) -> SmsSender:
    """Both senders there are."""
    return ConsoleSms() if request.param == "console" else request.getfixturevalue("twilio")


@pytest.mark.enable_socket
def test_from_the_form_to_the_reminder_and_stop(
    app: Flask,
    client: FlaskClient,
    session: Session,
    session_factory: sessionmaker[Session],
    clock: FixedClock,
    vault: Vault,
    sender: SmsSender,
) -> None:
    """Each step as people and workers take it; in the end nothing more is sent."""
    commune = make_commune(session, insee="52182", name="Éclaron")
    tour = make_tour(session)
    make_publication(session, tour=tour, evenings=[make_evening(session, tour=tour, commune=commune)])
    session.commit()

    def work() -> dict[str, int]:
        reminders.prepare(session, clock=clock, vault=vault, public_url=PUBLIC)
        session.commit()
        return dict(
            +sending.send_due(
                session_factory, clock=clock, senders=only_sms(sender), vault=vault, public_url=PUBLIC_URL
            )
        )

    client.post("/abonnement/sms", data={"phone": PHONE, "scope": "near:52182:20", "consent": "y"})
    code = re.findall(r"\d{6}", session.scalars(select(Message.body)).one())[0]
    session.rollback()
    assert work() == {"sent": 1}
    assert client.post("/abonnement/sms/confirmer", data={"phone": PHONE, "code": code}).status_code == 302
    assert work() == {}

    clock.set(dt.datetime(2027, 6, 18, 17, tzinfo=PARIS))
    assert work() == {"sent": 1}
    assert work() == {}
    body = session.scalars(select(Message.body).filter_by(kind="reminder")).one()
    session.rollback()
    assert body.startswith("Guinguette : samedi 19 juin à Éclaron, 18 h-22 h")

    path = body.rsplit(PUBLIC, 1)[1]
    assert client.get(path).status_code == 200
    assert "C’est arrêté" in client.post(path).get_data(as_text=True)
    clock.advance(hours=20)
    assert work() == {}
