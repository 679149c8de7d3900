"""Lighthouse on the page where a host gives days: ``python -m benchmarks.lighthouse_host``.

It builds a database of its own (SQLite, in a folder that is thrown away) with a long tour, every Thursday to Sunday of
a summer, half of it answered, and serves it on loopback. Medians of five runs (Lighthouse's own
slow phone and slow 4G) into ``benchmarks/lighthouse_host.md``. Exit 1 where the page has less than 100 in
accessibility, or sends 60 KB or more with all that it loads. Search engines are kept out on purpose.
"""

import datetime as dt
import os
import platform
import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from benchmarks.lighthouse import RUNS, TIMES, medians, run
from guinguette import config, create_app, extensions
from guinguette.models import Fete
from tests import factories as make
from tests.fakes import FixedClock

ROOT = Path(__file__).parent.parent
MOST_BYTES = 60_000
SPAN = [dt.date(2027, 6, 10) + dt.timedelta(days=n) for n in range(113)]
DAYS = [day for day in SPAN if day.weekday() >= 3]  # noqa: PLR2004 -- Thursday


def main() -> int:
    """Build, serve, measure, write the table; return 1 where the promise is not kept."""
    with tempfile.TemporaryDirectory() as folder:
        settings = config.load({"GUINGUETTE_INSTANCE": folder}, root=Path(folder))
        app = create_app(settings, clock=FixedClock())
        with app.app_context():
            extensions.alembic.upgrade()
            path = _fill()
        found, version = _measured(app, path)
        with app.app_context():
            extensions.db.engine.dispose()
    names = {"accessibility": "accessibility", "performance": "performance", **TIMES}
    table = [
        "# Lighthouse, mobile: the page where a host gives days",
        "",
        f"Medians of {RUNS} runs by `benchmarks/lighthouse_host.py`, {datetime.now(UTC):%d %B %Y}, Lighthouse",
        f"{version}, {os.cpu_count()} processors, {platform.machine()}; {len(DAYS)} days, half of them answered.",
        "",
        "| " + " | ".join(names.values()) + " |",
        "|" + "---:|" * len(names),
        "| " + " | ".join(f"{found[name]:.3g}" if found[name] < 1 else f"{found[name]:.0f}" for name in names) + " |",
        "",
    ]
    (ROOT / "benchmarks/lighthouse_host.md").write_text("\n".join(table), encoding="utf-8")
    sys.stdout.write("\n".join(table))
    return int(found["accessibility"] < 100 or found["total-byte-weight"] >= MOST_BYTES)  # noqa: PLR2004


def _fill() -> str:
    """Write the tour, a village with a fête and a host with a link; return the path of the page."""
    session = extensions.db.session
    tour = make.make_tour(session, slug="ete", name="Été 2027", dates=DAYS, answer_by=DAYS[2])
    commune = make.make_commune(session, name="Éclaron-Braucourt-Sainte-Livière")
    levels = {day: ("yes", "if_need_be", "no")[n % 3] for n, day in enumerate(DAYS[::2])}
    make.make_request(session, tour=tour, commune=commune, availabilities=levels, answered_how="link")
    session.add(Fete(commune_insee=commune.insee, name="Fête patronale", first=DAYS[20], last=DAYS[22]))
    contact = make.make_contact(session, committee=make.make_committee(session, commune=commune))
    token = make.make_host_link(session, contact=contact)
    session.commit()
    return f"/comite/{token}/jours/ete"


def _measured(app: Flask, path: str) -> tuple[dict[str, float], str]:
    """Serve the app, run Lighthouse; return the medians and Lighthouse's version."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        reports = [run(f"http://127.0.0.1:{server.server_port}{path}") for _ in range(RUNS)]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    return medians(reports), reports[0]["lighthouseVersion"]


if __name__ == "__main__":
    sys.exit(main())
