"""The hosts' page of days, as a browser without JavaScript has it; and what its script sends."""

import datetime as dt
import html
import json
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Availability, CommuneRequest, Fete
from tests import factories as make
from tests.fakes import NOW
from tests.web.host.conftest import HostAtHome

FRIDAY, SATURDAY, NEXT_FRIDAY = dt.date(2027, 7, 2), dt.date(2027, 7, 3), dt.date(2027, 7, 9)


@pytest.fixture
def row(session: Session, host: HostAtHome) -> CommuneRequest:
    """What Éclaron is asked: three days, until 20 June."""
    tour = make.make_tour(
        session, slug="ete", name="Été 2027", dates=[FRIDAY, SATURDAY, NEXT_FRIDAY], answer_by=dt.date(2027, 6, 20)
    )
    row = make.make_request(session, tour=tour, commune=session.merge(host.commune))
    session.commit()
    return row


def levels(session: Session) -> dict[dt.date, str]:
    """Return every answer there is."""
    session.expire_all()
    return {each.date: each.level for each in session.scalars(select(Availability))}


def seen(page: str) -> str:
    """Return what the form says it has shown."""
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def test_one_tour_is_gone_to_at_once(host: HostAtHome, row: CommuneRequest) -> None:
    """The page says until when, and loads no typeface."""
    assert host.get("jours").location == host.path("jours/ete")
    page = host.get("jours/ete")
    assert "Répondez avant le <b>dimanche 20\u00a0juin</b>" in page.text
    assert 'class="polices"' not in page.text
    assert "Restent 3 jours sans réponse." in page.text
    assert "Tant que vous n’avez pas fini, un jour laissé vide nous paraît possible." in page.text


def test_several_tours_are_listed(host: HostAtHome, row: CommuneRequest, session: Session) -> None:
    """With what is left in each; with none, it is said."""
    make.make_request(session, tour=make.make_tour(session, name="Hiver", dates=[SATURDAY]), commune=row.commune)
    session.commit()
    page = host.get("jours").text
    assert "Été 2027" in page
    assert "Hiver" in page
    for tour in (row.tour, *session.scalars(select(make.Tour))):
        tour.archived_at = NOW
    session.commit()
    assert "Aucune tournée ne vous demande de jours" in host.get("jours").text


def test_the_whole_form_is_saved(host: HostAtHome, row: CommuneRequest, session: Session) -> None:
    """What was given stands on the page that comes again; a day has no way back to empty."""
    data = {"seen": "{}", f"jour-{FRIDAY}": "yes", f"jour-{SATURDAY}": "if_need_be", f"jour-{NEXT_FRIDAY}": ""}
    page = host.post("jours/ete", data=data, follow_redirects=True)
    assert "C’est enregistré." in page.text
    assert levels(session) == {FRIDAY: "yes", SATURDAY: "if_need_be"}
    assert f'id="jour-{FRIDAY}-0"' not in page.text
    assert f'for="jour-{FRIDAY}-1"' in page.text
    assert f'id="jour-{NEXT_FRIDAY}-0"' in page.text


def test_two_people_without_scripts_lose_nothing(host: HostAtHome, row: CommuneRequest, session: Session) -> None:
    """The second form still has a day as it was shown: only what was touched is written."""
    first = second = seen(host.get("jours/ete").text)
    host.post("jours/ete", data={"seen": first, f"jour-{FRIDAY}": "yes"})
    host.post("jours/ete", data={"seen": second, f"jour-{FRIDAY}": "", f"jour-{SATURDAY}": "no"})
    both = seen(host.get("jours/ete").text)
    host.post("jours/ete", data={"seen": both, f"jour-{FRIDAY}": "no", f"jour-{SATURDAY}": "no"})
    host.post("jours/ete", data={"seen": both, f"jour-{FRIDAY}": "yes", f"jour-{SATURDAY}": "if_need_be"})
    assert levels(session) == {FRIDAY: "no", SATURDAY: "if_need_be"}


@pytest.mark.parametrize(
    ("button", "given"),
    [
        ({"semaine": "2027-07-01_2027-07-04_if_need_be"}, {FRIDAY: "if_need_be", SATURDAY: "if_need_be"}),
        ({"chaque": "4_no"}, {FRIDAY: "no", NEXT_FRIDAY: "no"}),
        ({"chaque": "tous_yes"}, {FRIDAY: "yes", SATURDAY: "yes", NEXT_FRIDAY: "yes"}),
        ({"fini": "1"}, {FRIDAY: "no", SATURDAY: "no", NEXT_FRIDAY: "no"}),
        ({"seen": "[1]", "chaque": "8_yes"}, {}),
    ],
)
def test_one_gesture_for_many_days(
    host: HostAtHome, row: CommuneRequest, session: Session, button: dict[str, str], given: dict[dt.date, str]
) -> None:
    """A week, every Friday, the whole tour, all that is left."""
    host.post("jours/ete", data={"seen": "{}", **button})
    assert levels(session) == given


