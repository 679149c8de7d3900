"""Tables of a published tour (guinguette/publishing/tables.py, geojson.py)."""

import csv
import datetime as dt
import io
import json

from openpyxl import load_workbook

from guinguette.domain.states import EveningState, Venue
from guinguette.publishing.geojson import to_geojson
from guinguette.publishing.tables import COLUMNS, to_csv, to_xlsx
from tests.factories import published_evening, published_tour

TOUR = published_tour(
    published_evening(change_note="=HYPERLINK(1)", artists="Les « Bigorneaux »"),
    published_evening(id="second01", venue=Venue.HALL, state=EveningState.CANCELLED, pitch=None, hall=None),
)


def test_csv_opens_in_a_french_spreadsheet() -> None:
    """UTF-8 with its mark, semicolons, one line an evening; what looks like a formula is only text."""
    body = to_csv(TOUR)
    assert body.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
    assert [row["état"] for row in rows] == ["confirmée", "annulée"]
    assert rows[0]["commune"] == "Éclaron-Braucourt-Sainte-Livière"
    assert rows[0]["date"] == "2027-06-19"
    assert rows[0]["salle"] == "Salle des fêtes"
    assert rows[0]["information"] == "'=HYPERLINK(1)"


def test_a_workbook_has_dates_that_are_dates() -> None:
    """A spreadsheet can sort and filter them."""
    sheet = load_workbook(io.BytesIO(to_xlsx(TOUR))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == COLUMNS
    assert rows[1][0] == dt.datetime(2027, 6, 19)  # noqa: DTZ001 -- what openpyxl makes of a date
    assert rows[1][1] == dt.time(18)
    assert len(rows) == 3


def test_geojson_is_longitude_first() -> None:
    """RFC 7946: [longitude, latitude], and each point names its page."""
    collection = json.loads(to_geojson(TOUR, "https://example.org"))
    first = collection["features"][0]
    assert first["geometry"] == {"type": "Point", "coordinates": [4.84, 48.57]}
    assert first["properties"]["url"] == "https://example.org/soirees/eclaron1"
    assert first["properties"]["state"] == "confirmed"
