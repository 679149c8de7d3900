"""What a villager does, on a phone, with a finger or a keyboard; and what axe says of every public page."""

import datetime as dt
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from guinguette.web.language import languages
from tests import factories
from tests.e2e.faults import faults_of, needs_axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("_season"),
]

LONGEST_NAME = "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson"
PAGES = [
    "/", "/carte", "/abonnement", "/tournees/ete", "/communes/51513", "/communes/52182", "/soirees/cesoir01",
    "/soirees/annulee1", "/soirees/reportee", "/soirees/salle001", "/soirees/option01", "/soirees/passee01",
    "/mentions-legales", "/confidentialite", "/accessibilite", "/nulle-part", "/hors-ligne", "/design",
]  # fmt: skip


@pytest.fixture
def _season(session: Session) -> None:
    """A tour in every state, from yesterday on; tonight in the commune of the Marne with the longest name."""
    tour = factories.make_tour(session, slug="ete", name="Tournée d’été 2027", presentation="Entrée libre.")
    long = factories.make_commune(session, insee="51513", name=LONGEST_NAME)
    factories.make_commune(session, insee="52182", name="Éclaron")
    day = dt.date(2027, 6, 9)
    later = factories.make_evening(session, tour=tour, id="nouvelle", date=day + dt.timedelta(days=9))
    texts = {"artists": "Les Souliers vernis", "food": "Planches du comité", "prices": "Sirop 1 €"}
    evenings = [
        later,
        factories.make_evening(session, tour=tour, id="passee01", date=day - dt.timedelta(days=1), state="held"),
        factories.make_evening(session, tour=tour, id="cesoir01", date=day, commune=long, **texts),
        factories.make_evening(session, tour=tour, id="option01", date=day + dt.timedelta(days=1), state="option"),
        factories.make_evening(
            session, tour=tour, id="annulee1", date=day + dt.timedelta(days=2), state="cancelled", change_note="Orages."
        ),
        factories.make_evening(
            session, tour=tour, id="reportee", date=day + dt.timedelta(days=3), state="postponed", postponed_to=later
        ),
        factories.make_evening(
            session, tour=tour, id="salle001", date=day + dt.timedelta(days=4), venue="hall", change_note="Orages."
        ),
    ]
    factories.make_publication(session, tour=tour, evenings=evenings)
    session.commit()


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
    """The form opens on that village, its consent box unticked."""
    phone.goto("/communes/51513")
    phone.get_by_role("link", name="Me prévenir par SMS").click()
    expect(phone.get_by_label("Votre numéro de portable")).to_be_visible()
    expect(phone.locator("select[name=scope]")).to_have_value("commune:51513")
    expect(phone.get_by_role("checkbox")).not_to_be_checked()


def test_the_calendars_address_is_copied(phone: Page) -> None:
    """The button that copies it is there with JavaScript, and says that it did."""
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.goto("/tournees/ete")
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
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (390, "dark"), (1280, "light")])
def test_axe_finds_nothing(browser: Browser, address: str, width: int, scheme: str) -> None:
    """No violation on any public page, by day and by night, and nothing too small or too wide for a finger."""
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, base_url=address)
    page = context.new_page()
    page.route("https://data.geopf.fr/**", lambda route: route.abort())
    assert faults_of(page, PAGES) == {}
    context.close()
