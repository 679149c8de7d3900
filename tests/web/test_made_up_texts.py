"""Whatever people type is published as text: on every page, in every feed, in what search engines read.

A hundred examples with each database; fifty thousand by

    pytest tests/web/test_made_up_texts.py --hypothesis-profile=long
"""

import datetime as dt
import itertools
import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import html5lib
import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from guinguette.adapters.vault import Vault
from guinguette.domain.text import printable
from guinguette.models import Evening, Publication, Tour
from guinguette.publishing import calendar
from guinguette.services.freezing import freeze
from tests.fakes import NOW
from tests.public_pages import make_season, public_documents, public_paths

#: What breaks out of one context or another, where somebody forgot to escape.
HOSTILE = (
    "<script>alert(1)</script>", "</script><script>x", "<!--<script>", "-->", "]]>", "<![CDATA[", "</title><h1>",
    '"', "'", '" onmouseover="x', "' autofocus='", "`${x}`", "{{ 7*7 }}", "{% raw %}", "%(what)s", "%s", "{title}",
    "<img src=x onerror=x>", "&amp;", "&lt;b&gt;", "&#0;", "&", "<", "\\", "\\u003c/script\\u003e", "javascript:x",
    "\r\nBEGIN:VEVENT\r\n", "\nEND:VCALENDAR", "\\n", ";", ",", ":", "\x00", "\x07", "\x0b", "\x1b[31m", "\x85",
    "\u2028", "\u202e", "\u2066", "\ufeff", "\uffff", "\u0301", "é", "🎉", "👩\u200d👧", "ﷺ", "العربية", "€", "$x^2$",
)  # fmt: skip
_pieces = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=("Cs",)), max_size=20))
#: A text as people paste it: up to some thousand characters.
texts = st.one_of(
    st.lists(_pieces, max_size=6).map("".join),
    st.builds(lambda piece, times: piece * times, _pieces, st.integers(0, 60)),
)
FIELDS = ("commune", "tour", "presentation", "place", "address", "hall", "note", "artists", "partner", "food", "prices",
          "payment", "description")  # fmt: skip
#: What stands on the page of tonight's evening, and on that of the one called off.
SHOWN = {
    "/soirees/cesoir01": ("commune", "tour", "place", "address", "hall", "artists", "partner", "food", "prices",
                          "payment", "description"),
    "/soirees/annulee1": ("commune", "tour", "note"),
    "/soirees/salle001": ("commune", "place", "hall", "note"),
    "/tournees/ete": ("commune", "tour", "presentation"),
    "/": ("commune",),
}  # fmt: skip

Skeleton = list[tuple[str, list[str]]]


class Publisher:
    """A tour with an evening in each state, published again with other texts as often as one likes."""

    def __init__(self, session: Session, factory: sessionmaker[Session]) -> None:
        self._factory = factory
        self._instants = itertools.count(1)
        session.autoflush = False  # rows are filled, frozen and forgotten: no column's length matters here
        self._tour = session.scalars(select(Tour).where(Tour.slug == "ete")).one()
        self._evenings = list(session.scalars(select(Evening)))

    def publish(self, said: dict[str, str]) -> dict[str, str]:
        """Publish these texts, each after the name of its field; return them as they must be read."""
        said = {name: f"{name} {text}." for name, text in said.items()}
        self._tour.name, self._tour.presentation = said["tour"], said["presentation"]
        for evening in self._evenings:
            evening.commune.name, evening.change_note = said["commune"], said["note"]
            evening.pitch.name, evening.pitch.address = said["place"], said["address"]
            evening.fallback_venue.name = said["hall"]
            for name in ("artists", "partner", "food", "prices", "payment", "description"):
                setattr(evening, name, said[name])
        at = NOW + dt.timedelta(microseconds=next(self._instants))
        payload = freeze(self._tour, self._evenings, at).to_json()
        with self._factory() as session:
            of_tour = update(Publication).where(Publication.tour_id == self._tour.id)
            session.execute(of_tour.values(payload=payload, published_at=at))
            session.commit()
        return {name: printable(text) for name, text in said.items()}


