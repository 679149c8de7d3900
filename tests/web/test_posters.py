"""Where posters, calendars, shared pictures and texts are fetched, and what travels with them."""

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.models import Tour
from guinguette.web import posters
from tests import factories
from tests.unit.publishing.sheets import codes, pages, picture


@pytest.fixture(autouse=True)
def _nothing_printed() -> None:
    """Each test prints anew."""
    posters._printed.clear()


@pytest.fixture
def tour(session: Session) -> Tour:
    """A published tour with one evening at Éclaron on 19 June 2027; the village is 52182. Today is 9 June."""
    tour = factories.make_tour(session, slug="ete", name="Tournée d’été")
    eclaron = factories.make_commune(session, insee="52182", name="Éclaron", lat=48.57, lon=4.84)
    evening = factories.make_evening(session, id="soiree1", tour=tour, commune=eclaron)
    factories.make_publication(session, tour=tour, evenings=[evening])
    session.commit()
    return tour


@pytest.mark.usefixtures("tour")
@pytest.mark.parametrize(
    ("path", "name", "leads_to"),
    [
        ("/soirees/soiree1/affiche.pdf", "affiche-eclaron-2027-06-19.pdf", "/soirees/soiree1"),
        ("/soirees/soiree1/affiche-a3.pdf", "affiche-eclaron-2027-06-19-a3.pdf", "/soirees/soiree1"),
        ("/soirees/soiree1/affiche.png", "affiche-eclaron-2027-06-19.png", "/soirees/soiree1"),
        ("/tournees/ete/affiche.pdf", "affiche-ete.pdf", "/tournees/ete"),
        ("/tournees/ete/affiche.png", "affiche-ete.png", "/tournees/ete"),
        ("/tournees/ete/calendrier.pdf", "calendrier-ete.pdf", "/tournees/ete"),
        ("/communes/52182/calendrier.pdf", "calendrier-eclaron.pdf", "/communes/52182"),
    ],
)
def test_a_sheet_opens_in_the_browser_and_its_code_leads_to_its_page(
    client: FlaskClient, path: str, name: str, leads_to: str
) -> None:
    """Shown, not saved, under a name that says what it is; not sent again to whoever has it."""
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == f'inline; filename="{name}"'
    image = picture(response.data) if path.endswith("png") else next(pages(response.data))
    assert codes(image) == [f"http://127.0.0.1:8000{leads_to}"]
    assert client.get(path, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304


def test_what_is_remembered_is_free_and_new_sheets_are_counted(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each commune of France has a picture: whoever asks for all of them must not take the core from visitors."""
    monkeypatch.setattr("guinguette.publishing.posters.share_picture", lambda **said: said["title"].encode())
    villages = [factories.make_commune(session, name=f"Village {n}") for n in range(61)]
    session.commit()
    answers = [client.get(f"/communes/{village.insee}/partage.png").status_code for village in villages]
    assert answers == [200] * 60 + [429]
    assert client.get(f"/communes/{villages[0].insee}/partage.png").status_code == 200


@pytest.mark.usefixtures("tour")
@pytest.mark.parametrize(
    ("page", "path"),
    [
        ("/", "/partage.png"),
        ("/en/", "/partage.png"),
        ("/soirees/soiree1", "/soirees/soiree1/partage.png"),
        ("/tournees/ete", "/tournees/ete/partage.png"),
        ("/communes/52182", "/communes/52182/partage.png"),
    ],
)
def test_a_shared_page_has_a_picture(client: FlaskClient, page: str, path: str) -> None:
    """The page names the picture by its absolute address, once; it is there, in the size that is promised."""
    html = client.get(page).text
    assert html.count('property="og:image"') == 1
    assert f'content="http://127.0.0.1:8000{path}"' in html
    assert picture(client.get(path).data).size == (1200, 630)


@pytest.mark.parametrize(
    "path",
    ["/soirees/x/affiche.pdf", "/tournees/x/affiche.png", "/tournees/x/calendrier.pdf", "/soirees/x/partage.png"],
)
def test_what_is_not_published_has_no_poster(client: FlaskClient, path: str) -> None:
    """A page that says so, not a broken file."""
    assert client.get(path).status_code == 404


def test_a_draft_has_no_poster(client: FlaskClient, session: Session) -> None:
    """An evening that is in the desk's books only."""
    evening = factories.make_evening(session)
    session.commit()
    assert client.get(f"/soirees/{evening.id}/affiche.pdf").status_code == 404


def test_a_new_publication_makes_a_new_poster(client: FlaskClient, session: Session, tour: Tour) -> None:
    """What was printed before is not handed out once the evening was called off."""
    before = client.get("/soirees/soiree1/affiche.pdf").data
    assert client.get("/soirees/soiree1/affiche.pdf").data == before
    evening = factories.make_evening(
        session, id="soiree2", tour=tour, state="cancelled", date=dt.date(2027, 6, 20), change_note="Orage."
    )
    evenings = [session.get_one(type(evening), "soiree1"), evening]
    factories.make_publication(
        session, tour=tour, evenings=evenings, published_at=dt.datetime(2027, 6, 10, tzinfo=dt.UTC)
    )
    evenings[0].ends_at = dt.time(23)
    factories.make_publication(
        session, tour=tour, evenings=evenings, published_at=dt.datetime(2027, 6, 11, tzinfo=dt.UTC)
    )
    session.commit()
    assert client.get("/soirees/soiree1/affiche.pdf").data != before


def test_without_any_tour_the_home_page_still_has_its_picture(client: FlaskClient) -> None:
    """An installation before its first publication."""
    assert picture(client.get("/partage.png").data).size == (1200, 630)


@pytest.mark.usefixtures("tour")
def test_a_town_hall_finds_posters_and_texts(client: FlaskClient) -> None:
    """Led there from the evening's page, in both languages; what search engines are to find is that page."""
    assert 'href="/soirees/soiree1/textes"' in client.get("/soirees/soiree1").text
    for language in ("", "/en"):
        html = client.get(f"{language}/soirees/soiree1/textes").text
        canonical = f'href="http://127.0.0.1:8000{language}/soirees/soiree1">'
        assert re.search(rf'<link rel="canonical"\s+{canonical}', html)
        assert 'href="/soirees/soiree1/affiche.pdf"' in html
        assert "La Guinguette mobile à Éclaron, samedi 19" in html
        assert "http://127.0.0.1:8000/soirees/soiree1" in html


@pytest.mark.usefixtures("tour")
def test_organisers_are_led_to_what_is_printed(organiser_client: FlaskClient) -> None:
    """From the desk's page of the evening and of the tour."""
    assert 'href="/soirees/soiree1/textes"' in organiser_client.get("/organisation/soirees/soiree1").text
    html = organiser_client.get("/organisation/tournees/ete").text
    assert 'href="/tournees/ete/affiche.pdf"' in html
    assert 'href="/tournees/ete/calendrier.pdf"' in html
