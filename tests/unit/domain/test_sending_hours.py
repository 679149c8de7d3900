"""When an SMS may disturb somebody."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guinguette.domain.clock import PARIS
from guinguette.domain.sending_hours import SendingHours

BASTILLE_DAY, ASSUMPTION = dt.date(2027, 7, 14), dt.date(2027, 8, 15)
HOURS = SendingHours(
    first_hour=9, last_hour=20, is_holiday={BASTILLE_DAY, ASSUMPTION, dt.date(2027, 5, 8)}.__contains__
)
DAY = dt.timedelta(days=1)


def paris(text: str) -> dt.datetime:
    """An instant by the clocks of Paris: "2027-06-19 18:00"."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("instant", "permitted"),
    [
        ("2027-06-19 08:59", False), ("2027-06-19 09:00", True), ("2027-06-19 19:59", True),
        ("2027-06-19 20:00", False), ("2027-06-20 12:00", False), ("2027-07-14 12:00", False),
    ],
)  # fmt: skip
def test_nine_to_eight_monday_to_saturday_no_holiday(instant: str, permitted: bool) -> None:
    """Both sides of every boundary: hours, Sunday, 14 July."""
    assert HOURS.permits(paris(instant)) is permitted


@pytest.mark.parametrize(
    ("instant", "following"),
    [
        ("2027-06-18 12:00", "2027-06-18 12:00"), ("2027-06-18 05:00", "2027-06-18 09:00"),
        ("2027-06-18 20:00", "2027-06-19 09:00"), ("2027-06-19 21:00", "2027-06-21 09:00"),
        ("2027-07-13 21:00", "2027-07-15 09:00"), ("2027-03-27 22:00", "2027-03-29 09:00"),
    ],
)  # fmt: skip
def test_what_must_wait_leaves_at_the_next_opening(instant: str, following: str) -> None:
    """Over nights, Sundays, holidays and the change to summer time."""
    assert HOURS.next_permitted(paris(instant)) == paris(following)


@pytest.mark.parametrize(
    ("evening", "reminded"),
    [
        ("2027-06-19", "2027-06-18 17:00"),  # a Saturday: on Friday
        ("2027-06-21", "2027-06-19 17:00"),  # a Monday: on Saturday, for Sunday is Sunday
        ("2027-07-15", "2027-07-13 17:00"),  # the day after 14 July
        ("2027-08-16", "2027-08-14 17:00"),  # Monday after a holiday on Sunday
        ("2027-05-10", "2027-05-07 17:00"),  # Monday after a holiday on Saturday: on Friday
        ("2027-10-31", "2027-10-30 17:00"),  # the night the clocks go back
    ],
)
def test_the_reminder_leaves_on_the_last_permitted_day_before(evening: str, reminded: str) -> None:
    """At five, the day before, or earlier where that day is not permitted."""
    assert HOURS.reminder_instant(dt.date.fromisoformat(evening), 17) == paris(reminded)


@pytest.mark.parametrize(
    ("now", "start", "leaves", "urgent"),
    [
        ("2027-06-18 22:00", "2027-06-19 18:00", "2027-06-18 22:00", True),  # tomorrow evening: at once
        ("2027-06-18 18:00", "2027-06-19 18:00", "2027-06-18 18:00", True),  # exactly a day before
        ("2027-06-15 12:00", "2027-06-19 18:00", "2027-06-15 12:00", False),  # days before, in hours
        ("2027-06-15 22:00", "2027-06-19 18:00", "2027-06-16 09:00", False),  # days before, at night
        ("2027-06-19 21:00", "2027-06-21 18:00", "2027-06-20 18:00", True),  # Saturday night, of Monday: Sunday
        ("2027-06-19 22:00", "2027-06-19 18:00", "2027-06-19 22:00", True),  # it has begun
    ],
)
def test_news_of_a_change(now: str, start: str, leaves: str, urgent: bool) -> None:
    """At once within a day of the evening; otherwise it waits, but never into that last day."""
    expected = (paris(leaves), urgent)
    assert HOURS.change_instant(paris(now), paris(start), DAY) == expected


_instants = st.timedeltas(dt.timedelta(0), dt.timedelta(days=730)).map(
    lambda after: dt.datetime(2027, 1, 1, tzinfo=dt.UTC) + after
)


@given(_instants)
def test_the_next_permitted_instant_is_permitted_and_never_earlier(instant: dt.datetime) -> None:
    """At any moment of two years."""
    following = HOURS.next_permitted(instant)
    assert HOURS.permits(following)
    assert following >= instant


@given(_instants, st.timedeltas(dt.timedelta(0), dt.timedelta(days=14)))
def test_news_always_leaves_before_the_evening_or_at_once(now: dt.datetime, ahead: dt.timedelta) -> None:
    """No change is ever told after the evening has begun because it had to wait."""
    start = now + ahead
    leaves, urgent = HOURS.change_instant(now, start, DAY)
    assert now <= leaves <= max(now, start)
    assert urgent or HOURS.permits(leaves)
