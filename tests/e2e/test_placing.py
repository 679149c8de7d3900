"""A pitch on the map: a tap, the keyboard, no tiles, under the strict policy."""

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Pitch
from tests import factories as make

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def form(organiser_client: FlaskClient, phone: Page, address: str, session: Session) -> Page:
    """The form of a new pitch in Éclaron; the tile server serves nothing."""
    make.make_commune(session, insee="52182", name="Éclaron", lat=48.572, lon=4.848)
    session.commit()
    cookie = organiser_client.get_cookie("session")
    assert cookie is not None
    phone.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    phone.route("https://data.geopf.fr/**", lambda route: route.fulfill(status=204))
    phone.goto("/organisation/communes/52182/emplacement/nouveau")
    expect(phone.locator(".carte-lieu path.contour").first).to_be_attached()
    return phone


def test_a_tap_places_the_pitch(form: Page, session: Session) -> None:
    """The degrees follow the finger, the pin stands there, and saving keeps both."""
    form.get_by_label("Nom", exact=True).fill("Stade")
    chart = form.locator(".carte-lieu")
    chart.scroll_into_view_if_needed()
    chart.click(position={"x": 100, "y": 100})
    expect(form.locator(".repere")).to_be_visible()
    expect(form.get_by_text("Le repère est posé.")).to_be_visible()
    assert form.evaluate("document.documentElement.scrollWidth") <= 390
    form.get_by_role("button", name="Enregistrer").click()
    expect(form.get_by_text("C’est enregistré.")).to_be_visible()
    pitch = session.scalars(select(Pitch)).one()
    assert pitch.lat is not None
    assert pitch.lon is not None
    assert 48.5 < pitch.lat < 48.65
    assert 4.75 < pitch.lon < 4.848


def test_a_keyboard_places_the_pitch_too(form: Page) -> None:
    """The arrows move the map, the button puts the pin in its middle; degrees typed move the pin; Enter saves."""
    form.get_by_label("Nom", exact=True).fill("Stade")
    chart = form.locator(".carte-lieu")
    chart.focus()
    form.keyboard.press("ArrowRight")
    form.wait_for_timeout(400)  # the map glides
    form.get_by_role("button", name="Poser au milieu").focus()
    form.keyboard.press("Enter")
    expect(form.locator(".repere")).to_be_visible()
    assert float(form.get_by_label("Longitude").input_value().replace(",", ".")) > 4.848
    form.get_by_label("Latitude").fill("48,58")
    form.keyboard.press("Enter")
    expect(form.get_by_text("C’est enregistré.")).to_be_visible()
