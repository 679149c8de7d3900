"""The villagers' pages, as a phone gets them. The client checks each page's HTML by itself (tests.page_lint)."""

import datetime as dt
import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.models import Commune, Evening, Tour
from tests import factories
from tests.fakes import FixedClock

TODAY = dt.date(2027, 6, 9)
SATURDAY = dt.date(2027, 6, 19)


@pytest.fixture
def tour(session: Session) -> Tour:
    """A summer tour with an address of its own."""
    return factories.make_tour(session, slug="ete-2027", name="Tournée d’été 2027")


@pytest.fixture
def village(session: Session) -> Commune:
    """Éclaron."""
    return factories.make_commune(session, insee="52182", name="Éclaron-Braucourt-Sainte-Livière", lat=48.57, lon=4.84)


def _publish(session: Session, tour: Tour, *evenings: Evening) -> None:
    factories.make_publication(session, tour=tour, evenings=evenings)
    session.commit()


def _page(client: FlaskClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return re.sub(r"\s+", " ", response.text.replace("\u00a0", " "))


def test_home_says_the_next_evening_then_the_rest(
    client: FlaskClient, session: Session, tour: Tour, village: Commune
) -> None:
    """The first evening to come is the poster; past ones are nowhere."""
    past = factories.make_evening(session, tour=tour, date=TODAY - dt.timedelta(days=1), state="held")
    first = factories.make_evening(session, tour=tour, commune=village, date=SATURDAY)
    second = factories.make_evening(session, tour=tour, date=SATURDAY + dt.timedelta(days=7))
    _publish(session, tour, past, first, second)
    page = _page(client, "/")
    poster, rest = page.split("Et ensuite")
    assert "Samedi 19 juin" in poster
    assert village.name in poster
    assert "De 18 h à 22 h" in poster
    assert second.commune.name in rest
    assert past.commune.name not in page


@pytest.mark.parametrize(("days", "words"), [(0, "Ce soir, mercredi 9 juin"), (1, "Demain, jeudi 10 juin")])
def test_home_says_tonight_and_tomorrow(
    client: FlaskClient, session: Session, tour: Tour, days: int, words: str
) -> None:
    """What is near is called so, with its date."""
    _publish(session, tour, factories.make_evening(session, tour=tour, date=TODAY + dt.timedelta(days=days)))
    assert words in _page(client, "/")


def test_home_warns_of_what_is_called_off_before_the_next(client: FlaskClient, session: Session, tour: Tour) -> None:
    """Tonight's cancelled evening stands on the poster, above the next one that people can come to."""
    off = factories.make_evening(session, tour=tour, date=TODAY, state="cancelled", change_note="Canicule.")
    on = factories.make_evening(session, tour=tour, date=SATURDAY)
    _publish(session, tour, off, on)
    page = _page(client, "/")
    assert page.index("Canicule.") < page.index("<h1")
    assert on.commune.name in page[page.index("<h1") :]


def test_home_without_any_date(client: FlaskClient) -> None:
    """Nothing published: the page says so and offers the SMS."""
    page = _page(client, "/")
    assert "Aucune date n’est encore publiée" in page
    assert 'href="/abonnement"' in page


def test_home_after_the_season(client: FlaskClient, session: Session, tour: Tour, clock: FixedClock) -> None:
    """All evenings past: the page looks to the next season and back to the tour."""
    _publish(session, tour, factories.make_evening(session, tour=tour, date=SATURDAY))
    clock.advance(days=60)
    page = _page(client, "/")
    assert "À la saison prochaine" in page
    assert 'href="/tournees/ete-2027"' in page


def test_an_unchanged_page_costs_nothing(client: FlaskClient, session: Session, tour: Tour) -> None:
    """The second request with the page's ETag is answered 304, and a change of the tour brings the new page."""
    _publish(session, tour, factories.make_evening(session, tour=tour, date=SATURDAY))
    first = client.get("/")
    again = client.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    _publish(session, tour, factories.make_evening(session, tour=tour, date=TODAY))
    assert client.get("/", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_compressed_page_has_an_etag_of_its_own(app: Flask) -> None:
    """Each coding is its own representation, and its ETag still brings a 304."""
    client = FlaskClient(app, app.response_class)  # the usual one reads the HTML, which is compressed here
    plain = client.get("/")
    squeezed = client.get("/", headers={"Accept-Encoding": "br"})
    assert squeezed.headers["Content-Encoding"] == "br"
    assert squeezed.headers["ETag"] != plain.headers["ETag"]
    headers = {"Accept-Encoding": "br", "If-None-Match": squeezed.headers["ETag"]}
    assert client.get("/", headers=headers).status_code == 304


def test_tour_lists_months_in_order_across_the_new_year(client: FlaskClient, session: Session, tour: Tour) -> None:
    """December stands before January; what is past is folded away."""
    days = [dt.date(2028, 1, 7), dt.date(2027, 12, 10), dt.date(2027, 6, 4)]
    _publish(session, tour, *(factories.make_evening(session, tour=tour, date=day) for day in days))
    page = _page(client, "/tournees/ete-2027")
    assert page.index("Décembre 2027") < page.index("Janvier 2028") < page.index("La soirée passée")
    assert page.index("Juin 2027") > page.index("<details")
    assert page.count('<p class="papier">De 18 h à 22 h</p>') == 2  # on paper, the hours of what is to come
    assert "webcal://127.0.0.1:8000/tournees/ete-2027.ics" in page


def test_tour_unknown(client: FlaskClient) -> None:
    """A tour that is not published has no page."""
    assert client.get("/tournees/nulle-part").status_code == 404


def test_village_with_a_date(client: FlaskClient, session: Session, tour: Tour, village: Commune) -> None:
    """Its next date, the SMS form for this village, and its calendar."""
    _publish(session, tour, factories.make_evening(session, tour=tour, commune=village, date=SATURDAY))
    page = _page(client, "/communes/52182")
    assert "Samedi 19 juin" in page
    assert "/abonnement?scope=commune:52182" in page.replace("%3A", ":")
    assert "webcal://127.0.0.1:8000/communes/52182.ics" in page
    assert 'href="/calendriers?scope=commune:52182"' in page


def test_village_without_a_date_is_shown_the_nearest(
    client: FlaskClient, session: Session, tour: Tour, village: Commune
) -> None:
    """The nearest evenings come in order of distance, in whole kilometres."""
    near = factories.make_commune(session, name="Tout-Près", lat=48.60, lon=4.84)
    far = factories.make_commune(session, name="Plus-Loin", lat=48.80, lon=4.84)
    evenings = [factories.make_evening(session, tour=tour, commune=place, date=SATURDAY) for place in (far, near)]
    _publish(session, tour, *evenings)
    page = _page(client, f"/communes/{village.insee}")
    assert f"Aucune date à {village.name} pour l’instant" in page
    assert page.index("Tout-Près") < page.index("À 3 km à vol d’oiseau") < page.index("Plus-Loin")
    assert "À 26 km à vol d’oiseau" in page


def test_village_unknown(client: FlaskClient) -> None:
    """A code that no commune has."""
    assert client.get("/communes/99999").status_code == 404


def test_evening(client: FlaskClient, session: Session, tour: Tour, village: Commune) -> None:
    """The facts, the way there, the calendar, and what search engines read."""
    evening = factories.make_evening(
        session, tour=tour, commune=village, id="eclaron1", date=SATURDAY, artists="Les Souliers vernis",
        starts_at=dt.time(18, 30),
    )  # fmt: skip
    _publish(session, tour, evening)
    page = _page(client, "/soirees/eclaron1")
    for fact in ("Samedi 19 juin, de 18 h 30 à 22 h", "Place de l’Église", "S’il pleut : Salle des fêtes",
                 "Les Souliers vernis", "Confirmée"):  # fmt: skip
        assert fact in page
    for address in (
        "geo:48.57000,4.84000",
        "openstreetmap.org/directions?to=48.57000,4.84000",
        "/soirees/eclaron1.ics",
    ):
        assert address in page
    data = json.loads(page.split('<script type="application/ld+json">')[1].split("</script>")[0])
    assert data["startDate"] == "2027-06-19T18:30:00+02:00"
    assert data["url"] == "http://127.0.0.1:8000/soirees/eclaron1"


def test_evening_cancelled(client: FlaskClient, session: Session, tour: Tour) -> None:
    """The banner first, what was planned struck through, and no way there."""
    evening = factories.make_evening(
        session, tour=tour, id="annulee1", state="cancelled", change_note="Vigilance rouge canicule."
    )
    _publish(session, tour, evening)
    page = _page(client, "/soirees/annulee1")
    assert "ANNULÉE" in page
    assert "Vigilance rouge canicule." in page
    assert re.search(r"<del>samedi 19 juin, de 18 h à 22 h, Place de l’Église ?</del>", page)
    assert "geo:" not in page
    assert "annulée" in page.split("</title>")[0]


def test_evening_postponed_leads_to_the_one_that_replaces_it(client: FlaskClient, session: Session, tour: Tour) -> None:
    """The banner names the new date and the button leads there."""
    later = factories.make_evening(session, tour=tour, id="nouvelle", date=dt.date(2027, 7, 31))
    old = factories.make_evening(
        session, tour=tour, id="ancienne", commune=later.commune, state="postponed", postponed_to=later
    )
    _publish(session, tour, old, later)
    page = _page(client, "/soirees/ancienne")
    assert "REPORTÉE AU SAMEDI 31 JUILLET" in page
    assert 'href="/soirees/nouvelle"' in page


def test_evening_postponed_to_a_date_that_fell_through(client: FlaskClient, session: Session, tour: Tour) -> None:
    """No dead date, no link to a dead evening."""
    later = factories.make_evening(session, tour=tour, id="nouvelle", date=dt.date(2027, 7, 31), state="cancelled")
    old = factories.make_evening(session, tour=tour, id="ancienne", state="postponed", postponed_to=later)
    _publish(session, tour, old, later)
    page = _page(client, "/soirees/ancienne")
    assert "Aucune nouvelle date n’est fixée" in page
    assert "31 JUILLET" not in page
    assert 'nouvelle"' not in page
    for address in ("/carte", f"/tournees/{tour.slug}", f"/communes/{old.commune_insee}"):
        assert "Reportée au" not in _page(client, address)


def test_lists_say_that_a_new_date_is_not_sure(client: FlaskClient, session: Session, tour: Tour) -> None:
    """As the SMS and the evening's page do."""
    later = factories.make_evening(session, tour=tour, date=dt.date(2027, 7, 31), state="option")
    old = factories.make_evening(session, tour=tour, commune=later.commune, state="postponed", postponed_to=later)
    _publish(session, tour, old, later)
    for address in ("/carte", f"/tournees/{tour.slug}"):
        assert "Reportée au samedi 31 juillet (à confirmer)" in _page(client, address)


def test_evening_moved_to_the_hall(client: FlaskClient, session: Session, tour: Tour, clock: FixedClock) -> None:
    """The hall's address, and the pitch struck through; the day after nobody is sent there any more."""
    evening = factories.make_evening(
        session, tour=tour, id="orages01", venue="hall", change_note="Des orages sont prévus."
    )
    _publish(session, tour, evening)
    page = _page(client, "/soirees/orages01")
    assert "À LA SALLE DES FÊTES" in page
    assert "<strong>Salle des fêtes, rue du Lac</strong>" in page
    assert "<del>Place de l’Église</del>" in page
    assert "S’il pleut" not in page
    clock.set(dt.datetime(2027, 6, 20, 8, tzinfo=dt.UTC))
    page = _page(client, "/soirees/orages01")
    assert "Cette soirée a eu lieu" in page
    assert "Venez à cette adresse" not in page


def test_evening_past(client: FlaskClient, session: Session, tour: Tour, clock: FixedClock) -> None:
    """The day after, the page stays and says that it took place."""
    _publish(session, tour, factories.make_evening(session, tour=tour, id="passee01"))
    clock.set(dt.datetime(2027, 6, 20, 8, tzinfo=dt.UTC))
    page = _page(client, "/soirees/passee01")
    assert "Cette soirée a eu lieu" in page
    assert "M’y rendre" not in page


def test_evening_unknown(client: FlaskClient) -> None:
    """An id that no published evening has."""
    assert client.get("/soirees/rienici1").status_code == 404


@pytest.mark.parametrize("path", ["/mentions-legales", "/confidentialite", "/accessibilite"])
def test_legal_pages(client: FlaskClient, path: str) -> None:
    """The three stand without any set-up, and every page leads to them."""
    assert client.get(path).status_code == 200
    assert f'href="{path}"' in client.get("/").text


def test_pages_name_their_address(client: FlaskClient) -> None:
    """The canonical address is the public one, whatever host was asked."""
    page = client.get("/", base_url="http://192.168.0.7:8000").text
    assert '<link rel="canonical" href="http://127.0.0.1:8000/">' in page


def test_an_english_page_says_that_the_calendar_is_french(
    client: FlaskClient, session: Session, village: Commune
) -> None:
    """The same feed for all: whoever subscribes from an English page knows what will come."""
    session.commit()
    english = client.get(f"/en/communes/{village.insee}").text
    assert f"/communes/{village.insee}.ics" in english
    assert "The calendar is written in French" in english
    assert "écrit en français" not in client.get(f"/communes/{village.insee}").text


def test_a_village_remembers_the_evenings_of_an_archived_tour(
    client: FlaskClient, session: Session, tour: Tour, village: Commune, clock: FixedClock
) -> None:
    """On its page and in its feed, while the tour has left the home page."""
    evening = factories.make_evening(session, tour=tour, commune=village, date=TODAY - dt.timedelta(days=7))
    factories.make_publication(session, tour=tour, evenings=[evening])
    tour.archived_at = clock.now()
    session.commit()
    assert f"/soirees/{evening.id}" in client.get(f"/communes/{village.insee}").text
    for path in ("/agenda.ics", f"/communes/{village.insee}.ics", f"/epci/{village.epci_siren}.ics"):
        assert evening.id in client.get(path).text
    assert client.get(f"/soirees/{evening.id}").status_code == 200
    assert tour.name not in client.get("/").text
