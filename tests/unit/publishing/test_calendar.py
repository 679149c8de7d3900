"""Calendar feeds: what they say, and that readers which share no code all understand the same."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import icalendar
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guinguette.domain.clock import PARIS
from guinguette.domain.states import EveningState, Venue
from guinguette.publishing import calendar
from guinguette.publishing.tour import PublishedEvening
from tests.factories import published_evening
from tests.unit.publishing import feed_readers
from tests.unit.publishing.feed_readers import Seen

LONG_NAME = "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson-sur-la-Rivière"
AWKWARD = 'Fête, "chez Léa"; fort\\bar\nsuite 🎉 ' + LONG_NAME

READERS = [
    feed_readers.with_icalendar,
    feed_readers.with_vobject,
    feed_readers.with_ical,
    feed_readers.with_recurring_ical_events,
    pytest.param(feed_readers.with_ical_js, marks=pytest.mark.node),
    pytest.param(feed_readers.with_node_ical, marks=pytest.mark.node),
    feed_readers.with_libical,
]


def render(*evenings: PublishedEvening, **values: Any) -> bytes:
    """A French feed of these evenings."""
    defaults: dict[str, Any] = {
        "name": "Guinguette mobile",
        "description": "Les soirées",
        "public_url": "https://example.org",
        "source_url": "https://example.org/agenda.ics",
        "translate": str,
        "locale": "fr",
    }
    return calendar.render(evenings, **(defaults | values))


def event(evening: PublishedEvening) -> Any:
    """The one event of this evening's feed, read back."""
    return icalendar.Calendar.from_ical(render(evening)).walk("VEVENT")[0]


def unescaped(value: Any) -> str:
    """The text of a property that ``icalendar`` knows no type for, and leaves as it was written."""
    return re.sub(r"\\(.)", lambda pair: "\n" if pair[1] in "nN" else pair[1], str(value))


def test_each_event_has_the_picture_of_its_poster() -> None:
    """As an address (RFC 7986), for readers that show one."""
    image = event(published_evening())["IMAGE"]
    assert str(image) == "https://example.org/soirees/eclaron1/affiche.png"
    assert image.params["VALUE"] == "URI"


def awkward_season() -> list[PublishedEvening]:
    """Every state, both changes of hour, an end after midnight, and texts that break careless writers."""
    return [
        published_evening(id="winter01", date=dt.date(2027, 1, 9), commune=AWKWARD, description=AWKWARD),
        published_evening(id="spring01", date=dt.date(2027, 3, 27)),  # the hour changes in the night that follows
        published_evening(id="spring02", date=dt.date(2027, 3, 28)),
        published_evening(id="summer01", state=EveningState.CANCELLED, change_note="Canicule ; à bientôt, dit-on"),
        published_evening(id="summer02", state=EveningState.POSTPONED, postponed_to_date=dt.date(2027, 7, 31)),
        published_evening(id="summer03", venue=Venue.HALL, change_note="Orages"),
        published_evening(id="summer04", state=EveningState.OPTION, pitch=None, hall=None),
        published_evening(id="autumn01", date=dt.date(2027, 10, 30), ends_at=dt.time(0, 30)),
        published_evening(id="autumn02", date=dt.date(2027, 10, 31)),
    ]


@pytest.mark.parametrize("read", READERS)
def test_every_reader_sees_the_same_evenings(read: Callable[[bytes], Seen]) -> None:
    """UID, start (as an instant, across both changes of hour) and summary survive every reader."""
    season = awkward_season()
    expected = [
        (
            f"{e.id}@guinguette-mobile",
            dt.datetime.combine(e.date, e.starts_at, tzinfo=PARIS).astimezone(dt.UTC),
            calendar.title(e, translate=str, locale="fr"),
        )
        for e in season
    ]
    assert read(render(*season, name=AWKWARD, description=AWKWARD)) == expected


@pytest.mark.parametrize("read", READERS)
def test_an_empty_feed_is_valid(read: Callable[[bytes], Seen]) -> None:
    """A commune without an evening yet can be subscribed to, and a tour without a presentation."""
    assert read(render(description="")) == []


@given(st.text(st.characters(exclude_categories=("Cs",))))
@example(AWKWARD)
@example("a\r\nb\rc\x0bd\x85e\u2028f")
@example("\\n \\, \\; \\\\")
@settings(max_examples=150, deadline=None)
def test_any_text_survives_and_no_line_is_too_long(text: str) -> None:
    """Whatever is typed: 75 octets a line at most, cut between characters, and the text comes back but for controls."""
    feed = render(published_evening(commune=f"V{text}", description=f"D{text}x"), name=f"N{text}", description=text)
    lines = feed.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert feed.decode().split("\r\n") == [line.decode() for line in lines]  # raises where a character is cut in two
    assert not any(control in feed for control in (b"\n\n", b"\x0b", b"\x00"))
    plain = str(calendar.plain(text))
    read = icalendar.Calendar.from_ical(feed)
    assert unescaped(read["NAME"]) == unescaped(read["X-WR-CALNAME"]) == f"N{plain}"
    found = read.walk("VEVENT")[0]
    assert str(found["SUMMARY"]) == f"Guinguette mobile\u00a0: V{plain}"
    assert f"\nD{plain}x\n" in str(found["DESCRIPTION"])
    assert feed_readers.with_vobject(feed)[0][2] == str(found["SUMMARY"])


