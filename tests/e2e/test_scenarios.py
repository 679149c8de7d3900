"""Variants in a real browser, on a phone and on a desktop: compare two scenarios, and try what a reason offers."""

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session, sessionmaker

from guinguette.services import planning, rules
from tests import factories as make
from tests.e2e.faults import fits
from tests.fakes import FakeJobs, FixedClock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]
WIDTHS = pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)], ids=["phone", "desktop"])


@pytest.fixture
def _planned(
    organiser_client: FlaskClient,
    phone: Page,
    address: str,
    session: Session,
    session_factory: sessionmaker[Session],
    clock: FixedClock,
) -> None:
    """Three villages, one van, an EPCI that pays for two evenings: a plan on the desk; the organiser is signed in."""
    rules.ensure_defaults(session)
    epci = make.make_epci(session, name="CA de Chaumont")
    days = [dt.date(2027, 7, day) for day in (2, 3, 9, 10)]
    van = make.make_vehicle(session, name="Lucette", slug="lucette")
    tour = make.make_tour(
        session, slug="ete", name="Été 2027", dates=days, vehicles=[van], fundings={epci.siren: 2}, solver_seconds=20
    )
    for name in ("Vignory", "Poissons", "Doulevant-le-Château"):
        make.make_request(session, tour=tour, commune=make.make_commune(session, name=name, epci=epci))
    run = planning.start_run(session, tour, clock)
    session.commit()
    planning.execute_run(session_factory, run.id, clock)
    clock.advance(minutes=1)
    cookie = organiser_client.get_cookie("session")
    assert cookie is not None
    phone.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    # the map's tiles are somebody else's server: here they are never asked for
    phone.route("https://data.geopf.fr/**", lambda route: route.fulfill(status=204))


@WIDTHS
@pytest.mark.usefixtures("_planned")
def test_compare_two_scenarios(
    phone: Page,
    jobs: FakeJobs,
    session_factory: sessionmaker[Session],
    clock: FixedClock,
    width: int,
    height: int,
) -> None:
    """Duplicate the plan, let the EPCI pay for three, solve, compare, put it on the desk, publish with its settings."""
    phone.set_viewport_size({"width": width, "height": height})
    phone.goto("/organisation/tournees/ete")
    phone.get_by_role("link", name="Variantes").click()
    phone.get_by_role("link", name="En faire une variante").click()
    phone.get_by_label("Nom de la variante").fill("Trois soirées payées")
    phone.get_by_label("CA de Chaumont").fill("3")
    phone.get_by_role("group", name="Dates préférées").get_by_label("compte plus").check()
    assert fits(phone)
    phone.get_by_role("button", name="Calculer la variante").click()
    expect(phone.get_by_role("heading", name="La variante se calcule")).to_be_visible()
    assert fits(phone)
    planning.execute_run(session_factory, jobs.solves[0], clock)

    # nobody reloads: the page asks every two seconds, and goes to the comparison once the run is over
    expect(phone.get_by_role("heading", name="Comparer", exact=True)).to_be_visible(timeout=15_000)
    served = phone.get_by_role("row", name="Villages servis")
    expect(served).to_contain_text("2 sur 3")
    expect(served).to_contain_text("3 sur 3")
    expect(phone.get_by_role("heading", name=re.compile("village.* change"))).to_be_visible()
    expect(phone.frame_locator("iframe.carte-plan").get_by_role("button", name="3 villages").first).to_be_visible()
    assert fits(phone)

    phone.get_by_role("button", name="Retenir le plan B").click()
    expect(phone.get_by_text("« Trois soirées payées » est le plan retenu.")).to_be_visible()
    phone.get_by_role("link", name="Publier ce plan").click()
    expect(phone.get_by_text("CA de Chaumont paie 3 soirées.")).to_be_visible()
    assert fits(phone)
    phone.get_by_role("button", name="Publier et reprendre les réglages").click()
    expect(phone.get_by_role("heading", name="« Été 2027 » est en ligne")).to_be_visible()
    phone.goto("/organisation/tournees/ete/financements")
    expect(phone.get_by_label("CA de Chaumont")).to_have_value("3")


@WIDTHS
@pytest.mark.usefixtures("_planned")
def test_try_what_a_reason_offers(
    phone: Page,
    jobs: FakeJobs,
    session_factory: sessionmaker[Session],
    clock: FixedClock,
    width: int,
    height: int,
) -> None:
    """From the sentence under a village that was left out, by one button, to both plans side by side."""
    phone.set_viewport_size({"width": width, "height": height})
    phone.goto("/organisation/tournees/ete/plan")
    expect(phone.get_by_text("Les soirées payées par CA de Chaumont sont toutes prises.")).to_be_visible()
    phone.get_by_role("button", name="Essayer : une soirée de plus payée par CA de Chaumont").click()
    expect(phone.get_by_role("heading", name="La variante se calcule")).to_be_visible()
    planning.execute_run(session_factory, jobs.solves[0], clock)
    expect(phone.get_by_role("heading", name="Comparer", exact=True)).to_be_visible(timeout=15_000)
    expect(phone.get_by_text("CA de Chaumont paie 3 soirées.")).to_be_visible()
    expect(phone.get_by_role("row", name="Soirées demandées qui manquent")).to_contain_text("0")
    assert fits(phone)


@WIDTHS
@pytest.mark.usefixtures("_planned")
def test_the_ledger_gives_priorities(phone: Page, width: int, height: int) -> None:
    """Past seasons from a file, read again, and the priorities that follow, one of them adjusted."""
    phone.set_viewport_size({"width": width, "height": height})
    phone.goto("/organisation/tournees/ete")
    phone.get_by_role("link", name="Équité").click()
    phone.get_by_role("link", name="Ajouter des saisons passées").click()
    text = "saison;date;commune;code postal;demandées;obtenues\nÉté 2026;30/08/2026;Vignory;52100;2;0\n"
    upload = {"name": "saisons.csv", "mimeType": "text/csv", "buffer": text.encode()}
    phone.get_by_label("Fichier CSV ou XLSX").set_input_files(upload)  # type: ignore[arg-type] # a dict is one
    phone.get_by_role("button", name="Relire avant d’ajouter").click()
    phone.get_by_role("button", name="Ajouter au registre").click()
    expect(phone.get_by_label("Priorité de Vignory")).to_have_value("20")
    phone.get_by_label("Priorité de Poissons").fill("12")
    assert fits(phone)
    phone.get_by_role("button", name="Donner ces priorités").click()
    expect(phone.get_by_text("3 priorités ont changé.")).to_be_visible()
