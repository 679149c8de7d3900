"""Public answers are given from memory while nothing has changed, and never a moment longer than promised."""

import datetime as dt
import gzip
from collections.abc import Iterable
from typing import Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from guinguette.models import Evening, Publication
from guinguette.web import kept
from tests import factories
from tests.fakes import NOW, FixedClock, Seconds

TODAY = dt.date(2027, 6, 9)


@pytest.fixture
def tick(app: Flask) -> Seconds:
    """The seconds by which the app's memory lives."""
    seconds = Seconds()
    app.wsgi_app = kept.Kept(app, app.wsgi_app.behind, seconds)
    return seconds


@pytest.fixture
def evening(session: Session) -> Evening:
    """A published evening of tomorrow, confirmed, in the tour "ete"."""
    tour = factories.make_tour(session, slug="ete")
    evening = factories.make_evening(session, tour=tour, state="confirmed", date=TODAY + dt.timedelta(days=1))
    factories.make_publication(session, tour=tour, evenings=[evening])
    session.commit()
    return evening


def cancel(session: Session, evening: Evening) -> None:
    """Call the evening off and publish that; the caller commits."""
    evening.state, evening.sequence = "cancelled", evening.sequence + 1
    factories.make_publication(session, tour=evening.tour, evenings=[evening], published_at=NOW)


def cancel_elsewhere(engine: Engine) -> None:
    """Do the same as another process would: this one's sessions know nothing of it."""
    with engine.begin() as connection:
        row = dict(connection.execute(select(Publication.__table__)).mappings().one())
        evening = row["payload"]["evenings"][0] | {"state": "cancelled"}
        row |= {"id": row["id"] + 1, "number": row["number"] + 1, "payload": row["payload"] | {"evenings": [evening]}}
        connection.execute(insert(Publication.__table__).values(**row))


@pytest.mark.usefixtures("tick")
@pytest.mark.parametrize(
    "path",
    [
        *("/", "/en/", "/tournees/ete", "/communes/{insee}", "/en/soirees/{id}", "/carte", "/carte?tour=ete"),
        *("/mentions-legales", "/agenda.ics", "/tournees/ete.ics", "/communes/{insee}.ics", "/soirees/{id}.ics"),
    ],
)
def test_what_has_not_changed_costs_no_query(
    client: FlaskClient, evening: Evening, queries: list[str], path: str
) -> None:
    """The second time, in whole, as HEAD or by its validator, the database is not asked and the answer is the same."""
    path = path.format(id=evening.id, insee=evening.commune_insee)
    first = client.get(path)
    queries.clear()
    second, head = client.get(path), client.head(path)
    assert (second.status_code, second.data, second.headers) == (200, first.data, first.headers)
    assert (head.status_code, head.data, head.headers) == (200, b"", first.headers)
    if first.headers.get("ETag"):
        third = client.get(path, headers={"If-None-Match": f'"other", {first.headers["ETag"]}'})
        assert (third.status_code, third.data) == (304, b"")
        assert third.headers["ETag"] == first.headers["ETag"]
        assert "Content-Length" not in third.headers
        changed = {"If-None-Match": '"other"', "If-Modified-Since": first.headers.get("Last-Modified", "")}
        assert client.get(path, headers=changed).status_code == 200
    assert queries == []


@pytest.mark.usefixtures("tick")
def test_a_first_reader_with_a_validator_or_head_fills_the_memory_too(
    client: FlaskClient, evening: Evening, queries: list[str]
) -> None:
    """Readers that poll always send what they have; after a restart the first of them pays for all."""
    assert client.head("/agenda.ics").data == b""
    etag = client.head("/agenda.ics").headers["ETag"]
    client.application.wsgi_app._answers.clear()
    assert client.get("/agenda.ics", headers={"If-None-Match": etag}).status_code == 304
    id_ = evening.id
    queries.clear()
    assert id_ in client.get("/agenda.ics").text
    assert queries == []


@pytest.mark.usefixtures("tick")
def test_a_publication_is_seen_at_once_where_it_was_made(
    client: FlaskClient, session: Session, evening: Evening
) -> None:
    """The organiser reloads and sees it, page and feed; before the commit nobody does."""
    page, old = f"/soirees/{evening.id}", client.get("/agenda.ics")
    assert "Confirmée" in client.get(page).text
    cancel(session, evening)
    session.flush()
    assert client.get("/agenda.ics", headers={"If-None-Match": old.headers["ETag"]}).status_code == 304
    session.commit()
    assert "ANNULÉE" in client.get(page).text
    answer = client.get("/agenda.ics", headers={"If-None-Match": old.headers["ETag"]})
    assert "SUMMARY:ANNULÉ" in answer.text


