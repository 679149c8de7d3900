"""Whether the app carries a country: ``python -m benchmarks.country_app`` on one tour of 3,000 communes and 90 vans.

The communes, dates, answers and vans are those of the solver's benchmark "L"; the plan gives each van its next village
on each of its dates (6,000 evenings: what the app does with a plan does not depend on how good it is). It is stored,
published, and every page of the desk and of the public is asked for once. Database: SQLite, in a folder that is thrown
away. What each takes goes into ``benchmarks/country_app.md``; exit 1 where a page takes longer than we promise.
"""

import datetime as dt
import itertools
import json
import os
import platform
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from benchmarks import desk
from guinguette import config, create_app, extensions
from guinguette.adapters.vault import Vault
from guinguette.models import Commune, DateOption, Epci, Evening, Plan, PlannedEvening, Tour, UnservedWish
from guinguette.publishing.geojson import to_geojson
from guinguette.publishing.tables import to_csv, to_xlsx
from guinguette.services import planning, publication, published, rules
from routing.bench.seasons import LARGE, communes_of, season_of
from tests import factories as make
from tests.fakes import NOW, FixedClock

ROOT = Path(__file__).parent.parent
COMMUNES = ROOT / "guinguette" / "data" / "communes.csv.gz"
EVENINGS = 6000
LIMIT_MS = 2000
REQUESTS = 2
SLUG = "pays"
_NEXT_YEAR = dt.timedelta(weeks=52)

Row = tuple[str, float]


def main() -> int:
    """Build the database, measure, write the table; return 1 where a page is too slow."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "GUINGUETTE_INSTANCE": folder,
            "GUINGUETTE_DATABASE_URL": os.environ.get("GUINGUETTE_TEST_DATABASE_URL", ""),
        }
        settings = config.load(environ, root=Path(folder))
        clock = FixedClock(dt.datetime(2027, 3, 1, 10, tzinfo=dt.UTC))
        app = create_app(settings, clock=clock)
        works: list[Row] = []
        with app.app_context():
            extensions.alembic.upgrade()
            session = extensions.db.session
            _timed(works, "(building the database)", lambda: _fill(session, Vault(settings.data_key)))
            session.commit()
            _work(works, session, clock, Vault(settings.data_key), settings.public_url)
            session.commit()
        rows = [desk.measure(app, client, path, requests=REQUESTS) for client, path in desk.pages(app, SLUG)]
        rows += [desk.measure(app, app.test_client(), path, requests=REQUESTS) for path in _public(app)]
        with app.app_context():
            extensions.db.engine.dispose()
    table = _table(works, sorted(rows, key=lambda row: -row[2]))
    sys.stdout.write(table)
    (ROOT / "benchmarks" / "country_app.md").write_text(table, encoding="utf-8")
    slow = [row for row in rows if row[2] > LIMIT_MS]
    for row in slow:
        sys.stderr.write(f"too slow: {row[0]}: {row[2]:.0f} ms\n")
    return 1 if slow else 0


def _timed(works: list[Row], name: str, work: Callable[[], Any]) -> Any:
    begun = time.process_time()
    result = work()
    works.append((name, time.process_time() - begun))
    sys.stderr.write(f"{name}: {works[-1][1]:.1f} s\n")
    return result


def _fill(session: Session, vault: Vault) -> None:
    """One tour as the solver's benchmark has it, a year later; a committee, a pitch and a hall in each village."""
    rows = communes_of(COMMUNES, LARGE)
    season = season_of(LARGE, rows, seed=1)
    by_insee = {row["insee"]: row for row in rows}
    rules.ensure_defaults(session)
    make.make_user(session, email="desk@example.org", role="organiser", fs_uniquifier="desk")
    depots = {place["id"]: place for place in season["locations"]}
    vans = [
        make.make_vehicle(
            session,
            slug=van["id"],
            name=f"Camion {van['id']}",
            depot_name=van["depot"].capitalize(),
            depot_lat=depots[van["depot"]]["lat"],
            depot_lon=depots[van["depot"]]["lon"],
            equipment=van["equipment"],
            max_evenings_per_week=van["max_evenings_per_week"],
            max_days_in_row=van["max_days_in_row"],
            max_leg_metres=van["max_leg_metres"],
        )
        for van in season["vehicles"]
    ]
    sirens = sorted({by_insee[each["id"]]["epci"] for each in season["communes"]} - {""})
    session.add_all(Epci(siren=siren, name=f"Communauté {siren}") for siren in sirens)
    dates = [_later(day) for day in season["dates"]]
    tour = make.make_tour(
        session, slug=SLUG, name="Le pays", dates=dates, vehicles=vans, separation_metres=9000, separation_days=2,
        fundings={siren: quota["max"] for quota in season["quotas"] if (siren := quota["id"].removeprefix("epci-"))},
    )  # fmt: skip
    for link, van in zip(tour.vehicles, season["vehicles"], strict=True):
        offered = {_later(day) for day in van["dates"]}
        link.unavailable = [day.isoformat() for day in dates if day not in offered]
    for number, each in enumerate(season["communes"]):
        row = by_insee[each["id"]]
        commune = Commune(
            insee=row["insee"], name=row["name"], department=row["department"], region=row["region"],
            epci_siren=row["epci"] or None, population=int(row["population"]), lat=float(row["lat"]),
            lon=float(row["lon"]), postcodes=row["postcodes"], search_key=row["name"].lower(),
        )  # fmt: skip
        session.add(commune)
        answers = (
            {_later(day): level for day, level in each["availability"].items()} if "availability" in each else None
        )
        make.make_request(
            session, tour=tour, availabilities=answers, evenings=each["evenings"], needs=each.get("needs", []),
            priority=each["priority"], min_days_between=each["min_days_between"],
            **desk.site(session, vault, commune, number),
        )  # fmt: skip


