"""The Atom feed says what RFC 4287 asks for, whatever villages are called."""

import datetime as dt
from typing import Any
from xml.etree import ElementTree

from hypothesis import example, given, settings
from hypothesis import strategies as st

from guinguette.domain.states import EveningState
from guinguette.publishing import atom
from guinguette.publishing.tour import PublishedEvening
from tests.factories import published_evening
from tests.fakes import NOW

ATOM = "{http://www.w3.org/2005/Atom}"


def render(*evenings: PublishedEvening, **values: Any) -> bytes:
    """A French feed of these evenings."""
    defaults: dict[str, Any] = {
        "title": "Guinguette mobile",
        "public_url": "https://example.org",
        "self_url": "https://example.org/flux.atom",
        "translate": str,
        "locale": "fr",
    }
    return atom.render(evenings, **(defaults | values))


def read(body: bytes) -> ElementTree.Element:
    """The feed, once every "must" of RFC 4287 that a feed like ours could break has been looked at."""
    feed = ElementTree.fromstring(body)  # noqa: S314 -- our own bytes
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1, name  # 4.1.1, 4.1.2: exactly one of each
        assert element.findtext(f"{ATOM}id").startswith("tag:example.org,2026:")  # 4.2.6: an IRI, never empty
        for name in ("updated", "published"):
            for date in element.findall(ATOM + name):  # 3.3: RFC 3339, with an offset
                assert dt.datetime.fromisoformat(date.text).tzinfo is not None
        links = [(link.get("rel"), link.get("type"), link.get("hreflang")) for link in element.findall(f"{ATOM}link")]
        assert len(links) == len(set(links))  # 4.1.1: one alternate of a type and language
        assert all(link.get("href").startswith("https://") for link in element.findall(f"{ATOM}link"))
        assert any(rel == "alternate" for rel, *_ in links)  # 4.1.2: without content there must be one
        assert all(len(element.findall(ATOM + name)) <= 1 for name in ("summary", "published", "subtitle"))
    assert feed.findtext(f"{ATOM}author/{ATOM}name")  # 4.1.1: an author, for entries that have none; 3.2.1: with a name
    assert all(each.get("type", "text") == "text" and not len(each) for each in feed.iter(f"{ATOM}summary"))
    ids = [element.text for element in feed.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    return feed


def test_an_entry_an_evening_the_latest_change_first() -> None:
    """Each with its day, hours, place and page; its id and dates are the row's."""
    changed = published_evening(id="changed1", updated_at=NOW + dt.timedelta(days=3), artists="Les Copains d’à Côté")
    feed = read(render(published_evening(), changed))
    first, second = feed.findall(f"{ATOM}entry")
    assert feed.findtext(f"{ATOM}updated") == first.findtext(f"{ATOM}updated") == "2027-06-12T10:00:00+00:00"
    assert first.findtext(f"{ATOM}published") == "2027-06-09T10:00:00+00:00"
    assert first.findtext(f"{ATOM}id") == "tag:example.org,2026:soirees/changed1"
    assert second.findtext(f"{ATOM}title") == (
        "Guinguette mobile\u00a0: Éclaron-Braucourt-Sainte-Livière, samedi 19\u00a0juin\u00a02027"
    )
    assert second.find(f"{ATOM}link").get("href") == "https://example.org/soirees/eclaron1"
    assert first.findtext(f"{ATOM}summary").splitlines() == [
        "De 18\u00a0h à 22\u00a0h",
        "Place de l’Église, 52290 Éclaron-Braucourt-Sainte-Livière",
        "En cas de pluie\u00a0: Salle des fêtes",
        "Avec\u00a0: Les Copains d’à Côté",
    ]
    itself = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert itself == ["https://example.org/flux.atom"]


def test_what_is_called_off_says_so_in_its_title() -> None:
    """A reader shows the title alone; and nobody is told hours to come at."""
    off = published_evening(state=EveningState.CANCELLED, change_note="Vent violent.")
    later = published_evening(
        id="later001", state=EveningState.POSTPONED, postponed_to="x", postponed_to_date=dt.date(2027, 7, 3)
    )
    titles = {
        e.findtext(f"{ATOM}title"): e.findtext(f"{ATOM}summary") for e in read(render(off, later)).iter(f"{ATOM}entry")
    }
    assert [title.split(" – ")[0] for title in titles] == ["REPORTÉ AU samedi 3\u00a0juillet", "ANNULÉ"]
    assert all("18\u00a0h" not in summary for summary in titles.values())
    assert any("Vent violent." in summary for summary in titles.values())


def test_nothing_published_is_a_valid_feed_and_the_bytes_follow_the_evenings_alone() -> None:
    """No clock is read: the same evenings make the same ETag."""
    assert read(render()).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00+00:00"
    one, other = published_evening(), published_evening(id="other001")
    assert render(one, other) == render(other, one)


@settings(max_examples=200)
@given(st.text(), st.text())
@example("\ufffe\uffff\x00\x0b\x1b\x85\u2028", "</summary><script>alert(1)</script>&amp;]]>")
@example('Fête, "chez Léa"; fort\\bar\r\nsuite 🎉', "🎉")
def test_any_text_makes_a_valid_feed(commune: str, description: str) -> None:
    """What people type is neither markup nor a fault, and is read back."""
    feed = read(render(published_evening(commune=commune, description=description)))
    assert [each.tag for each in feed.iter()] == [each.tag for each in read(render(published_evening())).iter()]
    if description.isprintable():
        assert description in feed.findtext(f"{ATOM}entry/{ATOM}summary")
