"""The texts of the SMS, from a published evening. The fact first, then the why, then how to stop.

Every text is transliterated to GSM-7 and shortened to two segments at most: the place and the reason give way first.
``translate`` turns a French template into the reader's language (gettext-like); dates and hours follow ``locale``.
``own`` are the organisers' own words for that language, by the template's key, in place of the built-in ones.
"""

import datetime as dt
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import smsutil

from guinguette.domain.errors import N_
from guinguette.domain.sms_text import transliterate
from guinguette.domain.states import UNSURE
from guinguette.publishing.message_texts import TEMPLATES, fill
from guinguette.publishing.tour import PublishedEvening
from guinguette.publishing.words import Translate, day_words, hour_words

MAX_SEGMENTS = 2
_SHORTER_AND_SHORTER = (300, 100, 60, 40, 25, 12, 0)
RING_LENGTH = 24

_IF_IT_RAINS = N_(" S’il pleut : {hall}.")
_TO_BE_CONFIRMED = N_(" À confirmer.")
_IN = N_("à {commune}")
RING = N_(" au {phone}")
REPLY = N_(" par OUI ou NON, ou ici")
_ONE_MORE = N_(" et une autre date")
_MORE = N_(" et {count} autres dates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """In which language a text is written, and in whose words: ``own`` by key, else the built-in ones."""

    locale: str
    translate: Translate
    own: Mapping[str, str] = field(default_factory=dict)

    def template(self, key: str) -> str:
        """Return the words in force."""
        return self.own.get(key) or self.translate(TEMPLATES[key].text)


def segments(text: str) -> int:
    """Return how many SMS the text makes: 160 or 153 places each in GSM-7 (€ takes two), 70 or 67 otherwise."""
    return len(smsutil.split(text).parts)


def code_text(code: str, *, minutes: int, translate: Translate, own: Mapping[str, str] | None = None) -> str:
    """Return the SMS that carries a confirmation code."""
    voice = Voice(locale="fr", translate=translate, own=own or {})
    return transliterate(fitted("code", voice, [{"code": code, "minutes": str(minutes)}]))


def evening_text(
    kind: str,
    evening: PublishedEvening,
    *,
    stop_url: str,
    locale: str,
    translate: Translate,
    date_before: dt.date | None = None,
    own: Mapping[str, str] | None = None,
) -> str:
    """Return the SMS of a kind (reminder, week_ahead, moved_to_hall, cancelled, postponed, changed) about the evening.

    ``date_before`` is the date people have in mind where a change has moved the evening.
    """
    voice = Voice(locale=locale, translate=translate, own=own or {})
    key = variant(kind, evening, date_before)
    return transliterate(fitted(key, voice, evening_values(kind, evening, voice, stop_url, date_before)))


def announced_text(evenings: Sequence[PublishedEvening], voice: Voice, *, stop_url: str, page: str) -> str:
    """Return the SMS that tells of new evenings (in order of date): as many as fit, and how many more there are."""
    return transliterate(fitted("announced", voice, announced_values(evenings, voice, stop_url, page)))


def fitted(key: str, voice: Voice, fillings: Sequence[Mapping[str, str]]) -> str:
    """Return the text with the first of ``fillings`` (longest first) that makes two SMS at most, not transliterated.

    Own words that would not fit with any, which their editor has been refused unless the site's address has grown
    since, give way to the built-in ones.
    """
    text = ""
    for template in dict.fromkeys((voice.template(key), voice.translate(TEMPLATES[key].text))):
        for values in fillings:
            text = fill(template, values)
            if segments(transliterate(text)) <= MAX_SEGMENTS:
                return text
    return text


def evening_values(
    kind: str, evening: PublishedEvening, voice: Voice, stop_url: str, date_before: dt.date | None = None
) -> list[dict[str, str]]:
    """Return what the fields of an evening's text hold, the place and the reason shorter from one to the next."""
    locale, translate = voice.locale, voice.translate
    place, why = _place(evening), evening.change_note.strip(" .")
    rain = kind in ("reminder", "week_ahead") and evening.hall and evening.hall != evening.place
    hall = evening.hall.name if rain and evening.hall else ""
    note = translate(_TO_BE_CONFIRMED) if evening.state in UNSURE else ""
    values = {
        "day": day_words(evening.date, locale),
        "before": day_words(date_before or evening.date, locale),
        "later": day_words(evening.postponed_to_date or evening.date, locale),
        "where": at_commune(evening.commune, locale, translate),
        "hours": hours_words(evening.starts_at, evening.ends_at, locale),
        "stop": stop_url,
    }
    fillings = []
    for width in _SHORTER_AND_SHORTER:
        short_place, short_why, short_hall = (_shortened(part, width) for part in (place, why, hall))
        fillings.append(
            values
            | {
                "place": f", {short_place}" if short_place else "",
                "why": f" ({short_why})" if short_why else "",
                "note": note + (fill(translate(_IF_IT_RAINS), {"hall": short_hall}) if short_hall else ""),
            }
        )
    return fillings


def announced_values(
    evenings: Sequence[PublishedEvening], voice: Voice, stop_url: str, page: str
) -> list[dict[str, str]]:
    """Return what the fields of the text about new evenings hold, one date less from one to the next."""
    dates = [
        f"{day_words(e.date, voice.locale)} {at_commune(e.commune, voice.locale, voice.translate)}" for e in evenings
    ]
    fillings = []
    for count in range(len(dates), 0, -1):
        left = len(dates) - count
        more = voice.translate(_ONE_MORE if left == 1 else _MORE) if left else ""
        fillings.append(
            {
                "dates": ", ".join(dates[:count]) + fill(more, {"count": str(left)}),
                "page": page,
                "stop": stop_url,
            }
        )
    return fillings


def host_values(
    *,
    commune: str,
    date: dt.date,
    until: dt.date,
    hours: tuple[dt.time, dt.time],
    phone: str,
    replies: bool,
    link: str,
    voice: Voice,
    stop_url: str,
) -> list[dict[str, str]]:
    """Return what the fields of a text to a host hold, the telephone and how to answer missing in the later ones.

    ``phone`` is the association's, empty where nobody has said; ``replies``: an SMS can be answered; ``link`` is their
    personal one.
    """
    values = {
        "day": day_words(date, voice.locale),
        "where": at_commune(commune, voice.locale, voice.translate),
        "until": day_words(until, voice.locale),
        "hours": hours_words(*hours, voice.locale),
        "ring": fill(voice.translate(RING), {"phone": phone[:RING_LENGTH]}) if phone else "",
        "reply": voice.translate(REPLY) if replies else "",
        "link": link,
        "stop": stop_url,
    }
    return [values, values | {"ring": ""}, values | {"ring": "", "reply": ""}]


def dates_values(
    *, commune: str, until: dt.date, phone: str, voice: Voice, stop_url: str, link: str, page: str
) -> list[dict[str, str]]:
    """Return what the fields hold of a text to a host about a tour's dates, the telephone left out at last.

    ``until`` is the last day to answer, ``link`` the personal link, ``page`` where all dates are, ``phone`` the
    association's (may be empty).
    """
    ring = fill(voice.translate(RING), {"phone": phone[:RING_LENGTH]}) if phone else ""
    values = {
        "where": at_commune(commune, voice.locale, voice.translate),
        "until": day_words(until, voice.locale),
        "ring": ring,
        "link": link,
        "page": page,
        "stop": stop_url,
    }
    return [values, values | {"ring": ""}]


def variant(kind: str, evening: PublishedEvening, date_before: dt.date | None) -> str:
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
