"""Moving an evening by hand in a real browser: dragged on a desk, chosen in a form on a phone and by keyboard alone."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from guinguette.models import Plan
from guinguette.services import planning, tours
from tests import factories as make
from tests.e2e.faults import faults, needs_axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]

BOARD = "/organisation/tournees/ete/saison"
FRIDAY, SATURDAY, NEXT_FRIDAY, NEXT_SATURDAY = (dt.date(2027, 7, day) for day in (2, 3, 9, 10))
DESK, PHONE = {"width": 1280, "height": 1000}, {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def _season(session: Session) -> None:
    """Vignory on Friday and Poissons on Saturday with Lucette; Vignory said no to the last Saturday."""
    vans = [make.make_vehicle(session, name=name, slug=name.lower()) for name in ("Lucette", "Firmin")]
    dates = [FRIDAY, SATURDAY, NEXT_FRIDAY, NEXT_SATURDAY]
    tour = make.make_tour(session, slug="ete", name="Été 2027", dates=dates, vehicles=vans)
    vignory = make.make_commune(session, insee="52524", name="Vignory", lat=48.28, lon=5.1)
    poissons = make.make_commune(session, insee="52398", name="Poissons", lat=48.42, lon=5.2)
    make.make_request(session, tour=tour, commune=vignory, availabilities=dict.fromkeys(dates[:3], "yes"))
    make.make_request(session, tour=tour, commune=poissons)
    make.make_plan(session, tour=tour, evenings=[(vignory, FRIDAY, vans[0]), (poissons, SATURDAY, vans[0])])
    session.commit()


Opened = Callable[[dict[str, int], bool], Page]


@pytest.fixture
def opened(organiser_client: FlaskClient, browser: Browser, address: str) -> Iterator[Opened]:
    """Open the board as an organiser at a width, with JavaScript or without; fails on what the browser complains of."""
    cookie = organiser_client.get_cookie("session")
    assert cookie is not None
    said: list[str] = []

    def open_board(viewport: dict[str, int], scripts: bool) -> Page:
        context = browser.new_context(
            viewport=viewport,
            base_url=address,
            locale="fr-FR",
            java_script_enabled=scripts,  # type: ignore[arg-type]
        )
        context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(BOARD)
        return page

    yield open_board
    assert said == []


def _where(session: Session) -> dict[str, tuple[dt.date, str, str]]:
    """Return the date, van and exception of each village in the plan that is shown."""
    session.expire_all()
    plan = planning.latest_plan(session, tours.get(session, "ete"))
    assert isinstance(plan, Plan)
    return {line.commune.name: (line.date, line.vehicle.name, line.waived) for line in plan.evenings}


@contextmanager
def _held(page: Page, village: str) -> Iterator[Page]:
    """Hold an evening with the mouse until its places are shown; let it go at the end."""
    box = page.locator(".fc-event:visible", has_text=village).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 45, box["y"] + 40, steps=5)
    expect(page.locator(".fc-bg-event").first).to_be_visible()
    yield page
    page.mouse.up()


def _over(page: Page, van: str, day: dt.date) -> None:
    """Take what is held over a van's square."""
    square = page.get_by_role("region", name=van).locator(f'td[data-date="{day}"]').bounding_box()
    assert square is not None
    page.mouse.move(square["x"] + square["width"] / 2, square["y"] + square["height"] / 2, steps=8)


def test_an_evening_is_dragged_with_its_cost_shown_and_undone(opened: Opened, session: Session) -> None:
    """Each square says what it costs or forbids while the evening is held; dropped it is there; undone it is back."""
    page = opened(DESK, True)
    with _held(page, "Poissons"):
        _over(page, "Firmin", NEXT_FRIDAY)
        expect(page.get_by_role("status")).to_contain_text("Vendredi 9 juillet, Firmin")
        expect(page.get_by_role("status")).to_contain_text("de route")
        expect(page.get_by_role("region", name="Lucette").locator(".place-exchange")).to_contain_text("échange")
    expect(page.locator(".avis.ok")).to_contain_text("Poissons, du samedi 3 juillet au vendredi 9 juillet avec Firmin")
    assert _where(session)["Poissons"] == (NEXT_FRIDAY, "Firmin", "")
    expect(page.get_by_role("region", name="Firmin").locator(".fc-event")).to_contain_text("Poissons")
    page.get_by_role("button", name="Annuler : Poissons").click()
    expect(page.get_by_role("button", name="Refaire : Poissons")).to_be_visible()
    assert _where(session)["Poissons"] == (SATURDAY, "Lucette", "")