def test_a_publication_of_another_process_is_seen_within_the_second(
    client: FlaskClient, engine: Engine, evening: Evening, tick: Seconds
) -> None:
    """The database is asked what is published once a second, not less."""
    page = f"/soirees/{evening.id}"
    assert "Confirmée" in client.get(page).text
    tick.now += 0.4
    cancel_elsewhere(engine)
    tick.now += 0.6
    assert "ANNULÉE" in client.get(page).text


def test_what_a_view_read_before_a_publication_is_not_taken_for_newer(
    app: Flask, client: FlaskClient, engine: Engine, evening: Evening, tick: Seconds
) -> None:
    """A slow view that another process overtakes leaves an answer that the next second does away with."""
    inner = app.wsgi_app.behind

    def overtaken(environ: Any, start_response: Any) -> Iterable[bytes]:
        answer = list(inner(environ, start_response))
        app.wsgi_app.behind = inner
        tick.now += 5  # that slow
        cancel_elsewhere(engine)
        return answer

    app.wsgi_app.behind = overtaken
    assert "Confirmée" in client.get(f"/soirees/{evening.id}").text
    assert "ANNULÉE" in client.get(f"/soirees/{evening.id}").text


def test_two_publications_committed_in_the_other_order_are_both_seen(
    client: FlaskClient, engine: Engine, session: Session, evening: Evening, tick: Seconds
) -> None:
    """PostgreSQL gives out ids before it commits: the lower one may come last."""
    factories.make_publication(session, tour=factories.make_tour(session), published_at=NOW, id=900)
    session.commit()
    assert "Confirmée" in client.get(f"/soirees/{evening.id}").text
    with engine.begin() as connection:
        row = dict(connection.execute(select(Publication.__table__).where(Publication.id < 900)).mappings().one())
        off = row["payload"]["evenings"][0] | {"state": "cancelled"}
        row |= {"id": row["id"] + 1, "number": row["number"] + 1, "payload": row["payload"] | {"evenings": [off]}}
        connection.execute(insert(Publication.__table__).values(**row))
    tick.now += 1
    assert "ANNULÉE" in client.get(f"/soirees/{evening.id}").text


@pytest.mark.usefixtures("tick", "evening")
def test_midnight_in_paris_changes_the_words(client: FlaskClient, clock: FixedClock) -> None:
    """« Demain » becomes « Ce soir » at 22:00 UTC, though nothing was published."""
    clock.set(dt.datetime(2027, 6, 9, 21, 59, 59, tzinfo=dt.UTC))
    assert "Demain" in client.get("/").text
    clock.advance(seconds=1)
    assert "Ce soir" in client.get("/").text


@pytest.mark.usefixtures("tick")
def test_a_tour_put_aside_leaves_the_front(client: FlaskClient, session: Session, evening: Evening) -> None:
    """Archiving publishes nothing, and shows all the same."""
    assert evening.commune.name in client.get("/").text
    evening.tour.archived_at = NOW
    session.commit()
    assert evening.commune.name not in client.get("/").text


@pytest.mark.usefixtures("tick", "evening")
def test_a_visitor_with_a_session_is_told_what_is_theirs_alone(client: FlaskClient, app: Flask) -> None:
    """A message for one is neither missed because a page was kept nor kept for the others."""
    client.get("/")
    with client.session_transaction() as cookie:
        cookie["_flashes"] = [("ok", "C’est fait.")]
    other = app.test_client()
    assert "C’est fait." in client.get("/").text
    answer = other.get("/")
    assert "C’est fait." not in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.usefixtures("tick", "evening")
def test_feeds_are_kept_for_whoever_has_a_session_too(organiser_client: FlaskClient, queries: list[str]) -> None:
    """They have no place for a message."""
    organiser_client.get("/agenda.ics")
    queries.clear()
    assert organiser_client.get("/agenda.ics").status_code == 200
    assert queries == []


@pytest.mark.usefixtures("tick", "evening")
def test_what_others_add_to_an_address_fills_no_memory(client: FlaskClient, app: Flask, queries: list[str]) -> None:
    """Only the names that a page reads make another answer of it."""
    everything = client.get("/carte")
    queries.clear()
    for n in range(5):
        assert client.get(f"/carte?fbclid={n}&tour=").data == everything.data
    assert queries == []
    assert client.get("/carte?utm=1&tour=ete&tour=rien").status_code == 200
    assert client.get("/carte?tour=rien").status_code == 404
    assert len(app.wsgi_app._answers) == 2


@pytest.mark.usefixtures("tick")
def test_what_is_not_there_is_not_kept(client: FlaskClient, session: Session, evening: Evening) -> None:
    """An evening that is published later opens at its address, which led to its village until then."""
    later = factories.make_evening(session, tour=evening.tour, date=TODAY)
    session.commit()
    assert client.get(f"/soirees/{later.id}").location == f"/communes/{later.commune_insee}"
    assert client.get("/soirees/nulle-part").status_code == 404
    factories.make_publication(session, tour=evening.tour, evenings=[evening, later], published_at=NOW)
    session.commit()
    assert client.get(f"/soirees/{later.id}").status_code == 200


