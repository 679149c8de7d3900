"""Telling of an evening in half a minute (guinguette/web/host/reports.py)."""

import datetime as dt
import io
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Evening, EveningReport, Photo
from tests import factories as make
from tests.fakes import FixedClock
from tests.web.host.conftest import HostAtHome

PAGE = "soirees/eclaron1/apres"
AFTER = dt.datetime(2027, 6, 19, 20, 30, tzinfo=dt.UTC)


@pytest.fixture
def evening(session: Session, host: HostAtHome, clock: FixedClock) -> Evening:
    """An evening at Éclaron that has just ended."""
    evening = make.make_evening(session, id="eclaron1", commune=host.commune)
    session.commit()
    clock.set(AFTER)
    return evening


def jpeg() -> tuple[io.BytesIO, str]:
    """Return a photograph as a browser sends it."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    return io.BytesIO(out.getvalue()), "bal.jpg"


def told(version: int = 0, **values: Any) -> dict[str, Any]:
    """Return the form as a browser sends it."""
    return {"version": version, "attendance": "180", "incidents": "", "word": "Très belle soirée."} | values


def test_a_village_tells_and_the_organiser_reads(
    host: HostAtHome, session: Session, evening: Evening, organiser_client: FlaskClient
) -> None:
    """Number, word and photographs at once; the evening is held; both sides show it, either takes a photograph away."""
    answer = host.post(PAGE, data=told(photo=[jpeg(), jpeg()], incidents="Une chute,\nsans gravité."))
    assert answer.location == host.path(PAGE)
    session.refresh(evening)
    assert (evening.state, evening.attendance) == ("held", 180)
    page = host.get(PAGE).text
    assert "Merci. C’est enregistré" in page
    assert "Raconté par Jeanne Petit" in page
    desk = organiser_client.get("/organisation/soirees/eclaron1").text
    for words in ("Ce que le village en dit", "Une chute,\nsans gravité.", "Très belle soirée.", "180 personnes"):
        assert words in desk
    one, two = session.scalars(select(Photo.id)).all()
    assert f"/organisation/photos/{one}.jpg" in desk
    host.post(f"photos/{one}/retirer")
    organiser_client.post(f"/organisation/photos/{two}/retirer")
    assert session.scalars(select(Photo.id)).all() == []


@pytest.mark.usefixtures("evening")
def test_a_photo_that_cannot_be_read_takes_nothing_with_it(host: HostAtHome, session: Session) -> None:
    """The number and the good photograph are kept, and the page says which was not."""
    bad = (io.BytesIO(b"not a picture"), "bal.jpg")
    page = host.post(PAGE, data=told(photo=[bad, jpeg()]), follow_redirects=True).text
    assert "Cette photo ne se lit pas" in page
    assert "Merci. C’est enregistré" in page
    assert len(session.scalars(select(Photo.id)).all()) == 1


def test_the_second_telephone_is_told_what_the_first_has_said(
    host: HostAtHome, session: Session, evening: Evening
) -> None:
    """It keeps what it typed, and may save again knowingly."""
    host.post(PAGE, data=told())
    page = host.post(PAGE, data=told(attendance="90", word="Bof.")).text
    assert "a raconté la soirée entre-temps" in page
    assert "Bof." in page
    host.post(PAGE, data=told(version=1, attendance="90", word="Bof."))
    session.refresh(evening)
    assert evening.attendance == 90


@pytest.mark.usefixtures("evening")
def test_before_the_end_there_is_no_form(host: HostAtHome, clock: FixedClock) -> None:
    """The page says when to come back; a number that is none is said beside its field."""
    assert "Écrivez un nombre entier" in host.post(PAGE, data=told(attendance="beaucoup")).text
    clock.set(AFTER - dt.timedelta(hours=2))
    page = host.get(PAGE).text
    assert "La soirée n’est pas finie" in page
    assert "<form" not in page
    assert "La soirée n’est pas finie" in host.post(PAGE, data=told()).text


@pytest.mark.usefixtures("evening")
def test_of_two_at_once_one_is_kept_and_the_other_told(host: HostAtHome, session: Session, app: Flask) -> None:
    """Two telephones in the same second, on either database: no number is written over unread."""
    together = Barrier(2)

    def tell(attendance: int) -> int:
        client = app.test_client()
        together.wait()
        return client.post(host.path(PAGE), data=told(attendance=str(attendance))).status_code

    with ThreadPoolExecutor(2) as people:
        answers = sorted(people.map(tell, (180, 90)))
    assert answers[0] in (200, 302)
    assert answers.count(302) == 1
    assert len(session.scalars(select(EveningReport)).all()) == 1


@pytest.mark.usefixtures("evening")
def test_the_evening_s_page_asks_once(host: HostAtHome) -> None:
    """What has been told can be read again; it is not asked for a second time."""
    assert "Raconter la soirée" in host.get("soirees/eclaron1").text
    host.post(PAGE, data=told())
    page = host.get("soirees/eclaron1").text
    assert "Relire ou corriger" in page
    assert "Raconter la soirée" not in page
