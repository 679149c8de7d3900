"""On a phone, an hour before: the evening is called off, and whom no message reaches is rung and ticked."""

import datetime as dt

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Call, Message
from guinguette.services import publication
from tests import factories as make
from tests.fakes import FixedClock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]


def test_called_off_from_a_phone(
    organiser_client: FlaskClient, phone: Page, address: str, session: Session, clock: FixedClock, vault: Vault
) -> None:
    """The count says who is reached, the list whom to ring; nothing is wider than the screen."""
    cookie = organiser_client.get_cookie("session")
    assert cookie is not None
    phone.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    evening = make.make_evening(
        session, id="vignory1", date=dt.date(2027, 6, 9), commune=make.make_commune(session, name="Vignory")
    )
    scopes = [f"commune:{evening.commune_insee}"]
    name = vault.encrypt("Mme Petit, dite la Générale de Vignory-le-Haut")
    make.make_subscriber(session, vault=vault, scopes=scopes)
    make.make_subscriber(session, vault=vault, phone="+33199001234", landline=True, name_encrypted=name, scopes=scopes)
    publication.refresh(session, evening.tour, actor="x", clock=clock)
    session.commit()

    phone.goto("/organisation/soirees/vignory1")
    phone.get_by_role("link", name="Annuler la soirée").click()
    phone.get_by_label("Pourquoi").fill("orages")
    phone.get_by_role("button", name="Lire le SMS avant qu’il parte").click()
    phone.get_by_role("button", name="Annuler la soirée").click()
    phone.get_by_text("2 personnes sont concernées").wait_for()
    phone.get_by_role("link", name="Appeler cette personne").click()
    assert phone.get_by_role("link", name="01 99 00 12 34").get_attribute("href") == "tel:+33199001234"
    phone.get_by_label("Qui appelle").fill("Odile")
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    phone.get_by_role("button", name="Au courant").click()
    phone.get_by_text("Au courant : Odile").wait_for()
    assert [(c.state, c.rung_by) for c in session.scalars(select(Call))] == [("reached", "Odile")]
    assert [(m.state, m.urgent) for m in session.scalars(select(Message))] == [("queued", True)]
