"""The map's page and its document."""

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.models import Evening, Tour
from tests import factories


@pytest.fixture
def tour(session: Session) -> Tour:
    """A tour of four evenings: one past, then two villages, the first of them visited twice. Today is 9 June 2027."""
    tour = factories.make_tour(session, slug="ete", name="Tournée d’été")
    perthes = factories.make_commune(session, name="Perthes", lat=48.64, lon=4.82)
    eclaron = factories.make_commune(session, name="Éclaron", lat=48.57, lon=4.84)
    evenings: list[Evening] = [
        factories.make_evening(session, tour=tour, commune=commune, date=dt.date(2027, month, 12))
        for commune, month in ((eclaron, 5), (perthes, 6), (eclaron, 7), (perthes, 8))
    ]
    factories.make_publication(session, tour=tour, evenings=evenings)
    session.commit()
    return tour


def numbers(html: str) -> list[tuple[str, str]]:
    """The list's numbers and villages."""
    found = re.findall(r'class="num">.*?</span>\s*(\d+)</span>\s*<a[^>]*>(.*?)</a>', html, re.S)
    return [(number, name.strip()) for number, name in found]


@pytest.mark.usefixtures("tour")
def test_the_page_lists_what_the_map_shows(client: FlaskClient) -> None:
    """Evenings to come, month by month, each village with one number; the frame has a title."""
    html = client.get("/carte").text
    assert numbers(html) == [("1", "Perthes"), ("2", "Éclaron"), ("1", "Perthes")]
    assert 'src="/carte/document"' in html
    assert re.search(r'<iframe[^>]*title="[^"]+', html, re.S)


@pytest.mark.usefixtures("tour")
def test_one_tour_alone(client: FlaskClient) -> None:
    """The choice is in the address, and passes on to the map."""
    html = client.get("/carte?tour=ete").text
    assert "Tournée d’été</h1>" in html
    assert 'src="/carte/document?tour=ete"' in html
    assert client.get("/carte?tour=rien").status_code == 404


def test_before_the_first_date_the_page_says_so(client: FlaskClient) -> None:
    """No empty map; its document is not found."""
    html = client.get("/carte").text
    assert "<iframe" not in html
    assert "Aucune date à venir" in html
    assert client.get("/carte/document").status_code == 404


@pytest.mark.usefixtures("tour")
def test_the_document_has_a_policy_of_its_own(client: FlaskClient) -> None:
    """A nonce that serves once, on every script and style; no other server than the tiles'; never kept."""
    first, second = client.get("/carte/document"), client.get("/carte/document")
    policy = first.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce is not None
    assert first.text.count(f'nonce="{nonce[1]}"') == len(re.findall(r"<script|<link", first.text))
    assert nonce[1] not in second.text
    assert "unsafe" not in policy
    assert "frame-ancestors 'self'" in policy
    assert re.findall(r"https://\S+?(?=;)", policy) == ["https://data.geopf.fr"]
    assert first.headers["Cache-Control"] == "no-store"
    assert first.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.usefixtures("tour")
def test_the_document_leads_to_the_evenings(client: FlaskClient) -> None:
    """Two villages, two lanterns, a link an evening that leaves the frame; the past is not shown."""
    html = client.get("/carte/document").text
    assert html.count("L.marker(") == 2
    assert len(re.findall(r"/soirees/\w+", html)) == 3
    assert html.count("target=") == 3
    assert "samedi 12\\u00a0juin" in html