def test_a_drop_that_breaks_a_rule_is_refused_and_may_become_an_exception(opened: Opened, session: Session) -> None:
    """The evening flies back with the sentence; the link beside it asks why, and who said so is kept."""
    page = opened(DESK, True)
    with _held(page, "Vignory"):
        _over(page, "Lucette", NEXT_SATURDAY)
        expect(page.get_by_role("status")).to_contain_text("Le village n’est pas libre")
    assert _where(session)["Vignory"] == (FRIDAY, "Lucette", "")
    page.get_by_role("status").get_by_role("link", name="Faire une exception").click()
    expect(page.get_by_role("alert")).to_contain_text("Le village n’est pas libre")
    page.get_by_label("Pourquoi faire une exception").fill("accord du maire au téléphone")
    page.get_by_role("button", name="Faire l’exception et déplacer").click()
    expect(page.locator(".fc-event", has_text="Vignory")).to_contain_text("Exception")
    assert _where(session)["Vignory"] == (NEXT_SATURDAY, "Lucette", "open_date")


def test_two_evenings_change_places(opened: Opened, session: Session) -> None:
    """Dropped on a taken square, the evening there takes the one that was left."""
    page = opened(DESK, True)
    with _held(page, "Vignory"):
        _over(page, "Lucette", SATURDAY)
        expect(page.get_by_role("status")).to_contain_text("Poissons prendrait sa place")
    expect(page.locator(".avis.ok")).to_contain_text("en échange de Poissons")
    assert {name: date for name, (date, _, _) in _where(session).items()} == {"Vignory": SATURDAY, "Poissons": FRIDAY}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_on_a_phone_a_date_is_chosen_in_a_form(opened: Opened, session: Session, scripts: bool) -> None:
    """The table leads to every date with its cost; one is chosen, the evening moved, and the move undone."""
    page = opened(PHONE, scripts)
    expect(page.locator(".fc")).to_have_count(0)
    page.get_by_role("link", name="Poissons").click()
    expect(page.get_by_text("Tant que les autres restent")).to_be_visible()
    page.get_by_label("Vendredi 9 juillet, Lucette").check()
    page.get_by_role("button", name="Déplacer la soirée").click()
    expect(page.locator(".avis.ok")).to_contain_text("Poissons, du samedi 3 juillet au vendredi 9 juillet")
    assert _where(session)["Poissons"] == (NEXT_FRIDAY, "Lucette", "")
    page.get_by_role("button", name="Annuler : Poissons").click()
    expect(page.get_by_role("button", name="Refaire : Poissons")).to_be_visible()
    assert _where(session)["Poissons"] == (SATURDAY, "Lucette", "")


def test_a_keyboard_alone_moves_and_pins(opened: Opened, session: Session) -> None:
    """Tab to the evening in the calendar, Enter, arrows among the dates, Enter: no mouse is needed."""
    page = opened(DESK, True)
    page.locator(".fc-event", has_text="Poissons").wait_for()
    _tab_to(page, "Poissons")
    page.keyboard.press("Enter")
    page.wait_for_url("**/soirees/52398/**")
    page.locator("input[type=radio]").first.wait_for()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "radio":
            break
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate("document.activeElement.closest('label').innerText")
    page.keyboard.press("Enter")
    expect(page.locator(".avis.ok")).to_contain_text("C’est fait.")
    date, van, _ = _where(session)["Poissons"]
    assert f"{date.day} juillet, {van}" in chosen.replace("\u00a0", " ")
    assert (date, van) != (SATURDAY, "Lucette")
    page.get_by_label("Une semaine ou un village").select_option("Vignory")
    page.get_by_label("Une semaine ou un village").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".fc-event", has_text="Vignory")).to_contain_text("Épinglée")


def _tab_to(page: Page, text: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if text in page.evaluate("document.activeElement.innerText"):
            return
    raise AssertionError(f"{text!r} is not reached by Tab")


@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_calendars(opened: Opened, scheme: str) -> None:
    """No violation on the board of a wide screen, nor while an evening is held, by day and by night."""
    page = opened(DESK, True)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    with _held(page, "Vignory"):
        found = faults(page)
    # the calendar writes its dates as anchors without an address: nobody touches them
    assert [fault for fault in found if not re.match(r"target of \d+ px: (\d+|\w+\.)$", fault)] == []


def test_the_months_are_turned_together(opened: Opened) -> None:
    """One press shows another month in every vehicle's calendar, and the address keeps it."""
    page = opened(DESK, True)
    page.locator(".fc-event").first.wait_for()
    page.get_by_role("navigation", name="Mois").get_by_role("link", name="Juillet 2027").click()
    assert page.url.endswith("?mois=2027-07")
    assert page.locator('td[data-date="2027-07-02"]').count() == 2