def test_the_script_is_told_what_stands(host: HostAtHome, row: CommuneRequest, session: Session) -> None:
    """It sends touches with their instants and gets every day's answer back, another person's too."""
    at = int(NOW.timestamp() * 1000)
    session.add(Availability(request_id=row.id, date=SATURDAY, level="no", given_at=NOW))
    session.commit()
    touched = {"days": {str(FRIDAY): ["yes", at - 5000], str(SATURDAY): ["yes", at - 5000]}, "done": False}
    answer = host.post("jours/ete/touches", json=touched)
    assert answer.json == {
        "days": {str(FRIDAY): ["yes", at - 5000], str(SATURDAY): ["no", at]},
        "said": "Enregistré à 12\u00a0h.",
        "left": "Reste 1 jour sans réponse.",
    }
    done = host.post("jours/ete/touches", json={"days": {}, "done": True}).json
    assert done is not None
    assert done["left"] == "Tous les jours ont une réponse."
    assert levels(session)[NEXT_FRIDAY] == "no"
    assert "C’est fait, merci." in host.get("jours/ete").text


@pytest.mark.parametrize(
    "sent",
    [
        None,
        [],
        {"days": []},
        {"days": {"hier": ["yes", 1]}},
        {"days": {"2027-07-02": "yes"}},
        {"days": {"2027-07-02": ["yes", "x"]}},
        {"days": {"2027-07-02": ["yes", 1e300]}},
        {"days": {"2027-07-02": ["oui", 1]}},
    ],
)
def test_nonsense_is_refused(host: HostAtHome, row: CommuneRequest, session: Session, sent: object) -> None:
    """And writes nothing."""
    assert host.post("jours/ete/touches", data=json.dumps(sent), content_type="application/json").status_code == 400
    assert levels(session) == {}


def test_another_villages_tour_is_not_found(host: HostAtHome, row: CommuneRequest, session: Session) -> None:
    """Nor is a tour that is over."""
    make.make_request(session, tour=make.make_tour(session, slug="ailleurs", dates=[FRIDAY]))
    make.make_request(
        session, tour=make.make_tour(session, slug="vieux", dates=[dt.date(2026, 7, 1)]), commune=row.commune
    )
    session.commit()
    for slug in ("ailleurs", "vieux"):
        assert host.get(f"jours/{slug}").status_code == 404
        assert host.post(f"jours/{slug}/touches", json={"days": {}}).status_code == 404


def test_the_villages_fete(host: HostAtHome, row: CommuneRequest, session: Session) -> None:
    """It is added and removed on the page, seen on its days; what is wrong stands beside its field."""
    fete = {"name": "Fête patronale", "first": "2027-07-02", "last": "2027-07-04"}
    page = host.post("jours/ete/fetes", data=fete, follow_redirects=True).text
    assert "« Fête patronale » est notée" in page.replace("\u00a0", " ")
    assert "Du vendredi 2 juillet au samedi 3 juillet</b> : Fête patronale" in page.replace("\u00a0", " ")
    wrong = host.post("jours/ete/fetes", data={**fete, "last": "2027-07-01"}).text
    assert "Le dernier jour vient avant le premier." in wrong
    assert "Donnez une date" in host.post("jours/ete/fetes", data={"name": "Brocante"}).text
    stored = session.scalars(select(Fete)).one()
    others = Fete(commune_insee=make.make_commune(session).insee, name="Autre", first=FRIDAY, last=FRIDAY)
    session.add(others)
    session.commit()
    assert host.post(f"jours/ete/fetes/{others.id}/retirer").status_code == 404
    assert "est retirée" in host.post(f"jours/ete/fetes/{stored.id}/retirer", follow_redirects=True).text


def test_who_has_answered_otherwise_is_told(host: HostAtHome, row: CommuneRequest, session: Session) -> None:
    """By telephone; and when the day to answer is over, that an answer still helps."""
    row.answered_at, row.answered_by, row.answered_how = NOW, "téléphone de Mme Petit", "phone"
    row.tour.answer_by = dt.date(2027, 6, 1)
    session.commit()
    page = host.get("jours/ete").text
    assert "Votre réponse au téléphone est notée." in page
    assert "La réponse que nous avons notée vaut pour tous les jours" in page
    assert "Nous attendions les réponses le mardi 1er juin" in page.replace("\u00a0", " ")
