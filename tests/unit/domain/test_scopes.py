"""Scopes: how they are written, and how far is near."""

import pytest
from geopy.distance import great_circle
from hypothesis import given
from hypothesis import strategies as st

from guinguette.domain.errors import InvalidInput
from guinguette.domain.scopes import distance_km, parse


@pytest.mark.parametrize("text", ["commune:52182", "commune:2A004", "tour:ete-2027", "epci:200068666", "near:52182:20"])
def test_a_scope_reads_back_as_it_is_written(text: str) -> None:
    """What stands in the database is what the page sent."""
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "commune", "commune:", "commune:5218", "commune:52182 ", "tour:Été", "tour:-a", "tour:a--b", "epci:123",
     "near:52182", "near:52182:0", "near:52182:020", "near:52182:101", "near:52182:-5", "village:52182",
     "commune:52182:20", "tour:" + "a" * 120, "commune:٥٢١٨٢\n"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    """Only the four forms of the contract, at most a hundred kilometres."""
    with pytest.raises(InvalidInput) as refusal:
        parse(text)
    assert refusal.value.field == "scope"


_lat, _lon = st.floats(-89, 89), st.floats(-179, 179)


@given(_lat, _lon, _lat, _lon)
def test_the_distance_is_that_of_geopy(lat: float, lon: float, other_lat: float, other_lon: float) -> None:
    """Held to a second implementation."""
    expected = great_circle((lat, lon), (other_lat, other_lon)).km
    assert distance_km(lat, lon, other_lat, other_lon) == pytest.approx(expected, abs=1e-3, rel=1e-6)
