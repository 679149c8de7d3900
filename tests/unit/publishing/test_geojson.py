"""A tour as GeoJSON."""

import datetime as dt
import json

from guinguette.domain.states import EveningState
from guinguette.publishing.geojson import to_geojson
from tests.factories import published_evening, published_tour


def test_each_evening_is_a_point_with_plain_values() -> None:
    """Longitude first (RFC 7946), everything JSON can write, what is called off included."""
    off = published_evening(id="b", state=EveningState.POSTPONED, postponed_to_date=dt.date(2027, 7, 3), pitch=None)
    tour = published_tour(published_evening(id="a"), off, name="Tournée d’été")
    collection = json.loads(to_geojson(tour, "https://example.org"))
    assert (collection["type"], collection["name"]) == ("FeatureCollection", "Tournée d’été")
    first, second = collection["features"]
    assert first["geometry"] == {"type": "Point", "coordinates": [4.84, 48.57]}
    assert (first["id"], first["properties"]["date"], first["properties"]["starts_at"]) == ("a", "2027-06-19", "18:00")
    assert (second["properties"]["state"], second["properties"]["postponed_to"]) == ("postponed", "2027-07-03")
    assert second["properties"]["place"] is None
    assert second["properties"]["url"] == "https://example.org/soirees/b"
