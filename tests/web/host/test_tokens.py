"""What a link opens, and everything that opens nothing: each refusal of the secret in the address, on every page."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from guinguette.models import Base, Commune, DateOption, Fete, HallBooking, HostLink, JournalEntry, Photo
from guinguette.services import host_links
from tests import factories as make
from tests.fakes import NOW, FixedClock
from tests.web.host.conftest import HostAtHome

CLOSED = "Ce lien ne s’ouvre plus"
#: Never said to somebody of another village.
ELSEWHERE = "Vignory-le-Secret"
DAY = dt.date(2027, 7, 17)
#: What stands for the arguments of a host's address, besides the token: ids of another village's rows, made below.
THEIRS = {"evening_id": "ailleurs", "slug": "ailleurs", "photo_id": "ailleurs"}
#: Which part of a page is meant, whosever it is.
PARTS = {"kind": "permit", "key": "power", "number": 1}


def rules(app: Flask) -> list[Rule]:
    """Every address of a host's pages."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("host.")]


def addresses(app: Flask, token: str) -> Iterator[tuple[Rule, str, str]]:
    """Each method and path of these pages, another village's ids in it: of what is numbered, the first row."""
    paths = app.url_map.bind("localhost")
    for rule in rules(app):
        values = {name: _value(rule, name) for name in rule.arguments - {"token"}}
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            yield rule, method, paths.build(rule.endpoint, {"token": token, **values})


def _value(rule: Rule, name: str) -> str | int:
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    if name.endswith("_id") and isinstance(converter, IntegerConverter):
        return 1
    assert name in THEIRS | PARTS, f"{rule.rule}: what stands for <{name}> is not said in THEIRS or PARTS here"
    return {**THEIRS, **PARTS}[name]


def _names_a_row(rule: Rule) -> bool:
    """Tell whether the address is of something that belongs to a village."""
    return any(name in THEIRS or name.endswith("_id") for name in rule.arguments)


def test_no_page_opens_to_what_is_no_link(app: Flask, host: HostAtHome, session: Session, clock: FixedClock) -> None:
    """Made up, revoked, expired, of somebody who has left: the same page for each, which says how to get another."""
    revoked, gone = make.make_contact(session), make.make_contact(session, archived_at=NOW)
    tokens = {
        "made up": "x" * 22,
        "revoked": make.make_host_link(session, contact=revoked),
        "expired": make.make_host_link(session, at=NOW - dt.timedelta(days=181)),
        "gone": make.make_host_link(session, contact=gone),
    }
    host_links.revoke_all(session, revoked, clock)
    session.commit()
    for token in tokens.values():
        clock.advance(minutes=2)
        _, method, path = next(addresses(app, token))
        page = host.client.open(path, method=method)
        assert (page.status_code, CLOSED in page.text, 'href="/comite/"' in page.text) == (404, True, True)
    for _, method, path in addresses(app, tokens["revoked"]):
        clock.advance(minutes=2)
        page = host.client.open(path, method=method)
        assert (path, page.status_code, page.headers["Referrer-Policy"]) == (path, 404, "no-referrer")
        assert CLOSED in page.text


@pytest.fixture
def theirs(session: Session, clock: FixedClock) -> Commune:
    """Another village, with a tour, an evening, people and places of its own: each the first of its kind."""
    commune, at = make.make_commune(session, name=ELSEWHERE), clock.now()
    tour = make.make_tour(session, slug="ailleurs", name=f"Tournée de {ELSEWHERE}", dates=[DAY])
    make.make_request(session, tour=tour, commune=commune, availabilities={DAY: "yes"})
    evening = make.make_evening(session, id="ailleurs", tour=tour, commune=commune, date=DAY, state="option")
    session.add(
        DateOption(
            evening=evening, date=DAY, state="sent", sent_at=at, sent_by="o", expires_on=DAY - dt.timedelta(days=7)
        )
    )
    make.make_contact(session, committee=make.make_committee(session, commune=commune), name=f"Paul de {ELSEWHERE}")
    pitch = make.make_pitch(session, commune=commune, name=f"Place de {ELSEWHERE}")
    hall = make.make_hall(session, commune=commune, name=f"Salle de {ELSEWHERE}")
    entry = {"commune_insee": commune.insee, "evening_id": evening.id, "actor": ELSEWHERE, "how": "link"}
    picture = {"content": b"x", "width": 1, "height": 1, "added_at": at, "added_by": ELSEWHERE}
    session.add_all([
        JournalEntry(at=at, what="dates", **entry),
        Fete(commune_insee=commune.insee, name=f"Fête de {ELSEWHERE}", first=DAY, last=DAY),
        HallBooking(hall_id=hall.id, date=DAY, what=f"Noces à {ELSEWHERE}", noted_at=at, noted_by=ELSEWHERE),
        Photo(id="ailleurs", pitch_id=pitch.id, **picture),
    ])  # fmt: skip
    session.flush()
    return commune


