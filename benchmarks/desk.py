"""How fast the desk answers: ``python -m benchmarks.desk`` on a database of ten tours and four hundred communes.

It builds that database (SQLite, in a folder that is thrown away), signs in, and asks for every GET page of the
organiser's, whatever it is: a page that is added is measured without a word here, as long as its address is made of
the names below. The median of some requests after a first one into ``benchmarks/desk.md``. Exit 1 where a page takes
longer than we promise.
"""

import datetime as dt
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text
from sqlalchemy.orm import Session
from werkzeug.routing import BuildError

from guinguette import config, create_app, extensions
from guinguette.adapters.vault import Vault
from guinguette.models import Commune, DateOption, DoneTask, Evening, EveningChange, Plan, Tour, UnservedWish, Vehicle
from guinguette.services import publication, rules
from guinguette.web.organiser.moves import MOVES
from tests import factories as make
from tests.fakes import NOW, FixedClock

ROOT = Path(__file__).parent.parent
TOURS, COMMUNES_EACH, EVENINGS_EACH, EPCI = 10, 40, 70, 12
REQUESTS = 7
LIMIT_MS = 200
FIRST = dt.date(2027, 6, 4)


def main() -> int:
    """Build the database, measure, write the table; return 1 where a page is too slow."""
    with tempfile.TemporaryDirectory() as folder:
        settings = config.load({"GUINGUETTE_INSTANCE": folder}, root=Path(folder))
        clock = FixedClock()
        app = create_app(settings, clock=clock)
        with app.app_context():
            extensions.alembic.upgrade()
            _fill(extensions.db.session, Vault(settings.data_key), clock)
            extensions.db.session.commit()
        rows = [measure(app, client, path) for client, path in pages(app, "tournee-4")]
        with app.app_context():
            extensions.db.engine.dispose()
    slow = [row for row in rows if row[2] > LIMIT_MS]
    table = _table(sorted(rows, key=lambda row: -row[2]))
    sys.stdout.write(table)
    (ROOT / "benchmarks" / "desk.md").write_text(table, encoding="utf-8")
    for row in slow:
        sys.stderr.write(f"too slow: {row[0]}: {row[2]:.0f} ms\n")
    return 1 if slow else 0


def _fill(session: Session, vault: Vault, clock: FixedClock) -> None:
    """Ten tours under way at once, each with forty villages, two vans, a plan, seventy evenings in every state."""
    dice = random.Random(4)  # noqa: S311 invented data
    rules.ensure_defaults(session)
    make.make_user(session, email="desk@example.org", role="organiser", fs_uniquifier="desk")
    payers = [make.make_epci(session, name=f"Communauté de communes {number}") for number in range(EPCI)]
    villages = [_village(session, vault, dice, payers, number) for number in range(TOURS * COMMUNES_EACH)]
    for number in range(TOURS):
        members = villages[number * COMMUNES_EACH : (number + 1) * COMMUNES_EACH]
        _tour(session, dice, clock, f"tournee-{number}", members)


def _village(session: Session, vault: Vault, dice: random.Random, payers: list[Any], number: int) -> dict[str, Any]:
    commune = make.make_commune(
        session, insee=f"{10000 + number}", name=f"Saint-Remy-sur-{number}", epci=dice.choice(payers)
    )
    return site(session, vault, commune, number)


def site(session: Session, vault: Vault, commune: Commune, number: int) -> dict[str, Any]:
    """Return what a village offers: itself, a pitch, a hall, and a committee with somebody to ring."""
    committee = make.make_committee(session, commune=commune)
    make.make_contact(session, committee=committee, phone_encrypted=vault.encrypt(f"+3363998{number:04d}"))
    return {
        "commune": commune,
        "pitch": make.make_pitch(session, commune=commune, lat=commune.lat, lon=commune.lon),
        "fallback_venue": make.make_hall(session, commune=commune),
        "permit_holder": committee,
    }


