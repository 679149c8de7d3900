"""The dates in the frame of a village's website, and the page that gives its webmaster the line to paste."""

import datetime as dt
import html
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.models import Tour
from tests import factories
from tests.fakes import FixedClock


@pytest.fixture
def tour(session: Session) -> Tour:
    """Six evenings of a summer tour, one cancelled, one moved to the hall, the fourth in Éclaron. Today is 9 June."""
    tour = factories.make_tour(session, slug="ete", name="Tournée d’été")
    eclaron = factories.make_commune(session, insee="51250", name='L’Éclaron "d\'en bas" & Cie')
    others = [
        factories.make_evening(session, tour=tour, date=dt.date(2027, 6, day), **values)
        for day, values in (
            (5, {"state": "held"}),
            (12, {"state": "cancelled", "change_note": "Orages."}),
            (19, {"venue": "hall", "change_note": "Vent fort."}),
            (20, {}),
            (27, {}),
        )
    ]
    own = factories.make_evening(session, tour=tour, commune=eclaron, date=dt.date(2027, 6, 26))
    factories.make_publication(session, tour=tour, evenings=[*others, own])
    session.commit()
    return tour


def villages(page: str) -> list[str]:
    """The villages of the programme, in order."""
    return [html.unescape(name).strip() for name in re.findall(r"<h2>\s*<a[^>]*>(.*?)</a>", page, re.S)]


@pytest.mark.usefixtures("tour")
def test_any_website_may_frame_it_and_nothing_runs_in_it(client: FlaskClient) -> None:
    """A policy of its own, no script, no form, no cookie, no other server; links leave the frame."""
    for path in ("/embed/ete", "/embed/rien"):
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert policy.endswith("frame-ancestors *")
        assert "script-src" not in policy
        assert "X-Frame-Options" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert '<base target="_top">' in answer.text
        shown = re.sub(r'<link rel="canonical"[^>]*>', "", answer.text)
        assert not re.search(r"<script|<form|https?://", shown)


@pytest.mark.usefixtures("tour")
def test_search_engines_find_the_tours_page_instead(client: FlaskClient) -> None:
    """The frame names it as the one to list, in its own language; without a tour there is none to name."""
    canonical = r'<link rel="canonical"\s+href="http://127.0.0.1:8000/en/tournees/ete">'
    assert re.search(canonical, client.get("/en/embed/ete").text)
    assert "canonical" not in client.get("/embed/nulle-part").text


@pytest.mark.usefixtures("tour")
def test_somebody_signed_in_gets_the_same_frame(client: FlaskClient, organiser_client: FlaskClient) -> None:
    """Nor a renewed cookie: what a village's website shows is the same for all."""
    organiser_client.get("/organisation/")  # the session knows this browser now
    answer = organiser_client.get("/embed/ete")
    assert answer.data == client.get("/embed/ete").data
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.usefixtures("tour")
def test_the_next_dates_with_their_states(client: FlaskClient) -> None:
    """Four where nobody has said, what is over left out, what is cancelled or moved said in words."""
    page = client.get("/embed/ete").text
    assert len(villages(page)) == 4
    assert "Tournée d’été" in page
    assert "Annulée" in page
    assert "Orages." in page
    assert "Déplacée à la salle des fêtes" in page
    assert "<del>De 18" in page


@pytest.mark.usefixtures("tour")
@pytest.mark.parametrize(("asked", "shown"), [("1", 1), ("0", 1), ("-3", 1), ("99999", 5), ("beaucoup", 4)])
def test_as_many_as_asked(client: FlaskClient, asked: str, shown: int) -> None:
    """Any number, or nonsense, is answered with dates."""
    assert len(villages(client.get(f"/embed/ete?nombre={asked}").text)) == shown


@pytest.mark.usefixtures("tour")
def test_the_villages_own_date_first(client: FlaskClient) -> None:
    """Then the others; a village unknown to the tours is as if it had not been named."""
    own = client.get("/embed/ete?commune=51250&nombre=2").text
    assert villages(own)[0] == 'L’Éclaron "d’en bas" & Cie'
    assert len(villages(own)) == 2
    assert client.get("/embed/ete?commune=99999").text == client.get("/embed/ete").text


def test_a_pasted_line_outlives_its_tour(client: FlaskClient, session: Session, tour: Tour, clock: FixedClock) -> None:
    """Once the tour is over the frame says so and shows the other tours' dates; once there are none, that."""
    clock.set(dt.datetime(2027, 10, 1, 10, tzinfo=dt.UTC))
    page = client.get("/embed/ete?commune=51250").text
    assert "c’est fini pour cette fois" in page
    assert "Aucune autre date" in page
    winter = factories.make_tour(session, slug="hiver")
    later = factories.make_evening(session, tour=winter, date=dt.date(2027, 11, 6))
    factories.make_publication(session, tour=winter, evenings=[later])
    session.commit()
    assert villages(client.get("/embed/ete").text) == [later.commune.name]


@pytest.mark.usefixtures("tour")
def test_the_line_to_paste(client: FlaskClient) -> None:
    """What the field holds is the frame that the preview shows: full address, title, size, loaded when it is seen."""
    page = client.get("/integrer?tour=ete&commune=51250&nombre=2").text
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)
    assert found is not None
    line = html.unescape(found[1])
    attributes = {name: html.unescape(value) for name, value in re.findall(r'(\w+)="([^"]*)"', line)}
    assert line.startswith("<iframe ")
    assert line.endswith("></iframe>")
    assert attributes == {
        "src": "http://127.0.0.1:8000/embed/ete?commune=51250&nombre=2",
        "title": 'La Guinguette mobile à L’Éclaron "d\'en bas" & Cie et ailleurs',
        "height": "620",
        "loading": "lazy",
        "style": "width:100%;border:0",
    }
    assert 'src="/embed/ete?commune=51250&amp;nombre=2"' in page


@pytest.mark.usefixtures("tour")
def test_the_page_takes_whatever_the_address_says(client: FlaskClient) -> None:
    """Unknown values choose nothing; a village alone chooses the tour that goes there; tour and village lead here."""
    usual = re.findall(r"<iframe[^>]*>", client.get("/integrer").text)
    assert usual == re.findall(r"<iframe[^>]*>", client.get("/integrer?tour=rien&commune=x&nombre=7").text)
    assert 'src="/embed/ete?commune=51250&amp;nombre=4"' in client.get("/integrer?commune=51250").text
    assert "/integrer?tour=ete" in client.get("/tournees/ete").text
    assert "/integrer?commune=51250" in client.get("/communes/51250").text


def test_before_the_first_tour_there_is_no_line(client: FlaskClient) -> None:
    """The page says when there will be one."""
    page = client.get("/integrer").text
    assert "<iframe" not in page
    assert "dès qu’une tournée sera publiée" in page
