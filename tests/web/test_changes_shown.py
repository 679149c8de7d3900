"""What has changed is said plainly, and no evening stands twice on a page."""

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.models import Tour
from guinguette.services import publication
from tests import factories
from tests.fakes import FixedClock

TODAY = dt.date(2027, 6, 9)
SATURDAY = dt.date(2027, 6, 19)


@pytest.fixture
def tour(session: Session) -> Tour:
    """A summer tour with an address of its own."""
    return factories.make_tour(session, slug="ete-2027")


def _page(client: FlaskClient, path: str) -> str:
    return client.get(path).text.replace("\u00a0", " ")


def test_evening_on_another_day(client: FlaskClient, session: Session, tour: Tour) -> None:
    """Whoever has the old poster reads the new day first, then the old one struck through; once past it is over."""
    evening = factories.make_evening(session, tour=tour, id="deplacee", date=SATURDAY)
    factories.make_publication(session, tour=tour, evenings=[evening])
    evening.date = SATURDAY + dt.timedelta(days=7)
    publication.refresh(session, tour, actor="tests", clock=FixedClock())
    session.commit()
    page = re.sub(r"\s+", " ", _page(client, "/soirees/deplacee"))
    assert "DATE CHANGÉE" in page
    assert re.search(r"Venez le <strong>samedi 26 juin</strong>, et non : <del>samedi 19 juin</del>", page)
    assert '"previousStartDate": "2027-06-19T18:00:00+02:00"' in page
    evening.starts_at = dt.time(19)
    publication.refresh(session, tour, actor="tests", clock=FixedClock())
    session.commit()
    page = re.sub(r"\s+", " ", _page(client, "/soirees/deplacee"))
    assert "HORAIRE CHANGÉ" in page
    assert "Venez à partir de <strong>19 h</strong>, et non : <del>18 h</del>" in page


def test_no_evening_stands_twice_on_a_page(client: FlaskClient, session: Session, tour: Tour) -> None:
    """Whatever became of the evenings, each list has each once."""
    place = factories.make_commune(session, insee="52182", name="Éclaron")
    states = ["cancelled", "confirmed", "postponed", "option", "confirmed", "cancelled"]
    evenings = [
        factories.make_evening(
            session, tour=tour, commune=place, id=f"soiree{n}", state=state, date=TODAY + dt.timedelta(days=n)
        )
        for n, state in enumerate(states)
    ]
    factories.make_publication(session, tour=tour, evenings=evenings)
    session.commit()
    for path in ("/", "/dates", "/tournees/ete-2027", "/communes/52182", "/carte"):
        page = _page(client, path)
        for evening in evenings:
            links = re.findall(rf'href="/soirees/{evening.id}["#]', page)
            assert len(links) == 1, (path, evening.id)
