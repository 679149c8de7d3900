"""The places of a host's village, one question a page (guinguette/web/host/places.py)."""

import io

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from guinguette.adapters.ports import Candidate
from guinguette.adapters.vault import Vault
from guinguette.models import Contact, Photo, Pitch
from guinguette.services import referents, site_sheet
from tests import factories as make
from tests.fakes import FakeGeocoder
from tests.web.host.conftest import HostAtHome


@pytest.fixture
def pitch(session: Session, host: HostAtHome) -> Pitch:
    """The only pitch of the host's village."""
    row = make.make_pitch(session, commune=host.commune, name="Place du lavoir", power_supply="", capacity=None)
    session.commit()
    return row


def text_of(page: object) -> str:
    """Return a page's text with plain spaces."""
    return " ".join(page.text.replace("\u00a0", " ").split())  # type: ignore[attr-defined]


def test_what_is_missing_is_said_and_asked_for_one_at_a_time(session: Session, host: HostAtHome, pitch: Pitch) -> None:
    """One touch answers, and leads to the next question without an answer."""
    page = text_of(host.get("lieux"))
    assert "Il manque 14 réponses sur 14" in page
    assert "La position, une photo, l’électricité…" in page
    answer = host.post(f"lieux/emplacement/{pitch.id}/water?suite=1", data={"version": 1, "water": "yes"})
    assert answer.location == host.path(f"lieux/emplacement/{pitch.id}/toilets?suite=1")
    assert "encore 13 questions" in text_of(host.get(f"lieux/emplacement/{pitch.id}/toilets?suite=1"))
    session.expire_all()
    assert (pitch.water, pitch.saved_by) == ("yes", "Jeanne Petit (lien personnel)")
    answer = host.post(f"lieux/emplacement/{pitch.id}/toilets?suite=1", data={"unknown": "1"})
    assert answer.location == host.path(f"lieux/emplacement/{pitch.id}/parking?suite=1")


def test_a_single_answer_leads_back_to_the_places(host: HostAtHome, pitch: Pitch) -> None:
    """Who only corrects one line is not asked the rest."""
    answer = host.post(f"lieux/emplacement/{pitch.id}/parking", data={"version": 1, "parking": "40", "access": ""})
    assert answer.location == host.path("lieux")
    assert "40 voitures" in text_of(host.get("lieux"))


@pytest.mark.parametrize("kind", ["emplacement", "salle"])
def test_every_question_has_its_page(session: Session, host: HostAtHome, kind: str) -> None:
    """Of a pitch and of a hall; each can be read aloud (``tests.page_lint``)."""
    site = (make.make_pitch if kind == "emplacement" else make.make_hall)(session, commune=host.commune)
    session.commit()
    for question in site_sheet.QUESTIONS[kind]:
        page = host.get(f"lieux/{kind}/{site.id}/{question.key}")
        assert page.status_code == 200
        assert question.text in page.text
    assert host.get(f"lieux/{kind}/{site.id}/cave").status_code == 404


def test_a_wrong_answer_is_refused_beside_its_field(host: HostAtHome, pitch: Pitch) -> None:
    """In a sentence, with what was typed."""
    page = host.post(f"lieux/emplacement/{pitch.id}/capacity", data={"version": 1, "capacity": "beaucoup"})
    assert "Écrivez un nombre entier" in page.text
    assert 'value="beaucoup"' in page.text


def test_another_answer_meanwhile_stops_nobody_the_same_one_does(
    session: Session, host: HostAtHome, pitch: Pitch
) -> None:
    """Two people of a village fill in the sheet at once: both answers stay; the same question twice is shown."""
    pages = {}
    for key in ("water", "toilets"):
        page = host.get(f"lieux/emplacement/{pitch.id}/{key}").text
        pages[key] = page.split('name="seen" value="')[1].split('"')[0]
    host.post(f"lieux/emplacement/{pitch.id}/water", data={"version": 1, "seen": pages["water"], "water": "yes"})
    host.post(f"lieux/emplacement/{pitch.id}/toilets", data={"version": 1, "seen": pages["toilets"], "toilets": "no"})
    session.expire_all()
    assert (pitch.water, pitch.toilets) == ("yes", "no")
    page = host.post(f"lieux/emplacement/{pitch.id}/water", data={"version": 1, "seen": pages["water"], "water": "no"})
    assert "Ce que l’autre personne a changé" in page.text
    session.expire_all()
    assert pitch.water == "yes"


