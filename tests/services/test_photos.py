"""Photographs of places and evenings (guinguette/services/photos.py)."""

import io

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from guinguette.domain.errors import Conflict, NotFound
from guinguette.models import JournalEntry, Photo
from guinguette.services import photos, retention
from guinguette.services.journal import By
from tests import factories as make
from tests.fakes import FixedClock


@pytest.fixture
def jpeg() -> bytes:
    """A photograph."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "JPEG")
    return out.getvalue()


def test_a_photo_belongs_to_its_place(session: Session, by: By, jpeg: bytes) -> None:
    """It is among those of its place alone, and the village's journal says who sent it and who took it away."""
    pitch, hall = make.make_pitch(session, name="Place du lavoir"), make.make_hall(session)
    photo = photos.add(session, jpeg, by=by, pitch=pitch)
    assert photos.of(session, pitch=pitch) == [photo]
    assert list(photos.of(session, hall=hall)) == []
    photos.remove(session, photo, by=by)
    assert list(photos.of(session, pitch=pitch)) == []
    lines = session.execute(select(JournalEntry.commune_insee, JournalEntry.actor, JournalEntry.detail)).all()
    assert lines == [
        (pitch.commune_insee, "Jeanne Petit", "Place du lavoir : ajoutée"),
        (pitch.commune_insee, "Jeanne Petit", "Place du lavoir : retirée"),
    ]


def test_another_villages_photo_is_none(session: Session, by: By, jpeg: bytes) -> None:
    """Asked for with another village's code it does not exist."""
    evening = make.make_evening(session)
    photo = photos.add(session, jpeg, by=by, evening=evening)
    assert photos.get(session, photo.id, insee=evening.commune_insee) is photo
    with pytest.raises(NotFound):
        photos.get(session, photo.id, insee=make.make_commune(session).insee)


def test_nobody_fills_the_database(session: Session, by: By, jpeg: bytes) -> None:
    """Each place has so many photographs at most."""
    pitch = make.make_pitch(session)
    for _ in range(photos.MOST):
        make.make_photo(session, pitch_id=pitch.id)
    with pytest.raises(Conflict, match="12 photos"):
        photos.add(session, jpeg, by=by, pitch=pitch)
    assert session.scalar(select(func.count()).select_from(Photo)) == photos.MOST


def test_who_sent_it_is_forgotten_after_three_years(session: Session, by: By, jpeg: bytes, clock: FixedClock) -> None:
    """The picture stays."""
    photo = photos.add(session, jpeg, by=by, pitch=make.make_pitch(session))
    clock.advance(days=3 * 365 + 1)
    retention.forget(session, clock)
    session.refresh(photo)
    assert photo.added_by == retention.SOMEBODY