@pytest.mark.usefixtures("tick", "evening")
@pytest.mark.parametrize(
    ("accepted", "page_coding", "feed_coding"),
    [
        ("gzip, deflate, br, zstd", "br", "gzip"),
        ("GZIP;q=0.5", "gzip", "gzip"),
        ("br", "br", None),
        ("gzip;q=0, br;q=0", None, None),
        ("*", "br", "gzip"),
        ("br;q=0, *;q=0.1", "gzip", "gzip"),
        ("identity", None, None),
        ("", None, None),
        ("nonsense;q=x, ;;,", None, None),
    ],
)
def test_each_coding_is_kept_apart(
    app: Flask, queries: list[str], accepted: str, page_coding: str | None, feed_coding: str | None
) -> None:
    """Whoever asked before, each gets what it can undo, with its own tag and a Vary, compressed once."""
    client = FlaskClient(app)  # the fixture's would read the page, packed or not
    undo = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
    for path, coding in (("/", page_coding), ("/agenda.ics", feed_coding)):
        plain, packed = client.get(path), client.get(path, headers={"Accept-Encoding": "br, gzip"})
        client.get(path, headers={"Accept-Encoding": accepted})
        queries.clear()
        answer = client.get(path, headers={"Accept-Encoding": accepted})
        assert queries == []
        assert answer.content_encoding == coding
        assert undo[coding](answer.data) == plain.data
        assert "Accept-Encoding" in answer.vary
        assert plain.headers["ETag"] != packed.headers["ETag"]


@pytest.mark.usefixtures("tick", "evening")
def test_no_header_of_one_visitor_reaches_the_others(client: FlaskClient) -> None:
    """Whoever asks under another name or in another language fills the memory with the same bytes."""
    hostile = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "Accept-Language": "de",
        "HX-Request": "true",
    }
    first, second = client.get("/", headers=hostile), client.get("/")
    assert first.data == second.data
    assert "evil.example" not in second.text


@pytest.mark.usefixtures("tick", "evening")
def test_the_front_page_asks_the_view_for_who_reads_another_language(client: FlaskClient, queries: list[str]) -> None:
    """It may lead them to their own language; whoever reads French, or says nothing, is answered from memory."""
    client.get("/")
    for accepted, status in (("fr-FR,fr;q=0.9,en;q=0.8", 200), ("", 200), ("ja", 200), ("en-GB,fr;q=0.5", 302)):
        queries.clear()
        assert client.get("/", headers={"Accept-Language": accepted}).status_code == status, accepted
        assert queries == []


@pytest.mark.parametrize(
    ("status", "headers", "kept_at_all", "kept_as_front_page"),
    [
        (200, {"Vary": "accept-encoding"}, True, True),
        (200, {"Vary": "Accept-Language, Accept-Encoding"}, False, True),
        (200, {"Vary": "Cookie"}, False, False),
        (200, {"Set-Cookie": "session=x"}, False, False),
        (200, {"Cache-Control": "no-store"}, False, False),
        (200, {"Cache-Control": "private, max-age=60"}, False, False),
        (200, {"Cache-Control": "no-cache"}, True, True),
        (301, {}, False, False),
        (500, {}, False, False),
    ],
)
def test_only_what_is_everybody_s_is_kept(
    status: int, headers: dict[str, str], kept_at_all: bool, kept_as_front_page: bool
) -> None:
    """A mark on a view is a promise; what the answer itself says goes before it."""
    response = Response("…", status=status, headers=headers)
    assert kept._may_be_kept(response, varies=kept._CODED) is kept_at_all
    assert kept._may_be_kept(response, varies=kept._NEGOTIATED) is kept_as_front_page


@pytest.mark.usefixtures("evening")
def test_memory_has_an_end(
    app: Flask, client: FlaskClient, queries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty-five thousand villages do not fit: what was not asked for longest goes first."""
    monkeypatch.setattr(kept, "_BYTES", 3 * 8 * 1024)
    app.wsgi_app = kept.Kept(app, app.wsgi_app.behind)
    for path in ("/agenda.ics", "/", "/carte", "/tournees/ete", "/confidentialite"):
        client.get(path)
    assert app.wsgi_app._answers.currsize <= 3 * 8 * 1024
    queries.clear()
    client.get("/agenda.ics")
    assert queries != []


@pytest.mark.usefixtures("evening")
def test_an_answer_is_made_anew_after_ten_minutes(client: FlaskClient, queries: list[str], tick: Seconds) -> None:
    """A commune that a new import renames counts for no version."""
    client.get("/agenda.ics")
    tick.now += 599
    client.get("/agenda.ics")  # the version alone is asked
    assert len(queries) > 1
    queries.clear()
    tick.now += 1
    client.get("/agenda.ics")
    assert len(queries) > 1
