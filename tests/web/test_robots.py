"""What search engines are told: where to read, in which languages, since when, and what is not for them."""

import re
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.web.language import languages
from tests import factories
from tests.fakes import NOW, FixedClock

_IN = {"map": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


@pytest.fixture
def _season(session: Session) -> None:
    """One evening at Éclaron."""
    tour = factories.make_tour(session, slug="ete")
    village = factories.make_commune(session, insee="52182", name="Éclaron")
    evening = factories.make_evening(session, tour=tour, commune=village, id="eclaron2", prices="Entrée libre")
    factories.make_publication(session, tour=tour, evenings=[evening])
    session.commit()


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/soirees/eclaron2", True),
        ("/agenda.ics", True),
        ("/communes/52182.ics", True),
        ("/organisation/agenda/secret.ics", True),
        ("/organisation/", False),
        ("/organisation/tournees/ete", False),
        ("/connexion", False),
        ("/stop/abc", False),
        ("/en/stop/abc", False),
    ],
)
def test_robots_txt(client: FlaskClient, path: str, allowed: bool) -> None:
    """Robots stay out of what is private; calendar readers get every feed."""
    robots = RobotFileParser()
    robots.parse(client.get("/robots.txt").text.splitlines())
    assert robots.can_fetch("Google-Calendar-Importer", path) is allowed


def test_what_is_private_says_so_itself(client: FlaskClient) -> None:
    """A robot that comes by a link from elsewhere is told too."""
    assert client.get("/connexion").headers["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in client.get("/").headers


@pytest.mark.usefixtures("_season")
def test_sitemap(client: FlaskClient, clock: FixedClock) -> None:
    """Every page in every language with its twins, dated by what was published; each address answers."""
    response = client.get("/sitemap.xml")
    tree = ElementTree.fromstring(response.data)  # noqa: S314 -- our own
    found = {url.findtext("map:loc", namespaces=_IN): url for url in tree.findall("map:url", _IN)}
    pages = ("/", "/dates", "/tournees/ete", "/soirees/eclaron2", "/communes/52182", "/mentions-legales")
    for path in (*pages, "/calendriers", "/integrer"):
        url = found[f"http://127.0.0.1:8000{path}"]
        twins = {link.get("hreflang") for link in url.findall("x:link", _IN)}
        assert twins == {*languages(), "x-default"}
    evening = found["http://127.0.0.1:8000/soirees/eclaron2"]
    assert evening.findtext("map:lastmod", namespaces=_IN) == NOW.isoformat(timespec="seconds")
    assert len(found) == len(tree)
    for address in found:
        assert address is not None
        assert client.get(address).status_code == 200
    clock.advance(days=2)
    again = client.get("/sitemap.xml", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.usefixtures("_season")
def test_open_graph(client: FlaskClient) -> None:
    """What a messenger shows of a link: where, when, in which language; a private page shows nothing."""
    page = client.get("/en/soirees/eclaron2").text
    shown = dict(re.findall(r'<meta property="(og:[^"]+)"\s+content="([^"]*)"', page))
    assert shown["og:title"].replace("\u00a0", " ") == "Éclaron, Saturday 19 June"
    assert "Saturday 19 June 2027" in shown["og:description"].replace("\u00a0", " ")
    assert shown["og:url"] == "http://127.0.0.1:8000/en/soirees/eclaron2"
    assert (shown["og:locale"], shown["og:locale:alternate"]) == ("en_US", "fr_FR")
    assert "og:" not in client.get("/connexion").text


@pytest.mark.usefixtures("_season")
def test_a_map_of_one_tour_is_a_page_of_its_own(client: FlaskClient) -> None:
    """Its parameter stays in the canonical address, one that means nothing does not."""
    page = client.get("/carte?tour=ete&utm_source=affiche").text
    assert '<link rel="canonical" href="http://127.0.0.1:8000/carte?tour=ete">' in page
