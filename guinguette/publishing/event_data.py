"""An evening in the words of search engines (schema.org/Event in JSON-LD, as Google's documentation asks for it)."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from guinguette.domain.clock import PARIS
from guinguette.domain.states import EveningState
from guinguette.domain.text import fold
from guinguette.publishing.tour import PublishedEvening

_SCHEMA = "https://schema.org"
#: What says that nobody pays to come in, as a sentence of its own (« gratuit pour les enfants » does not).
_FREE = {"entree libre", "entree gratuite", "entree libre et gratuite", "gratuit", "acces libre", "acces gratuit"}


def event_data(
    evening: PublishedEvening,
    *,
    url: str,
    home: str,
    summary: str,
    pictures: Sequence[str] = (),
    later: PublishedEvening | None = None,
) -> dict[str, Any]:
    """Return the JSON-LD object of an evening whose page is ``url``, on the site ``home``.

    Hours carry the offset of Paris on that day. ``summary`` is said where the organiser has written nothing,
    ``pictures`` are full addresses, ``later`` is the evening that replaces a postponed one. What is not known is left
    out: search engines forgive a gap, not a guess.
    """
    took_over = later if later and evening.state is EveningState.POSTPONED and evening.postponed_to_sure else None
    data: dict[str, Any] = {
        "@context": _SCHEMA,
        "@type": "Event",
        "name": f"Guinguette mobile, {evening.commune}",
        "url": url,
        **_when(took_over or evening),
        "eventStatus": f"{_SCHEMA}/{_status(evening, took_over)}",
        "eventAttendanceMode": f"{_SCHEMA}/OfflineEventAttendanceMode",
        "location": _location(took_over or evening),
        "description": evening.description or summary,
        "organizer": _organizers(evening, home),
    }
    if previous := _previous_start(evening, took_over):
        data["previousStartDate"] = previous
    if pictures:
        data["image"] = list(pictures)
    if evening.artists:
        data["performer"] = {"@type": "PerformingGroup", "name": evening.artists}
    if _is_free(evening.prices):
        data["isAccessibleForFree"] = True
        data["offers"] = {
            "@type": "Offer",
            "price": "0",
            "priceCurrency": "EUR",
            "url": url,
            "availability": f"{_SCHEMA}/InStock",
            "validFrom": evening.created_at.isoformat(),
        }
    return data


def _when(evening: PublishedEvening) -> dict[str, str]:
    ends_on = evening.date + timedelta(days=evening.ends_at <= evening.starts_at)
    return {
        "startDate": _instant(evening.date, evening.starts_at),
        "endDate": _instant(ends_on, evening.ends_at),
    }


def _status(evening: PublishedEvening, took_over: PublishedEvening | None) -> str:
    if evening.state is EveningState.CANCELLED:
        return "EventCancelled"
    if took_over or (evening.alive and evening.previous_date):
        return "EventRescheduled"
    return "EventPostponed" if evening.state is EveningState.POSTPONED else "EventScheduled"


def _previous_start(evening: PublishedEvening, took_over: PublishedEvening | None) -> str | None:
    if took_over:
        return _instant(evening.date, evening.starts_at)
    if evening.alive and evening.previous_date and evening.previous_starts_at:
        return _instant(evening.previous_date, evening.previous_starts_at)
    return None


def _location(evening: PublishedEvening) -> dict[str, Any]:
    place = evening.place or evening.hall
    address = {
        "@type": "PostalAddress",
        "streetAddress": place.address if place else "",
        "postalCode": evening.postcode,
        "addressLocality": evening.commune,
        "addressCountry": "FR",
    }
    return {
        "@type": "Place",
        "name": place.name if place else evening.commune,
        "address": {key: value for key, value in address.items() if value},
        "geo": {"@type": "GeoCoordinates", "latitude": evening.lat, "longitude": evening.lon},
    }


def _organizers(evening: PublishedEvening, home: str) -> list[dict[str, str]]:
    ours = {"@type": "Organization", "name": "La Guinguette mobile", "url": home}
    return [ours, {"@type": "Organization", "name": evening.host}] if evening.host else [ours]


def _is_free(prices: str) -> bool:
    return any(fold(sentence) in _FREE for sentence in prices.replace("\n", ".").replace(",", ".").split("."))


def _instant(day: date, at: time) -> str:
    return datetime.combine(day, at, tzinfo=PARIS).isoformat()
