"""The list of what is left to do, its ticks, and the secret calendar that carries it."""

import datetime as dt
import re

import icalendar
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.models import Evening
from guinguette.services import deadlines, feed_keys
from tests import factories as make
from tests.fakes import FixedClock

SATURDAY = dt.date(2027, 7, 17)
LIST = "/organisation/tournees/ete/echeances"
TICK = "/organisation/soirees/vignory1/echeances/sacem"
CALENDAR = "/organisation/agenda"


@pytest.fixture
def evening(session: Session) -> Evening:
    """An evening at Vignory whose pitch is not known, and which has music."""
    commune = make.make_commune(session, name="Vignory")
    tour = make.make_tour(session, slug="ete", name="Été 2027")
    evening = make.make_evening(
        session, id="vignory1", tour=tour, commune=commune, date=SATURDAY, artists="Les Zinzins", pitch=None
    )
    make.make_publication(session, tour=tour)
    session.commit()
    return evening


def secret(client: FlaskClient) -> str:
    """Make a new secret address and return its path."""
    html = client.post(f"{CALENDAR}/renouveler").get_data(as_text=True)
    found = re.search(r"<code[^>]*>http://127.0.0.1:8000(/organisation/agenda/\S+\.ics)</code>", html)
    assert found is not None
    return found[1]


@pytest.mark.usefixtures("evening")
def test_the_list_says_what_when_who_and_why(organiser_client: FlaskClient, clock: FixedClock) -> None:
    """Each task with its day in words, its author, the rule's source, and a way to do it; the late ones first."""
    html = organiser_client.get(LIST).get_data(as_text=True)
    assert "Demander l’autorisation à la Sacem" in html
    assert "Vendredi 2\u00a0juillet" in html
    assert "Qui\u00a0: le bureau" in html
    assert "(Sacem : demande quinze jours avant)" in html
    assert "/organisation/soirees/vignory1/programme" in html
    assert "Rien n’est en retard." in html
    clock.set(dt.datetime(2027, 7, 5, 8, tzinfo=dt.UTC))
    html = organiser_client.get(LIST).get_data(as_text=True)
    assert "En retard de 3 jours\u00a0: vendredi 2\u00a0juillet" in html
    assert "2 tâches en retard" in html


def test_a_task_is_ticked_and_taken_back(
    organiser_client: FlaskClient, evening: Evening, session: Session, clock: FixedClock
) -> None:
    """From the tour's list or the evening's page, each leading back to where it was done."""
    answer = organiser_client.post(TICK, data={"done": "1", "page": "tournee"})
    assert answer.location == LIST
    html = organiser_client.get(LIST).get_data(as_text=True)
    assert "1 tâche faite" in html
    assert "Fait, noté par" in html
    answer = organiser_client.post(TICK, data={"page": "soiree"})
    assert answer.location == "/organisation/soirees/vignory1#a-faire"
    assert all(task.done is None for task in deadlines.of_tour(session, evening.tour, clock))
    html = organiser_client.get("/organisation/soirees/vignory1").get_data(as_text=True)
    assert "À faire" in html


@pytest.mark.usefixtures("evening")
def test_what_cannot_be_ticked_is_refused_with_a_sentence(organiser_client: FlaskClient) -> None:
    """Data that is missing is typed in, not ticked."""
    address = "/organisation/soirees/vignory1/echeances/pitch"
    html = organiser_client.post(address, data={"done": "1"}, follow_redirects=True).get_data(as_text=True)
    assert "Cette tâche ne se coche pas" in html


def test_a_tour_without_evenings_has_nothing_to_do(organiser_client: FlaskClient, session: Session) -> None:
    """It says when there will be."""
    make.make_tour(session, slug="hiver")
    session.commit()
    html = organiser_client.get("/organisation/tournees/hiver/echeances").get_data(as_text=True)
    assert "dès qu’un plan est publié" in html


@pytest.mark.usefixtures("evening")
def test_the_secret_address_is_shown_once(organiser_client: FlaskClient) -> None:
    """No cache may keep the page; asking again makes another address; taken back, none answers."""
    assert "pas encore d’adresse" in organiser_client.get(CALENDAR).get_data(as_text=True)
    answer = organiser_client.post(f"{CALENDAR}/renouveler")
    assert answer.headers["Cache-Control"] == "no-store"
    first, second = secret(organiser_client), secret(organiser_client)
    again = organiser_client.get(CALENDAR).get_data(as_text=True)
    assert second.rsplit("/", 1)[1] not in again
    assert "Vous avez une adresse secrète" in again
    assert organiser_client.get(first).status_code == 404
    assert organiser_client.get(second).status_code == 200
    organiser_client.post(f"{CALENDAR}/revoquer")
    assert organiser_client.get(second).status_code == 404


@pytest.mark.usefixtures("evening")
def test_the_calendar_needs_its_key_and_nothing_else(client: FlaskClient, organiser_client: FlaskClient) -> None:
    """A telephone that cannot sign in reads it, without a cookie, and no cache in between may keep it."""
    path = secret(organiser_client)
    answer = client.get(path)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in answer.headers["Cache-Control"]
    assert "public" not in answer.headers["Cache-Control"]
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in answer.headers
    assert client.get(f"{CALENDAR}/wrong.ics").status_code == 404
    same = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")


@pytest.mark.usefixtures("evening")
def test_the_calendar_holds_what_is_left_to_do(client: FlaskClient, organiser_client: FlaskClient) -> None:
    """An event a task with who and why; what is ticked goes."""
    path = secret(organiser_client)
    events = {str(e["UID"]): e for e in icalendar.Calendar.from_ical(client.get(path).data).walk("VEVENT")}
    sacem = events["vignory1-sacem@guinguette-mobile"]
    assert str(sacem["SUMMARY"]) == ("Demander l’autorisation à la Sacem\u00a0: Vignory, samedi 17\u00a0juillet")
    assert sacem["DTSTART"].dt.isoformat() == "2027-07-02T09:00:00+02:00"
    assert str(sacem["DESCRIPTION"]).split("\n")[0] == "Qui\u00a0: le bureau"
    assert str(sacem["URL"]) == "http://127.0.0.1:8000/organisation/soirees/vignory1"
    organiser_client.post(TICK, data={"done": "1"})
    assert "vignory1-sacem@" not in client.get(path).text
    assert "vignory1-weather@" in client.get(path).text


def test_an_unknown_key_tells_nothing(client: FlaskClient, session: Session, clock: FixedClock) -> None:
    """Neither whether there are keys nor whose."""
    user = make.make_user(session, active=False)
    key = feed_keys.renew(session, user.id, clock)
    session.commit()
    assert client.get(f"{CALENDAR}/{key}.ics").status_code == 404
