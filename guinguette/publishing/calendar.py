"""iCalendar feeds (RFC 5545, RFC 7986): evenings in, bytes out, the same bytes for the same evenings.

A feed is read by Google, Apple, Outlook and many more, each with a weakness of its own. What is unusual below answers
one of them: no UID or METHOD on the calendar, one VTIMEZONE with rules, names as escaped text, cancelled evenings that
stay confirmed under another title (Google hides STATUS:CANCELLED: people would see the evening vanish in silence).
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import replace

from icalendar import Calendar, Event, Timezone, vDuration, vText

from guinguette.domain.clock import PARIS
from guinguette.domain.errors import N_
from guinguette.domain.states import EveningState, Venue, moved_to_hall
from guinguette.publishing.tour import PublishedEvening
from guinguette.publishing.words import Translate, day_words

#: How often readers should come back; Google ignores it (channels: the feed is never the way to tell of a change).
REFRESH = dt.timedelta(hours=6)

# Written once: what libraries generate from the tz database lists every transition, which libical refuses.
_PARIS_RULES = b"""BEGIN:VTIMEZONE
TZID:Europe/Paris
X-LIC-LOCATION:Europe/Paris
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""


#: What RFC 5545 forbids in a text, and what some readers take for the end of a line.
_CONTROLS = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029]")


def render(
    evenings: Iterable[PublishedEvening],
    *,
    name: str,
    description: str,
    public_url: str,
    source_url: str,
    translate: Translate,
    locale: str,
) -> bytes:
    """Return the feed of ``evenings``, past and called off ones included.

    ``public_url`` is where the pages in this language begin ("https://…" or "https://…/en"), ``source_url`` is the
    feed's own address; ``translate`` turns a French sentence into one of the language ``locale``.
    """
    calendar = empty(
        name=name,
        description=description,
        url=f"{public_url}/",
        source_url=source_url,
        locale=locale,
        color="darkorange",
    )
    for evening in evenings:
        calendar.add_component(_event(evening, public_url, translate, locale))
    return bytes(calendar.to_ical())


def empty(*, name: str, description: str, url: str, source_url: str, locale: str, color: str) -> Calendar:
    """Return a calendar without an event yet, as all readers want it. ``color`` is a CSS3 name (RFC 7986)."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//Guinguette mobile//{locale.upper()}")
    calendar.add("calscale", "GREGORIAN")
    for key, value in (
        ("name", name),
        ("x-wr-calname", name),
        ("description", description),
        ("x-wr-caldesc", description),
    ):
        if value:  # libical refuses a property without a value
            calendar.add(key, text(value))  # as it is, icalendar would write the X- ones unescaped
    calendar.add("url", url)
    calendar.add("source", source_url, parameters={"VALUE": "URI"})
    calendar.add("color", color)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    calendar.add("x-wr-timezone", "Europe/Paris")
    calendar.add_component(Timezone.from_ical(_PARIS_RULES))
    return calendar


def title(evening: PublishedEvening, *, translate: Translate, locale: str) -> str:
    """Return the one line people see in their calendar: what changed first, then where."""
    where = translate(N_("Guinguette mobile\u00a0: {commune}")).format(commune=evening.commune)
    if evening.state is EveningState.CANCELLED:
        return translate(N_("ANNULÉ – {title}")).format(title=where)
    if evening.postponed_to_date is not None:
        day = day_words(evening.postponed_to_date, locale)
        return translate(N_("REPORTÉ AU {day} – {title}")).format(day=day, title=where)
    if evening.state is EveningState.POSTPONED:
        return translate(N_("REPORTÉ – {title}")).format(title=where)
    if moved_to_hall(evening):
        return translate(N_("À LA SALLE – {title}")).format(title=where)
    if evening.state in (EveningState.PROPOSED, EveningState.OPTION):
        return translate(N_("{title} (à confirmer)")).format(title=where)
    return where


def reads_the_same(one: PublishedEvening, other: PublishedEvening) -> bool:
    """Tell whether two versions of an evening make the same event, but for the properties that count versions."""

    def content(evening: PublishedEvening) -> bytes:
        uncounted = replace(evening, sequence=0, updated_at=evening.created_at)
        return bytes(_event(uncounted, "", str, "fr").to_ical())

    return one == other or content(one) == content(other)


def _event(evening: PublishedEvening, public_url: str, translate: Translate, locale: str) -> Event:
    event = Event()
    starts = dt.datetime.combine(evening.date, evening.starts_at, tzinfo=PARIS)
    after_midnight = dt.timedelta(days=evening.ends_at <= evening.starts_at)
    ends = dt.datetime.combine(evening.date + after_midnight, evening.ends_at, tzinfo=PARIS)
    url = f"{public_url}/soirees/{evening.id}"
    event.add("uid", f"{evening.id}@guinguette-mobile")
    event.add("dtstamp", evening.updated_at)
    event.add("created", evening.created_at)
    event.add("last-modified", evening.updated_at)
    event.add("sequence", evening.sequence)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    event.add("summary", text(title(evening, translate=translate, locale=locale)))
    event.add("description", text(description(evening, url, translate)))
    event.add("location", text(location(evening)))
    event.add("geo", (evening.lat, evening.lon))
    event.add("url", url)
    event.add("image", f"{url}/affiche.png", parameters={"VALUE": "URI", "DISPLAY": "BADGE", "FMTTYPE": "image/png"})
    event.add("categories", [translate(N_("Guinguette")), text(evening.commune)])
    event.add("status", "TENTATIVE" if evening.state in (EveningState.PROPOSED, EveningState.OPTION) else "CONFIRMED")
    event.add("transp", "OPAQUE" if evening.alive else "TRANSPARENT")
    return event


def plain(text: str) -> str:
    """Return ``text`` with newlines as ``\\n`` and every control character as a space."""
    return _CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def text(value: str) -> vText:
    """Return a value as an escaped text without control characters."""
    return vText(plain(value))


def location(evening: PublishedEvening) -> str:
    """Return the place, its address and the town on one line."""
    town = f"{evening.postcode} {evening.commune}".strip()
    parts = [evening.place.name, evening.place.address] if evening.place else []
    said_once = {part.casefold(): part for part in reversed(parts) if part}  # an address often repeats the place's name
    return ", ".join([*reversed(said_once.values()), town])


def description(evening: PublishedEvening, url: str, translate: Translate) -> str:
    """Return what the evening offers, a fact a line, the address of its page (``url``, if any) last."""
    moved = translate(N_("La soirée a lieu à la salle des fêtes.")) if moved_to_hall(evening) else ""
    rain = ""
    if evening.alive and evening.venue is Venue.PITCH and evening.hall is not None:
        rain = translate(N_("En cas de pluie\u00a0: {place}")).format(place=evening.hall.name)
    facts: tuple[tuple[str, str], ...] = (
        ("{value}", moved),
        ("{value}", evening.change_note),
        ("{value}", rain),
        (N_("Avec\u00a0: {value}"), evening.artists),
        (N_("À manger\u00a0: {value}"), evening.food),
        (N_("Prix\u00a0: {value}"), evening.prices),
        (N_("Paiement\u00a0: {value}"), evening.payment),
        ("{value}", evening.description),
        ("{value}", url),
    )
    return "\n".join(translate(template).format(value=value) for template, value in facts if value)
