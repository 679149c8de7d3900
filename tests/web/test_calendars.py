"""The page that walks through subscribing, for the evenings that were chosen before."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import factories


@pytest.fixture
def eclaron(session: Session) -> str:
    """A published evening at Éclaron (52182), in the tour "ete"; returns the SIREN of its EPCI."""
    commune = factories.make_commune(session, insee="52182", name="Éclaron")
    tour = factories.make_tour(session, slug="ete", name="Tournée d’été")
    factories.make_publication(
        session, tour=tour, evenings=[factories.make_evening(session, tour=tour, commune=commune)]
    )
    session.commit()
    return str(commune.epci_siren)


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize(
    ("scope", "feed"),
    [
        ("", "/agenda.ics"),
        ("commune:52182", "/communes/52182.ics"),
        ("near:52182:15", "/communes/52182/15km.ics"),
        ("tour:ete", "/tournees/ete.ics"),
        ("epci:{siren}", "/epci/{siren}.ics"),
    ],
)
def test_every_way_leads_to_the_calendar_that_was_chosen(
    client: FlaskClient, eclaron: str, prefix: str, scope: str, feed: str
) -> None:
    """Apple's button, Google's link and the address to copy are one feed, which exists."""
    scope, feed = scope.format(siren=eclaron), feed.format(siren=eclaron)
    page = client.get(f"{prefix}/calendriers", query_string={"scope": scope}).text
    assert f'href="webcal://127.0.0.1:8000{feed}"' in page
    quoted = feed.replace("/", "%2F")
    assert f'href="https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2F127.0.0.1%3A8000{quoted}"' in page
    assert f'value="http://127.0.0.1:8000{feed}"' in page
    assert client.get(feed).status_code == 200
    chosen = page[: page.index("selected")].rpartition('value="')[2] if scope else ""
    assert chosen.split('"')[0] == scope


@pytest.mark.usefixtures("eclaron")
@pytest.mark.parametrize("scope", ["tour:nulle-part", "near:52182:900", "x", "commune:99999"])
def test_a_scope_that_names_nothing_leads_to_everything(client: FlaskClient, scope: str) -> None:
    """An old link still helps, and nobody fills the memory with addresses of their own."""
    answer = client.get("/en/calendriers", query_string={"scope": scope})
    assert (answer.status_code, answer.location) == (302, "/en/calendriers")


def test_each_program_has_its_steps_and_each_drawing_its_words(client: FlaskClient) -> None:
    """Five programs, three steps each; the drawings are told to whoever does not see them; Google's pace is said."""
    page = client.get("/calendriers").text.split("<main")[1].split("</main>")[0]
    assert page.count("<details") == 5
    assert page.count("<li>") == page.count('role="img"') == page.count('<svg class="ecran-dessin') == 15
    assert page.count('aria-label="') == 15
    assert 'aria-label=""' not in page
    assert "qu’une fois par jour" in page
    assert 'href="/abonnement"' in page
