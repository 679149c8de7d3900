"""An organiser writes a text on a telephone and sees it as it will leave, without a button."""

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests import factories as make

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # the served app answers with open files, which the test's own thread does not close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]


def test_the_preview_follows_what_is_typed(
    organiser_client: FlaskClient, phone: Page, session: Session, address: str
) -> None:
    """The exact text, then why it cannot be kept, then kept."""
    tour = make.make_tour(session, slug="ete")
    evening = make.make_evening(session, tour=tour, commune=make.make_commune(session, name="Vignory"))
    make.make_publication(session, tour=tour, evenings=[evening])
    session.commit()
    cookie = organiser_client.get_cookie("session")
    assert cookie is not None
    phone.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    phone.goto("/organisation/messages/textes/reminder/fr")
    field, preview = phone.get_by_label("Le texte"), phone.locator("#apercu")
    field.fill("La fête {jour} {village}, {heures}. {stop}")
    expect(preview).to_contain_text("La fete samedi 19 juin à Vignory")
    field.fill("La fête {jour} {village}, {heures}.")
    expect(preview).to_contain_text("Il manque {stop}")
    field.fill("La fête {jour} {village}, {heures}. {stop}")
    expect(preview).to_contain_text("La fete")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    preview.get_by_role("button", name="Les remplacer dans mon texte").click()
    expect(field).to_have_value("La fete {jour} {village}, {heures}. {stop}")
    phone.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_text("C’est enregistré.")).to_be_visible()
