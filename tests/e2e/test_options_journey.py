"""On a phone: an option is sent, the village rings back, the evening is confirmed; deadlines are ticked."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Contact, DateOption, DoneTask, Evening
from guinguette.services import evenings, options, publication
from tests import factories as make
from tests.e2e.faults import faults, needs_axe
from tests.fakes import FixedClock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def evening(session: Session, clock: FixedClock, vault: Vault) -> Evening:
    """A proposed evening at Vignory, online; Jeanne Petit can be rung."""
    commune = make.make_commune(session, name="Vignory")
    phone = vault.encrypt("+33639980012")
    committee = make.make_committee(session, commune=commune)
    make.make_contact(session, committee=committee, name="Jeanne Petit", phone_encrypted=phone)
    van = make.make_vehicle(session, name="Lucette")
    day = dt.date(2027, 7, 2)
    tour = make.make_tour(session, slug="ete", name="Été 2027", dates=[day], vehicles=[van])
    make.make_request(session, tour=tour, commune=commune, availabilities={day: "yes"}, permit_holder=committee)
    evening = make.make_evening(
        session, id="vignory1", tour=tour, commune=commune, vehicle=van, date=day, state="proposed",
        artists="Les Zinzins", permit_holder=committee,
    )  # fmt: skip
    plan = make.make_plan(session, tour=tour, evenings=[(commune, day, van)])
    publication.refresh(session, tour, actor="x", clock=clock, plan=plan)
    session.commit()
    return evening


@pytest.fixture
def desk(organiser_client: FlaskClient, phone: Page, address: str) -> Page:
    """The phone of somebody who has signed in."""
    cookie = organiser_client.get_cookie("session")
    assert cookie is not None
    phone.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    return phone


def test_an_option_is_sent_answered_by_telephone_and_confirmed(desk: Page, session: Session, evening: Evening) -> None:
    """From the tour's next step to a confirmed evening, and the tour has nothing left to ask."""
    desk.goto("/organisation/tournees/ete")
    desk.get_by_role("link", name="Envoyer les options").first.click()
    desk.get_by_role("button", name="Envoyer les options cochées").click()
    desk.get_by_text("1 option est envoyée.").wait_for()
    assert desk.get_by_role("link", name="Jeanne Petit, 06 39 98 00 12").get_attribute("href") == "tel:+33639980012"
    desk.get_by_role("link", name="Noter la réponse").click()
    desk.get_by_label("Oui, la date convient").check()
    assert desk.get_by_label("Reçu par").input_value() == "téléphone de Jeanne Petit"
    desk.get_by_role("button", name="Noter la réponse").click()
    desk.get_by_text("La réponse est notée.").wait_for()
    desk.get_by_text("Confirmée").first.wait_for()
    session.refresh(evening)
    option = session.scalars(select(DateOption)).one()
    assert (evening.state, option.state, option.answered_by) == (
        "confirmed",
        "accepted",
        "téléphone de Jeanne Petit",
    )
    desk.goto("/organisation/tournees/ete/options")
    desk.get_by_text("Reçu par téléphone de Jeanne Petit").wait_for()


@needs_axe
def test_a_host_offers_another_day_and_then_says_yes(
    phone: Page, session: Session, evening: Evening, clock: FixedClock, vault: Vault
) -> None:
    """With the thumb, on an old phone and enlarged fourfold; no page has a fault that axe or the ruler finds."""
    act = evenings.Act(actor="o@example.org", clock=clock, vault=vault, public_url="https://guinguette.example")
    options.send(session, evening, act)
    contact = session.scalars(select(Contact)).one()
    home = f"/comite/{make.make_host_link(session, contact=contact)}"
    session.commit()
    phone.set_viewport_size({"width": 360, "height": 640})
    for path in ("soirees", "soirees/vignory1", "soirees/vignory1/non", "soirees/vignory1/autre-jour"):
        phone.goto(f"{home}/{path}")
        assert faults(phone) == []
        phone.set_viewport_size({"width": 180, "height": 320})
        assert phone.evaluate("document.documentElement.scrollWidth") <= 180
        phone.set_viewport_size({"width": 360, "height": 640})
    phone.get_by_label("Un autre jour").check()
    phone.get_by_label("L’autre jour").fill("2027-07-09")
    phone.get_by_role("button", name="Proposer ce jour").click()
    phone.get_by_text("Vous avez proposé le vendredi 9 juillet").wait_for()
    session.expire_all()
    options.send(session, evening, act)  # the association would rather have its own day
    session.commit()
    phone.reload()
    phone.get_by_role("button", name="Oui, nous vous recevons").click()
    phone.get_by_text("acceptée par Jeanne Petit par son lien").wait_for()
    assert faults(phone) == []
    session.expire_all()
    assert [option.state for option in evening.options] == ["countered", "accepted"]


@pytest.mark.usefixtures("evening")
def test_a_deadline_is_ticked_and_taken_back(desk: Page, session: Session) -> None:
    """With the thumb: done, then not done after all; nothing moves under the finger meanwhile."""
    desk.goto("/organisation/tournees/ete/echeances")
    desk.get_by_role("button", name="C’est fait : Demander l’autorisation à la Sacem, Vignory").click()
    desk.get_by_text("1 tâche faite").click()
    desk.get_by_text("Fait, noté par").wait_for()
    assert session.scalars(select(DoneTask.kind)).all() == ["sacem"]
    session.rollback()
    desk.get_by_role("button", name="Décocher").click()
    desk.get_by_role("button", name="C’est fait : Demander l’autorisation à la Sacem, Vignory").wait_for()
    assert session.scalars(select(DoneTask.kind)).all() == []


@pytest.mark.usefixtures("evening")
def test_the_secret_calendar_is_made_and_taken_back(desk: Page) -> None:
    """Shown once, with what subscribes this phone; then it answers no more."""
    desk.goto("/organisation/agenda")
    desk.get_by_role("button", name="Créer mon adresse").click()
    address = desk.locator("code").inner_text()
    link = desk.get_by_role("link", name="M’abonner sur cet appareil").get_attribute("href")
    assert link == "webcal://" + address.split("://", 1)[1]
    path = "/" + address.split("/", 3)[3]
    assert "BEGIN:VCALENDAR" in desk.request.get(path).text()
    desk.get_by_role("button", name="Ne plus partager").click()
    desk.get_by_text("L’adresse ne répond plus.").wait_for()
    assert desk.request.get(path).status == 404
