"""Run sheets at the desk: the list, a van's day on the phone and on paper, for organisers' eyes alone."""

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from guinguette.adapters.vault import Vault
from guinguette.models import Evening, HallBooking, Tour
from tests import factories as make
from tests.fakes import NOW, FixedClock
from tests.unit.publishing.sheets import pages, words

FRIDAY, SATURDAY = dt.date(2027, 6, 11), dt.date(2027, 6, 12)
LIST = "/organisation/tournees/ete/feuilles-de-route"
SHEET = f"{LIST}/2027-06-11/lucette"


def text_of(response: TestResponse) -> str:
    """Return a page's words, each space a plain one."""
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", response.get_data(as_text=True)).split())


@pytest.fixture(autouse=True)
def tour(session: Session, vault: Vault) -> Tour:
    """Lucette is at Vignory on Friday and at Droyes on Saturday; Mme Petit answers at Vignory, on a placed pitch."""
    van = make.make_vehicle(session, name="Lucette", slug="lucette", cruise_km_per_hour=60)
    tour = make.make_tour(session, slug="ete", name="Été 2027", dates=[FRIDAY, SATURDAY], vehicles=[van])
    evenings = []
    for name, day, lat in (("Vignory", FRIDAY, 48.3), ("Droyes", SATURDAY, 48.5)):
        commune = make.make_commune(session, name=name, lat=lat, lon=4.8)
        pitch = make.make_pitch(session, commune=commune, lat=lat, lon=4.8, access="Sens unique.")
        make.make_request(session, tour=tour, commune=commune, pitch=pitch)
        evenings.append(
            make.make_evening(
                session, id=f"{name.lower():x<8}", tour=tour, commune=commune, vehicle=van, date=day, pitch=pitch
            )
        )
    phone = vault.encrypt("+33639980012")
    committee = make.make_committee(session, commune=evenings[0].commune)
    make.make_contact(session, committee=committee, role="présidente", phone_encrypted=phone)
    make.make_publication(session, tour=tour, evenings=evenings)
    session.commit()
    return tour


def test_the_list_begins_with_the_next_day(organiser_client: FlaskClient, clock: FixedClock) -> None:
    """How far, how long, when to leave, from where; what is over comes last."""
    page = text_of(organiser_client.get(LIST))
    assert page.index("Vignory") < page.index("Droyes")
    assert "Lucette, 51 km, 51 min, estimé Départ à 15 h 05 : Saint-Dizier Le camion reste au village." in page
    assert "Départ à 15 h 30 : Vignory Retour au dépôt à 23 h 55" in page
    clock.set(dt.datetime(2027, 6, 12, 21, 45, tzinfo=dt.UTC))  # Droyes is over, its van drives home until 23:55
    assert "Déjà passées (1)" in text_of(organiser_client.get(LIST))
    clock.set(dt.datetime(2027, 6, 12, 8, tzinfo=dt.UTC))
    page = text_of(organiser_client.get(LIST, query_string={"camion": "lucette"}))
    assert page.index("Droyes") < page.index("Déjà passées (1)") < page.index("Vignory", page.index("Déjà"))
    assert "Aucune soirée n’est à venir" in text_of(organiser_client.get(LIST, query_string={"camion": "firmin"}))


def test_the_sheet_says_all_that_its_crew_needs(organiser_client: FlaskClient) -> None:
    """Where, when, from where, whom to ring; a way to the place for the phone; nobody on the way keeps it."""
    answer = organiser_client.get(SHEET)
    page = text_of(answer)
    for part in (
        "15 h 05", "51 km, 51 min, estimé depuis Saint-Dizier", "Place de l’Église", "Sens unique.",
        "À demander : l’eau, les toilettes, le réseau mobile, qui a les clés",
        "samedi 12 juin, à 15 h 30, pour Droyes", "Repos de l’équipe jusqu’à 10 h 30.", "06 39 98 00 12",
    ):  # fmt: skip
        assert part in page
    assert 'href="geo:48.30000,4.80000?q=48.30000,4.80000"' in answer.text
    assert 'href="tel:+33639980012"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'aria-current="step"' not in answer.text