def test_the_van_is_put_on_the_map_or_found_by_its_address(
    session: Session, host: HostAtHome, pitch: Pitch, geocoder: FakeGeocoder
) -> None:
    """As at the desk: a search saves nothing, the degrees do; the page names nobody to the tile server."""
    geocoder.places = [Candidate("Rue du Lac", "street", host.commune.insee, 48.57, 4.84, 0.9)]
    path = f"lieux/emplacement/{pitch.id}/place"
    typed = {"version": 1, "name": pitch.name, "address": "rue du Lac", "lat": "", "lon": ""}
    page = host.post(path, data={**typed, "chercher": "1"})
    assert 'value="48.57;4.84"' in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    host.post(path, data={**typed, "lat": "48,57", "lon": "4,84"})
    session.expire_all()
    assert (pitch.lat, pitch.lon, pitch.address) == (48.57, 4.84, "rue du Lac")
    assert host.get("lieux/contour.json").is_json


def test_a_photo_comes_in_small_and_goes_for_good(session: Session, host: HostAtHome, pitch: Pitch) -> None:
    """More than four megabytes may come; what is no picture, or nothing, is refused in words."""
    path = f"lieux/emplacement/{pitch.id}/photo"
    out = io.BytesIO()
    Image.effect_noise((2400, 2400), 90).save(out, "PNG")
    assert len(out.getvalue()) > 4 * 1024 * 1024
    boundary, body = encode_multipart({"version": "1", "photo": FileStorage(io.BytesIO(out.getvalue()), "IMG.png")})
    sent = host.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")
    assert sent.status_code == 302
    photo = session.scalars(select(Photo)).one()
    assert (photo.pitch_id, photo.width, photo.added_by) == (pitch.id, 1600, "Jeanne Petit")
    assert f"photos/{photo.id}.jpg" in host.get(path).text
    for data in ({"version": "1"}, {"version": "1", "photo": (io.BytesIO(b"<svg>"), "x.svg")}):
        page = host.post(path, data=data, content_type="multipart/form-data")
        assert "Choisissez une photo." in page.text or "ne se lit pas" in page.text
    host.post(f"photos/{photo.id}/retirer")
    assert session.scalars(select(Photo)).all() == []


def test_other_pages_still_stop_at_four_megabytes(host: HostAtHome, pitch: Pitch) -> None:
    """Only a photograph may be that heavy."""
    data = {"version": "1", "name": "x" * 5_000_000}
    assert host.post(f"lieux/emplacement/{pitch.id}/place", data=data).status_code == 413


def test_the_keys_are_with_a_contact_or_with_somebody_new(
    session: Session, host: HostAtHome, pitch: Pitch, vault: Vault
) -> None:
    """Who is new needs a number, and joins the host's own committee."""
    path = f"lieux/emplacement/{pitch.id}"
    host.post(f"{path}/keys", data={"version": 1, "keys_contact_id": host.contact.id})
    session.expire_all()
    assert pitch.keys_contact is not None
    assert pitch.keys_contact.name == "Jeanne Petit"
    assert "à remplir" in host.post(f"{path}/cles/nouveau", data={"new_name": "Paul Roy", "phone": ""}).text
    host.post(f"{path}/cles/nouveau", data={"new_name": "Paul Roy", "phone": "06 39 98 00 07"})
    session.expire_all()
    assert pitch.keys_contact.name == "Paul Roy"
    assert pitch.keys_contact.committee_id == host.contact.committee_id
    assert vault.decrypt(session.scalars(select(Contact.phone_encrypted)).all()[-1]) == "+33639980007"


