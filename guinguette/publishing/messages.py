"""The texts of the SMS, from a published evening. The fact first, then the why, then how to stop.

Every text is transliterated to GSM-7 and shortened to two segments at most: the place and the reason give way first.
``translate`` turns a French template into the reader's language (gettext-like); dates and hours follow ``locale``.
"""

import datetime as dt
import textwrap
from collections.abc import Callable

import smsutil

from guinguette.domain.errors import N_
from guinguette.domain.sms_text import transliterate
from guinguette.domain.states import UNSURE
from guinguette.publishing.tour import PublishedEvening
from guinguette.publishing.words import day_words, hour_words

Translate = Callable[[str], str]

MAX_SEGMENTS = 2
_SHORTER_AND_SHORTER = (300, 100, 60, 40, 25, 12, 0)

_TEMPLATES = {
    "reminder": N_("Guinguette : {day} {where}, {hours}{place}.{note} STOP : {stop}"),
    "moved_to_hall": N_("Guinguette : {day} {where}, c’est EN SALLE{place}{why}. {hours}. STOP : {stop}"),
    "cancelled": N_("Guinguette : {day} {where} est ANNULÉE{why}. STOP : {stop}"),
    "postponed": N_("Guinguette : {day} {where} est REPORTÉE au {later}{why}. STOP : {stop}"),
    "postponed_maybe": N_(
        "Guinguette : {day} {where} est REPORTÉE{why}, sans doute au {later} (à confirmer). STOP : {stop}"
    ),
    "postponed_open": N_("Guinguette : {day} {where} est REPORTÉE{why}, date à suivre. STOP : {stop}"),
    "changed": N_("Guinguette, CHANGEMENT : {day} {where}, {hours}{place}{why}. STOP : {stop}"),
    "moved_date": N_(
        "Guinguette, CHANGEMENT : {where}, ce n’est plus {before} mais {day}, {hours}{place}{why}. STOP : {stop}"
    ),
    "moved_date_maybe": N_(
        "Guinguette, CHANGEMENT : {where}, ce n’est plus {before} mais {day} (à confirmer), {hours}{place}{why}. "
        "STOP : {stop}"
    ),
}
_IF_IT_RAINS = N_(" S’il pleut : {hall}.")
_TO_BE_CONFIRMED = N_(" À confirmer.")
_IN = N_("à {commune}")
_CODE = N_("Guinguette : votre code est {code}. Il vaut {minutes} minutes. Vous n’avez rien demandé ? Ne faites rien.")


def segments(text: str) -> int:
    """Return how many SMS the text makes: 160 or 153 places each in GSM-7 (€ takes two), 70 or 67 otherwise."""
    return len(smsutil.split(text).parts)


def code_text(code: str, *, minutes: int, translate: Translate) -> str:
    """Return the SMS that carries a confirmation code."""
    return transliterate(translate(_CODE).format(code=code, minutes=minutes))


def evening_text(
    kind: str,
    evening: PublishedEvening,
    *,
    stop_url: str,
    locale: str,
    translate: Translate,
    date_before: dt.date | None = None,
) -> str:
    """Return the SMS of a kind (reminder, moved_to_hall, cancelled, postponed, changed) about the evening.

    ``date_before`` is the date people have in mind where a change has moved the evening.
    """
    template = translate(_TEMPLATES[_variant(kind, evening, date_before)])
    place, why = _place(evening), evening.change_note.strip(" .")
    hall = evening.hall.name if kind == "reminder" and evening.hall and evening.hall != evening.place else ""
    note = translate(_TO_BE_CONFIRMED) if evening.state in UNSURE else ""
    values = {
        "day": day_words(evening.date, locale),
        "before": day_words(date_before or evening.date, locale),
        "later": day_words(evening.postponed_to_date or evening.date, locale),
        "where": at_commune(evening.commune, locale, translate),
        "hours": hours_words(evening.starts_at, evening.ends_at, locale),
        "stop": stop_url,
    }
    text = ""
    for width in _SHORTER_AND_SHORTER:
        short_place, short_why, short_hall = (_shortened(part, width) for part in (place, why, hall))
        text = transliterate(
            template.format(
                **values,
                place=f", {short_place}" if short_place else "",
                why=f" ({short_why})" if short_why else "",
                note=note + (translate(_IF_IT_RAINS).format(hall=short_hall) if short_hall else ""),
            )
        )
        if segments(text) <= MAX_SEGMENTS:
            break
    return text


def _variant(kind: str, evening: PublishedEvening, date_before: dt.date | None) -> str:
    """Return the key of the template: a kind of message may be said in two ways."""
    if kind == "changed" and date_before not in (None, evening.date):
        return "moved_date_maybe" if evening.state in UNSURE else "moved_date"
    if kind == "postponed" and evening.postponed_to_date is None:
        return "postponed_open"
    if kind == "postponed" and not evening.postponed_to_sure:
        return "postponed_maybe"
    return kind


def hours_words(start: dt.time, end: dt.time, locale: str) -> str:
    """Return the hours of an evening: « 18 h-22 h », « 18 h 30-22 h 30 », "6 pm-10 pm"."""
    return "-".join(hour_words(at, locale) for at in (start, end))


def at_commune(name: str, locale: str, translate: Translate) -> str:
    """Return where, in words: « à Éclaron », « au Buisson » (Le Buisson), « aux Islettes » (Les Islettes)."""
    if locale.startswith("fr"):
        for article, contracted in (("Le ", "au "), ("Les ", "aux ")):
            if name.startswith(article):
                return contracted + name.removeprefix(article)
    return translate(_IN).format(commune=name)


def _place(evening: PublishedEvening) -> str:
    """Return the place's name and, where it adds something, its address."""
    place = evening.place
    if place is None:
        return ""
    if not place.address or place.address.casefold() == place.name.casefold():
        return place.name
    return f"{place.name}, {place.address}"


def _shortened(text: str, width: int) -> str:
    return textwrap.shorten(text, width, placeholder="…") if width else ""