def _later(day: str) -> dt.date:
    return dt.date.fromisoformat(day) + _NEXT_YEAR


def _work(works: list[Row], session: Session, clock: FixedClock, vault: Vault, url: str) -> None:
    tour = session.query(Tour).filter_by(slug=SLUG).one()
    season = _timed(
        works, "the tour as a season (`planning.season_of`)", lambda: planning.season_of(session, tour, clock)
    )
    sys.stderr.write(f"season: {len(json.dumps(season)) // 1024} KB\n")
    plan = _plan(session, tour, season)
    _timed(works, f"storing a plan of {len(plan.evenings)} evenings", lambda: (session.add(plan), session.flush()))
    session.commit()
    _timed(
        works, "what publishing would change (`publication.preview`)", lambda: publication.preview(session, plan, clock)
    )
    act = {"actor": "bench", "clock": clock, "vault": vault, "public_url": url}
    _timed(works, "publishing it", lambda: (publication.publish(session, plan, **act), session.commit()))
    _states(session, tour)
    desk.incident_of(session, tour, tour.vehicles[0].vehicle, plan)
    _timed(
        works, "freezing a new version (`publication.refresh`)",
        lambda: (publication.refresh(session, tour, actor="bench", clock=clock, plan=plan), session.commit()),
    )  # fmt: skip
    seen = _timed(works, "reading what is published", lambda: published.by_slug(session, SLUG))
    for name, write in (("csv", to_csv), ("xlsx", to_xlsx), ("geojson", lambda seen: to_geojson(seen, url))):
        _timed(works, f"`tour export --format {name}`", lambda write=write: write(seen))