def _tour(session: Session, dice: random.Random, clock: FixedClock, slug: str, members: list[dict[str, Any]]) -> None:
    dates = [day for day in (FIRST + dt.timedelta(days=n) for n in range(150)) if day.weekday() >= 3]  # noqa: PLR2004
    vans = [make.make_vehicle(session) for _ in range(2)]
    tour = make.make_tour(
        session,
        slug=slug,
        name=f"La {slug}",
        dates=dates,
        vehicles=vans,
        fundings=dict.fromkeys(sorted({str(each["commune"].epci_siren) for each in members}), 9),
        separation_metres=8000,
        separation_days=2,
    )
    for each in members:
        days = {date: dice.choice(["yes", "if_need_be", "no"]) for date in dates} if dice.random() < 0.8 else None  # noqa: PLR2004
        make.make_request(session, tour=tour, availabilities=days, evenings=2, **each)
    places = [(date, van) for date in dates for van in vans][:EVENINGS_EACH]
    lines = [(members[n % len(members)], date, van) for n, (date, van) in enumerate(places)]
    plan = make.make_plan(
        session, tour=tour, evenings=[(each["commune"], date, van) for each, date, van in lines], metres=1_234_567
    )
    plan.unserved = [
        UnservedWish(
            commune=each["commune"], missing=1, reasons=[{"rule": "equipment", "detail": "", "sentence": "no stage"}]
        )
        for each in members[:8]
    ]
    incident_of(session, tour, vans[0], plan)
    for number, (each, date, van) in enumerate(lines):
        _evening(session, dice, tour, number, date=date, vehicle=van, **each)
    publication.refresh(session, tour, actor="bench", clock=clock, plan=plan)


def incident_of(session: Session, tour: Tour, van: Vehicle, plan: Plan) -> None:
    """A van that breaks down for a week to come, and one way out of it: its evenings fall."""
    first = FIRST + dt.timedelta(days=28)
    incident = make.make_incident(
        session, tour=tour, kind="breakdown", vehicle=van, first=first, last=first + dt.timedelta(days=6)
    )
    run = make.make_run(session, tour=tour, kind="replan", incident=incident, state="done", finished_at=NOW)
    kept = [e for e in plan.evenings if e.vehicle is not van or not incident.first <= e.date <= incident.last]
    make.make_plan(
        session,
        tour=tour,
        run=run,
        approach="least",
        shown_at=None,
        evenings=[(e.commune, e.date, e.vehicle) for e in kept],
        proof=[{"name": name, "value": 0, "proved": True} for name in ("missing", "moved", "rest")],
    )


def _evening(session: Session, dice: random.Random, tour: Tour, number: int, **values: Any) -> None:
    state = "held" if values["date"] < NOW.date() else dice.choice(["proposed", "option", "confirmed", "cancelled"])
    artists = "Les Souliers vernis" if number % 5 else ""
    evening = make.make_evening(session, tour=tour, state=state, artists=artists, **values)
    evening.history = [
        EveningChange(at=NOW, actor="desk@example.org", what="artists", old="", new=f"Orchestre {n}") for n in range(5)
    ]
    if state == "option":
        asked = {"date": evening.date, "expires_on": evening.date - dt.timedelta(days=1), "sent_at": NOW}
        session.add(DateOption(evening=evening, state="sent", sent_by="desk@example.org", **asked))
    if number % 3 == 0:
        session.add(DoneTask(evening=evening, kind="sacem", done_at=NOW, done_by="desk@example.org"))
    session.flush()


