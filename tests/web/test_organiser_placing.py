"""The position of a pitch or hall (guinguette/web/organiser/placing.py)."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.ports import Candidate
from guinguette.models import Pitch
from tests import factories as make
from tests.fakes import FakeGeocoder

NEW = "/organisation/communes/52182/emplacement/nouveau"
TYPED = {"name": "Place de Mme Petit", "address": "place de l’Église", "capacity": "250", "access": "Clé chez Paul"}
HERE = Candidate(label="Place de l’Église 52290 Éclaron", kind="street", insee="52182", lat=48.57, lon=4.84, score=0.9)
AWAY = Candidate(
    label="Place de l’Église 52100 Perthes", kind="municipality", insee="52386", lat=48.6, lon=4.8, score=0.4
)


@pytest.fixture(autouse=True)
def _commune(session: Session) -> None:
    make.make_commune(session, insee="52182", name="Éclaron", postcodes="52290 52291", lat=48.5721, lon=4.8482)
    session.commit()


def text_of(response: object) -> str:
    """Return a page's text with plain spaces."""
    return " ".join(response.get_data(as_text=True).replace("\u00a0", " ").split())  # type: ignore[attr-defined]


def test_an_address_is_searched_and_chosen(
    organiser_client: FlaskClient, session: Session, geocoder: FakeGeocoder
) -> None:
    """Only the address goes out; the village's own come first; what was typed stays; saving is another button."""
    geocoder.places = [AWAY, HERE]
    page = text_of(organiser_client.post(NEW, data={**TYPED, "chercher": "1"}))
    assert geocoder.asked == ["place de l’Église, 52290 Éclaron"]
    assert "2 adresses trouvées : laquelle est-ce ?" in page
    assert page.index("52290 Éclaron") < page.index("52100 Perthes")
    assert "presque sûr, la rue entière" in page
    assert "à vérifier, le village, sans plus de précision, dans une autre commune" in page
    for value in ("Place de Mme Petit", "250"):
        assert f'value="{value}"' in page
    assert "Clé chez Paul" in page
    page = text_of(organiser_client.post(NEW, data={**TYPED, "lat": "1", "lon": "1", "placer": "48.57;4.84"}))
    assert 'value="48,57"' in page
    assert 'value="4,84"' in page
    assert "Enregistrez pour la garder." in page
    assert session.scalars(select(Pitch)).all() == []
    organiser_client.post(NEW, data={**TYPED, "lat": "48,57", "lon": "4,84"})
    assert session.scalars(select(Pitch.lat)).one() == 48.57


def test_the_form_works_where_the_service_does_not(organiser_client: FlaskClient, geocoder: FakeGeocoder) -> None:
    """Nothing typed is lost, the sentence says what else one can do; so it is where nothing is found."""
    geocoder.unreachable = True
    page = text_of(organiser_client.post(NEW, data={**TYPED, "chercher": "1"}))
    assert "La recherche d’adresses ne répond pas. Rien n’est perdu" in page
    assert 'value="Place de Mme Petit"' in page
    geocoder.unreachable = False
    page = text_of(organiser_client.post(NEW, data={**TYPED, "chercher": "1"}))
    assert "Aucune adresse ne répond à « place de l’Église »" in page
    page = text_of(organiser_client.post(NEW, data={**TYPED, "address": " ", "chercher": "1"}))
    assert "Écrivez une adresse, puis cherchez-la." in page
    assert len(geocoder.asked) == 2


def test_the_centre_of_the_village_is_one_button(organiser_client: FlaskClient, session: Session) -> None:
    """It is offered where it is known; a position of somebody's own making is refused in words."""
    assert 'value="48.5721;4.8482"' in text_of(organiser_client.get(NEW))
    page = text_of(organiser_client.post(NEW, data={**TYPED, "placer": "48.5721;4.8482"}))
    assert 'value="48,5721"' in page
    assert "Cette position ne se lit pas" in text_of(organiser_client.post(NEW, data={**TYPED, "placer": "ici"}))
    make.make_commune(session, insee="97501", lat=None, lon=None)
    session.commit()
    assert "Centre du village" not in text_of(organiser_client.get("/organisation/communes/97501/salle/nouveau"))
    assert organiser_client.get("/organisation/communes/97501/contour.json").json["features"] == []


def test_an_existing_place_is_searched_without_losing_its_version(
    organiser_client: FlaskClient, session: Session, geocoder: FakeGeocoder
) -> None:
    """The search is no save: somebody else's save in between is still noticed."""
    pitch = make.make_pitch(session, commune=session.get_one(make.Commune, "52182"))
    session.commit()
    geocoder.places = [HERE]
    address = f"/organisation/emplacement/{pitch.id}"
    page = text_of(organiser_client.post(address, data={**TYPED, "version": "1", "chercher": "1"}))
    assert 'name="version" type="hidden" value="1"' in page
    pitch.capacity = 99
    session.commit()
    stale = text_of(organiser_client.post(address, data={**TYPED, "version": "1"}))
    assert "Rien n’a été écrasé" in stale


def test_the_page_with_a_map_lets_tiles_through_and_nothing_else(organiser_client: FlaskClient) -> None:
    """The one server of tiles; scripts and styles stay ours; the outline is the department's."""
    policy = organiser_client.get(NEW).headers["Content-Security-Policy"]
    assert "img-src 'self' https://data.geopf.fr data:;" in policy
    assert "script-src 'self';" in policy
    shape = organiser_client.get("/organisation/communes/52182/contour.json").json
    assert [each["properties"]["code"] for each in shape["features"]] == ["52"]
