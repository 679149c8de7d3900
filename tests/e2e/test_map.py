"""The map in a real browser: its strict policy holds, markers appear without tiles, a keyboard is enough."""

import datetime as dt

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session

from tests import factories

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def _season(session: Session) -> None:
    """Two villages to come, one of them cancelled."""
    tour = factories.make_tour(session, slug="ete")
    evenings = [
        factories.make_evening(session, tour=tour, date=dt.date(2027, 6, 12)),
        factories.make_evening(session, tour=tour, date=dt.date(2027, 6, 19), state="cancelled"),
    ]
    factories.make_publication(session, tour=tour, evenings=evenings)
    session.commit()


@pytest.mark.usefixtures("_season")
def test_the_map_stands_without_tiles_under_its_policy(browser: Browser, address: str) -> None:
    """With the tile server unreachable: two lanterns, outlines, no violation, no third server, no sideways scroll."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.route("https://data.geopf.fr/**", lambda route: route.abort())
    page.goto(f"{address}/carte")
    frame = page.frame_locator("iframe")
    expect(frame.locator(".lanterne")).to_have_count(2)
    expect(frame.locator("path.contour").first).to_be_attached()
    expect(frame.locator(".leaflet-control-attribution")).to_contain_text("© IGN")
    assert {url.split("/")[2] for url in asked} == {address.removeprefix("http://"), "data.geopf.fr"}
    assert [text for text in said if "ERR_FAILED" not in text] == []  # the tiles' own failures aside
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.close()


@pytest.mark.usefixtures("_season")
def test_a_keyboard_opens_and_closes_a_popup(browser: Browser, address: str) -> None:
    """Enter opens and leads to the link, Escape closes and leads back; the link leaves the frame."""
    page = browser.new_page()
    page.route("https://data.geopf.fr/**", lambda route: route.abort())
    page.goto(f"{address}/carte")
    frame = page.frame_locator("iframe")
    lantern = frame.get_by_role("button", name="Étape 1")
    lantern.focus()
    page.keyboard.press("Enter")
    expect(frame.locator(".leaflet-popup a[target=_top]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(frame.locator(".leaflet-popup")).to_have_count(0)
    expect(lantern).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/soirees/*")
    page.close()
