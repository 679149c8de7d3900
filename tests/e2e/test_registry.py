"""The registry on a phone: the big calendar by touch and by keyboard, with and without JavaScript; the search."""

import datetime as dt
import re
import shutil
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from guinguette.models import CommuneRequest
from guinguette.paths import STATIC
from tests import factories as make

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]

WEEK = [dt.date(2027, 7, day) for day in (1, 2, 3, 4)]


@pytest.fixture
def request_row(session: Session) -> CommuneRequest:
    """Saint-Dizier's request in a tour of four days."""
    commune = make.make_commune(session, insee="52448", name="Saint-Dizier", postcodes="52100")
    tour = make.make_tour(session, slug="ete", dates=WEEK, vehicles=[make.make_vehicle(session)])
    row = make.make_request(session, tour=tour, commune=commune)
    session.commit()
    return row


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no browser here: apt-get install chromium")
    if not (STATIC / "vendor" / "htmx" / "htmx.min.js").is_file():
        pytest.skip("htmx is not in static/vendor/: make install")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def phone(
    request: pytest.FixtureRequest,
    app: Flask,
    organiser_client: FlaskClient,
    request_row: CommuneRequest,
    browser: Browser,
) -> Iterator[Page]:
    """A telephone 390 pixels wide on which an organiser is signed in. No page may break our policy."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    cookie = organiser_client.get_cookie("session")
    assert cookie is not None
    page = browser.new_page(viewport={"width": 390, "height": 844}, base_url=address, java_script_enabled=request.param)
    page.route("https://data.geopf.fr/**", lambda route: route.fulfill(status=204))  # the tiles of a pitch's map
    complaints: list[str] = []
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    page.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert complaints == []


def levels(session: Session, row: CommuneRequest) -> dict[int, str]:
    """Return the level of each day of the month that has one."""
    session.expire_all()
    return {each.date.day: each.level for each in row.availabilities}


def test_a_touch_turns_the_day(phone: Page, session: Session, request_row: CommuneRequest) -> None:
    """Yes, if need be, no, nothing: one touch each, by radio buttons alone; then saved."""
    phone.goto("/organisation/tournees/ete/communes/52448/disponibilites")
    for touches, day in enumerate(WEEK):
        cell = phone.locator("fieldset.jour").nth(day.day - 1)
        for _ in range(touches + 1):
            cell.locator("label:visible").click()
    phone.get_by_label("Reçu par téléphone de").fill("Mme Petit")
    phone.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_text("C’est enregistré")).to_be_visible()
    assert levels(session, request_row) == {1: "yes", 2: "if_need_be", 3: "no"}


def test_a_week_is_one_gesture(phone: Page, session: Session, request_row: CommuneRequest) -> None:
    """The week's button fills every day that is open; nothing is saved until one says so."""
    phone.goto("/organisation/tournees/ete/communes/52448/disponibilites")
    phone.get_by_role("button", name="si besoin").first.click()
    expect(phone.locator(".barre")).to_contain_text("Pas encore enregistré")
    expect(phone.locator("label.r2:visible")).to_have_count(4)
    assert levels(session, request_row) == {}
    phone.get_by_label("Reçu par téléphone de").fill("Mme Petit")
    phone.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_text("4 jours sur 4 ont une réponse")).to_be_visible()
    assert levels(session, request_row) == dict.fromkeys((1, 2, 3, 4), "if_need_be")


def test_the_keyboard_turns_the_day_too(phone: Page, session: Session, request_row: CommuneRequest) -> None:
    """The arrows move through the four answers of the day that has the focus."""
    phone.goto("/organisation/tournees/ete/communes/52448/disponibilites")
    phone.get_by_label("Reçu par téléphone de").fill("Mme Petit")
    phone.locator('input[name="jour-2027-07-02"]:checked').focus()
    phone.keyboard.press("ArrowDown")
    phone.keyboard.press("ArrowDown")
    phone.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_text("C’est enregistré")).to_be_visible()
    assert levels(session, request_row) == {2: "if_need_be"}


@pytest.mark.parametrize("phone", [True], indirect=True)
def test_the_search_follows_the_typing(phone: Page) -> None:
    """With JavaScript no button is needed, and the address can be kept."""
    phone.goto("/organisation/communes")
    phone.get_by_label("Chercher une commune de France").press_sequentially("st diz")
    expect(phone.locator("#resultats").get_by_role("link", name="Saint-Dizier")).to_be_visible()
    expect(phone).to_have_url(re.compile(r"q=st"))


PAGES = (
    "", "tournees/nouvelle", "tournees/ete", "tournees/ete/modifier", "tournees/ete/dates",
    "tournees/ete/financements", "tournees/ete/vehicules", "tournees/ete/communes", "tournees/ete/communes/52448",
    "tournees/ete/communes/52448/disponibilites", "tournees/ete/import", "communes", "communes/52448",
    "communes/52448/comites/nouveau", "communes/52448/salle/nouveau", "comites", "contacts",
    "emplacements", "salles", "vehicules", "registre/comites/doublons", "registre/salles/import",
    "tournees/ete/communes?reponse=non", "vehicules/nouveau", "regles", "regles/reminder_hour",
)  # fmt: skip


@pytest.mark.parametrize("phone", [True], indirect=True)
def test_nothing_scrolls_sideways(phone: Page) -> None:
    """Each page of the registry fits in 390 pixels, and in 320."""
    for width in (390, 320):
        phone.set_viewport_size({"width": width, "height": 700})
        for path in PAGES:
            answer = phone.goto(f"/organisation/{path}")
            assert answer is not None
            assert answer.ok, path
            assert phone.evaluate("document.documentElement.scrollWidth") <= width, path
