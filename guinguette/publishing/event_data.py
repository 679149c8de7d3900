"""An evening in the words of search engines (schema.org/Event, JSON-LD)."""

from datetime import date, datetime, time, timedelta
from typing import Any

from guinguette.domain.clock import PARIS
from guinguette.domain.states import EveningState
from guinguette.publishing.tour import PublishedEvening

_STATUS = {
    EveningState.CANCELLED: "https://schema.org/EventCancelled",
    EveningState.POSTPONED: "https://schema.org/EventPostponed",
}


def event_data(evening: PublishedEvening, *, url: str) -> dict[str, Any]:
    """Return the JSON-LD object of an evening whose page is ``url``. Hours carry the offset of Paris on that day."""
    ends_on = evening.date + timedelta(days=evening.ends_at <= evening.starts_at)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": f"Guinguette mobile, {evening.commune}",
        "url": url,
        "startDate": _instant(evening.date, evening.starts_at),
        "endDate": _instant(ends_on, evening.ends_at),
        "eventStatus": _STATUS.get(evening.state, "https://schema.org/EventScheduled"),
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": {
            "@type": "Place",
            "name": evening.place.name if evening.place else evening.commune,
            "address": {
                "@type": "PostalAddress",
                "streetAddress": evening.place.address if evening.place else "",
                "postalCode": evening.postcode,
                "addressLocality": evening.commune,
                "addressCountry": "FR",
            },
            "geo": {"@type": "GeoCoordinates", "latitude": evening.lat, "longitude": evening.lon},
        },
        "description": evening.description,
    }
    if evening.artists:
        data["performer"] = {"@type": "PerformingGroup", "name": evening.artists}
    if evening.host:
        data["organizer"] = {"@type": "Organization", "name": evening.host}
    return data


def _instant(day: date, at: time) -> str:
    return datetime.combine(day, at, tzinfo=PARIS).isoformat()
