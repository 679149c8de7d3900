"""Preparing an evening on a telephone: the checklist, the letters, the poster (guinguette/web/host/papers.py)."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from guinguette.models import Evening
from tests import factories as make
from tests.unit.publishing.sheets import words
from tests.web.host.conftest import HostAtHome

SATURDAY = dt.date(2027, 7, 17)
LIST = "soirees/eclaron1/preparatifs"
LETTER = "soirees/eclaron1/courriers/buvette"


@pytest.fixture
def evening(session: Session, host: HostAtHome) -> Evening:
    """An evening at Éclaron, published, whose bar Jeanne Petit's committee asks for."""
    tour = make.make_tour(session)
    evening = make.make_evening(
        session,
        id="eclaron1",
        tour=tour,
        commune=host.commune,
        date=SATURDAY,
        artists="Les Zinzins",
        permit_holder=host.contact.committee,
    )
    make.make_publication(session, tour=tour, evenings=[evening])
    session.commit()
    return evening


def fields(**values: str) -> dict[str, str]:
    """Return a letter's form as a browser sends it."""
    return {
        "sender": "Comité des fêtes",
        "recipient": "Mairie",
        "dated": "Éclaron, le 1er juin 2027",
        "subject": "buvette",
        "body": "Madame la Maire,\r\n\r\nMerci de *signer*.",
    } | values


@pytest.mark.usefixtures("evening")
def test_the_list_says_what_when_and_why(host: HostAtHome) -> None:
    """Each thing with its day and its reason, the letters, the poster, the permits of the year."""
    page = host.get(LIST).text
    assert "Faire signer l’arrêté du maire" in page
    assert "Avant la fin du vendredi 2\u00a0juillet" in page
    assert "Code général des collectivités territoriales" in page
    assert "1 sur 5 en 2027" in page
    assert "/soirees/eclaron1/affiche.pdf" in page
    assert host.path(LETTER) in page
    assert "L’association s’en charge" in page


@pytest.mark.usefixtures("evening")
def test_a_tick_is_seen_by_the_organiser_and_the_other_way_round(
    host: HostAtHome, organiser_client: FlaskClient
) -> None:
    """Each reads who has done it; the organiser's e-mail address stays at the desk."""
    answer = host.post(f"{LIST}/order", data={"done": "1"})
    assert answer.location.endswith("/preparatifs#fait-order")
    assert "Jeanne Petit (lien personnel)" in organiser_client.get("/organisation/soirees/eclaron1").text
    organiser_client.post("/organisation/soirees/eclaron1/echeances/keys", data={"done": "1"})
    page = host.get(LIST).text
    assert "noté par l’association" in page
    assert "example.org" not in page
    assert "2 choses faites sur 7" in page
    host.post(f"{LIST}/order", data={})
    assert "Une chose faite sur 7" in host.get(LIST).text


@pytest.mark.usefixtures("evening")
def test_what_is_not_the_villages_is_refused_with_a_sentence(host: HostAtHome) -> None:
    """The Sacem is the association's."""
    page = host.post(f"{LIST}/sacem", data={"done": "1"}, follow_redirects=True).text
    assert "Cette tâche n’est pas à cocher ici" in page


def test_another_villages_evening_does_not_exist(host: HostAtHome, session: Session) -> None:
    """Neither its list, its letters, its code nor its story, read or written."""
    make.make_evening(session, id="ailleurs", date=SATURDAY)
    session.commit()
    for path in ("preparatifs", "courriers/buvette", "code.svg", "apres"):
        assert host.get(f"soirees/ailleurs/{path}").status_code == 404
    for path in ("preparatifs/order", "courriers/buvette/lettre.pdf", "apres"):
        assert host.post(f"soirees/ailleurs/{path}", data=fields(done="1")).status_code == 404


@pytest.mark.usefixtures("evening")
def test_a_letter_is_prefilled_and_leaves_as_it_was_corrected(host: HostAtHome) -> None:
    """As PDF and as text; what was typed is text; no cache keeps it."""
    page = host.get(LETTER).text
    assert "L3334-2" in page
    assert "Jeanne Petit" in page
    answer = host.post(f"{LETTER}/lettre.pdf", data=fields())
    assert answer.mimetype == "application/pdf"
    assert "Merci de *signer*." in words(answer.data)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    answer = host.post(f"{LETTER}/lettre.txt", data=fields())
    assert answer.text.endswith("Objet\u00a0: buvette\n\nMadame la Maire,\n\nMerci de *signer*.\n")


@pytest.mark.usefixtures("evening")
def test_an_empty_or_endless_letter_is_shown_again(host: HostAtHome) -> None:
    """With what was typed, and what is wrong; a letter that does not exist is not found."""
    page = host.post(f"{LETTER}/lettre.pdf", data=fields(body=""))
    assert page.mimetype == "text/html"
    assert "Ce champ est à remplir." in page.text
    assert "C’est trop long" in host.post(f"{LETTER}/lettre.pdf", data=fields(body="a" * 8001)).text
    assert host.get("soirees/eclaron1/courriers/nonsense").status_code == 404
    assert host.post("soirees/eclaron1/courriers/nonsense/lettre.txt", data=fields()).status_code == 404


@pytest.mark.usefixtures("evening")
def test_the_code_alone_is_there_to_print(host: HostAtHome) -> None:
    """For the village's own leaflets."""
    answer = host.get("soirees/eclaron1/code.svg")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.data.startswith(b"<svg")


def test_once_it_is_over_the_page_leads_to_the_story(host: HostAtHome, session: Session, evening: Evening) -> None:
    """Nothing is left to prepare; a date that is not sure says so first."""
    make.make_evening(session, id="eclaron2", commune=host.commune, date=SATURDAY.replace(day=24), state="option")
    evening.state = "held"
    session.commit()
    assert "Cette date n’est pas encore sûre" in host.get("soirees/eclaron2/preparatifs").text
    page = host.get(LIST).text
    assert "plus rien à préparer" in page
    assert host.path("soirees/eclaron1/apres") in page
