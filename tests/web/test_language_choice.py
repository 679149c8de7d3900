"""Which language a visitor gets, how they change it, and that another language needs a catalogue and nothing else."""

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.mofile import write_mo
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from guinguette import create_app, extensions
from guinguette.config import Settings
from guinguette.paths import TRANSLATIONS
from guinguette.web import language
from tests import factories
from tests.fakes import FixedClock
from tests.page_lint import LintingClient

ENGLISH = {"Accept-Language": "en-GB,en;q=0.9,fr;q=0.5"}


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ("en-GB,en;q=0.9,fr;q=0.5", 302),
        ("it,en;q=0.4", 302),
        ("fr-CA,en;q=0.5", 200),
        ("fr;q=0.9,en;q=0.9", 200),
        ("it", 200),
        ("en;q=0", 200),
        ("*", 200),
        ("", 200),
        (";;;q=x,,", 200),
    ],
)
def test_home_meets_the_visitors_language(client: FlaskClient, wanted: str, status: int) -> None:
    """Only where one of our languages is preferred to French, and caches are told what it hangs on."""
    response = client.get("/", headers={"Accept-Language": wanted})
    assert (response.status_code, response.location) == (status, "/en/" if status == 302 else None)
    assert "Accept-Language" in response.headers["Vary"]


@pytest.mark.parametrize(
    "inside", [{"Referer": "http://localhost/en/"}, {"Sec-Fetch-Site": "same-origin"}], ids=["referer", "fetch"]
)
def test_who_chose_french_is_not_sent_back(client: FlaskClient, inside: dict[str, str]) -> None:
    """The switch on /en/ leads to / and stays there; a link from elsewhere is no choice."""
    assert client.get("/", headers=ENGLISH | inside).status_code == 200
    assert client.get("/", headers=ENGLISH | {"Referer": "http://example.org/"}).status_code == 302


@pytest.mark.parametrize("path", ["/dates", "/carte", "/en/", "/communes/52182"])
def test_no_other_page_looks_at_the_browser(client: FlaskClient, session: Session, path: str) -> None:
    """An address that somebody shared shows what they saw."""
    factories.make_commune(session, insee="52182", name="Éclaron")
    session.commit()
    response = client.get(path, headers=ENGLISH)
    assert response.status_code == 200
    assert "Accept-Language" not in response.headers.get("Vary", "")


def test_what_organisers_typed_is_marked_as_french(client: FlaskClient, session: Session) -> None:
    """On an English page a screen reader changes its voice; on a French one nothing is marked."""
    tour = factories.make_tour(session, slug="ete", name="Tournée d’été")
    texts = {"artists": "Les Souliers vernis", "description": "Bal à 20\u00a0h.", "change_note": "Orages."}
    evening = factories.make_evening(session, tour=tour, id="eclaron2", venue="hall", **texts)
    factories.make_publication(session, tour=tour, evenings=[evening])
    session.commit()
    page = client.get("/en/soirees/eclaron2").text
    for text in (*texts.values(), "Tournée d’été", "Place de l’Église", "Salle des fêtes, rue du Lac"):
        assert f'<span lang="fr">{text}</span>' in page
    assert '<span lang="fr">' not in client.get("/soirees/eclaron2").text


@pytest.fixture
def german_client(
    settings: Settings, engine: Engine, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FlaskClient]:
    """A visitor of an installation with one more folder in ``translations/``."""
    folder = tmp_path / "translations"
    shutil.copytree(TRANSLATIONS, folder)
    german = folder / "de" / "LC_MESSAGES"
    german.mkdir(parents=True)
    with (folder / "en/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = pofile.read_po(file, locale="de")
    for message in catalogue:
        if message.id == "Toutes les dates":
            message.string = "Wann und wo"
    with (german / "messages.po").open("wb") as file:
        pofile.write_po(file, catalogue)
    with (german / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(language, "TRANSLATIONS", folder)
    language.languages.cache_clear()
    app = create_app(settings, clock=clock)
    app.test_client_class = LintingClient
    yield app.test_client()
    with app.app_context():
        extensions.db.engine.dispose()
    monkeypatch.undo()
    language.languages.cache_clear()


def test_a_third_language_needs_a_catalogue_and_nothing_else(german_client: FlaskClient, session: Session) -> None:
    """Its addresses, dates, twins, switch, sitemap and redirect are there, without a line of code."""
    tour = factories.make_tour(session, slug="ete")
    evening = factories.make_evening(session, tour=tour, id="eclaron2", date=dt.date(2027, 8, 21))
    factories.make_publication(session, tour=tour, evenings=[evening])
    session.commit()
    page = german_client.get("/de/soirees/eclaron2").text
    assert '<html lang="de"' in page
    assert "Samstag, 21.\u00a0August\u00a02027" in page
    assert "18:00" in page
    for code in ("fr", "en", "de"):
        assert re.search(rf'hreflang="{code}"\s+href="http://127.0.0.1:8000(/{code})?/soirees/eclaron2"', page)
    assert '<span class="vh">Deutsch</span>' in german_client.get("/dates").text
    assert "<h1>Wann und wo</h1>" in german_client.get("/de/dates").text
    assert "August 2027" in german_client.get("/de/dates").text.replace("\u00a0", " ")
    assert "http://127.0.0.1:8000/de/dates" in german_client.get("/sitemap.xml").text
    assert "Disallow: /de/stop/" in german_client.get("/robots.txt").text
    assert german_client.get("/", headers={"Accept-Language": "de-AT"}).location == "/de/"
    assert german_client.get("/de/agenda").location == "/de/dates"
