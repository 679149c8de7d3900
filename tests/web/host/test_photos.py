"""Who sees a photograph (guinguette/web/host/photos.py, guinguette/web/organiser/photos.py)."""

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import factories as make
from tests.web.host.conftest import HostAtHome


def test_a_host_sees_the_photos_of_their_village_alone(session: Session, host: HostAtHome) -> None:
    """Their own is kept by their browser and nobody between; another village's does not exist."""
    own = make.make_photo(session, pitch_id=make.make_pitch(session, commune=host.commune).id)
    other = make.make_photo(session, pitch_id=make.make_pitch(session).id)
    session.commit()
    answer = host.get(f"photos/{own.id}.jpg")
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/jpeg", own.content)
    assert answer.headers["Cache-Control"] == "private, max-age=604800, immutable"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert host.get(f"photos/{other.id}.jpg").status_code == 404


def test_organisers_see_them_all(session: Session, client: FlaskClient, organiser_client: FlaskClient) -> None:
    """Signed in; the public does not."""
    photo = make.make_photo(session, hall_id=make.make_hall(session).id)
    session.commit()
    assert organiser_client.get(f"/organisation/photos/{photo.id}.jpg").data == photo.content
    assert client.get(f"/organisation/photos/{photo.id}.jpg").status_code != 200
