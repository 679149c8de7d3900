"""A published tour as GeoJSON (RFC 7946): a point an evening."""

import json
from typing import Any

from guinguette.publishing.tour import PublishedEvening, PublishedTour


def to_geojson(tour: PublishedTour, public_url: str) -> bytes:
    """Return a feature collection in UTF-8; ``public_url`` is where the evenings' pages begin."""
    features = [_feature(evening, public_url) for evening in tour.evenings]
    collection = {"type": "FeatureCollection", "name": tour.name, "features": features}
    return (json.dumps(collection, ensure_ascii=False, indent=1) + "\n").encode()


def _feature(evening: PublishedEvening, public_url: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": evening.id,
        "geometry": {"type": "Point", "coordinates": [evening.lon, evening.lat]},
        "properties": {
            "commune": evening.commune,
            "insee": evening.insee,
            "epci": evening.epci,
            "date": evening.date.isoformat(),
            "starts_at": evening.starts_at.isoformat("minutes"),
            "ends_at": evening.ends_at.isoformat("minutes"),
            "state": evening.state.value,
            "venue": evening.venue.value,
            "place": evening.place.name if evening.place else None,
            "address": evening.place.address if evening.place else None,
            "postponed_to": evening.postponed_to_date.isoformat() if evening.postponed_to_date else None,
            "vehicle": evening.vehicle,
            "url": f"{public_url}/soirees/{evening.id}",
        },
    }
