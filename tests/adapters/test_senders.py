"""Which sender is in force, and what it shows (guinguette/adapters/senders.py, sms_console.py)."""

import dataclasses
import logging

import pytest
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.mail_console import ConsoleEmail, NoEmail
from guinguette.adapters.mail_smtp import SmtpEmail
from guinguette.adapters.senders import build_senders
from guinguette.adapters.sms_twilio import TwilioSms
from guinguette.adapters.vault import Vault
from guinguette.config import Settings
from guinguette.services import sending
from tests.factories import make_message, make_subscriber
from tests.fakes import PUBLIC_URL, FixedClock, only_sms


@pytest.mark.parametrize("env", ["development", "production"])
def test_the_console_never_shows_a_number_or_a_code_of_a_production(
    env: str,
    settings: Settings,
    session: Session,
    session_factory: sessionmaker[Session],
    clock: FixedClock,
    vault: Vault,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In development it prints both; in production nothing leaves, and the message waits for a provider."""
    caplog.set_level(logging.DEBUG)
    subscriber = make_subscriber(session, vault=vault, phone="+33639981234")
    message = make_message(session, subscriber=subscriber, kind="code", body="votre code est 123456", urgent=True)
    session.commit()
    sender = build_senders(dataclasses.replace(settings, env=env)).sms
    sending.send_due(
        session_factory, clock=clock, senders=only_sms(sender), vault=vault, public_url=PUBLIC_URL, wait=clock.wait
    )
    session.refresh(message)
    shown = capsys.readouterr().out + caplog.text
    development = env == "development"
    assert message.state == ("sent" if development else "queued")
    assert ("639981234" in shown, "123456" in shown) == (development, development)


def test_one_setting_chooses(settings: Settings) -> None:
    """Twilio in production as in development."""
    account = {"sms": "twilio", "twilio_account_sid": "AC", "twilio_auth_token": "t"}
    for env in ("development", "production"):
        assert isinstance(build_senders(dataclasses.replace(settings, env=env, **account)).sms, TwilioSms)


def test_an_address_chooses_the_mail_server(settings: Settings) -> None:
    """Without one, a development prints and a production keeps silent."""
    url = "smtp://127.0.0.1:25?from=bonjour@example.org&starttls=no"
    for env, without in (("development", ConsoleEmail), ("production", NoEmail)):
        running = dataclasses.replace(settings, env=env)
        assert isinstance(build_senders(running).email, without)
        assert isinstance(build_senders(dataclasses.replace(running, smtp_url=url)).email, SmtpEmail)
