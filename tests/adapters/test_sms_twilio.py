"""Twilio through its official client: against its own specification, and against a fake that fails in every way."""

import dataclasses
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from guinguette.adapters import sms_twilio
from guinguette.adapters.ports import Known, SendError
from guinguette.adapters.sms_twilio import TwilioSms
from guinguette.config import Settings
from tests.adapters.fake_twilio import Answer, FakeTwilio
from tests.adapters.prism import serve_specification
from tests.loopback import free_port

pytestmark = pytest.mark.enable_socket

ACCOUNT = "AC" + "0" * 32
TO = "+33639980001"


@pytest.fixture
def fake() -> Iterator[FakeTwilio]:
    """A Twilio that remembers."""
    fake = FakeTwilio()
    yield fake
    fake.stop()


def _settings(settings: Settings, base: str, **values: str) -> Settings:
    account = {"sms": "twilio", "twilio_account_sid": ACCOUNT, "twilio_auth_token": "t", "twilio_api_url": base}
    return dataclasses.replace(settings, **(account | values), public_url="https://guinguette.example")


@pytest.fixture
def sms(fake: FakeTwilio, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> TwilioSms:
    """The sender, led to the fake and short of patience."""
    monkeypatch.setattr(sms_twilio, "TIMEOUT_SECONDS", 0.5)
    return TwilioSms(_settings(settings, fake.start()))


def _refusal(sms: TwilioSms) -> SendError:
    with pytest.raises(SendError) as refusal:
        sms.send(to=TO, body="Bonsoir", message_id="m1")
    return refusal.value


def test_what_twilio_is_asked(sms: TwilioSms, fake: FakeTwilio) -> None:
    """Number, text, alphanumeric sender, and a callback that names the message."""
    assert sms.send(to=TO, body="À ce soir : 18 h, café & 100 %", message_id="m1").provider_id.startswith("SM")
    assert fake.accepted == [
        {
            "path": f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
            "To": TO,
            "Body": "À ce soir : 18 h, café & 100 %",
            "From": "Guinguette",
            "StatusCallback": "https://guinguette.example/sms/statut/m1",
        }
    ]


def test_a_messaging_service_takes_the_senders_place(fake: FakeTwilio, settings: Settings) -> None:
    """Where one is set."""
    service = "MG" + "0" * 32
    sms = TwilioSms(_settings(settings, fake.start(), twilio_messaging_service_sid=service))
    sms.send(to=TO, body="Bonsoir", message_id="m1")
    assert fake.accepted[0]["MessagingServiceSid"] == service
    assert "From" not in fake.accepted[0]


@pytest.mark.parametrize(
    ("status", "code", "permanent", "uncertain"),
    [
        (400, 21610, True, False),  # opted out
        (400, 21211, True, False), (400, 21614, True, False), (400, 21635, True, False),  # bad numbers
        (400, 30007, True, False), (400, None, True, False),
        (400, 21408, False, False), (400, 21612, False, False),  # the account's configuration
        (401, 20003, False, False), (403, None, False, False), (404, 20404, False, False),
        (429, 20429, False, False), (429, None, False, False), (400, 30001, False, False), (400, 21611, False, False),
        (400, 63038, False, False),
        (500, 20500, False, True), (502, None, False, True), (503, 20503, False, True),
    ],
)  # fmt: skip
def test_what_each_refusal_means(
    sms: TwilioSms, fake: FakeTwilio, status: int, code: int | None, permanent: bool, uncertain: bool
) -> None:
    """Never again, perhaps later, or nobody knows."""
    fake.answers = [Answer(status=status, code=code, accept=False)]
    error = _refusal(sms)
    assert (error.permanent, error.uncertain, error.opted_out) == (permanent, uncertain, code == 21610)
    assert error.this_number == (code in (21408, 21612))  # all else that may pass holds the whole queue
    assert error.busy == (status == 429 or code in (30001, 21611))
    assert error.capped == (code == 63038)
    assert error.code in (str(code), str(status))


def test_what_was_taken_but_not_answered_is_uncertain(sms: TwilioSms, fake: FakeTwilio) -> None:
    """The connection drops, or the answer is too slow, after the SMS has left."""
    slow = threading.Event()
    fake.answers = [Answer(hang_up=True), Answer(wait=slow)]
    errors = [_refusal(sms), _refusal(sms)]
    slow.set()
    assert [(e.uncertain, e.permanent) for e in errors] == [(True, False)] * 2
    assert len(fake.accepted) == 2


def test_an_answer_that_is_not_twilios_is_uncertain(sms: TwilioSms, fake: FakeTwilio) -> None:
    """A 201 without an identifier proves nothing."""
    fake.answers = [Answer(accept=False)]
    assert _refusal(sms).uncertain


def test_twilio_tells_what_it_has_for_a_number(sms: TwilioSms, fake: FakeTwilio) -> None:
    """Whatever became of the answer; not what went to others, nor what is older."""
    before = datetime.now(UTC) - timedelta(seconds=2)
    fake.answers = [Answer(hang_up=True)]
    _refusal(sms)
    sms.send(to="+33639980002", body="Autre", message_id="m2")
    assert sms.sent_to(TO, before) == [Known(f"SM{1:032x}", "Bonsoir", "delivered", "")]
    assert sms.sent_to(TO, before + timedelta(minutes=1)) == []


def test_a_list_out_of_reach_is_an_error_and_no_empty_list(settings: Settings) -> None:
    """Else what has left would be believed never to have left."""
    sms = TwilioSms(_settings(settings, "http://127.0.0.1:1"))
    with pytest.raises(SendError):
        sms.sent_to(TO, datetime.now(UTC))


def test_whoever_told_twilio_to_stop_is_refused_as_such(sms: TwilioSms, fake: FakeTwilio) -> None:
    """21610: opted out, for good."""
    fake.opted_out = {TO}
    assert _refusal(sms).opted_out


def test_where_nobody_listens_nothing_has_left(settings: Settings) -> None:
    """A refused connection may be tried again later."""
    sms = TwilioSms(_settings(settings, f"http://127.0.0.1:{free_port()}"))
    error = _refusal(sms)
    assert (error.permanent, error.uncertain) == (False, False)


def test_the_client_logs_no_number_and_no_text(
    sms: TwilioSms, fake: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    """Even at the most talkative level."""
    fake.answers = [Answer(), Answer(status=400, code=21211, accept=False)]
    with caplog.at_level(logging.DEBUG):
        sms.send(to=TO, body="secret", message_id="m1")
        _refusal(sms)
    assert "63998" not in caplog.text
    assert "secret" not in caplog.text


@pytest.fixture(scope="module")
def prism() -> Iterator[str]:
    """Twilio's own specification on loopback; its base address."""
    with serve_specification() as base:
        yield base


@pytest.mark.node
@pytest.mark.parametrize("origin", [{}, {"twilio_messaging_service_sid": "MG" + "a" * 32}])
def test_twilios_own_specification_accepts_what_we_send(prism: str, settings: Settings, origin: dict[str, str]) -> None:
    """By alphanumeric sender and by messaging service; prism answers with a message of the specification's form."""
    sms = TwilioSms(_settings(settings, prism, **origin))
    accepted = sms.send(to=TO, body="Guinguette : à ce soir.", message_id="0" * 32)
    assert accepted.provider_id


@pytest.mark.node
def test_twilios_own_specification_accepts_what_we_ask(prism: str, settings: Settings) -> None:
    """The list of messages to a number; prism answers with one of the specification's form."""
    assert TwilioSms(_settings(settings, prism)).sent_to(TO, datetime(2000, 1, 1, tzinfo=UTC))


@pytest.mark.node
def test_prism_refuses_what_the_specification_does_not_know(prism: str) -> None:
    """So that the test above proves something."""
    address = f"{prism}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    answer = requests.post(address, data={"Body": "no number"}, auth=(ACCOUNT, "t"), timeout=10)
    answer.close()
    assert answer.status_code == 422
