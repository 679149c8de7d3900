"""The map in a real browser: its policy holds, tiles come from one server and may fail, a keyboard is enough."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Route, expect
from sqlalchemy.orm import Session

from tests import factories
from tests.e2e.faults import needs_axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]

_TILES = "https://data.geopf.fr/**"
_TILE = Path(__file__).parents[2] / "static/vendor/leaflet/images/marker-icon.png"  # any picture will do


@pytest.fixture
def _season(session: Session) -> None:
    """Three villages to come: two side by side, one of them twice, and a cancelled one far off."""
    tour = factories.make_tour(session, slug="ete")
    perthes = factories.make_commune(session, name="Perthes", lat=48.640, lon=4.820)
    hallignicourt = factories.make_commune(session, name="Hallignicourt", lat=48.641, lon=4.860)
    chavanges = factories.make_commune(session, name="Chavanges", lat=48.207, lon=4.575)
    van = factories.make_vehicle(session)
    evenings = [
        factories.make_evening(session, tour=tour, commune=commune, date=dt.date(2027, *day), vehicle=van, state=state)
        for commune, day, state in (
            (perthes, (6, 12), "confirmed"),
            (chavanges, (6, 19), "cancelled"),
            (hallignicourt, (6, 26), "confirmed"),
            (perthes, (7, 10), "option"),
        )
    ]
    factories.make_publication(session, tour=tour, evenings=evenings)
    session.commit()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A phone whose owner wants no movement."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, base_url=address, reduced_motion="reduce", locale="fr-FR"
    )
    yield context.new_page()
    context.close()


def map_of(page: Page) -> FrameLocator:
    """The document in the page's frame."""
    return page.frame_locator("iframe.carte-cadre")


@pytest.mark.usefixtures("_season")
def test_tiles_come_from_one_server_that_learns_who_shows_them(page: Page, address: str) -> None:
    """Under the map's strict policy: pictures in place, IGN named, our origin alone in the Referer, no third server."""
    said: list[str] = []
    asked: list[str] = []
    referrers: set[str] = set()

    def answer(route: Route) -> None:
        referrers.add(route.request.all_headers()["referer"])
        route.fulfill(path=_TILE, content_type="image/png")

    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.route(_TILES, answer)
    page.goto("/carte")
    expect(map_of(page).locator(".leaflet-tile-loaded").first).to_be_visible()
    expect(map_of(page).locator(".leaflet-control-attribution")).to_contain_text("Plan © IGN")
    assert referrers == {address + "/"}
    assert {url.split("/")[2] for url in asked} == {address.removeprefix("http://"), "data.geopf.fr"}
    assert said == []


@pytest.mark.usefixtures("_season")
def test_the_map_stands_without_tiles(page: Page) -> None:
    """The server out of reach: outlines, towns, lanterns and the line are there, and it is not asked at each move."""
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.route(_TILES, lambda route: (asked.append(route.request.url), route.abort()))
    page.goto("/carte")
    chart = map_of(page)
    expect(chart.locator("path.contour").first).to_be_attached()
    expect(chart.get_by_text("Bar-sur-Aube")).to_be_visible()
    expect(chart.locator(".lanterne")).to_have_count(2)
    expect(chart.locator("path.fil-0")).to_be_attached()
    expect(chart.locator(".leaflet-tile")).to_have_count(0)
    before = len(asked)
    chart.get_by_role("button", name="Agrandir la carte").click()
    expect(chart.locator(".leaflet-control-attribution")).to_have_text("Leaflet | Contours © IGN")
    page.wait_for_timeout(200)
    assert len(asked) == before
    assert [text for text in said if "ERR_FAILED" not in text] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.emulate_media(media="print")
    expect(page.locator("iframe")).to_be_hidden()
    expect(page.locator(".programme li")).to_have_count(4)


@pytest.mark.usefixtures("_season")
def test_a_keyboard_is_enough(page: Page) -> None:
    """Tab reaches the bunch, Space opens it, Enter a lantern, Escape leads back; the link leaves the frame."""
    page.route(_TILES, lambda route: route.abort())
    page.goto("/carte?tour=ete")
    chart = map_of(page)
    bunch = chart.get_by_role("button", name="2 villages : Hallignicourt, Perthes")
    expect(bunch).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        if bunch.evaluate("node => node === document.activeElement"):
            break
    expect(bunch).to_be_focused()
    assert bunch.locator("svg").evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    page.keyboard.press("Space")
    lantern = chart.get_by_role("button", name="Perthes, samedi 12 juin, Confirmée, samedi 10 juillet, À confirmer")
    expect(lantern).to_be_focused()
    page.keyboard.press("Enter")
    expect(chart.get_by_role("dialog", name="Perthes").get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(chart.locator(".leaflet-popup")).to_have_count(0)
    expect(lantern).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/soirees/*")


@pytest.mark.usefixtures("_season")
def test_list_and_map_show_each_other_the_village(page: Page) -> None:
    """Whoever is at a line of the list sees its lantern, or the bunch it hangs in; and the other way round."""
    page.route(_TILES, lambda route: route.abort())
    page.goto("/carte")
    chart = map_of(page)
    expect(chart.locator(".lanterne")).to_have_count(2)
    page.get_by_role("link", name="Hallignicourt").focus()
    expect(chart.locator(".vif")).to_have_accessible_name("2 villages : Hallignicourt, Perthes")
    chart.get_by_role("button", name="Chavanges").hover()
    expect(page.locator("li.vif")).to_contain_text("Chavanges")


@needs_axe
@pytest.mark.usefixtures("_season")
def test_axe_finds_nothing_in_the_frame(page: Page) -> None:
    """The document by itself, as a screen reader meets it."""
    page.route(_TILES, lambda route: route.abort())
    page.goto("/carte/document")
    expect(page.locator(".lanterne")).to_have_count(2)
    axe = Path("node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
    page.evaluate(axe)
    found = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes.map(n => n.html).join()))")
    assert found == []