def test_on_the_day_the_sheet_says_where_one_stands(organiser_client: FlaskClient, clock: FixedClock) -> None:
    """At half past four in the afternoon the van is being set up, past midnight it is packed; then the day is over."""
    clock.set(dt.datetime(2027, 6, 11, 14, 30, tzinfo=dt.UTC))
    page = organiser_client.get(SHEET).text
    [here] = re.findall(r'<li class="ici" aria-current="step">(.*?)</li>', page, re.DOTALL)
    assert "Arrivée et installation" in here
    assert page.count('class="fait"') == 2
    clock.set(dt.datetime(2027, 6, 11, 22, 30, tzinfo=dt.UTC))
    assert organiser_client.get(SHEET).text.count('class="fait"') == 5
    clock.set(dt.datetime(2027, 6, 12, 9, tzinfo=dt.UTC))
    assert 'class="fait"' not in organiser_client.get(SHEET).text


@pytest.mark.parametrize(("file", "count"), [("feuille.pdf", 1), ("semaine.pdf", 2)])
def test_the_sheets_are_printed(organiser_client: FlaskClient, file: str, count: int) -> None:
    """One day or the van's whole week, a page each, kept by nobody."""
    answer = organiser_client.get(f"{SHEET}/{file}")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/pdf", "no-store")
    assert len(list(pages(answer.data, dpi=20))) == count
    text = words(answer.data)
    assert "Vignory" in text
    assert ("Droyes" in text.replace("pour Droyes", "")) == (count == 2)


@pytest.mark.parametrize("path", ["", "/feuille.pdf", "/semaine.pdf"])
def test_nobody_else_reads_them(client: FlaskClient, organiser_client: FlaskClient, path: str) -> None:
    """A visitor is asked to sign in, the service worker leaves them alone, a made-up day is not there."""
    assert client.get(SHEET + path).status_code in (302, 401)
    assert '"/organisation"' in client.get("/sw.js").text.splitlines()[0]
    for day in ("2027-07-01", "demain"):
        assert organiser_client.get(f"{LIST}/{day}/lucette{path}").status_code == 404


def test_the_desk_leads_there(organiser_client: FlaskClient, session: Session) -> None:
    """From the tour and from the evening while it takes place."""
    assert LIST in organiser_client.get("/organisation/tournees/ete").text
    assert SHEET in organiser_client.get("/organisation/soirees/vignoryx").text


def test_a_hall_that_is_taken_is_shouted(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """Whoever leaves must know that there is no shelter, or that the evening cannot stand where it stands."""
    evening = session.get_one(Evening, "droyesxx")
    session.add(HallBooking(hall=evening.fallback_venue, date=SATURDAY, what="mariage", noted_at=NOW, noted_by="x"))
    session.commit()
    page = text_of(organiser_client.get(f"{LIST}/2027-06-12/lucette"))
    assert "la soirée n’a pas de repli" in page
    assert "Prise ce jour-là : mariage" in page
    evening.venue, evening.change_note = "hall", "Orages annoncés."
    session.commit()
    page = text_of(organiser_client.get(f"{LIST}/2027-06-12/lucette"))
    assert "Itinéraire vers le village" in page  # nobody has placed the hall
    assert "Déplacée à la salle des fêtes" in page
    assert "Orages annoncés." in page
    assert "La soirée ne peut pas s’y tenir ce jour-là" in page


def test_a_village_with_nobody_to_ring_says_so(organiser_client: FlaskClient) -> None:
    """And leads to where somebody is added."""
    answer = organiser_client.get(f"{LIST}/2027-06-12/lucette")
    assert "Aucune personne à appeler n’est notée pour ce village. Ajouter quelqu’un" in text_of(answer)


def test_the_desk_tells_a_days_driving(organiser_client: FlaskClient, session: Session, tour: Tour) -> None:
    """The plan and the season, by van and day, in all and where it is estimated; a planned evening too."""
    van = tour.vehicles[0].vehicle
    lines = [(row.commune, row.date, van) for row in session.scalars(select(Evening).order_by(Evening.date))]
    plan = make.make_plan(session, tour=tour, metres=104_000, evenings=lines)
    session.commit()
    insee = lines[0][0].insee
    assert "Vignory 51 km, 51 min, estimé" in text_of(organiser_client.get(f"/organisation/plans/{plan.id}"))
    season = text_of(organiser_client.get("/organisation/tournees/ete/saison?vue=table"))
    assert "Vignory 51 km, 51 min, estimé" in season
    assert "1 h 44 au volant, estimé" in season
    planned = text_of(organiser_client.get(f"/organisation/plans/{plan.id}/soirees/{insee}/{FRIDAY}"))
    assert "Avec Lucette. Route du jour : 51 km, 51 min, estimé." in planned
