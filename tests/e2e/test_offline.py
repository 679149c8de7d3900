"""What a phone opens when the network is gone, and that it says how old it is."""

import datetime as dt

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from guinguette.models import Evening
from tests import factories

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]

#: The paths of the pages that the worker holds.
_KEPT = """async () => (await (await caches.open("guinguette-pages")).keys())
  .map(request => { const url = new URL(request.url); return url.pathname + url.search })"""
#: Make every kept page three hours old, as if the villager came back in the evening.
_LATER = """async () => {
  const cache = await caches.open("guinguette-pages");
  for (const request of await cache.keys()) {
    const page = await cache.match(request);
    const headers = new Headers(page.headers);
    headers.set("X-Kept-At", new Date(Date.now() - 3 * 3600e3 - 60e3).toISOString());
    await cache.put(request, new Response(await page.blob(), { headers }));
  }
}"""


@pytest.fixture
def evening(session: Session) -> Evening:
    """Tonight at Éclaron, published."""
    commune = factories.make_commune(session, insee="52182", name="Éclaron")
    tour = factories.make_tour(session, slug="ete", name="Tournée d’été")
    evening = factories.make_evening(session, tour=tour, id="cesoir01", date=dt.date(2027, 6, 9), commune=commune)
    factories.make_publication(session, tour=tour, evenings=[evening])
    session.commit()
    return evening


def _wait_for(page: Page, *paths: str) -> None:
    """Wait until the worker holds these pages."""
    for _ in range(50):
        if set(paths) <= set(page.evaluate(_KEPT)):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"kept {page.evaluate(_KEPT)}, not {paths}")


@pytest.mark.usefixtures("evening")
def test_the_dates_and_the_kept_village_open_without_network(phone: Page) -> None:
    """Visit, keep the village, lose the network, come back: dates, village and its evening, with their age."""
    phone.goto("/communes/52182")
    phone.get_by_role("button", name="Garder ce village sur ce téléphone").click()
    expect(phone.get_by_text("C’est gardé.")).to_be_visible()
    phone.goto("/abonnement")  # a form has its visitor's secret: never kept
    _wait_for(phone, "/", "/dates", "/communes/52182", "/soirees/cesoir01")
    assert "/abonnement" not in phone.evaluate(_KEPT)
    phone.evaluate(_LATER)

    phone.context.set_offline(True)
    for path in ("/communes/52182", "/dates", "/soirees/cesoir01", "/"):
        phone.goto(path)
        expect(phone.get_by_role("heading", level=1)).to_be_visible()
        expect(phone.get_by_text("Éclaron").filter(visible=True).first).to_be_visible()
        expect(phone.get_by_text("Vu il y a 3 heures, sans réseau.").first).to_be_visible()
    assert phone.evaluate("getComputedStyle(document.querySelector('.btn')).display") == "flex"  # styled as ever
    expect(phone.get_by_role("link", name="Éclaron", exact=True).last).to_have_attribute("href", "/communes/52182")
    # the nearest dates are those of the copy, and say its age
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation({"latitude": 48.6, "longitude": 4.9})
    phone.get_by_role("button", name="Près de moi").click()
    expect(phone.get_by_text("Dates vues il y a 3 heures, sans réseau.")).to_be_visible()
    # what was never seen: the page of what there is, the village first
    phone.goto("/tournees/ete")
    expect(phone.get_by_text("La page demandée n’est pas gardée sur ce téléphone.")).to_be_visible()
    expect(phone.locator(".gardees a").first).to_have_attribute("href", "/communes/52182")
    expect(phone.locator(".gardees [data-age]").first).to_have_text("il y a 3 heures")


def test_a_changed_evening_is_fresh_when_the_network_is_there(phone: Page, evening: Evening, session: Session) -> None:
    """A copy is never shown while the server answers; an evening that is gone is not kept either."""
    phone.goto("/soirees/cesoir01")
    _wait_for(phone, "/soirees/cesoir01")
    evening.change_note = "On commence à 19 heures."
    factories.make_publication(session, tour=evening.tour, evenings=[evening])
    session.commit()
    phone.reload()
    assert phone.evaluate("navigator.serviceWorker.controller !== null")
    expect(phone.get_by_text("On commence à 19 heures.")).to_be_visible()
    expect(phone.get_by_text("sans réseau.", exact=False)).to_have_count(0)


@pytest.mark.usefixtures("evening")
def test_a_new_worker_breaks_no_open_page(phone: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files replace the former ones; the page in front of us goes on, and what it kept is still there."""
    phone.goto("/soirees/cesoir01")
    _wait_for(phone, "/soirees/cesoir01", "/")
    before = phone.evaluate("caches.keys()")
    monkeypatch.setattr("guinguette.web.pwa._SCRIPTS", ("js/dress.js", "js/offline.js", "js/kept.js", "js/copy.js"))
    phone.evaluate("navigator.serviceWorker.ready.then(found => found.update())")
    for _ in range(50):
        after = phone.evaluate("caches.keys()")
        if after != before and len(after) == len(before):
            break
        phone.wait_for_timeout(100)
    shells = [[name for name in names if "shell" in name] for names in (before, after)]
    assert shells[0] != shells[1]
    assert len(shells[1]) == 1
    phone.get_by_role("link", name="Toutes les dates").click()
    expect(phone).to_have_url("/tournees/ete")
    phone.context.set_offline(True)
    phone.goto("/soirees/cesoir01")
    expect(phone.get_by_text("Vu il y a 1 minute, sans réseau.").first).to_be_visible()
