"""School holidays by department."""

import datetime as dt

import pytest

from guinguette.adapters.school_holidays import is_school_holiday, zone_of


@pytest.mark.parametrize(
    ("department", "zone"),
    [("51", "B"), ("52", "B"), ("10", "B"), ("21", "A"), ("77", "C"), ("2A", None), ("974", None)],
)
def test_each_department_has_its_zone(department: str, zone: str | None) -> None:
    """Reims is zone B, Dijon A, Créteil C; Corsica and overseas have calendars of their own."""
    assert zone_of(department) == zone


def test_zones_differ_in_spring() -> None:
    """The winter holidays of 2027 begin in zone A before they do in zone B; July is free everywhere."""
    february = [dt.date(2027, 2, 1) + dt.timedelta(days=n) for n in range(59)]
    assert [day for day in february if is_school_holiday(day, "A")] != [
        day for day in february if is_school_holiday(day, "B")
    ]
    assert all(is_school_holiday(dt.date(2027, 7, 20), zone) for zone in "ABC")
    assert not is_school_holiday(dt.date(2027, 6, 1), "B")


def test_a_year_nobody_knows_has_none() -> None:
    """A calendar that is not published yet is no error."""
    assert not is_school_holiday(dt.date(2031, 7, 20), "B")
