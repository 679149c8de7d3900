"""The organisers' calendar of tasks: what it says, and that all readers understand the same."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import icalendar
import pytest

from guinguette.publishing import desk_calendar
from guinguette.publishing.desk_calendar import Reminder
from tests.fakes import NOW
from tests.unit.publishing.feed_readers import Seen
from tests.unit.publishing.test_calendar import AWKWARD, READERS


def reminder(**values: Any) -> Reminder:
    """A task of an evening at Vignory, due on 2 July."""
    defaults: dict[str, Any] = {
        "uid": "vignory1-sacem@guinguette-mobile",
        "title": "Sacem\u00a0: Vignory",
        "description": "Qui : le bureau",
        "url": "https://example.org/organisation/soirees/vignory1",
        "due_on": dt.date(2027, 7, 2),
        "due_time": None,
        "place": "Vignory",
        "sequence": 0,
        "changed_at": NOW,
    }
    return Reminder(**(defaults | values))


def render(*reminders: Reminder) -> bytes:
    """The feed of these tasks."""
    return desk_calendar.render(
        reminders,
        name="À faire",
        description="Ce qui reste",
        url="https://example.org/organisation/",
        source_url="https://example.org/organisation/agenda/secret.ics",
    )


@pytest.mark.parametrize("read", READERS)
def test_every_reader_sees_the_same_tasks(read: Callable[[bytes], Seen]) -> None:
    """UID, start across both changes of hour, and awkward titles survive five readers that share no code."""
    season = [
        reminder(uid=f"task{n}@guinguette-mobile", due_on=day, due_time=at, title=title, description=AWKWARD)
        for n, (day, at, title) in enumerate(
            [
                (dt.date(2027, 3, 28), None, "Heure d’été"),
                (dt.date(2027, 7, 16), dt.time(17), AWKWARD.replace("\n", " ")),
                (dt.date(2027, 10, 31), dt.time(15), "Heure d’hiver"),
            ]
        )
    ]
    starts = [
        dt.datetime(2027, 3, 28, 7, tzinfo=dt.UTC),
        dt.datetime(2027, 7, 16, 15, tzinfo=dt.UTC),
        dt.datetime(2027, 10, 31, 14, tzinfo=dt.UTC),
    ]
    expected = [(each.uid, start, each.title) for each, start in zip(season, starts, strict=True)]
    assert read(render(*season)) == expected


@pytest.mark.parametrize("read", READERS)
def test_nothing_to_do_is_a_valid_calendar(read: Callable[[bytes], Seen]) -> None:
    """Whoever subscribes in winter has an empty one."""
    assert read(render()) == []


def test_a_task_takes_nobodys_time_and_is_stamped_by_its_row() -> None:
    """Transparent, half an hour in the morning, the same bytes each time; no alarm, no UID on the calendar."""
    feed = render(reminder(sequence=3))
    assert feed == render(reminder(sequence=3))
    parsed = icalendar.Calendar.from_ical(feed)
    assert not {"UID", "METHOD"} & set(parsed)
    [event] = parsed.walk("VEVENT")
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == NOW
    assert (event["SEQUENCE"], event["TRANSP"]) == (3, "TRANSPARENT")
    assert event["DTEND"].dt - event["DTSTART"].dt == dt.timedelta(minutes=30)
    assert b"DTSTART;TZID=Europe/Paris:20270702T090000" in feed
