"""Finding an evening on a phone: near me, by a village's name, and passing it on."""

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from tests import factories
from tests.e2e.faults import faults_of, needs_axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("_season"),
]

_HERE = {"latitude": 48.5712, "longitude": 4.8456}


@pytest.fixture
def _season(session: Session) -> None:
    """The soonest evening is far away; the nearest is called off on its first date, and comes again."""
    tour = factories.make_tour(session, slug="ete")
    day = dt.date(2027, 6, 10)
    far = factories.make_commune(session, insee="10001", name="Au-Loin", lat=48.0, lon=4.0)
    near = factories.make_commune(session, insee="52182", name="Éclaron-Braucourt", lat=48.57, lon=4.85)
    middle = factories.make_commune(session, insee="52500", name="Valcourt", lat=48.62, lon=4.91)
    evenings = [
        factories.make_evening(session, tour=tour, commune=far, id="auloin01", date=day),
        factories.make_evening(session, tour=tour, commune=near, id="annulee1", date=day, state="cancelled"),
        factories.make_evening(session, tour=tour, commune=middle, id="valcourt", date=day + dt.timedelta(days=1)),
        factories.make_evening(session, tour=tour, commune=near, id="eclaron2", date=day + dt.timedelta(days=9)),
    ]
    factories.make_publication(session, tour=tour, evenings=evenings)
    session.commit()


@pytest.fixture
def walker(browser: Browser, address: str) -> Iterator[Page]:
    """A phone at Éclaron that tells where it is."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        base_url=address,
        locale="fr-FR",
        geolocation=_HERE,
        permissions=["geolocation", "clipboard-read", "clipboard-write"],
    )
    yield context.new_page()
    context.close()


def test_near_me_then_share(walker: Page) -> None:
    """A tap lists the nearest first, and the position goes nowhere; the evening's address is copied to be passed on."""
    sent: list[str] = []
    walker.on("request", lambda request: sent.append(f"{request.url} {request.post_data} {request.headers}"))
    walker.goto("/")
    assert walker.evaluate("'geolocation' in navigator")
    walker.get_by_role("button", name="Près de moi").click()
    expect(walker.get_by_role("heading", name="Les plus proches de vous")).to_be_visible()
    found = walker.locator("[data-near-list] li")
    expect(found).to_have_count(3)
    expect(found.nth(0)).to_contain_text("À 1 km à vol d’oiseau")
    expect(found.nth(1)).to_contain_text("Valcourt")
    assert not any("48.57" in each or "4.845" in each for each in sent)
    stored = walker.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie]")
    assert set(stored) <= {"guinguette-polices", ""}  # that the typefaces are there, and nothing else
    found.nth(0).get_by_role("link", name="Éclaron-Braucourt").click()
    expect(walker).to_have_url("/soirees/eclaron2")
    walker.get_by_role("button", name="Partager").click()  # this browser has no sheet of its own
    expect(walker.get_by_role("button", name="L’adresse est copiée")).to_be_visible()
    assert walker.evaluate("navigator.clipboard.readText()") == "http://127.0.0.1:8000/soirees/eclaron2"


def test_refused_then_by_name(phone: Page) -> None:
    """Whoever keeps their position is led to the field, and finds their village by its name."""
    phone.goto("/")
    phone.get_by_role("button", name="Près de moi").click()
    expect(phone.get_by_role("status")).to_contain_text("écrivez le nom de votre village")
    expect(phone.get_by_label("Votre village")).to_be_focused()
    phone.keyboard.type("eclaron")
    phone.keyboard.press("Enter")
    expect(phone).to_have_url("/communes/52182")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Samedi 19")


@needs_axe
def test_axe_finds_nothing(walker: Page) -> None:
    """Neither on the new pages nor on what the button writes into one."""
    assert faults_of(walker, ["/dates?mois=2027-06", "/villages", "/villages?q=zzz", "/villages?q=o"]) == {}
