"""An organiser's whole way on a phone: plan, read, publish, cancel; and what a villager then reads."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.services import planning
from tests import factories as make
from tests.e2e.faults import fits
from tests.fakes import FakeJobs, FixedClock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def _signed_in(organiser_client: FlaskClient, phone: Page, address: str) -> None:
    """An organiser is signed in on the telephone."""
    cookie = organiser_client.get_cookie("session")
    assert cookie is not None
    phone.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])


@pytest.fixture
def _season(session: Session, vault: Vault) -> None:
    """Three villages, one van, four evenings; somebody in Vignory wants to be told."""
    days = [dt.date(2027, 7, day) for day in (2, 3, 9, 10)]
    van = make.make_vehicle(session, name="Lucette", slug="lucette")
    tour = make.make_tour(session, slug="ete", name="Été 2027", dates=days, vehicles=[van], solver_seconds=3)
    for name in ("Vignory", "Poissons", "Doulevant-le-Château"):
        commune = make.make_commune(session, name=name)
        make.make_request(session, tour=tour, commune=commune)
        if name == "Vignory":
            make.make_subscriber(session, vault=vault, scopes=[f"commune:{commune.insee}"])
    session.commit()


@pytest.mark.usefixtures("_season", "_signed_in")
def test_plan_publish_cancel(
    phone: Page, jobs: FakeJobs, session_factory: sessionmaker[Session], clock: FixedClock
) -> None:
    """From « Planifier » to the banner on the village's page, with nothing but taps and one word typed."""
    phone.goto("/organisation/tournees/ete")
    phone.get_by_role("button", name="Planifier").click()
    expect(phone.get_by_text("Le calcul attend son tour")).to_be_visible()
    planning.execute_run(session_factory, jobs.solves[0], clock)
    # nobody reloads: the page asks every two seconds, and renews itself once the run is over
    phone.get_by_role("link", name="Relire le plan").click()

    expect(phone.get_by_role("heading", name="Personne n’est oublié")).to_be_visible()
    expect(phone.get_by_text("C’est prouvé")).to_be_visible()
    assert fits(phone)
    phone.get_by_role("link", name="Liste").click()
    expect(phone.get_by_role("heading", name="Doulevant-le-Château")).to_be_visible()
    phone.get_by_role("link", name="Publier ce plan").click()
    expect(phone.get_by_text("Aucun SMS ne part.")).to_be_visible()
    assert fits(phone)
    phone.get_by_role("button", name="Publier", exact=True).click()
    expect(phone.get_by_role("heading", name="« Été 2027 » est en ligne")).to_be_visible()

    phone.get_by_role("link", name="Les soirées une par une").click()
    phone.get_by_role("link", name="Vignory").click()
    phone.get_by_role("link", name="Annuler la soirée").click()
    phone.get_by_label("Pourquoi").fill("orages annoncés")
    phone.get_by_role("button", name="Lire le SMS avant qu’il parte").click()
    expect(phone.get_by_text("1 personne reçoit un SMS.")).to_be_visible()
    assert fits(phone)
    phone.get_by_role("button", name="Annuler la soirée").click()
    expect(phone.get_by_role("heading", name="Annulée")).to_be_visible()
    assert fits(phone)

    phone.get_by_role("link", name="Voir en ligne").click()
    expect(phone.get_by_text("orages annoncés").first).to_be_visible()
    expect(phone.get_by_text("Annulée").first).to_be_visible()
