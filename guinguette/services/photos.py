"""Photographs of pitches, of halls and of evenings: kept small, without metadata, in the database."""

import secrets
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from guinguette.adapters import pictures
from guinguette.domain.errors import N_, Conflict, NotFound
from guinguette.models import Evening, FallbackVenue, Photo, Pitch
from guinguette.services import journal
from guinguette.services.journal import By

#: As many of one place or evening: who sends more takes one away first.
MOST = 12
_ID_BYTES = 12


def add(
    session: Session,
    data: bytes,
    *,
    by: By,
    pitch: Pitch | None = None,
    hall: FallbackVenue | None = None,
    evening: Evening | None = None,
) -> Photo:
    """Keep a photograph of one of these. Raises ``InvalidInput`` (photo: unreadable), ``Conflict`` (too many)."""
    picture = pictures.cleaned(data)
    if (session.scalar(select(func.count()).select_from(Photo).where(_of(pitch, hall, evening))) or 0) >= MOST:
        raise Conflict(N_("Il y a déjà {most} photos ici : retirez-en une d’abord."), most=MOST)
    photo = Photo(
        id=secrets.token_urlsafe(_ID_BYTES),
        pitch_id=pitch.id if pitch else None,
        hall_id=hall.id if hall else None,
        evening_id=evening.id if evening else None,
        content=picture.content,
        width=picture.width,
        height=picture.height,
        added_at=by.clock.now(),
        added_by=by.actor,
    )
    session.add(photo)
    session.flush()
    _note(session, photo, by, "ajoutée")
    return photo


def remove(session: Session, photo: Photo, *, by: By) -> None:
    """Take a photograph away for good."""
    _note(session, photo, by, "retirée")
    session.delete(photo)
    session.flush()


def of(
    session: Session,
    *,
    pitch: Pitch | None = None,
    hall: FallbackVenue | None = None,
    evening: Evening | None = None,
) -> Sequence[Photo]:
    """Return the photographs of one of these, the oldest first, their content unread."""
    return session.scalars(select(Photo).where(_of(pitch, hall, evening)).order_by(Photo.added_at, Photo.id)).all()


def get(session: Session, photo_id: str, *, insee: str | None = None) -> Photo:
    """Return a photograph; with ``insee``, only one of that commune. Raises ``NotFound``."""
    photo = session.get(Photo, photo_id)
    if photo is None or (insee is not None and subject(session, photo).commune_insee != insee):
        raise NotFound(N_("Cette photo n’existe pas."))
    return photo


def subject(session: Session, photo: Photo) -> Pitch | FallbackVenue | Evening:
    """Return what is on the photograph."""
    found: Pitch | FallbackVenue | Evening | None
    if photo.pitch_id is not None:
        found = session.get(Pitch, photo.pitch_id)
    elif photo.hall_id is not None:
        found = session.get(FallbackVenue, photo.hall_id)
    else:
        found = session.get(Evening, photo.evening_id)
    if found is None:  # the row goes with its subject
        raise NotFound(N_("Cette photo n’existe pas."))
    return found


def _of(pitch: Pitch | None, hall: FallbackVenue | None, evening: Evening | None) -> ColumnElement[bool]:
    if pitch is not None:
        return Photo.pitch_id == pitch.id
    if hall is not None:
        return Photo.hall_id == hall.id
    if evening is None:
        raise TypeError("a photograph is of a pitch, of a hall or of an evening")
    return Photo.evening_id == evening.id


def _note(session: Session, photo: Photo, by: By, done: str) -> None:
    of_what = subject(session, photo)
    evening = of_what if isinstance(of_what, Evening) else None
    name = "soirée" if isinstance(of_what, Evening) else of_what.name
    journal.write(session, of_what.commune_insee, "photo", by, detail=f"{name} : {done}", evening=evening)
