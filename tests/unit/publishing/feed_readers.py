"""Readers of iCalendar, most of which share no code. Each gives (UID, start in UTC, summary) of every event."""

import ctypes
import ctypes.util
import datetime as dt
import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import icalendar
import pytest
import recurring_ical_events
import vobject
from ical.calendar_stream import IcsCalendarStream

Seen = list[tuple[str, dt.datetime, str]]

_ROOT = Path(__file__).parents[3]


def with_icalendar(feed: bytes) -> Seen:
    """Read with PyPI ``icalendar``."""
    events = icalendar.Calendar.from_ical(feed).walk("VEVENT")
    return [(str(e["UID"]), e["DTSTART"].dt.astimezone(dt.UTC), str(e["SUMMARY"])) for e in events]


def with_vobject(feed: bytes) -> Seen:
    """Read with PyPI ``vobject``, which builds the time zone from the feed's own rules."""
    root = vobject.readOne(feed.decode())
    events = root.contents.get("vevent", [])
    return [(e.uid.value, e.dtstart.value.astimezone(dt.UTC), e.summary.value) for e in events]


def with_ical(feed: bytes) -> Seen:
    """Read with PyPI ``ical``, which is strict."""
    calendar = IcsCalendarStream.calendar_from_ics(feed.decode())
    return [(e.uid or "", _instant(e.dtstart), e.summary or "") for e in calendar.events]


def with_recurring_ical_events(feed: bytes) -> Seen:
    """Read with PyPI ``recurring-ical-events`` (Home Assistant, open-web-calendar): all it finds in two years."""
    events = recurring_ical_events.of(icalendar.Calendar.from_ical(feed)).between((2027, 1, 1), (2029, 1, 1))
    return [(str(e["UID"]), e["DTSTART"].dt.astimezone(dt.UTC), str(e["SUMMARY"])) for e in events]


def with_ical_js(feed: bytes) -> Seen:
    """Read with npm ``ical.js`` in strict mode."""
    return _with_node("read_feed.mjs", feed)


def with_node_ical(feed: bytes) -> Seen:
    """Read with npm ``node-ical`` (MagicMirror, Node-RED, n8n)."""
    return _with_node("read_feed_node_ical.mjs", feed)


def _with_node(script: str, feed: bytes) -> Seen:
    """Let a script of tests/node read the feed, on a machine that is not in Paris."""
    answer = subprocess.run(
        [shutil.which("node") or "node", str(_ROOT / "tests" / "node" / script)],
        input=feed,
        capture_output=True,
        check=True,
        timeout=60,
        env={**os.environ, "TZ": "America/New_York"},
    )
    return [(e["uid"], dt.datetime.fromisoformat(e["start"]), e["summary"]) for e in json.loads(answer.stdout)]


def with_libical(feed: bytes) -> Seen:
    """Read with Debian's ``libical3`` (Evolution, KDE, Thunderbird's past) after its own validator has found nothing.

    Skips where the library is not installed.
    """
    lib = _libical()
    if lib is None:
        pytest.skip("libical is not there: apt-get install libical3")
    calendar = lib.icalparser_parse_string(feed)
    assert calendar, "libical cannot parse this"
    assert lib.icalrestriction_check(calendar) == 1, lib.icalcomponent_as_ical_string(calendar).decode()
    assert lib.icalcomponent_count_errors(calendar) == 0, lib.icalcomponent_as_ical_string(calendar).decode()
    kind = lib.icalcomponent_string_to_kind(b"VEVENT")
    seen: Seen = []
    event = lib.icalcomponent_get_first_component(calendar, kind)
    while event:
        start = lib.icalcomponent_get_dtstart(event)
        seconds = lib.icaltime_as_timet_with_zone(start, start.zone)
        uid, summary = lib.icalcomponent_get_uid(event), lib.icalcomponent_get_summary(event)
        seen.append((uid.decode(), dt.datetime.fromtimestamp(seconds, dt.UTC), summary.decode()))
        event = lib.icalcomponent_get_next_component(calendar, kind)
    lib.icalcomponent_free(calendar)
    return seen


def _instant(value: Any) -> dt.datetime:
    assert isinstance(value, dt.datetime), f"{value} is not a date with an hour"
    return value.astimezone(dt.UTC)


class _IcalTime(ctypes.Structure):
    """``struct icaltimetype`` of libical 3."""

    _fields_ = [
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "is_dst")),
        ("zone", ctypes.c_void_p),
    ]


@cache
def _libical() -> Any:
    name = os.environ.get("LIBICAL") or ctypes.util.find_library("ical")
    if name is None:
        return None
    lib = ctypes.CDLL(name)
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for function, answer, *arguments in (
        ("icalparser_parse_string", pointer, text),
        ("icalrestriction_check", number, pointer),
        ("icalcomponent_count_errors", number, pointer),
        ("icalcomponent_as_ical_string", text, pointer),
        ("icalcomponent_string_to_kind", number, text),
        ("icalcomponent_get_first_component", pointer, pointer, number),
        ("icalcomponent_get_next_component", pointer, pointer, number),
        ("icalcomponent_get_dtstart", _IcalTime, pointer),
        ("icaltime_as_timet_with_zone", ctypes.c_int64, _IcalTime, pointer),
        ("icalcomponent_get_uid", text, pointer),
        ("icalcomponent_get_summary", text, pointer),
        ("icalcomponent_free", None, pointer),
    ):
        getattr(lib, function).restype = answer
        getattr(lib, function).argtypes = arguments
    return lib
