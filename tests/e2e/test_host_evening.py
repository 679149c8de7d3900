"""A host prepares an evening and tells of it on an old telephone: axe, a ruler, a heavy photograph sent light."""

import datetime as dt
import io
import os

import pytest
from PIL import Image
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import DoneTask, EveningReport, Photo
from tests import factories as make
from tests.e2e.faults import faults_by_day_and_night, fits, needs_axe
from tests.fakes import FixedClock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    # Flask-Compress leaves a static file to the garbage collector to close
    pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"),
]


def _heavy() -> bytes:
    """Return a photograph of more than two megabytes: noise, which no format makes small."""
    out = io.BytesIO()
    Image.frombytes("RGB", (1800, 1350), os.urandom(1800 * 1350 * 3)).save(out, "JPEG", quality=80)
    return out.getvalue()


@needs_axe
def test_an_evening_is_prepared_and_told(browser: Browser, address: str, session: Session, clock: FixedClock) -> None:
    """A tick, a letter as PDF, then a number and a photograph, at 360 pixels and at twice the size."""
    commune = make.make_commune(session, name="Éclaron-Braucourt-Sainte-Livière")
    holder = make.make_committee(session, commune=commune)
    token = make.make_host_link(session, contact=make.make_contact(session, committee=holder))
    tour = make.make_tour(session, published_version=1)
    shared = {"tour": tour, "commune": commune, "permit_holder": holder}
    make.make_evening(session, id="venir001", date=dt.date(2027, 7, 17), artists="Les Zinzins", **shared)
    make.make_evening(session, id="passe001", date=dt.date(2027, 6, 5), **shared)
    session.commit()
    context = browser.new_context(
        viewport={"width": 360, "height": 640}, base_url=address, locale="fr-FR", reduced_motion="reduce"
    )
    page = context.new_page()
    base = f"/comite/{token}/soirees"
    for path in ("venir001/preparatifs", "venir001/courriers/arrete", "passe001/apres"):
        assert faults_by_day_and_night(page, f"{base}/{path}") == [], path
        page.set_viewport_size({"width": 180, "height": 320})  # 360 pixels at 200 %
        assert fits(page), path
    page.set_viewport_size({"width": 360, "height": 640})
    page.emulate_media(color_scheme="light")

    page.goto(f"{base}/venir001/preparatifs")
    page.get_by_role("button", name="C’est fait : Retenir la salle").click()
    page.get_by_text("Une chose faite sur 7").wait_for()
    page.get_by_role("link", name="La lettre est prête : Demander le débit de boissons").click()
    with page.expect_download() as kept:
        page.get_by_role("button", name="Télécharger en PDF").click()
    assert kept.value.suggested_filename.endswith(".pdf")

    page.goto(f"{base}/passe001/apres")
    photo = _heavy()
    page.get_by_label("Combien de personnes").fill("180")
    page.get_by_label("Des photos").set_input_files(
        {"name": "bal.jpg", "mimeType": "image/jpeg", "buffer": photo},
    )
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("Merci. C’est enregistré").wait_for()
    assert len(sent.value.post_data_buffer or b"") < len(photo)
    assert page.get_by_role("button", name="Retirer la photo 1").is_visible()
    context.close()
    assert session.scalars(select(DoneTask.kind)).all() == ["hall_kept"]
    assert session.scalars(select(EveningReport.attendance)).all() == [180]
    assert session.scalars(select(Photo.width)).all() == [1600]