@pytest.fixture
def publisher(session: Session, session_factory: sessionmaker[Session], vault: Vault) -> Publisher:
    """The season of every state."""
    make_season(session, vault)
    return Publisher(session, session_factory)


def test_nothing_that_is_typed_becomes_anything_but_text(app: Flask, client: FlaskClient, publisher: Publisher) -> None:
    """No element or attribute that was not there, no page that does not parse, no text that does not come back."""
    paths = [*public_paths(app), *public_documents(app)]
    publisher.publish(dict.fromkeys(FIELDS, "x"))
    plain = {path: _skeleton(client.get(path)) for path in paths}

    @example(said=dict.fromkeys(FIELDS, "".join(HOSTILE)), path="/soirees/cesoir01")
    @example(said=dict.fromkeys(FIELDS, "".join(HOSTILE)), path="/agenda.ics")
    @example(said=dict.fromkeys(FIELDS, "x\r\ny"), path="/en/soirees/cesoir01")
    @example(said=dict.fromkeys(FIELDS, "{% raw %}"), path="/carte/document")  # folium takes its script for a template
    @given(said=st.fixed_dictionaries(dict.fromkeys(FIELDS, texts)), path=st.sampled_from(paths))
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.nested_given])
    def check(said: dict[str, str], path: str) -> None:
        expected = publisher.publish(said)
        answer = client.get(path)
        assert answer.status_code in (200, 302), path
        assert _skeleton(answer) == plain[path]
        if answer.mimetype == "text/calendar":
            _check_calendar(answer.data, expected)
        elif path in SHOWN:
            _check_page(answer.text, [expected[name] for name in SHOWN[path]])

    check()


def _skeleton(answer: TestResponse) -> Skeleton:
    """Return the elements and the names of their attributes.

    Not those that follow the text: a paragraph for each line, a mark of its language, a class for a long name.
    """
    if answer.mimetype == "text/calendar":
        return [(part.name or "", []) for part in icalendar.Calendar.from_ical(answer.data).walk()]
    if answer.mimetype != "text/html":
        return [(str(e.tag), sorted(e.attrib)) for e in ElementTree.fromstring(answer.data).iter()]  # noqa: S314 -- ours
    follows = (("p", []), ("span", ["lang"]))
    elements = (e for e in _elements(answer.text) if (e.tag, list(e.attrib)) not in follows)
    return [(e.tag, sorted(str(name) for name in e.attrib if name != "class")) for e in elements]


def _elements(html: str) -> Iterator[Any]:
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    return (element for element in tree.iter() if isinstance(element.tag, str))


def _words(text: str) -> str:
    """Return the text without what French typography changes: spaces, and the form of apostrophes."""
    return "".join(text.split()).replace("'", "’")


def _check_page(html: str, expected: list[str]) -> None:
    """Each line of each text is read on the page; what search engines are told is JSON that holds the village."""
    elements = list(_elements(html))
    seen = _words("".join(elements[0].itertext()))
    for text in expected:
        for line in text.splitlines():
            assert _words(line) in seen
    for element in elements:
        if element.tag == "script" and element.get("type") == "application/ld+json":
            assert any(expected[0] in string for string in _strings(json.loads(element.text)))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def _check_calendar(feed: bytes, expected: dict[str, str]) -> None:
    """Every event names the village, and tonight's tells the programme."""
    events = icalendar.Calendar.from_ical(feed).walk("VEVENT")
    assert all(str(calendar.plain(expected["commune"])) in str(event["SUMMARY"]) for event in events)
    for event in events:
        if str(event["UID"]).startswith("cesoir01"):
            assert str(calendar.plain(expected["artists"])) in str(event["DESCRIPTION"])
