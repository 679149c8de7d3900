"""Outlines of departments."""

import pytest

from guinguette.publishing import outlines


def codes(*points: tuple[float, float]) -> list[str]:
    """The departments found for these points."""
    return [f["properties"]["code"] for f in outlines.departments(points)["features"]]


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((48.6373, 4.9490), ["52"]),  # Saint-Dizier
        ((48.2973, 4.0744), ["10"]),  # Troyes
        ((48.9566, 4.3653), ["51"]),  # Châlons-en-Champagne
        ((41.9192, 8.7386), ["2A"]),  # Ajaccio, in a department of several islands
        ((45.0, -5.0), []),  # the ocean
    ],
)
def test_a_point_finds_its_department(point: tuple[float, float], expected: list[str]) -> None:
    """The prefecture lies in its department, and in no other."""
    assert codes(point) == expected


def test_only_the_departments_concerned() -> None:
    """Each once, however many points lie in it."""
    assert codes((48.6373, 4.9490), (48.6, 4.95), (48.2973, 4.0744)) == ["10", "52"]
