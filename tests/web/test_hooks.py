"""What Twilio posts to us: only with its signature, in any order."""

import dataclasses

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from guinguette.adapters.vault import Vault
from guinguette.models import Message, Subscriber, Subscription
from tests.factories import make_commune, make_message, make_subscriber
from tests.fakes import FakeJobs

TOKEN = "made-up-token"
PUBLIC = "https://guinguette.example"


@pytest.fixture
def twilio(app: Flask) -> FlaskClient:
    """The app at a public address, with an account at Twilio, and CSRF on."""
    edge = app.extensions["guinguette"]
    settings = dataclasses.replace(edge.settings, public_url=PUBLIC, twilio_auth_token=TOKEN)
    app.extensions["guinguette"] = dataclasses.replace(edge, settings=settings)
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


def _post(client: FlaskClient, path: str, form: dict[str, str], *, token: str = TOKEN) -> TestResponse:
    signature = RequestValidator(token).compute_signature(PUBLIC + path, form)
    return client.post(path, data=form, headers={"X-Twilio-Signature": signature})


def _message(session: Session, vault: Vault, state: str) -> str:
    message = make_message(session, subscriber=make_subscriber(session, vault=vault), state=state)
    session.commit()
    return message.id


def _state(session: Session, message_id: str) -> str:
    session.expire_all()
    state = session.get_one(Message, message_id).state
    session.rollback()
    return state


def test_without_twilios_signature_nothing_is_believed(twilio: FlaskClient, session: Session, vault: Vault) -> None:
    """A missing signature, another token's or another form's is refused."""
    message_id = _message(session, vault, "sent")
    path = f"/sms/statut/{message_id}"
    assert twilio.post(path, data={"MessageStatus": "failed"}).status_code == 403
    assert _post(twilio, path, {"MessageStatus": "failed"}, token="another").status_code == 403
    stolen = RequestValidator(TOKEN).compute_signature(PUBLIC + path, {"MessageStatus": "sent"})
    forged = twilio.post(path, data={"MessageStatus": "failed"}, headers={"X-Twilio-Signature": stolen})
    assert forged.status_code == 403
    assert _state(session, message_id) == "sent"


def test_without_an_account_the_hooks_are_shut(client: FlaskClient) -> None:
    """The console sender has no callbacks: an empty token signs nothing."""
    signature = RequestValidator("").compute_signature("http://127.0.0.1:8000/sms/entrant", {"Body": "STOP"})
    answer = client.post("/sms/entrant", data={"Body": "STOP"}, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("before", "told", "after"),
    [
        ("sending", ["sent", "delivered"], "delivered"),
        ("sending", ["delivered", "sent", "queued"], "delivered"),
        ("sent", ["undelivered", "sent"], "failed"),
        ("uncertain", ["sent"], "sent"),
        ("uncertain", ["delivered", "delivered"], "delivered"),
        ("delivered", ["failed"], "delivered"),
        ("failed", ["delivered"], "failed"),
        ("queued", ["sent"], "sent"),  # what the provider has a name for has left, whatever we believed
        ("dropped", ["delivered"], "dropped"),
        ("sent", ["a new word"], "sent"),
    ],
)
def test_states_only_advance_whatever_the_order_of_callbacks(
    twilio: FlaskClient, session: Session, vault: Vault, before: str, told: list[str], after: str
) -> None:
    """Duplicates and latecomers change nothing; an uncertain message is cleared up by its callback."""
    message_id = _message(session, vault, before)
    for status in told:
        form = {"MessageStatus": status, "MessageSid": "SM1"}
        assert _post(twilio, f"/sms/statut/{message_id}", form).status_code == 204
    assert _state(session, message_id) == after


def test_a_callback_keeps_the_providers_name_and_code(twilio: FlaskClient, session: Session, vault: Vault) -> None:
    """Whoever looks into a failure finds what to ask Twilio about."""
    message_id = _message(session, vault, "sent")
    form = {"MessageStatus": "undelivered", "MessageSid": "SM1", "ErrorCode": "30006"}
    _post(twilio, f"/sms/statut/{message_id}", form)
    session.expire_all()
    message = session.get_one(Message, message_id)
    assert (message.provider_id, message.error) == ("SM1", "30006")


def test_a_telephone_out_of_reach_gets_no_second_sms(twilio: FlaskClient, session: Session, vault: Vault) -> None:
    """30003 is no proof that the first will not arrive after all: failed is the end of it, whatever comes late."""
    message_id = _message(session, vault, "sent")
    for status in ("undelivered", "sent", "undelivered"):
        form = {"MessageStatus": status, "MessageSid": "SM1", "ErrorCode": "30003"}
        _post(twilio, f"/sms/statut/{message_id}", form)
    assert _state(session, message_id) == "failed"