def _plan(session: Session, tour: Tour, season: dict[str, Any]) -> Plan:
    """Give the vans of each depot the villages nearest to it, in turn."""
    depots: dict[tuple[float, float], list[Any]] = defaultdict(list)
    for link in tour.vehicles:
        depots[link.vehicle.depot_lat, link.vehicle.depot_lon].append(link)
    villages: dict[tuple[float, float], list[str]] = defaultdict(list)
    places = {place["id"]: (place["lat"], place["lon"]) for place in season["locations"]}
    for commune in season["communes"]:
        lat, lon = places[commune["id"]]
        near = min(depots, key=lambda depot: (depot[0] - lat) ** 2 + (0.67 * (depot[1] - lon)) ** 2)
        villages[near] += [commune["id"]]
    plan = Plan(
        tour_id=tour.id,
        status="feasible",
        metres=900_000_000,
        cost=1_000_000_000,
        season_at=tour.created_at,
        created_at=NOW,
        shown_at=NOW,
    )
    days = [dt.date.fromisoformat(day) for day in season["dates"]]
    taken: set[tuple[str, dt.date]] = set()
    for depot, links in depots.items():
        turn = itertools.cycle(villages[depot])
        for day, link in itertools.product(days, links):
            insee = next(turn)
            if day.isoformat() in link.unavailable or (insee, day) in taken or len(taken) >= EVENINGS:
                continue
            taken.add((insee, day))
            plan.evenings.append(PlannedEvening(commune_insee=insee, date=day, vehicle_id=link.vehicle_id))
    served = {insee for insee, _ in taken}
    short = [commune["id"] for commune in season["communes"] if commune["id"] not in served]
    reasons = [{"rule": "equipment", "detail": "", "sentence": "no stage"}]
    plan.unserved = [UnservedWish(commune_insee=insee, missing=1, reasons=reasons) for insee in short[:200]]
    return plan


def _states(session: Session, tour: Tour) -> None:
    """A third confirmed, a tenth asked for, the rest proposed."""
    evenings = session.query(Evening).filter_by(tour_id=tour.id).all()
    confirmed = [e.id for e in evenings[::3]]
    session.execute(update(Evening).where(Evening.id.in_(confirmed)).values(state="confirmed"))
    for evening in evenings[1::10]:
        if evening.id in confirmed:
            continue
        evening.state = "option"
        asked = {"date": evening.date, "expires_on": evening.date - dt.timedelta(days=1), "sent_at": NOW}
        session.add(DateOption(evening=evening, state="sent", sent_by="desk@example.org", **asked))
    session.commit()


def _public(app: Flask) -> list[str]:
    with app.app_context():
        evening = extensions.db.session.query(Evening).filter_by(state="confirmed").limit(1).one()
        insee, siren = evening.commune_insee, evening.commune.epci_siren
    pages = [
        "/",
        "/dates",
        "/carte",
        f"/tournees/{SLUG}",
        f"/communes/{insee}",
        f"/soirees/{evening.id}",
        "/villages?q=saint",
    ]
    feeds = [
        "/agenda.ics",
        f"/tournees/{SLUG}.ics",
        f"/communes/{insee}.ics",
        f"/epci/{siren}.ics",
        "/flux.atom",
        "/sitemap.xml",
    ]
    return [*pages, *feeds, f"/embed/{SLUG}", f"/carte?tour={SLUG}", "/api/v1/tours", "/metrics"]


def _table(works: list[Row], rows: list[Any]) -> str:
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"
    head = f"""# Whether the app carries a country

One tour of {LARGE.communes} communes, {LARGE.vehicles[0]} vans, {len(LARGE.depots)} depots,
{EVENINGS} evenings; SQLite, {machine}. Seconds and milliseconds of the
processor. Written by `python -m benchmarks.country_app`.

| work | seconds |
|---|---|
"""
    head += "".join(f"| {name} | {seconds:.1f} |\n" for name, seconds in works)
    head += f"""
Pages: medians of {REQUESTS} requests after a first one. Each promises {LIMIT_MS} ms of the processor.

| page | status | processor (ms) | clock (ms) | queries | size (KB) |
|---|---|---|---|---|---|
"""
    return head + "".join(f"| `{r[0]}` | {r[1]} | {r[2]:.0f} | {r[3]:.0f} | {r[4]} | {r[5]} |\n" for r in rows)


if __name__ == "__main__":
    sys.exit(main())
