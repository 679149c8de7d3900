"""Summer and winter: the dates they open."""

import datetime as dt

from guinguette.services.presets import SUMMER, WINTER, dates_between


def test_summer_goes_from_thursday_to_sunday() -> None:
    """Both ends of the period count."""
    dates = dates_between(dt.date(2027, 7, 1), dt.date(2027, 7, 11), SUMMER)
    assert [day.day for day in dates] == [1, 2, 3, 4, 8, 9, 10, 11]


def test_winter_is_friday_and_saturday_in_a_covered_hall() -> None:
    """Its evenings start half an hour later, in the hall, with a covered van."""
    assert [day.day for day in dates_between(dt.date(2027, 12, 1), dt.date(2027, 12, 7), WINTER)] == [3, 4]
    assert (WINTER.hall_required, WINTER.needs, WINTER.starts_at) == (True, ("covered",), dt.time(18, 30))


def test_a_public_holiday_is_an_opportunity() -> None:
    """It is a date whatever its weekday, once; holidays outside the period are not."""
    wednesday = dt.date(2027, 7, 14)
    dates = dates_between(wednesday, wednesday, SUMMER, holidays=[wednesday, wednesday, dt.date(2027, 8, 15)])
    assert dates == [wednesday]


def test_weekdays_of_one_s_own_replace_the_preset_s() -> None:
    """An empty choice means none, not the preset."""
    monday = dt.date(2027, 7, 5)
    assert dates_between(monday, monday, SUMMER, weekdays=[0]) == [monday]
    assert dates_between(dt.date(2027, 7, 1), dt.date(2027, 7, 31), SUMMER, weekdays=[]) == []
