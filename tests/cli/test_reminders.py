"""``guinguette reminders run``: which reminders, and when they may leave (guinguette/cli/seasons.py)."""

import datetime as dt
import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from guinguette import config
from guinguette.adapters.vault import Vault
from guinguette.cli import run
from guinguette.domain.clock import PARIS, SystemClock
from guinguette.models import Message
from guinguette.models.engine import engine_options
from tests import factories as make

AT = ["--at", "2027-06-18T17:00"]
TWILIO = {"GUINGUETTE_SMS": "twilio", "TWILIO_ACCOUNT_SID": "AC", "TWILIO_AUTH_TOKEN": "t"}


@pytest.fixture
def season(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An evening on Saturday 19 June 2027 and somebody to remind of it; it is eleven at night, the day before."""
    assert run(["db", "upgrade"]) == 0
    settings = config.load(os.environ)
    engine = create_engine(settings.database_url, **engine_options(settings.database_url))
    with Session(engine) as session:
        commune = make.make_commune(session, insee="52182", name="Éclaron")
        tour = make.make_tour(session)
        evening = make.make_evening(session, tour=tour, commune=commune, date=dt.date(2027, 6, 19))
        make.make_publication(session, tour=tour, evenings=[evening])
        make.make_subscriber(session, vault=Vault(settings.data_key), phone="+33639981234", scopes=["commune:52182"])
        session.commit()
    engine.dispose()
    _now(monkeypatch, "2027-06-18T23:00")
    return installation


def _now(monkeypatch: pytest.MonkeyPatch, local: str) -> None:
    instant = dt.datetime.fromisoformat(local).replace(tzinfo=PARIS).astimezone(dt.UTC)
    monkeypatch.setattr(SystemClock, "now", lambda _self: instant)


def _states() -> list[str]:
    settings = config.load(os.environ)
    engine = create_engine(settings.database_url, **engine_options(settings.database_url))
    with Session(engine) as session:
        states = list(session.scalars(select(Message.state)))
    engine.dispose()
    return states


def test_a_rehearsal_takes_place_at_the_instant_given(season: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Printed on the console, which wakes nobody: once, at whatever hour it is asked for; at night even so nothing."""
    assert run(["reminders", "run", "--at", "2027-06-18T22:00"]) == 0
    assert _states() == ["queued"]
    capsys.readouterr()
    assert run(["reminders", "run", *AT]) == 0
    assert "SMS +33639981234 : Guinguette" in capsys.readouterr().out
    assert run(["reminders", "run", *AT]) == 0
    assert "SMS" not in capsys.readouterr().out
    assert _states() == ["sent"]


def test_no_telephone_rings_at_night_because_an_hour_was_typed(
    season: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a provider, ``--at`` prepares what is due then; it leaves by the real clock (any connection would fail)."""
    for name, value in TWILIO.items():
        monkeypatch.setenv(name, value)
    assert run(["reminders", "run", *AT]) == 0
    assert "1 rappel(s) préparé(s) ; messages : aucun pour l’instant." in capsys.readouterr().out
    assert _states() == ["queued"]


def test_a_reminder_prepared_ahead_does_not_leave_early(season: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A week before, at noon: it waits for the day before at five."""
    for name, value in TWILIO.items():
        monkeypatch.setenv(name, value)
    _now(monkeypatch, "2027-06-11T12:00")
    assert run(["reminders", "run", *AT]) == 0
    assert _states() == ["queued"]
