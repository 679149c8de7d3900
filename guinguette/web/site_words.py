"""What is known of a place, in the words of the page."""

from collections.abc import Sequence

from flask import Flask
from flask_babel import gettext, ngettext

from guinguette.domain.site_words import PLUGS, SIGNALS, YES_NO, plugs
from guinguette.domain.text import upper_first
from guinguette.models import CommuneRequest, FallbackVenue, Pitch
from guinguette.services.site_sheet import Piece
from guinguette.web.forms.words import equipment_name

_NAMED = 3


def power_words(pitch: Pitch) -> str:
    """Return « Prise 32 A, triphasé, à 25 m. Coffret derrière la mairie », or nothing where nobody has said."""
    said = [gettext(PLUGS[name]) for name in plugs(pitch.power)]
    if said and pitch.power_metres is not None:
        said.append(gettext("à %(metres)s m", metres=pitch.power_metres))
    return ". ".join(filter(None, (upper_first(", ".join(said)), pitch.power_supply)))


def people_words(people: int | None) -> str:
    """Return « 120 personnes », or nothing."""
    return "" if people is None else str(ngettext("%(num)s personne", "%(num)s personnes", people))


def piece_words(piece: Piece) -> str:
    """Return the answer to a question about a place, or nothing."""
    site, key = piece.site, piece.question.key
    if site is None or not piece.known:
        return ""
    if key == "place":
        return site.address or str(gettext("posé sur la carte"))
    if key == "capacity":
        return people_words(site.capacity)
    if key == "accessible":
        return str(gettext(YES_NO[site.accessible]))
    if key == "keys":
        return site.keys_contact.name if site.keys_contact else ""
    return "" if isinstance(site, FallbackVenue) else _pitch_words(site, key)


def _pitch_words(pitch: Pitch, key: str) -> str:
    if key == "power":
        return power_words(pitch)
    if key == "parking":
        return str(ngettext("%(num)s voiture", "%(num)s voitures", pitch.parking or 0))
    if key == "coverage":
        return str(gettext(SIGNALS[pitch.coverage]))
    return str(gettext(YES_NO[getattr(pitch, key)])) if key in ("water", "toilets") else str(gettext("oui"))


def missing_words(missing: Sequence[Piece]) -> str:
    """Return « l’eau, les toilettes, une photo… »: the first pieces that are missing, as a sentence."""
    names = ", ".join(gettext(piece.question.name) for piece in missing[:_NAMED])
    return names + ("…" if len(missing) > _NAMED else ".")


def needs_words(request: CommuneRequest) -> str:
    """Return what a village needs of the van, its tour's own needs too."""
    names = dict.fromkeys([*request.tour.default_needs, *request.needs])
    return ", ".join(equipment_name(name) for name in names) or str(gettext("rien de plus"))


def register(app: Flask) -> None:
    """Give the templates these words."""
    for words in (power_words, people_words, piece_words, missing_words, needs_words):
        app.jinja_env.globals[words.__name__] = words
