"""Finding an evening: all dates on one page with its filters, and a village by its name."""

import datetime as dt
import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.models import Tour
from tests import factories
from tests.fakes import NOW

TODAY = dt.date(2027, 6, 9)


@pytest.fixture
def tours(session: Session) -> list[Tour]:
    """Two tours: June and July in Éclaron's intercommunality, August elsewhere with one evening called off."""
    summer = factories.make_tour(session, slug="ete", name="Tournée d’été")
    other = factories.make_tour(session, slug="der", name="Tournée du Der")
    epci = factories.make_epci(session, siren="200068666", name="CA Saint-Dizier")
    eclaron = factories.make_commune(
        session, insee="52182", name="Éclaron-Braucourt-Sainte-Livière", epci=epci, lat=48.7, lon=5.2
    )
    valcourt = factories.make_commune(session, insee="52500", name="Valcourt", epci=epci, lat=48.6, lon=4.9)
    giffaumont = factories.make_commune(session, insee="51269", name="Giffaumont", department="51", lat=48.5, lon=4.7)
    when = ((summer, eclaron, 6), (summer, eclaron, 7), (summer, valcourt, 7), (other, giffaumont, 8))
    evenings = [
        factories.make_evening(session, tour=tour, commune=commune, id=f"soir{n}", date=dt.date(2027, month, 19 + n))
        for n, (tour, commune, month) in enumerate(when)
    ]
    past = factories.make_evening(session, tour=summer, commune=eclaron, id="passee", date=dt.date(2027, 6, 2))
    off = factories.make_evening(session, tour=other, commune=giffaumont, id="annulee", state="cancelled")
    factories.make_publication(session, tour=summer, evenings=[past, *evenings[:3]])
    factories.make_publication(session, tour=other, evenings=[off, evenings[3]])
    session.commit()
    return [summer, other]


def _listed(page: str) -> list[str]:
    return re.findall(r'<h3>\s*<a href="/soirees/(\w+)"', page)


@pytest.mark.usefixtures("tours")
@pytest.mark.parametrize(
    ("query", "evenings"),
    [
        ("", ["annulee", "soir0", "soir1", "soir2", "soir3"]),
        ("?tour=der", ["annulee", "soir3"]),
        ("?mois=2027-07", ["soir1", "soir2"]),
        ("?lieu=200068666", ["soir0", "soir1", "soir2"]),
        ("?lieu=52182", ["soir0", "soir1"]),
        ("?tour=ete&mois=2027-07&lieu=52500", ["soir2"]),
        ("?tour=nulle-part", []),
        ("?mois=%3Cscript%3E", []),
    ],
)
def test_the_dates_that_a_choice_leaves(client: FlaskClient, query: str, evenings: list[str]) -> None:
    """In order, each once, what is called off included and what is past left out; a choice without a date says so."""
    page = client.get(f"/dates{query}").text
    assert _listed(page) == evenings
    assert ("Aucune date à venir ne répond à ces choix." in page) == (not evenings)


@pytest.mark.usefixtures("tours")
def test_a_filter_says_how_much_it_would_leave(client: FlaskClient) -> None:
    """With the others as they are; the counts, there and above the list, leave out what is called off."""
    page = client.get("/dates?tour=ete").text
    assert "3 soirées à venir." in page
    assert "Juillet 2027 (2)" in page.replace("\u00a0", " ")
    assert "Valcourt (1)" in page
    assert "Août" not in page
    assert "Tournée du Der (1)" in page
    assert re.search(r'<option value="ete"\s+selected>', page)


@pytest.mark.usefixtures("tours")
def test_a_filtered_page_is_the_same_page_to_robots(client: FlaskClient) -> None:
    """Its canonical address has no query, while the switch keeps what was chosen."""
    page = client.get("/dates?mois=2027-07").text
    assert '<link rel="canonical" href="http://127.0.0.1:8000/dates">' in page
    assert 'href="/en/dates?mois=2027-07"' in page


def test_no_date_at_all(client: FlaskClient) -> None:
    """No empty filters, and a way to be told."""
    page = client.get("/dates").text
    assert "Aucune date à venir pour l’instant" in page
    assert "<select" not in page


@pytest.mark.usefixtures("tours")
@pytest.mark.parametrize("path", ["/dates", "/carte", "/tournees/ete"])
def test_the_section_is_marked(client: FlaskClient, path: str) -> None:
    """« Les dates » is underlined on the map and a tour's page too."""
    mark = 'aria-current="page"' if path == "/dates" else 'aria-current="true"'
    assert re.search(rf'href="/dates"\s+{mark}>Les dates', client.get(path).text)


@pytest.mark.usefixtures("tours")
@pytest.mark.parametrize(("asked", "insee"), [("eclaron", "52182"), ("  VALCOURT ", "52500"), ("Giffaumont", "51269")])
def test_a_name_that_only_one_village_has_leads_there(client: FlaskClient, asked: str, insee: str) -> None:
    """However it is typed."""
    response = client.get("/en/villages", query_string={"q": asked})
    assert (response.status_code, response.location) == (302, f"/en/communes/{insee}")


@pytest.mark.usefixtures("tours")
def test_several_villages_to_choose_from(client: FlaskClient, session: Session) -> None:
    """Ours first, however small, each with its evening or the nearest; robots need not keep the list."""
    factories.make_commune(session, insee="31555", name="Saint-Martin-la-Grande", department="31", population=90_000)
    factories.make_commune(session, insee="51001", name="Saint-Martin", department="51", lat=48.6, lon=4.8)
    session.commit()
    page = client.get("/villages?q=st%20martin").text
    assert page.index("/communes/51001") < page.index("/communes/31555")
    assert "La plus proche\u00a0: Valcourt, le mercredi 21\u00a0juillet, à 7\u00a0km." in page
    assert 'content="noindex"' in page


@pytest.mark.usefixtures("tours")
def test_a_misspelt_village(client: FlaskClient) -> None:
    """Nothing has that name: the page says so, and names the one that was meant, if it is one of ours."""
    page = client.get("/villages?q=Gifaumond").text
    assert "Aucune commune de France ne s’appelle «\u00a0Gifaumond\u00a0»." in page
    assert 'href="/communes/51269"' in page
    assert "essayez le code postal" in client.get("/villages?q=zzzz").text


@pytest.mark.parametrize("asked", ["", " ", "%", "\x00", "'\"><script>alert(1)</script>", "é" * 5000, "²", "🎪"])
def test_anything_may_be_typed(client: FlaskClient, asked: str) -> None:
    """The client's lint finds no script in the page."""
    assert client.get(f"/villages?q={quote(asked)}").status_code == 200


def test_a_village_of_a_tour_put_aside_is_found_without_its_evenings(client: FlaskClient, session: Session) -> None:
    """No date of an archived tour is offered as one to come."""
    tour = factories.make_tour(session, archived_at=NOW)
    commune = factories.make_commune(session, name="Valcourt")
    other = factories.make_commune(session, name="Valcourt-le-Haut")
    factories.make_publication(
        session, tour=tour, evenings=[factories.make_evening(session, tour=tour, commune=commune)]
    )
    session.commit()
    page = client.get("/villages?q=valcourt").text
    assert f"/communes/{other.insee}" in page
    assert "La plus proche" not in page
