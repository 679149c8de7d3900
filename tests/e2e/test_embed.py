"""The dates in the frame of another website, in a real browser."""

import re
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from tests import factories
from tests.e2e.faults import faults, needs_axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def _season(session: Session) -> None:
    """An evening in Éclaron, and one cancelled elsewhere."""
    tour = factories.make_tour(session, slug="ete", name="Tournée d’été 2027")
    eclaron = factories.make_commune(session, insee="51250", name="Éclaron-Braucourt-Sainte-Livière")
    evenings = [
        factories.make_evening(session, tour=tour, commune=eclaron, id="eclaron1"),
        factories.make_evening(session, tour=tour, state="cancelled"),
    ]
    factories.make_publication(session, tour=tour, evenings=evenings)
    session.commit()


@pytest.fixture
def village(address: str) -> Iterator[str]:
    """A village's website on another port, with the line pasted into its page."""
    site = Flask("village")
    line = (
        f'<iframe src="{address}/embed/ete?commune=51250&amp;nombre=2" title="La guinguette" width="100%" height="620"'
        ' loading="lazy" style="border:0"></iframe>'
    )
    site.add_url_rule("/", "home", lambda: f'<!DOCTYPE html><html lang="fr"><title>Mairie</title><h1>Mairie</h1>{line}')
    site.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))
    server = make_server("127.0.0.1", 0, site, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}/"  # another site than 127.0.0.1, not only another port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.usefixtures("_season")
def test_a_village_shows_the_dates_on_its_own_website(browser: Browser, village: str, address: str) -> None:
    """Without JavaScript: the dates are there, light, without a cookie or a complaint; a link leaves the frame."""
    context = browser.new_context(viewport={"width": 300, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    said: list[str] = []
    weights: dict[str, int] = {}
    page.on("console", lambda message: said.append(message.text))
    page.on("requestfinished", lambda request: weights.update({request.url: request.sizes()["responseBodySize"]}))
    page.goto(village)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("link", name="Éclaron-Braucourt-Sainte-Livière")).to_be_visible()
    expect(frame.get_by_text("Annulée")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert said == []
    assert context.cookies() == []
    ours = {url: size for url, size in weights.items() if url.startswith(address)}
    assert {url.rsplit(".")[-1].split("?")[0] for url in ours if "/static/" in url} == {"css", "woff2"}
    assert sum(size for url, size in ours.items() if not url.endswith(".woff2")) < 30_000
    frame.get_by_role("link", name="Éclaron-Braucourt-Sainte-Livière").click()
    expect(page).to_have_url(re.compile(rf"^{address}/soirees/eclaron1$"))
    context.close()


@needs_axe
@pytest.mark.usefixtures("_season")
@pytest.mark.parametrize(("width", "scheme"), [(260, "light"), (640, "dark")])
def test_axe_finds_nothing_in_the_frame(browser: Browser, address: str, width: int, scheme: str) -> None:
    """From the narrowest column on, by day and by night; nor in its error, nor in the page that gives its line."""
    context = browser.new_context(viewport={"width": width, "height": 600}, color_scheme=scheme, base_url=address)
    page = context.new_page()
    for path in ("/embed/ete?commune=51250", "/embed/rien", "/integrer?commune=51250"):
        page.goto(path)
        assert faults(page) == []
    context.close()


@pytest.mark.usefixtures("_season")
def test_the_webmaster_copies_the_line(phone: Page) -> None:
    """Chooses the village, sees it, copies the line."""
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.goto("/integrer")
    phone.get_by_label("Votre village, en premier").select_option("51250")
    phone.get_by_role("button", name="Voir le résultat").click()
    expect(phone).to_have_url(re.compile("commune=51250"))
    expect(phone.frame_locator("iframe").get_by_role("heading", level=1)).to_contain_text("À Éclaron")
    phone.get_by_role("button", name="Copier la ligne").click()
    expect(phone.get_by_role("button", name="C’est copié")).to_be_visible()
    copied = phone.evaluate("navigator.clipboard.readText()")
    assert copied.startswith('<iframe src="http://127.0.0.1:8000/embed/ete?commune=51250&amp;nombre=4"')
