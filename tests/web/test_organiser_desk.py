"""What all pages of the desk share: where one is, the way back after an error, what is said after publishing."""

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import factories as make


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("tournees/ete", "Tournées"),
        ("soirees/sure0001", "Tournées"),
        ("communes/52182", "Villages"),
        ("comites", "Villages"),
        ("emplacements", "Villages"),
        ("vehicules/nouveau", "Véhicules"),
        ("messages/couts", "Messages"),
    ],
)
def test_the_header_says_where_one_is(organiser_client: FlaskClient, session: Session, path: str, word: str) -> None:
    """Exactly one section is marked, also on pages whose address begins otherwise than the section's."""
    tour, commune = make.make_tour(session, slug="ete"), make.make_commune(session, insee="52182")
    make.make_evening(session, id="sure0001", tour=tour, commune=commune)
    session.commit()
    page = organiser_client.get(f"/organisation/{path}").text
    assert re.findall(r'aria-current="true">([^<]+)<', page) == [word] or f'aria-current="page">{word}<' in page


def test_an_error_at_the_desk_leads_back_to_it(organiser_client: FlaskClient) -> None:
    """Whoever organises is not sent among the villagers because an address was wrong."""
    answer = organiser_client.get("/organisation/nulle-part")
    assert answer.status_code == 404
    assert '<a class="btn " href="/organisation/">Revenir aux tournées</a>' in answer.text
    assert "Quitter" in answer.text


def test_a_published_plan_is_not_refused_on_its_own_page(organiser_client: FlaskClient, session: Session) -> None:
    """The page that follows « Publier » says that the tour is online, not also that nothing was published."""
    day, van = dt.date(2027, 7, 2), make.make_vehicle(session)
    tour, commune = make.make_tour(session, dates=[day], vehicles=[van]), make.make_commune(session)
    make.make_request(session, tour=tour, commune=commune)
    plan = make.make_plan(session, tour=tour, evenings=[(commune, day, van)])
    session.commit()
    address = f"/organisation/plans/{plan.id}/publier"
    page = organiser_client.post(address, data={"seen": 0}, follow_redirects=True).text
    assert "L’adresse à donner" in page
    assert "Rien n’a été publié" not in page
    assert 'class="avis stop"' not in page


def test_villages_without_sms_are_known_before_publishing(organiser_client: FlaskClient, session: Session) -> None:
    """Whoever announces an evening there knows that no SMS will ever take it back."""
    day, van = dt.date(2027, 7, 2), make.make_vehicle(session)
    tour, commune = make.make_tour(session, dates=[day], vehicles=[van]), make.make_commune(session, name="Vignory")
    make.make_request(session, tour=tour, commune=commune)
    plan = make.make_plan(session, tour=tour, evenings=[(commune, day, van)])
    session.commit()
    page = organiser_client.get(f"/organisation/plans/{plan.id}/publier").text
    assert "<p>Vignory.</p>" in page.split("Un village où personne ne reçoit de SMS")[1]