def test_a_place_that_nobody_knew_is_named_then_described(session: Session, host: HostAtHome) -> None:
    """A hall begins with its name; the questions follow."""
    assert 'value="Salle des fêtes"' in host.get("lieux/salle/nouveau").text
    answer = host.post("lieux/salle/nouveau", data={"name": "Préau de l’école"})
    assert "/place?suite=1" in answer.location
    assert host.client.get(answer.location).status_code == 200
    assert "Préau de l’école" in host.get("lieux").text


def test_another_villages_place_is_none(session: Session, host: HostAtHome) -> None:
    """Neither shown nor written, nor its photographs; nor one that was put aside."""
    foreign, hall = make.make_pitch(session), make.make_hall(session)
    photo = make.make_photo(session, hall_id=hall.id)
    aside = make.make_pitch(session, commune=host.commune, archived_at=make.NOW)
    session.commit()
    for path in (
        f"lieux/emplacement/{foreign.id}/water",
        f"lieux/emplacement/{foreign.id}/photo",
        f"lieux/emplacement/{aside.id}/water",
        f"lieux/salle/{hall.id}/reservations",
    ):
        assert host.get(path).status_code == 404
        assert host.post(path, data={"version": 1, "water": "yes", "date": "2027-07-03"}).status_code == 404
    assert host.post(f"photos/{photo.id}/retirer").status_code == 404
    session.expire_all()
    assert foreign.water == ""


def test_a_hall_too_small_is_said(session: Session, host: HostAtHome) -> None:
    """Against the public that came before."""
    make.make_hall(session, commune=host.commune, capacity=80)
    make.make_evening(session, commune=host.commune, state="held", attendance=210)
    session.commit()
    page = text_of(host.get("lieux"))
    assert "Elle accueille 80 personnes, il en vient 210 en moyenne dans votre village" in page


def test_the_desk_sees_and_corrects_what_the_village_said(
    session: Session, host: HostAtHome, pitch: Pitch, organiser_client: FlaskClient
) -> None:
    """The same fields on the desk's page; the plug and the keys on the evening's."""
    pitch.power, pitch.power_metres, pitch.keys_contact = ["32a"], 25, host.contact
    evening = make.make_evening(session, commune=host.commune, pitch=pitch)
    photo = make.make_photo(session, pitch_id=pitch.id)
    session.commit()
    page = text_of(organiser_client.get(f"/organisation/soirees/{evening.id}"))
    assert "Prise 32 A, à 25 m" in page
    assert "Jeanne Petit" in page
    address = f"/organisation/emplacement/{pitch.id}"
    assert f"/organisation/photos/{photo.id}.jpg" in organiser_client.get(address).text
    typed = {"version": pitch.version, "name": pitch.name, "power": ["16a"], "water": "no", "keys_contact_id": ""}
    organiser_client.post(address, data=typed)
    session.expire_all()
    assert (pitch.power, pitch.water, pitch.keys_contact_id) == (["16a"], "no", None)
    organiser_client.post(f"/organisation/photos/{photo.id}/retirer")
    assert session.scalars(select(Photo)).all() == []


def test_a_link_in_the_wrong_hands_does_not_write_down_half_the_country(session: Session, host: HostAtHome) -> None:
    """So many of a committee, those with keys included; the page says so, and keeps what was typed."""
    pitch = make.make_pitch(session, commune=host.commune)
    session.commit()
    path = f"lieux/emplacement/{pitch.id}/cles/nouveau"
    answers = [
        host.post(path, data={"new_name": f"Voisin {n}", "phone": f"06 39 98 01 {n:02}"}) for n in range(referents.MOST)
    ]
    session.expire_all()
    assert len(host.contact.committee.contacts) == referents.MOST
    assert [answer.status_code for answer in answers] == [302] * (referents.MOST - 1) + [200]
    assert "c’est le plus possible" in answers[-1].text
