"""How the calendar feeds travel: validators, codings, addresses."""

import datetime as dt
import gzip
from typing import Any

import html5lib
import icalendar
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.models import Evening
from tests import factories


@pytest.fixture
def evening(session: Session) -> Evening:
    """A published evening of the tour "ete"; its commune has a neighbour in the same EPCI, without an evening."""
    tour = factories.make_tour(session, slug="ete", name="Tournée d’été")
    evening = factories.make_evening(session, tour=tour)
    factories.make_publication(session, tour=tour, evenings=[evening])
    session.commit()
    return evening


def uids(body: bytes) -> list[str]:
    """The UIDs of a feed's events."""
    return [str(e["UID"]) for e in icalendar.Calendar.from_ical(body).walk("VEVENT")]


def test_each_address_gives_its_evenings(client: FlaskClient, evening: Evening) -> None:
    """Everything, a tour, a commune, an intercommunality, one evening: same event, same UID, a name of its own."""
    names = {}
    for path in (
        "/agenda.ics",
        "/tournees/ete.ics",
        f"/communes/{evening.commune_insee}.ics",
        f"/communes/{evening.commune_insee}/15km.ics",
        f"/epci/{evening.commune.epci_siren}.ics",
        f"/soirees/{evening.id}.ics",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert uids(answer.data) == [f"{evening.id}@guinguette-mobile"], path
        assert f"SOURCE;VALUE=URI:http://127.0.0.1:8000{path}" in answer.text
        names[path] = str(icalendar.Calendar.from_ical(answer.data)["NAME"])
    assert names["/agenda.ics"] == "Guinguette mobile"
    assert names["/tournees/ete.ics"] == "Tournée d’été"
    assert len(set(names.values())) == 6


def test_a_village_without_an_evening_has_an_empty_calendar(client: FlaskClient, session: Session) -> None:
    """People can subscribe before the first date is known."""
    commune = factories.make_commune(session)
    session.commit()
    answer = client.get(f"/communes/{commune.insee}.ics")
    assert answer.status_code == 200
    assert uids(answer.data) == []
    assert client.get(f"/epci/{commune.epci_siren}.ics").status_code == 200


@pytest.mark.parametrize(
    "path", ["/tournees/rien.ics", "/communes/00000.ics", "/epci/000000000.ics", "/soirees/rien.ics"]
)
def test_what_does_not_exist_is_not_found(client: FlaskClient, path: str) -> None:
    """An unknown address is no empty calendar: the reader must say so."""
    assert client.get(path).status_code == 404


@pytest.mark.usefixtures("evening")
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_reader_that_has_it_gets_304_on_either_validator(client: FlaskClient, coding: str) -> None:
    """The second request costs a few bytes, with ETag or with date, whatever the coding."""
    asked = {"Accept-Encoding": coding}
    first = client.get("/agenda.ics", headers=asked)
    assert "Accept-Encoding" in first.headers["Vary"]
    assert "max-age=900" in first.headers["Cache-Control"]
    for validator in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        second = client.get("/agenda.ics", headers=asked | validator)
        assert (second.status_code, second.data) == (304, b"")
        assert second.headers["ETag"] == first.headers["ETag"]
        assert "Accept-Encoding" in second.headers["Vary"]


@pytest.mark.usefixtures("evening")
def test_each_coding_has_an_etag_of_its_own(client: FlaskClient) -> None:
    """Compressed and plain are two representations (RFC 9110, 8.8.3.3), the same calendar inside."""
    plain = client.get("/agenda.ics", headers={"Accept-Encoding": "gzip;q=0"})
    packed = client.get("/agenda.ics", headers={"Accept-Encoding": "gzip, br"})
    assert plain.content_encoding is None
    assert packed.content_encoding == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len({plain.headers["ETag"], packed.headers["ETag"]}) == 2
    crossed = client.get("/agenda.ics", headers={"Accept-Encoding": "gzip", "If-None-Match": plain.headers["ETag"]})
    assert crossed.status_code == 200


def test_head_answers_like_get_without_body(client: FlaskClient, evening: Evening) -> None:
    """Some readers ask with HEAD first."""
    got, head = client.get("/agenda.ics"), client.head("/agenda.ics")
    assert evening.id.encode() in got.data
    assert head.data == b""
    for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length"):
        assert head.headers[name] == got.headers[name]


def test_a_new_publication_changes_the_etag(client: FlaskClient, session: Session, evening: Evening) -> None:
    """Whoever asks again with the old ETag gets the change."""
    old = client.get("/agenda.ics").headers["ETag"]
    evening.state, evening.sequence = "cancelled", evening.sequence + 1
    factories.make_publication(session, tour=evening.tour, evenings=[evening])
    session.commit()
    answer = client.get("/agenda.ics", headers={"If-None-Match": old})
    assert answer.status_code == 200
    assert "SUMMARY:ANNULÉ – " in answer.text


@pytest.mark.usefixtures("evening")
def test_a_feed_sets_no_cookie(client: FlaskClient) -> None:
    """Shared caches may keep it."""
    assert "Set-Cookie" not in client.get("/agenda.ics").headers


def test_around_a_village_is_as_far_as_was_asked(client: FlaskClient, session: Session, evening: Evening) -> None:
    """Ten kilometres north, an evening is within eleven and not within nine; the village's own always is."""
    tour, home = evening.tour, evening.commune
    north = factories.make_commune(session, lat=home.lat + 10 / 111.195, lon=home.lon)
    other = factories.make_evening(session, tour=tour, commune=north, date=evening.date + dt.timedelta(days=1))
    factories.make_publication(session, tour=tour, evenings=[evening, other], published_at=factories.NOW)
    session.commit()
    assert uids(client.get(f"/communes/{home.insee}/9km.ics").data) == [f"{evening.id}@guinguette-mobile"]
    assert len(uids(client.get(f"/communes/{home.insee}/11km.ics").data)) == 2
    assert uids(client.get(f"/communes/{north.insee}/1km.ics").data) == [f"{other.id}@guinguette-mobile"]


def test_around_nowhere_is_refused_with_a_sentence(client: FlaskClient, session: Session) -> None:
    """A commune without a position, and a distance that nobody drives, are told apart from an empty calendar."""
    lost = factories.make_commune(session, name="Ailleurs", lat=None, lon=None)
    session.commit()
    assert "On ne sait pas où se trouve Ailleurs" in client.get(f"/communes/{lost.insee}/15km.ics").text
    for km, status in ((0, 404), (1, 404), (101, 404), (-1, 404)):
        assert client.get(f"/communes/{lost.insee}/{km}km.ics").status_code == status
    found = factories.make_commune(session)
    session.commit()
    assert client.get(f"/communes/{found.insee}/100km.ics").status_code == 200
    assert "de 1 à 100" in client.get(f"/communes/{found.insee}/101km.ics").text


def test_the_atom_feed_travels_like_the_calendars(client: FlaskClient, evening: Evening) -> None:
    """Its type, validators and codings; every public page names it, and the calendar that fits, in its head."""
    answer = client.get("/flux.atom")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert f'href="http://127.0.0.1:8000/soirees/{evening.id}"' in answer.text
    assert 'href="http://127.0.0.1:8000/flux.atom"' in answer.text
    assert client.get("/flux.atom", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    for page, calendar in (
        ("/en/", "/agenda.ics"),
        ("/tournees/ete", "/tournees/ete.ics"),
        (f"/communes/{evening.commune_insee}", f"/communes/{evening.commune_insee}.ics"),
        (f"/soirees/{evening.id}", f"/communes/{evening.commune_insee}.ics"),
    ):
        links = {link.get("type"): link.get("href") for link in _head_links(client.get(page).text)}
        assert links["application/atom+xml"] == "/flux.atom"
        assert links["text/calendar"] == calendar


def _head_links(html: str) -> list[Any]:
    return html5lib.parse(html, namespaceHTMLElements=False).findall("head/link[@rel='alternate']")
