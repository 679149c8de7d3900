"""An organiser builds a tour from a spreadsheet to a published season, on a telephone and at a desk."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, FilePayload, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.models import Tour
from guinguette.services import planning
from tests import factories as make
from tests.e2e.faults import fits
from tests.fakes import FakeJobs, FixedClock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]

VILLAGES = {"52448": "Saint-Dizier", "52182": "Éclaron", "52386": "Perthes", "52331": "Montier-en-Der"}
WRONG = "commune;code postal;soirées\nSaint-Dizier;52100;1\nEclaron;52100;1\nPerthes;52100;1\nMontiers;52100;x\n"
RIGHT = WRONG.replace("Montiers;52100;x", "Montier-en-Der;52100;1")


@pytest.fixture(params=[(390, 844), (1280, 800)], ids=["phone", "desk"])
def page(
    request: pytest.FixtureRequest, organiser_client: FlaskClient, browser: Browser, address: str, session: Session
) -> Iterator[Page]:
    """A signed-in organiser's page, at either width; four communes that nobody has asked anything yet."""
    for insee, name in VILLAGES.items():
        make.make_commune(session, insee=insee, name=name, postcodes="52100")
    session.commit()
    width, height = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, base_url=address, locale="fr-FR", timezone_id="Europe/Paris"
    )
    cookie = organiser_client.get_cookie("session")
    assert cookie is not None
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    # a list with faults is answered 400, which the console repeats
    assert [text for text in said if "status of 400" not in text] == []


def csv(text: str) -> FilePayload:
    """Return a file as a spreadsheet saves it."""
    return {"name": "villages.csv", "mimeType": "text/csv", "buffer": text.encode("cp1252")}


def test_from_a_spreadsheet_to_the_programme_online(
    page: Page, session: Session, jobs: FakeJobs, session_factory: sessionmaker[Session], clock: FixedClock
) -> None:
    """The van, the tour, the list with its fault, one change to all, an answer, the plan, the programme."""
    _add_a_van(page)
    _open_a_tour(page)
    _read_the_list(page)
    _change_them_all(page)
    _note_an_answer(page)
    tour = session.scalars(select(Tour)).one()
    tour.solver_seconds = 2
    session.commit()

    page.goto(f"/organisation/tournees/{tour.slug}")
    page.get_by_role("button", name="Planifier").click()
    expect(page.get_by_text("Le calcul attend son tour")).to_be_visible()
    planning.execute_run(session_factory, jobs.solves[0], clock)
    page.get_by_role("link", name="Relire le plan").click()
    expect(page.get_by_role("heading", name="Personne n’est oublié")).to_be_visible()
    page.get_by_role("link", name="Publier ce plan").click()
    expect(page.get_by_role("button", name="Publier", exact=True)).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Publier", exact=True).click()
    expect(page.get_by_role("heading", name="est en ligne")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("link", name="Montier-en-Der").first).to_be_visible()
    assert fits(page)


def _add_a_van(page: Page) -> None:
    page.goto("/organisation/vehicules")
    expect(page.get_by_text("Aucun véhicule. Sans lui, pas de tournée")).to_be_visible()
    page.get_by_role("link", name="Ajouter un véhicule").click()
    page.get_by_label("Nom", exact=True).fill("Lucette")
    page.locator("#depot_name").fill("Saint-Dizier")
    page.locator("#depot_lat").fill("48,6377")
    page.locator("#depot_lon").fill("4,9489")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("link", name="Lucette")).to_be_visible()
    assert fits(page)


def _open_a_tour(page: Page) -> None:
    page.goto("/organisation/tournees/nouvelle?saison=summer")
    page.get_by_label("Nom", exact=True).fill("Été des quatre villages")
    page.get_by_label("Premier jour").fill("2027-07-01")
    page.get_by_label("Dernier jour").fill("2027-07-25")
    page.get_by_label("Lucette").check()
    page.get_by_role("button", name="Ouvrir la tournée").click()
    expect(page.get_by_text("La tournée est ouverte")).to_be_visible()
    assert fits(page)


def _read_the_list(page: Page) -> None:
    """The fault is told with its line and what was meant; nothing is written until the file is right."""
    page.get_by_role("link", name="Ajouter des villages").click()
    page.get_by_role("link", name="Ajouter une liste depuis un tableur").click()
    page.get_by_label("Fichier CSV ou XLSX").set_input_files(csv(WRONG))
    page.get_by_role("button", name="Relire avant d’ajouter").click()
    expect(page.get_by_text("ligne 5")).to_be_visible()
    expect(page.get_by_text("Vouliez-vous 52331, Montier-en-Der ?")).to_be_visible()
    expect(page.get_by_text("n’est pas un nombre entier")).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="Choisir un autre fichier").click()
    page.get_by_label("Fichier CSV ou XLSX").set_input_files(csv(RIGHT))
    page.get_by_role("button", name="Relire avant d’ajouter").click()
    expect(page.get_by_text("Vouliez-vous")).to_have_count(0)
    page.get_by_role("button", name="Ajouter 4 villages").click()
    expect(page.get_by_role("heading", name="4 villages")).to_be_visible()
    assert fits(page)


def _change_them_all(page: Page) -> None:
    """With the keyboard alone: tick all, say what changes, read it, confirm."""
    page.get_by_label("Les 4 fiches affichées").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Modifier").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Modifier 4 fiches")).to_be_visible()
    field = page.get_by_role("textbox", name="Jours entre deux soirées")
    field.focus()
    page.keyboard.type("14")
    expect(page.get_by_role("checkbox", name="Jours entre deux soirées")).to_be_checked()
    assert fits(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ce qui change sur 4 fiches")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Enregistrer 4 fiches").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("4 fiches sont enregistrées.")).to_be_visible()


def _note_an_answer(page: Page) -> None:
    page.get_by_label("Chercher dans la liste").fill("perthes")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_text("1 sur 4.")).to_be_visible()
    page.get_by_role("link", name="Perthes").click()
    page.get_by_role("link", name="Jours possibles").click()
    page.get_by_role("button", name="oui").first.click()
    page.get_by_label("Reçu par téléphone de").fill("Mme Petit")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("C’est enregistré : Perthes a répondu.")).to_be_visible()
    assert fits(page)
