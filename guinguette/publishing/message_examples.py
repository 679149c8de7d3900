"""A real evening as each text would speak of it: called off, moved, put off, for whoever edits the text."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from guinguette.domain.states import EveningState, Venue
from guinguette.publishing.messages import (
    Voice,
    announced_values,
    at_commune,
    dates_values,
    evening_values,
    fitted,
    host_values,
)
from guinguette.publishing.tour import PublishedEvening, PublishedPlace

#: As an organiser types it: in French, whatever the language of the text.
REASON = "orages annoncés"
_WEEK = dt.timedelta(days=7)
_ASKED_BEFORE = 8 * _WEEK
#: The texts to hosts about all the dates of a tour.
DATES_TEXTS = ("dates", "dates_nudge", "no_date")
#: So many new dates stand in the example of the text that tells of them.
_NEW = 3


def written(
    key: str,
    evenings: Sequence[PublishedEvening],
    voice: Voice,
    *,
    stop_url: str,
    page: str,
    phone: str,
    replies: bool,
    link: str,
) -> str:
    """Return the text of ``key`` about the first of ``evenings`` (or, of new dates, the first three).

    Not transliterated. A change is made up: thundery, a week later.
    """
    first = evenings[0]
    if key == "code":
        return fitted(key, voice, [{"code": "123456", "minutes": "15"}])
    if key == "announced":
        return fitted(key, voice, announced_values(evenings[:_NEW], voice, stop_url, page))
    if key == "link":
        where = at_commune(first.commune, voice.locale, voice.translate)
        return fitted(key, voice, [{"where": where, "link": link, "stop": stop_url}])
    if key in ("option", "nudge", "option_lapsed", "turned_down", "agreed"):
        fillings = host_values(
            commune=first.commune,
            date=first.date,
            until=first.date - _WEEK,
            hours=(first.starts_at, first.ends_at),
            phone=phone,
            replies=replies,
            link=link,
            voice=voice,
            stop_url=stop_url,
        )
        return fitted(key, voice, fillings)
    if key in DATES_TEXTS:
        asked = dates_values(
            commune=first.commune,
            until=first.date - _ASKED_BEFORE,
            phone=phone,
            voice=voice,
            stop_url=stop_url,
            link=link,
            page=page,
        )
        return fitted(key, voice, asked)
    kind, evening, before = _changed(key, first)
    return fitted(key, voice, evening_values(kind, evening, voice, stop_url, before))


def kind_of(key: str) -> str:
    """Return the kind of message that a text belongs to."""
    return {
        "postponed_maybe": "postponed",
        "postponed_open": "postponed",
        "moved_date": "changed",
        "moved_date_maybe": "changed",
        "dates_nudge": "dates",
    }.get(key, key)


def _changed(key: str, evening: PublishedEvening) -> tuple[str, PublishedEvening, dt.date | None]:
    kind, before = kind_of(key), None
    if kind == "moved_to_hall":
        evening = replace(evening, venue=Venue.HALL, change_note=REASON)
    elif kind in ("cancelled", "postponed"):
        later = None if key == "postponed_open" else evening.date + _WEEK
        evening = replace(evening, change_note=REASON, postponed_to_date=later)
    elif key.startswith("moved_date"):
        before = evening.date - _WEEK
    return kind, evening, before


def made_up(today: dt.date) -> PublishedEvening:
    """Return an evening to show a text with where none is to come: Éclaron, in a fortnight."""
    at = dt.datetime.combine(today, dt.time(), dt.UTC)
    return PublishedEvening(
        id="exemple",
        insee="52182",
        commune="Éclaron-Braucourt-Sainte-Livière",
        postcode="52290",
        epci="",
        epci_name="",
        lat=48.57,
        lon=4.84,
        date=today + 2 * _WEEK,
        starts_at=dt.time(18),
        ends_at=dt.time(22),
        state=EveningState.CONFIRMED,
        venue=Venue.PITCH,
        vehicle="",
        sequence=0,
        created_at=at,
        updated_at=at,
        pitch=PublishedPlace(name="Place de l’Église"),
        hall=PublishedPlace(name="Salle des fêtes"),
    )
