"""What a villager does, on a phone, with a finger or a keyboard; and what axe says of every public page."""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.web.language import languages
from tests.e2e.faults import faults_by_day_and_night, needs_axe
from tests.public_pages import LONGEST_NAME, make_season, public_paths

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("_season"),
]


@pytest.fixture
def _season(session: Session, vault: Vault) -> None:
    """A tour in every state, from yesterday on; tonight in the commune of the Marne with the longest name."""
    make_season(session, vault)


def test_from_the_poster_to_the_calendar(phone: Page) -> None:
    """Home says where tonight is; a touch leads to the way there, another puts the evening in the phone's calendar."""
    phone.goto("/")
    expect(phone.get_by_role("heading", level=1)).to_contain_text(LONGEST_NAME)
    phone.get_by_role("link", name="M’y rendre").click()
    expect(phone).to_have_url("/soirees/cesoir01#y-aller")
    expect(phone.get_by_role("link", name="L’application de mon téléphone")).to_be_in_viewport()
    with phone.expect_download() as saved:
        phone.get_by_role("link", name="Ajouter à mon agenda").click()
    assert "UID:" in Path(saved.value.path()).read_text(encoding="utf-8")


def test_a_postponed_evening_leads_to_its_new_date(phone: Page) -> None:
    """Whoever scans an old poster gets to the new date in one touch."""
    phone.goto("/soirees/reportee")
    expect(phone.get_by_role("heading", name="REPORTÉE AU VENDREDI 18 JUIN")).to_be_visible()
    phone.get_by_role("link", name="Voir la nouvelle date").click()
    expect(phone).to_have_url("/soirees/nouvelle")


def test_from_a_village_to_the_sms_form(phone: Page) -> None:
    """The form opens on that village, none of its boxes ticked."""
    phone.goto("/communes/51513")
    phone.get_by_role("link", name="Me prévenir par SMS").click()
    expect(phone.get_by_label("Votre numéro de portable")).to_be_visible()
    expect(phone.locator("select[name=scope]")).to_have_value("commune:51513")
    boxes = phone.get_by_role("checkbox")
    expect(boxes).to_have_count(3)
    for box in boxes.all():
        expect(box).not_to_be_checked()


def test_the_calendars_address_is_copied(phone: Page) -> None:
    """The button that copies it is there with JavaScript, and says that it did."""
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.goto("/calendriers?scope=tour:ete")
    phone.get_by_role("button", name="Copier l’adresse").click()
    expect(phone.get_by_role("button", name="C’est copié")).to_be_visible()
    assert phone.evaluate("navigator.clipboard.readText()") == "http://127.0.0.1:8000/tournees/ete.ics"


def test_a_keyboard_skips_to_the_content(phone: Page) -> None:
    """The first Tab shows the skip link; Enter passes the header over."""
    phone.goto("/tournees/ete")
    phone.keyboard.press("Tab")
    expect(phone.get_by_role("link", name="Aller au contenu")).to_be_focused()
    expect(phone.get_by_role("link", name="Aller au contenu")).to_be_in_viewport()
    phone.keyboard.press("Enter")
    phone.keyboard.press("Tab")
    assert phone.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.skipif(languages() == ["fr"], reason="only French is installed: make catalogues")
def test_the_language_changes_and_the_page_stays(phone: Page) -> None:
    """English shows the same evening, and leads back."""
    phone.goto("/soirees/cesoir01")
    phone.get_by_role("link", name="English").click()
    expect(phone).to_have_url("/en/soirees/cesoir01")
    expect(phone.locator("html")).to_have_attribute("lang", "en")
    phone.get_by_role("link", name="Français").click()
    expect(phone).to_have_url("/soirees/cesoir01")


@needs_axe
def test_axe_finds_nothing(browser: Browser, app: Flask, address: str) -> None:
    """No violation on any public page, by day and by night, and nothing too small or too wide for a finger."""
    context = browser.new_context(base_url=address, reduced_motion="reduce")  # colours change at once, not by and by
    page = context.new_page()
    page.route("https://data.geopf.fr/**", lambda route: route.abort())
    french = [path for path in public_paths(app) if path.split("/")[1] not in languages()[1:]]
    pages = [*french, "/en/", "/nulle-part"]
    assert len(pages) > 20
    found = {path: faults_by_day_and_night(page, path) for path in pages if path != "/carte/document"}
    assert {path: faults for path, faults in found.items() if faults} == {}
    context.close()