def test_a_link_shows_its_own_village_alone(
    app: Flask, client: FlaskClient, session: Session, theirs: Commune, clock: FixedClock
) -> None:
    """Every host page there is, with the ids of another village: not there, and not changed; never its name."""
    mine = make.make_contact(session)  # after theirs: no row of mine has the id 1
    token = make.make_host_link(session, contact=mine)
    session.commit()
    before = _everything(session)
    assert any(theirs.insee in row for row in before)
    for rule, method, path in addresses(app, token):
        clock.advance(minutes=2)
        page = client.open(path, method=method)
        assert ELSEWHERE not in page.text, path
        if _names_a_row(rule):
            assert page.status_code in (403, 404, 405), f"{method} {rule.rule}: {page.status_code}"
    gone = [row for row in before if row not in _everything(session)]
    assert gone == [], "something was changed from another village"


def _everything(session: Session) -> list[tuple[object, ...]]:
    """Every row but links, which are marked as they open."""
    session.rollback()
    tables = [table for table in Base.metadata.sorted_tables if table.name not in ("host_link", "attempt")]
    return [(table.name, *row) for table in tables for row in session.execute(select(table))]


def test_a_link_in_a_referer_opens_nothing(host: HostAtHome) -> None:
    """Whoever sees where somebody came from has no use for it; the page itself never says it."""
    address = f"http://localhost{host.path()}"
    door = host.client.get("/comite/", headers={"Referer": address})
    wrong = host.client.get(f"/comite/{'x' * 22}/", headers={"Referer": address})
    for page in (door, wrong):
        assert "Éclaron" not in page.text
        assert host.token not in page.text
        assert page.headers["Referrer-Policy"] == "no-referrer"


def test_no_page_asks_anything_of_another_site(app: Flask, host: HostAtHome) -> None:
    """What a browser fetches by itself is ours, and says so: no picture, script or style from elsewhere."""
    for rule, method, path in addresses(app, host.token):
        if method == "GET" and not rule.arguments - {"token"}:
            page = host.client.get(path)
            assert page.headers["Referrer-Policy"] == "no-referrer"
            assert {"no-store", "private"} & set(page.headers["Cache-Control"].split(", "))
            fetched = re.findall(r'<(?:link|script|img|iframe|source)[^>]*?(?:href|src)="([^"]+)"', page.text)
            assert [address for address in fetched if not address.startswith("/") or address.startswith("//")] == []


def test_guesses_are_counted_and_what_opens_is_not(host: HostAtHome, clock: FixedClock) -> None:
    """Thirty in a minute from one address, then nothing, right or wrong, until it is over; a host may look at will."""
    for _ in range(40):
        assert host.get().status_code == 200
    guesses = [host.client.get(f"/comite/{'x' * 20}{n}/").status_code for n in range(32)]
    assert guesses == [404] * 30 + [429] * 2
    assert host.get().status_code == 429
    elsewhere = host.get(environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 200
    clock.advance(seconds=61)
    assert host.get().status_code == 200


def test_the_first_opening_is_noted_once(host: HostAtHome, session: Session, clock: FixedClock) -> None:
    """With its line in the journal; coming back notes nothing more."""
    first = clock.now()
    host.get()
    clock.advance(days=1)
    host.get("referents")
    session.expire_all()
    assert session.scalars(select(HostLink)).one().opened_at == first
    entry = session.scalars(select(JournalEntry)).one()
    assert (entry.what, entry.actor, entry.detail) == ("link", "Jeanne Petit", "ouvert pour la première fois")


def test_two_letters_of_a_token_do_not_do(host: HostAtHome) -> None:
    """Neither a part of it, nor in capitals, nor with something at its end."""
    for wrong in (host.token[:-1], host.token.swapcase(), host.token + "=", host.token[::-1]):
        assert host.client.get(f"/comite/{wrong}/").status_code == 404
