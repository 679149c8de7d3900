"""The map's page and its document."""

import dataclasses
import datetime as dt
import gzip
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.models import Evening, Tour
from guinguette.paths import STATIC
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


def villages(html: str) -> list[tuple[str, str]]:
    """The list's villages, each with the number that ties it to its lantern."""
    found = re.findall(r'<li[^>]*data-step="(\d+)">.*?<h3>\s*<a[^>]*>(.*?)</a>', html, re.S)
    return [(number, name.strip()) for number, name in found]


@pytest.mark.usefixtures("tour")
def test_the_page_lists_what_the_map_shows(client: FlaskClient) -> None:
    """Evenings to come, month by month, each village with one number; the frame has a title."""
    html = client.get("/carte").text
    assert villages(html) == [("1", "Perthes"), ("2", "Éclaron"), ("1", "Perthes")]
    assert 'src="/carte/document"' in html
    assert re.search(r'<iframe[^>]*title="[^"]+', html, re.S)


@pytest.mark.usefixtures("tour")
def test_one_tour_alone(client: FlaskClient) -> None:
    """The choice is in the address, and passes on to the map."""
    html = client.get("/carte?tour=ete").text
    assert "Tournée d’été</h1>" in html
    assert 'src="/carte/document?tour=ete"' in html
    assert client.get("/carte?tour=rien").status_code == 404


@pytest.mark.usefixtures("tour")
def test_the_page_is_asked_for_again_each_time(client: FlaskClient) -> None:
    """Its list says what is called off: no cache may go on showing it as confirmed."""
    answer = client.get("/carte")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert client.get("/carte", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.usefixtures("tour")
def test_one_month_alone(client: FlaskClient) -> None:
    """Links to each month that has an evening; list and map show that month, a village keeping its number."""
    html = client.get("/carte?tour=ete&mois=2027-07").text
    assert re.findall(r"mois=(\d{4}-\d\d)\"", html.split("<main")[1])[:3] == ["2027-06", "2027-07", "2027-08"]
    assert villages(html) == [("2", "Éclaron")]
    assert 'src="/carte/document?tour=ete&amp;mois=2027-07"' in html
    assert client.get("/carte/document?tour=ete&mois=2027-07").text.count("L.marker(") == 1
    assert len(villages(client.get("/carte?mois=2027-05").text)) == 3  # a month that is over chooses nothing


def test_several_vehicles_are_told_apart_in_a_legend(client: FlaskClient, session: Session) -> None:
    """In the order of their first date, as on the map; one alone needs no legend."""
    tour = factories.make_tour(session, slug="ete")
    blue, red = factories.make_vehicle(session, name="Lucette"), factories.make_vehicle(session, name="Marcel")
    evenings = [
        factories.make_evening(session, tour=tour, vehicle=van, date=dt.date(2027, 6, day))
        for van, day in ((red, 12), (blue, 13), (red, 19), (blue, 20))
    ]
    factories.make_publication(session, tour=tour, evenings=evenings)
    session.commit()
    html = client.get("/carte").text
    assert re.findall(r'class="fil fil-(\d)".*?</svg>\s*(\w+)', html, re.S) == [("0", "Marcel"), ("1", "Lucette")]
    factories.make_publication(session, tour=tour, evenings=evenings[::2])
    session.commit()
    assert 'class="fil' not in client.get("/carte").text


def test_openstreetmap_instead_of_ign(app: Flask, client: FlaskClient, session: Session) -> None:
    """One setting: the map's policy, its attribution, the pages on privacy and on whose data these are follow."""
    edge = app.extensions["guinguette"]
    osm = dataclasses.replace(edge.settings, tiles="osm")
    app.extensions["guinguette"] = dataclasses.replace(edge, settings=osm)
    tour = factories.make_tour(session, slug="ete")
    factories.make_publication(session, tour=tour, evenings=[factories.make_evening(session, tour=tour)])
    session.commit()
    answer = client.get("/carte/document")
    policy = answer.headers["Content-Security-Policy"]
    assert re.findall(r"https://\S+?(?=;)", policy) == ["https://tile.openstreetmap.org"]
    assert "les contributeurs d\\u2019OpenStreetMap" in answer.text
    privacy = client.get("/confidentialite").text
    assert "fondation OpenStreetMap" in privacy
    assert "Géoplateforme" not in privacy
    legal = client.get("/mentions-legales").text
    assert "celui d’OpenStreetMap" in legal
    assert "IGN" not in legal


@pytest.mark.usefixtures("tour")
def test_the_map_is_light(client: FlaskClient) -> None:
    """Everything its frame loads, tiles aside and compressed: less than 250 KB, typefaces included."""
    document = client.get("/carte/document").data
    loaded = re.findall(rb'(?:src|href)="/static/([^"?]+)', document)
    fonts = re.findall(r"url\(\.\./(vendor/fonts/[^)]+)", (STATIC / "css" / "tokens.css").read_text())
    files = [(STATIC / path).read_bytes() for path in [*(path.decode() for path in loaded), *fonts]]
    assert len(files) == 9
    assert sum(len(gzip.compress(each)) for each in [document, *files]) < 250_000


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
    assert "geolocation=()" in first.headers["Permissions-Policy"]


@pytest.mark.usefixtures("tour")
def test_the_document_leads_to_the_evenings(client: FlaskClient) -> None:
    """Two villages, two lanterns, a link an evening that leaves the frame; the past is not shown."""
    html = client.get("/carte/document").text
    assert html.count("L.marker(") == 2
    assert len(re.findall(r"/soirees/\w+", html)) == 3
    assert html.count("target=") == 3
    assert "samedi 12\\u00a0juin" in html
