"""An evening's history in words."""

import datetime as dt
from collections.abc import Callable, Sequence

from flask_babel import gettext

from guinguette.domain.errors import N_
from guinguette.domain.states import STATE_NAMES, EveningState, Venue
from guinguette.models import EveningChange, FallbackVenue, Pitch
from guinguette.services.deadlines import TITLES
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
    "vehicle": N_("Véhicule"),
    "option": N_("Option"),
    "task": N_("Fait"),
    "pitch": N_("Emplacement, corrigé"),
    "hall": N_("Salle, corrigée"),
    "host": N_("Qui reçoit"),
    "commune": N_("Commune"),
    "lat": N_("Latitude"),
    "lon": N_("Longitude"),
    "postponed_to_date": N_("Reportée au"),
}
OPTION_ENDS = {
    "accepted": N_("acceptée"),
    "refused": N_("refusée"),
    "countered": N_("un autre jour est proposé"),
    "expired": N_("échue"),
    "withdrawn": N_("retirée"),
}
_VENUES = {Venue.PITCH: N_("dehors"), Venue.HALL: N_("à la salle des fêtes")}


def what(change: EveningChange) -> str:
    """Return what a line of the history is about: « Lieu »."""
    return str(gettext(_WHAT[change.what])) if change.what in _WHAT else change.what


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
        "option": _option,
        "task": lambda kind: str(gettext(TITLES[kind])),
        "postponed_to_date": lambda day: long_date(dt.date.fromisoformat(day)),
    }
    return readers.get(change.what, str)(text)


def _option(text: str) -> str:
    """Return how an option ended, or until when its answer is awaited."""
    if text in OPTION_ENDS:
        return str(gettext(OPTION_ENDS[text]))
    return str(gettext("réponse attendue jusqu’au %(day)s", day=long_date(dt.date.fromisoformat(text))))


def _place(id_: str, places: Sequence[Pitch | FallbackVenue]) -> str:
    return next((place.name for place in places if str(place.id) == id_), gettext("un lieu retiré depuis"))