def test_a_stop_that_twilio_tells_afterwards_counts(twilio: FlaskClient, session: Session, vault: Vault) -> None:
    """21610 in a callback: the message has failed, and nothing more leaves to that number."""
    message_id = _message(session, vault, "sent")
    form = {"MessageStatus": "failed", "MessageSid": "SM1", "ErrorCode": "21610", "To": "+33639980001"}
    _post(twilio, f"/sms/statut/{message_id}", form)
    assert _state(session, message_id) == "failed"
    assert session.scalars(select(Subscriber.opted_out_at)).one() is not None


def test_behind_a_proxy_the_public_address_is_what_is_signed(
    twilio: FlaskClient, session: Session, vault: Vault
) -> None:
    """The proxy speaks to us by another name and without TLS; Twilio has signed what it called."""
    message_id = _message(session, vault, "sent")
    form = {"MessageStatus": "delivered", "MessageSid": "SM1"}
    path = f"/sms/statut/{message_id}"
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, form)
    headers = {"X-Twilio-Signature": signature, "Host": "10.0.0.7:8000", "X-Forwarded-Host": "guinguette.example"}
    assert twilio.post(path, data=form, headers=headers, base_url="http://10.0.0.7:8000").status_code == 204
    assert _state(session, message_id) == "delivered"


def test_a_failure_wakes_the_workers_for_an_email_may_take_over(
    twilio: FlaskClient, session: Session, vault: Vault, jobs: FakeJobs
) -> None:
    """At once, not a minute later; nothing else does."""
    message_id = _message(session, vault, "sending")
    for status in ("sent", "undelivered"):
        assert jobs.sendings == 0
        _post(twilio, f"/sms/statut/{message_id}", {"MessageStatus": status})
    assert jobs.sendings == 1


def test_an_unknown_message_is_nobodys_fault(twilio: FlaskClient) -> None:
    """Twilio is told that all is well, or it would try again."""
    assert _post(twilio, "/sms/statut/unknown", {"MessageStatus": "sent"}).status_code == 204


def test_a_query_is_part_of_what_is_signed(twilio: FlaskClient) -> None:
    """Twilio signs the address it calls, query included."""
    assert _post(twilio, "/sms/entrant?from=console", {"Body": "Bonjour"}).status_code == 204


@pytest.mark.parametrize("word", ["STOP", "stop", " Arrêt ", "ARRET", "Désabonner", "Stop merci", "UNSUBSCRIBE"])
def test_words_that_stop(twilio: FlaskClient, session: Session, vault: Vault, word: str) -> None:
    """STOP and its likes, in French too, with accents or not, end everything at once."""
    make_subscriber(session, vault=vault, phone="+33639980001", scopes=["tour:ete"])
    session.commit()
    assert _post(twilio, "/sms/entrant", {"From": "+33639980001", "Body": word}).status_code == 204
    assert session.scalars(select(Subscriber.opted_out_at)).one() is not None


@pytest.mark.parametrize(
    ("sender", "text"), [("+33639980001", "Merci !"), ("+33639980001", ""), ("+33600000000", "STOP")]
)
def test_other_words_and_strangers_change_nothing(
    twilio: FlaskClient, session: Session, vault: Vault, sender: str, text: str
) -> None:
    """Thanks are no STOP, and an unknown number has nothing to stop."""
    make_subscriber(session, vault=vault, phone="+33639980001", scopes=["tour:ete"])
    session.commit()
    assert _post(twilio, "/sms/entrant", {"From": sender, "Body": text}).status_code == 204
    assert session.scalars(select(Subscriber.opted_out_at)).one() is None


def test_a_village_sent_by_sms_subscribes_and_the_answer_is_asked_for_at_once(
    twilio: FlaskClient, session: Session, jobs: FakeJobs
) -> None:
    """With Twilio's signature alone; CONTACT is answered too, thanks are not."""
    make_commune(session, insee="52182", name="Éclaron")
    session.commit()
    form = {"From": "+33639980001", "Body": "Guinguette éclaron", "MessageSid": "SM1"}
    assert twilio.post("/sms/entrant", data=form).status_code == 403
    assert session.scalars(select(Subscription)).all() == []
    session.rollback()
    for body in ("Guinguette éclaron", "CONTACT", "Merci"):
        assert _post(twilio, "/sms/entrant", {**form, "Body": body, "MessageSid": body}).status_code == 204
    assert session.scalars(select(Subscription.scope)).all() == ["near:52182:20"]
    welcome, contact = session.scalars(select(Message.body).order_by(Message.created_at, Message.body.desc())).all()
    assert f"STOP : {PUBLIC}/stop/" in welcome + contact
    assert "l'association qui publie ce site" in welcome + contact
    assert jobs.sendings == 2
