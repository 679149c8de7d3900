"""How soon an organiser knows what to do on a bad day: ``python -m benchmarks.replan`` writes benchmarks/replan.md.

It builds the demo (SQLite, in a folder that is thrown away), loses each van for its busiest week of the published
summer in turn, and times from the question to the first solution in the database, and to the last.
"""

import datetime as dt
import os
import platform
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from guinguette import config, create_app, extensions
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import SystemClock
from guinguette.models import Evening, Plan, Tour
from guinguette.services import demo, incidents, planning, replans
from guinguette.services.evening_queries import alive_evenings

ROOT = Path(__file__).parent.parent
_LOOK_SECONDS = 0.05


def main() -> int:
    """Build the demo, measure, write the table."""
    with tempfile.TemporaryDirectory() as folder:
        settings = config.load({"GUINGUETTE_INSTANCE": folder}, root=Path(folder))
        app = create_app(settings)
        with app.app_context():
            extensions.alembic.upgrade()
            factory = sessionmaker(extensions.db.engine)
            shop = demo.Workshop(
                factory=factory,
                clock=SystemClock(),
                vault=Vault(settings.data_key),
                public_url=settings.public_url,
                report=lambda step: print(step, file=sys.stderr),  # noqa: T201 - it speaks to whoever runs it
            )
            demo.build(shop)
            with factory() as session:
                tour = session.scalars(select(Tour).where(Tour.season == "summer")).one()
                vans = [item.vehicle_id for item in tour.vehicles]
            rows = [_measure(shop, tour.id, van) for van in vans]
            extensions.db.engine.dispose()
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"
    text = f"""# How soon a breakdown has its solutions

The demo's published summer, one van lost for its busiest week; {machine}. Seconds from the question to the first
solution in the database and to the last. Written by `python -m benchmarks.replan`.

| van, week | evenings hit | first solution | all | solutions | evenings moved, least change | proved |
|---|---|---|---|---|---|---|
""" + "".join(rows)
    (ROOT / "benchmarks" / "replan.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0


def _measure(shop: demo.Workshop, tour_id: int, van: int) -> str:
    with shop.factory() as session:
        tour = session.get_one(Tour, tour_id)
        busy = [evening for evening in alive_evenings(session, tour) if evening.vehicle_id == van]
        (monday, hit), *_ = Counter(e.date - dt.timedelta(days=e.date.weekday()) for e in busy).most_common(1)
        name = busy[0].vehicle.name
        last = monday + dt.timedelta(days=6)
        report = incidents.Report(kind="breakdown", first=monday, last=last, reason="En panne.", vehicle_id=van)
        incident = incidents.report(session, tour, report, actor="benchmark", clock=shop.clock)
        run = replans.start(session, incident, shop.clock)
        session.commit()
        if run is None:
            raise SystemExit(f"{name}: nothing of that week is to come")
        begun, first = time.monotonic(), 0.0
        worker = threading.Thread(target=planning.execute_run, args=(shop.factory, run.id, shop.clock))
        worker.start()
        while worker.is_alive():
            worker.join(_LOOK_SECONDS)
            first = first or (_found(shop.factory, run.id) and time.monotonic() - begun)
        whole = time.monotonic() - begun
        ways = session.scalars(select(Plan).where(Plan.run_id == run.id).order_by(Plan.id)).all()
        least = next(way for way in ways if way.approach == "least")
        kept = {(line.commune_insee, line.date) for line in least.evenings}
        moved = sum((e.commune_insee, e.date) not in kept for e in _to_come(session, tour, shop))
        proved = "yes" if all(stage["proved"] for stage in least.proof[:2]) else "no"
        incidents.withdraw(session, incident, shop.clock)
        session.commit()
    return f"| {name}, {monday} | {hit} | {first:.1f} | {whole:.1f} | {len(ways)} | {moved} | {proved} |\n"


def _to_come(session: Session, tour: Tour, shop: demo.Workshop) -> list[Evening]:
    return [evening for evening in alive_evenings(session, tour) if evening.date > shop.clock.now().date()]


def _found(factory: sessionmaker[Session], run_id: int) -> int:
    with factory() as session:
        return session.scalar(select(func.count()).where(Plan.run_id == run_id)) or 0


if __name__ == "__main__":
    sys.exit(main())
