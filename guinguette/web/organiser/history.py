"""An evening's history in words."""

import datetime as dt
from collections.abc import Callable, Sequence

from flask_babel import gettext

from guinguette.domain.errors import N_
from guinguette.domain.states import STATE_NAMES, EveningState, Venue
from guinguette.models import EveningChange, FallbackVenue, Pitch
from guinguette.web.presenting import hours, long_date

_WHAT = {
    "created": N_("Créée"),
    "state": N_("État"),
    "date": N_("Date"),
    "venue": N_("Lieu"),
    "starts_at": N_("Début"),
    "ends_at": N_("Fin"),
    "pitch_id": N_("Emplacement"),
    "fallback_venue_id": N_("Salle s’il pleut"),
    "permit_holder_id": N_("Débit de boissons"),
    "artists": N_("Artistes"),
    "partner": N_("Avec qui"),
    "food": N_("À manger et à boire"),
    "prices": N_("Prix"),
    "payment": N_("Moyens de paiement"),
    "description": N_("Un mot de plus"),
    "attendance": N_("Fréquentation"),
    "vehicle": N_("Camion"),
}
_VENUES = {Venue.PITCH: N_("dehors"), Venue.HALL: N_("à la salle des fêtes")}


def what(change: EveningChange) -> str:
    """Return what a line of the history is about: « Lieu »."""
    return str(gettext(_WHAT[change.what])) if change.what in _WHAT else change.what


Line = tuple[EveningChange, str, str, str]


def lines(changes: Sequence[EveningChange], pitches: list[Pitch], halls: list[FallbackVenue]) -> list[Line]:
    """Return each change with its words (what, from, to), the latest first."""
    return [
        (change, what(change), value(change, change.old, pitches, halls), value(change, change.new, pitches, halls))
        for change in reversed(changes)
    ]


def value(change: EveningChange, text: str, pitches: list[Pitch], halls: list[FallbackVenue]) -> str:
    """Return one side of a change as people say it (« samedi 10 juillet », « 18 h », a place's name)."""
    if not text:
        return ""
    readers: dict[str, Callable[[str], str]] = {
        "created": lambda day: long_date(dt.date.fromisoformat(day)),
        "date": lambda day: long_date(dt.date.fromisoformat(day)),
        "state": lambda state: str(gettext(STATE_NAMES[EveningState(state)])),
        "venue": lambda venue: str(gettext(_VENUES[Venue(venue)])),
        "starts_at": lambda at: hours(dt.time.fromisoformat(at)),
        "ends_at": lambda at: hours(dt.time.fromisoformat(at)),
        "pitch_id": lambda id_: _place(id_, pitches),
        "fallback_venue_id": lambda id_: _place(id_, halls),
    }
    return readers.get(change.what, str)(text)


def _place(id_: str, places: Sequence[Pitch | FallbackVenue]) -> str:
    return next((place.name for place in places if str(place.id) == id_), gettext("un lieu retiré depuis"))