def pages(app: Flask, slug: str) -> Iterator[tuple[FlaskClient, str]]:
    """Return a signed-in client and the path of every page of the desk, of each move and view where there are many.

    ``slug`` names the tour that the pages of a tour are asked of.
    """
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = "desk", True
    with app.app_context():
        state = "state = 'confirmed' AND venue = 'pitch'"
        confirmed, proposed, asked = (
            extensions.db.session.execute(_first(condition)).scalar()
            for condition in (state, "state = 'proposed'", "state = 'option'")
        )
        tour = extensions.db.session.query(Tour).filter_by(slug=slug).one()
        van = tour.vehicles[0].vehicle.slug
        plan, way = extensions.db.session.query(Plan).filter_by(tour_id=tour.id).order_by(Plan.id).all()
        line = next(each for each in plan.evenings if each.date > NOW.date())
        insee = line.commune_insee
        values = {
            "slug": slug, "insee": insee, "date": line.date.isoformat(), "evening_id": confirmed,
            "vehicle_slug": van, "key": "option_days", "kind": "emplacement", "word": "comites", "file_format": "xlsx",
            "site_id": 1, "committee_id": 1, "contact_id": 1, "kept_id": 1, "other_id": 2, "plan_id": plan.id,
            "run_id": way.run_id, "incident_id": way.run.incident_id,
            # there is nobody to write to here, and nothing was sent: these answer 404
            "subscriber_id": 1, "visit_id": 1, "message_id": "x", "channel": "sms", "photo_id": "x", "number": 1,
            "language": "fr",
        }  # fmt: skip
        on = extensions.db.session.query(Evening).filter_by(tour_id=tour.id, state="confirmed")[0]
        day = {"date": on.date.isoformat(), "van": on.vehicle.slug}
        special = {
            "organiser.new_incident": {"word": "panne"},
            "organiser.way_out_news": {"plan_id": way.id},
            "organiser.vehicle": {"slug": van},
            **dict.fromkeys(("organiser.run_sheet", "organiser.run_sheet_paper", "organiser.run_sheets_of_week"), day),
        }
    with app.test_request_context():
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
            if not rule.endpoint.startswith("organiser.") or "GET" not in (rule.methods or ()):
                continue
            for more in [{"move": move} for move in MOVES] if "move" in rule.arguments else [{}]:
                given = values | more | special.get(rule.endpoint, {})
                given["evening_id"] = {"confirmer": proposed, "option": proposed, "reponse": asked}.get(
                    more.get("move", ""), confirmed
                )
                if rule.endpoint == "organiser.export_records" and "slug" in rule.arguments:
                    given["word"] = "communes"
                try:
                    adapter = app.url_map.bind("localhost")
                    path = adapter.build(rule.endpoint, {name: given.get(name) for name in rule.arguments})
                except BuildError as error:
                    sys.exit(f"no example for {rule.rule}: {error}")
                yield client, path
    for query in ("plan?vue=liste", "plan?vue=carte", "soirees?etat=att", "options?etat=attente"):
        yield client, f"/organisation/tournees/{slug}/{query}"
    yield client, "/organisation/communes?q=remy"
    yield client, f"/organisation/tournees/{slug}/comparer?plans={plan.id},{way.id}"


def _first(condition: str) -> Any:
    return text(f"SELECT id FROM evening WHERE {condition} AND date > '2027-06-20' ORDER BY id LIMIT 1")  # noqa: S608


def measure(
    app: Flask, client: FlaskClient, path: str, *, requests: int = REQUESTS
) -> tuple[str, int, float, float, int, int]:
    """Return the path, its status, median milliseconds of our own and by the clock, queries and kilobytes."""
    asked: list[str] = []
    with app.app_context():
        engine = extensions.db.engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    answer = client.get(path)
    event.remove(engine, "before_cursor_execute", note)
    own, clock = [], []
    for _ in range(requests):
        start, begun = time.perf_counter(), time.process_time()
        client.get(path).get_data()
        own.append((time.process_time() - begun) * 1000)
        clock.append((time.perf_counter() - start) * 1000)
    size = len(answer.get_data()) // 1024
    return path, answer.status_code, statistics.median(own), statistics.median(clock), len(asked), size


def _table(rows: list[tuple[str, int, float, float, int, int]]) -> str:
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"
    head = f"""# How fast the desk answers

Ten tours of {COMMUNES_EACH} communes each ({TOURS * COMMUNES_EACH} in all), {TOURS * EVENINGS_EACH} evenings, SQLite,
{machine}. Medians of {REQUESTS} requests after a first one. The database is in the process, so that the processor's
time is what a request takes on a machine that does nothing else; the clock's grows with whatever else runs. Every page
promises {LIMIT_MS} ms of the former. Written by `python -m benchmarks.desk`.

| page | status | processor (ms) | clock (ms) | queries | size (KB) |
|---|---|---|---|---|---|
"""
    return head + "".join(f"| `{r[0]}` | {r[1]} | {r[2]:.0f} | {r[3]:.0f} | {r[4]} | {r[5]} |\n" for r in rows)


if __name__ == "__main__":
    sys.exit(main())
