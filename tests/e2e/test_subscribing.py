"""Leaving one's number, on a phone: a mistake, its correction, the code, and STOP from the link."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Message
from guinguette.services.opting_out import stop_token
from tests.e2e.faults import faults
from tests.factories import make_commune, make_evening, make_publication, make_tour

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _season(app: Flask, session: Session) -> None:
    """A tour with one evening to come, in a village with a long name."""
    commune = make_commune(session, insee="51513", name="Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson")
    tour = make_tour(session, slug="ete", name="Tournée d’été 2027")
    make_publication(session, tour=tour, evenings=[make_evening(session, tour=tour, commune=commune)])
    session.commit()


def _sound(page: Page) -> None:
    """The page in front of us fits the phone and can be used by everybody."""
    assert faults(page) == []


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A phone whose browser may complain of the 400 that a wrong number gets (``phone`` may not)."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=address, locale="fr-FR")
    yield context.new_page()
    context.close()


def test_a_number_is_left_corrected_confirmed_and_withdrawn(page: Page, session: Session, vault: Vault) -> None:
    """Without a word of explanation from anybody."""
    page.goto("/abonnement?commune=51513")
    page.get_by_label("Votre numéro de portable").fill("06 39 98 12 3")
    page.get_by_role("button", name="Recevoir les SMS").click()
    expect(page.get_by_text("Il manque un chiffre : vous en avez tapé neuf sur dix.")).to_be_visible()
    _sound(page)

    page.get_by_label("Votre numéro de portable").fill("06 39 98 12 34")
    for box in page.get_by_role("checkbox").all():
        expect(box).not_to_be_checked()
    page.get_by_label("J’accepte de recevoir").check()
    page.get_by_role("button", name="Recevoir les SMS").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre code")
    _sound(page)

    body = session.scalars(select(Message.body)).one()
    session.rollback()
    page.get_by_label("Le code à six chiffres").fill(re.findall(r"\d{6}", body)[0])
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_role("status")).to_contain_text("C’est fait")
    _sound(page)

    page.goto("/abonnement/mes-donnees")
    page.get_by_label("Votre numéro de portable").fill("06 39 98 12 34")
    page.get_by_role("button", name="Recevoir un code par SMS").click()
    body = session.scalars(select(Message.body).where(Message.body != body)).one()
    session.rollback()
    page.get_by_label("Le code à six chiffres").fill(re.findall(r"\d{6}", body)[0])
    page.get_by_role("button", name="Ouvrir").click()
    page.get_by_label("Me prévenir aussi une semaine avant").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_label("Me prévenir aussi une semaine avant")).to_be_checked()
    _sound(page)

    page.goto(f"/stop/{stop_token(vault, vault.fingerprint('+33639981234'))}")
    _sound(page)
    page.get_by_role("button", name="Arrêter tous les messages").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est arrêté")
    _sound(page)
