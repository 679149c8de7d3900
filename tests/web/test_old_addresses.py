"""Old and mistyped addresses lead to what they mean, and never off the site."""

import datetime as dt
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests import factories


@pytest.fixture
def _village(session: Session) -> None:
    """Éclaron and its evening; a draft nobody has published; two villages of one name; one in Corsica."""
    tour = factories.make_tour(session, slug="ete-2027")
    eclaron = factories.make_commune(session, insee="52182", name="Éclaron-Braucourt-Sainte-Livière")
    evening = factories.make_evening(session, tour=tour, commune=eclaron, id="eclaron2")
    factories.make_evening(session, commune=eclaron, id="brouilln", date=dt.date(2027, 7, 3))
    factories.make_commune(session, insee="2A004", name="Ajaccio")
    for insee in ("51480", "52400"):
        factories.make_commune(session, insee=insee, name="Saint-Martin")
    factories.make_publication(session, tour=tour, evenings=[evening])
    session.commit()


@pytest.mark.usefixtures("_village")
@pytest.mark.parametrize(
    ("old", "status", "new"),
    [
        ("/carte/", 301, "/carte"),
        ("/carte/?tour=ete-2027", 301, "/carte?tour=ete-2027"),
        ("/en/dates/", 301, "/en/dates"),
        ("/soirees/eclaron2/", 301, "/soirees/eclaron2"),
        ("/soirees/ECLARON2", 301, "/soirees/eclaron2"),
        ("/Soirees/Eclaron2.ics", 301, "/soirees/eclaron2.ics"),
        ("/tournees/Ete-2027", 301, "/tournees/ete-2027"),
        ("/fr/", 301, "/"),
        ("/fr/tournees/ete-2027", 301, "/tournees/ete-2027"),
        ("/agenda", 301, "/dates"),
        ("/en/Agenda/", 301, "/en/dates"),
        ("/communes", 301, "/villages"),
        ("/communes/2a004", 301, "/communes/2A004"),
        ("/communes/52182/", 301, "/communes/52182"),
        ("/Communes/52182", 301, "/communes/52182"),
        ("/fr/communes/52182", 301, "/communes/52182"),
        ("/EN/communes/52182", 301, "/en/communes/52182"),
        ("/communes/eclaron", 301, "/communes/52182"),
        ("/communes/Éclaron-Braucourt", 301, "/communes/52182"),
        ("/en/communes/n-importe-quoi-52182", 301, "/en/communes/52182"),
        ("/communes/saint-martin", 302, "/villages?q=saint-martin"),
        ("/soirees/brouilln", 302, "/communes/52182"),
    ],
)
def test_leads_to(client: FlaskClient, old: str, status: int, new: str) -> None:
    """For good where the address will never mean anything else, for now where it may."""
    response = client.get(quote(old, safe="/?=.-"))
    assert (response.status_code, response.location) == (status, new)
    assert client.get(new).status_code in (200, 302)


@pytest.mark.usefixtures("_village")
@pytest.mark.parametrize(
    "path", ["/nulle-part", "/communes/99999", "/communes/zzz", "/soirees/rienrien", "/stop/ABC", "/static/css/NON.css"]
)
def test_what_never_was_stays_unknown(client: FlaskClient, path: str) -> None:
    """A clear 404, and no chain of redirects."""
    assert client.get(path, follow_redirects=True).status_code == 404


@pytest.mark.usefixtures("_village")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("/example.org/")
@example("\\example.org/Carte/")
@example("fr//example.org")
@example("\x1f")
@example("fr/\r\nLocation: https://example.org/")
@example("communes/eclaron\r\n")
@given(st.text(max_size=30) | st.text("/\\:@.?#%fren\r\n\t", max_size=12))
def test_no_address_leads_off_the_site(client: FlaskClient, path: str) -> None:
    """Whatever is asked, a redirect is a path of ours, and no answer is a failure of ours."""
    asked = f"/{path}".encode().decode("latin-1")  # as a server hands it on: "//a" is no host here
    response = client.get("/", environ_overrides={"PATH_INFO": asked})
    assert response.status_code in (200, 301, 302, 308, 404)
    target = urlsplit(response.location or "/")
    assert target.netloc in ("", "localhost")
    assert target.path.startswith("/")
    assert not target.path.startswith("//")
