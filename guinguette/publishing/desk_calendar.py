"""The organisers' calendar of what is left to do, for the readers of ``publishing.calendar``: one event a task."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from icalendar import Event

from guinguette.domain.clock import PARIS
from guinguette.publishing import calendar

#: A task that is due on a day stands at this hour: all-day events are shown on the wrong day across time zones.
MORNING = dt.time(9)
_LENGTH = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A task as it stands in a calendar. ``due_time`` is a local hour, null for the day's own ``MORNING``.

    ``uid`` never changes for one task of one evening; ``sequence`` is the evening's, ``changed_at`` an aware instant.
    """

    uid: str
    title: str
    description: str
    url: str
    due_on: dt.date
    due_time: dt.time | None
    place: str
    sequence: int
    changed_at: dt.datetime


def render(reminders: Iterable[Reminder], *, name: str, description: str, url: str, source_url: str) -> bytes:
    """Return the feed. ``url`` is the desk's address, ``source_url`` the feed's own, secret key included."""
    feed = calendar.empty(
        name=name, description=description, url=url, source_url=source_url, locale="fr", color="steelblue"
    )
    for reminder in reminders:
        feed.add_component(_event(reminder))
    return bytes(feed.to_ical())


def _event(reminder: Reminder) -> Event:
    event = Event()
    starts = dt.datetime.combine(reminder.due_on, reminder.due_time or MORNING, tzinfo=PARIS)
    event.add("uid", reminder.uid)
    event.add("dtstamp", reminder.changed_at)
    event.add("last-modified", reminder.changed_at)
    event.add("sequence", reminder.sequence)
    event.add("dtstart", starts)
    event.add("dtend", starts + _LENGTH)
    event.add("summary", calendar.text(reminder.title))
    event.add("description", calendar.text(reminder.description))
    event.add("location", calendar.text(reminder.place))
    event.add("url", reminder.url)
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # a task takes nobody's time in others' eyes
    return event
