"""``/comite/``: a lost link is asked for, and whoever asks learns nothing."""

import dataclasses
import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from tests import factories as make
from tests.fakes import FakeJobs, FixedClock

MOBILE = "06 39 98 00 01"


@pytest.fixture(autouse=True)
def _known(app: Flask, session: Session, vault: Vault) -> None:
    """A host with a mobile and an e-mail, on an installation that sends both."""
    make.make_contact(session, phone_encrypted=vault.encrypt("+33639980001"), email="jeanne@example.org")
    session.commit()
    edge = app.extensions["guinguette"]
    assert edge.settings.sends_sms
    assert edge.settings.sends_email


@pytest.mark.parametrize(
    ("known", "unknown", "kept"),
    [(MOBILE, "06 39 98 00 02", "+33639980001"), ("Jeanne@example.org", "paul@example.org", "jeanne@example.org")],
)
def test_the_answer_is_the_same_whether_we_know_the_address(
    client: FlaskClient, jobs: FakeJobs, vault: Vault, queries: list[str], known: str, unknown: str, kept: str
) -> None:
    """To the letter, for as much work: a worker finds out later, from a text that only we can read."""
    asked = []
    pages = []
    for address in (known, unknown):
        queries.clear()
        pages.append(client.post("/comite/", data={"address": address}).text)
        asked.append([query for query in queries if "contact" in query.lower()])
    assert pages[0] == pages[1]
    assert asked == [[], []]
    assert vault.decrypt(jobs.host_links[0]) == kept
    assert kept not in jobs.host_links[0]


def test_a_landline_is_told_to_ring(client: FlaskClient, jobs: FakeJobs) -> None:
    """Everybody's: no link arrives there."""
    page = client.post("/comite/", data={"address": "03 53 01 00 01"})
    assert "Appelez-nous" in page.text
    assert jobs.host_links == []


def test_a_slip_of_the_finger_is_shown(client: FlaskClient) -> None:
    """What was typed stays there, with what is wrong with it."""
    page = client.post("/comite/", data={"address": "06 39 98 00"})
    assert page.status_code == 400
    assert 'value="06 39 98 00"' in page.text
    assert "Un numéro de portable a dix chiffres" in page.text


def test_so_many_an_hour_to_one_address_and_from_one(client: FlaskClient, jobs: FakeJobs, clock: FixedClock) -> None:
    """However the number is written, from wherever; known or not."""
    for n, typed in enumerate((MOBILE, "+33 6 39 98 00 01", "0639980001", "06.39.98.00.01")):
        answer = client.post("/comite/", data={"address": typed}, environ_overrides={"REMOTE_ADDR": f"192.0.2.{n}"})
        assert answer.status_code == 200
    assert client.post("/comite/", data={"address": MOBILE}).status_code == 429
    assert client.post("/comite/", data={"address": "06 39 98 00 02"}).status_code == 200
    assert len(jobs.host_links) == 5
    clock.advance(hours=1, seconds=1)
    tried = [client.post("/comite/", data={"address": f"06 39 98 01 {n:02}"}).status_code for n in range(12)]
    assert tried == [200] * 10 + [429] * 2


def test_where_nothing_leaves_one_rings(app: Flask, client: FlaskClient, jobs: FakeJobs) -> None:
    """An installation without a provider does not promise an SMS."""
    edge = app.extensions["guinguette"]
    settings = dataclasses.replace(edge.settings, env="production")
    app.extensions["guinguette"] = dataclasses.replace(edge, settings=settings)
    for address in (MOBILE, "jeanne@example.org"):
        assert "Appelez-nous" in client.post("/comite/", data={"address": address}).text
    assert jobs.host_links == []


def test_a_limit_that_is_met_writes_down_no_address(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    """Flask-Limiter says whose limit it was."""
    caplog.set_level(logging.DEBUG)
    for address in (MOBILE, "jeanne@example.org"):
        codes = [
            client.post("/comite/", data={"address": address}, environ_overrides={"REMOTE_ADDR": f"192.0.2.{n}"})
            for n in range(5)
        ]
        assert [code.status_code for code in codes] == [200] * 4 + [429]
    told = "\n".join(record.getMessage() for record in caplog.records)
    assert "exceeded" in told
    assert [secret for secret in ("639980001", "06 39 98", "jeanne") if secret in told] == []