def test_the_same_evenings_give_the_same_bytes() -> None:
    """An ETag made of the bytes changes only when an evening does."""
    assert render(*awkward_season()) == render(*awkward_season())


def test_the_calendar_carries_what_readers_need_and_nothing_that_hurts() -> None:
    """Names twice, refresh hints, source, colour, one time zone; no UID and no METHOD."""
    feed = icalendar.Calendar.from_ical(render(published_evening(), name="A, b"))
    assert not {"UID", "METHOD"} & set(feed)
    assert unescaped(feed["NAME"]) == unescaped(feed["X-WR-CALNAME"]) == "A, b"
    assert str(feed["X-WR-TIMEZONE"]) == "Europe/Paris"
    lines = render(published_evening()).decode().split("\r\n")
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT6H" in lines
    assert "X-PUBLISHED-TTL:PT6H" in lines
    assert "SOURCE;VALUE=URI:https://example.org/agenda.ics" in lines
    assert lines.count("BEGIN:VTIMEZONE") == 1
    assert "DTSTART;TZID=Europe/Paris:20270619T180000" in lines


def test_an_event_tells_everything_from_its_row() -> None:
    """Stamps come from the row, never from the clock; place, position and page stand in their properties."""
    changed = dt.datetime(2027, 6, 2, 8, 30, tzinfo=dt.UTC)
    found = event(published_evening(sequence=3, updated_at=changed, artists="Les Zinzins", prices="Bière 3 €"))
    assert found["DTSTAMP"].dt == found["LAST-MODIFIED"].dt == changed
    assert found["SEQUENCE"] == 3
    assert str(found["URL"]) == "https://example.org/soirees/eclaron1"
    assert found["GEO"].to_ical() == "48.57;4.84"
    assert str(found["LOCATION"]) == ("Place de l’Église, 52290 Éclaron-Braucourt-Sainte-Livière")
    assert found["CATEGORIES"].cats == ["Guinguette", "Éclaron-Braucourt-Sainte-Livière"]
    assert str(found["DESCRIPTION"]).split("\n") == [
        "En cas de pluie\u00a0: Salle des fêtes",
        "Avec\u00a0: Les Zinzins",
        "Prix\u00a0: Bière 3 €",
        "https://example.org/soirees/eclaron1",
    ]


@pytest.mark.parametrize(
    ("values", "title", "status", "transparency"),
    [
        ({}, "Guinguette mobile\u00a0: Éclaron", "CONFIRMED", "OPAQUE"),
        ({"state": EveningState.PROPOSED}, "Guinguette mobile\u00a0: Éclaron (à confirmer)", "TENTATIVE", "OPAQUE"),
        ({"state": EveningState.CANCELLED}, "ANNULÉ – Guinguette mobile\u00a0: Éclaron", "CONFIRMED", "TRANSPARENT"),
        ({"state": EveningState.POSTPONED}, "REPORTÉ – Guinguette mobile\u00a0: Éclaron", "CONFIRMED", "TRANSPARENT"),
        (
            {"state": EveningState.POSTPONED, "postponed_to_date": dt.date(2027, 7, 31)},
            "REPORTÉ AU samedi 31\u00a0juillet – Guinguette mobile\u00a0: Éclaron",
            "CONFIRMED",
            "TRANSPARENT",
        ),
        (
            {"venue": Venue.HALL, "change_note": "Orages"},
            "À LA SALLE – Guinguette mobile\u00a0: Éclaron",
            "CONFIRMED",
            "OPAQUE",
        ),
        ({"venue": Venue.HALL}, "Guinguette mobile\u00a0: Éclaron", "CONFIRMED", "OPAQUE"),
    ],
)
def test_the_state_is_in_the_title(values: dict[str, Any], title: str, status: str, transparency: str) -> None:
    """What changed comes first, and a cancelled evening never vanishes (Google hides STATUS:CANCELLED)."""
    found = event(published_evening(commune="Éclaron", **values))
    assert (str(found["SUMMARY"]), str(found["STATUS"]), str(found["TRANSP"])) == (title, status, transparency)


def test_moved_to_the_hall_gives_the_hall_as_place() -> None:
    """The map on the phone leads to the hall, and the text says why."""
    found = event(published_evening(venue=Venue.HALL, change_note="Orages annoncés."))
    assert str(found["LOCATION"]).startswith("Salle des fêtes, rue du Lac, 52290")
    assert str(found["DESCRIPTION"]).startswith("La soirée a lieu à la salle des fêtes.\nOrages annoncés.")
