"""The test kit itself: what it promises to every other test."""

import datetime as dt

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Publication
from guinguette.publishing.tour import PublishedTour
from tests import factories


def test_every_factory_makes_a_row_that_the_database_accepts(session: Session, vault: Vault) -> None:
    """Defaults satisfy the constraints, and a publication's payload reads back as the same tour."""
    day = dt.date(2027, 7, 3)
    commune, van = factories.make_commune(session), factories.make_vehicle(session)
    tour = factories.make_tour(session, dates=[day], vehicles=[van], fundings={commune.epci_siren: 4})
    factories.make_contact(session)
    factories.make_request(session, tour=tour, commune=commune, availabilities={day: "yes"})
    factories.make_plan(session, tour=tour, evenings=[(commune, day, van)])
    evening = factories.make_evening(session, tour=tour, commune=commune)
    subscriber = factories.make_subscriber(session, vault=vault, scopes=[f"tour:{tour.slug}"])
    factories.make_message(session, subscriber=subscriber, evening=evening)
    factories.make_publication(session, tour=tour, evenings=[evening])
    session.commit()
    payload = session.get_one(Publication, 1).payload
    assert PublishedTour.from_json(payload).to_json() == payload
    assert [e["id"] for e in payload["evenings"]] == [evening.id]


def _page(body: str, title: str = "t", lang: str = ' lang="fr"') -> str:
    head = f'<meta charset="utf-8"><title>{title}</title>'
    return f"<!doctype html><html{lang}><head>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    "html",
    [
        _page("<h1>a</h1>", title=""),
        _page("<h1>a</h1>", lang=""),
        _page("<p>no heading</p>"),
        _page("<h1>a</h1><h1>b</h1>"),
        _page('<h1>a</h1><p style="color:red">a</p>'),
        _page("<h1>a</h1><script>1</script>"),
        _page('<h1>a</h1><button onclick="x()">a</button>'),
        _page('<h1>a</h1><input name="a">'),
        _page('<h1 id="a">a</h1><p id="a">b</p>'),
        _page("<h1>a</h1><p><div>unclosed"),
    ],
)
def test_the_client_refuses_a_page_with_a_fault(fresh_app: Flask, html: str) -> None:
    """Each rule of the page lint bites."""
    fresh_app.add_url_rule("/faulty", view_func=lambda: html)
    with pytest.raises(Exception):  # noqa: B017, PT011 -- html5lib's ParseError or an AssertionError
        fresh_app.test_client().get("/faulty")


def test_the_client_accepts_a_clean_page(fresh_app: Flask) -> None:
    """A labelled form, one heading and data for search engines pass."""
    body = '<h1>a</h1><label for="b">b</label><input id="b"><script type="application/ld+json">{}</script>'
    fresh_app.add_url_rule("/clean", view_func=lambda: _page(body))
    assert fresh_app.test_client().get("/clean").status_code == 200


def test_the_organiser_client_is_signed_in(organiser_client: FlaskClient, client: FlaskClient) -> None:
    """Its session opens the organiser's pages, a visitor's does not."""
    assert organiser_client.get("/organisation/").status_code in (200, 404)
    assert client.get("/organisation/").status_code in (302, 404)
