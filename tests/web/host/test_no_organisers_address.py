"""Organisers sign in with their e-mail: hosts read « l’association » instead, whoever it was."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Evening
from guinguette.models.signature import sign
from guinguette.services import evenings, options
from guinguette.services.evenings import Act
from tests import factories as make
from tests.fakes import NOW, PUBLIC_URL, FixedClock
from tests.web.host.conftest import HostAtHome

DESK = "o@example.org"


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> Act:
    """An organiser at work."""
    return Act(actor=DESK, clock=clock, vault=vault, public_url=PUBLIC_URL)


@pytest.fixture
def evening(session: Session, host: HostAtHome) -> Evening:
    """An evening of the host's village."""
    return make.make_evening(session, commune=host.commune, date=dt.date(2027, 7, 17), state="proposed")


def test_what_the_desk_confirmed_is_the_association_s(
    session: Session, host: HostAtHome, organiser_client: FlaskClient, act: Act, evening: Evening
) -> None:
    """In the journal and in the agreement; the desk itself reads who it was."""
    evenings.confirm(session, [evening], act)
    session.commit()
    journal, page = host.get("journal").text, host.get(f"soirees/{evening.id}").text
    assert "l’association, au bureau" in journal
    assert "notée au bureau de l’association" in page
    assert DESK not in journal + page
    assert DESK in organiser_client.get(f"/organisation/communes/{host.commune.insee}").text


def test_who_was_first_is_not_named(session: Session, host: HostAtHome, act: Act, evening: Evening) -> None:
    """Where an evening, or a place, was saved meanwhile."""
    options.send(session, evening, act)
    sign(session, DESK, NOW)
    pitch = make.make_pitch(session, commune=host.commune)
    session.flush()
    pitch.water = "no"
    session.commit()
    answers = [
        host.post(f"soirees/{evening.id}/oui", data={"version": evening.version - 1, "note": ""}).text,
        host.post(f"lieux/emplacement/{pitch.id}/water", data={"water": "yes", "version": pitch.version - 1}).text,
    ]
    for answer in answers:
        assert "L’association a " in answer
        assert DESK not in answer
