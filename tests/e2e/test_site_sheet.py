"""A village's secretary fills in the sheet of the pitch on a small phone, one question after the other."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Photo
from tests import factories as make
from tests.e2e.faults import faults, needs_axe

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]


@needs_axe
def test_the_sheet_is_filled_in_on_a_small_phone(phone: Page, session: Session, tmp_path: Path) -> None:
    """From « Répondre maintenant » to the keys: where one stands, a photograph made small before it leaves, plugs, and
    a touch for each yes or no. Every page can be read and touched; the tile server is not told whose page it is.
    """
    commune = make.make_commune(session, name="Éclaron", lat=48.572, lon=4.848)
    contact = make.make_contact(session, committee=make.make_committee(session, commune=commune))
    pitch = make.make_pitch(session, commune=commune, power_supply="", capacity=None)
    token = make.make_host_link(session, contact=contact)
    session.commit()
    told: list[str | None] = []

    def tile(route: Route) -> None:
        told.append(route.request.headers.get("referer"))
        route.fulfill(status=204)

    picture = tmp_path / "IMG_0001.jpg"
    Image.effect_noise((2600, 1950), 60).convert("RGB").save(picture, quality=95)
    phone.route("https://data.geopf.fr/**", tile)
    phone.set_viewport_size({"width": 360, "height": 640})
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation({"latitude": 48.57, "longitude": 4.85})

    phone.goto(f"/comite/{token}/lieux")
    assert faults(phone) == []
    phone.get_by_role("link", name="Répondre maintenant").click()
    phone.get_by_role("button", name="Je suis sur place").click()
    expect(phone.locator(".repere")).to_be_visible()
    expect(phone.get_by_text("Le repère est posé.")).to_be_visible()
    assert faults(phone) == []
    phone.get_by_role("button", name="Enregistrer").click()

    phone.get_by_label("Photo").set_input_files(picture)
    phone.get_by_role("button", name="Envoyer la photo").click()
    expect(phone.get_by_text("La photo est là.")).to_be_visible()
    assert faults(phone) == []
    phone.get_by_role("link", name="Continuer").click()
    _answer_the_rest(phone)

    session.expire_all()
    assert (pitch.lat, pitch.lon, pitch.power, pitch.power_metres) == (48.57, 4.85, ["32a"], 25)
    assert (pitch.water, pitch.toilets, pitch.parking, pitch.accessible) == ("yes", "", 40, "yes")
    assert (pitch.coverage, pitch.capacity, pitch.keys_contact_id) == ("weak", 250, contact.id)
    photo = session.scalars(select(Photo)).one()
    assert (photo.pitch_id, photo.width, photo.height) == (pitch.id, 1600, 1200)
    assert told
    assert set(told) == {None}


def _answer_the_rest(phone: Page) -> None:
    phone.get_by_label("Prise 32 A").check()
    phone.get_by_label("Mètres jusqu’à la prise").fill("25")
    assert faults(phone) == []
    phone.get_by_role("button", name="Enregistrer").click()
    for answer in ("Oui", "Je ne sais pas"):
        phone.get_by_role("button", name=answer).click()
    phone.get_by_label("Voitures qui peuvent se garer").fill("40")
    phone.get_by_role("button", name="Enregistrer").click()
    for answer in ("Oui", "Le téléphone passe mal"):
        phone.get_by_role("button", name=answer).click()
    phone.get_by_label("Nombre de personnes").fill("250")
    phone.get_by_role("button", name="Enregistrer").click()
    phone.get_by_role("button", name="Jeanne Petit").click()
    # the pitch is known, but for the toilets; the village has no hall yet
    expect(phone.get_by_role("heading", name="Où aller s’il pleut ?")).to_be_visible()
    phone.get_by_role("link", name="Vos lieux").click()
    expect(phone.get_by_text("Il manque 5 réponses sur 14")).to_be_visible()
