"""A country's run, whose parts three real workers do on PostgreSQL, one of them killed on the way: a checked plan."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from guinguette import config
from guinguette.cli import run as guinguette
from guinguette.domain.clock import SystemClock, today
from guinguette.jobs.queue import QueuedJobs
from guinguette.models import SolverPart, SolverRun
from guinguette.models.engine import engine_options
from guinguette.services import planning, rules
from tests import factories as make
from tests.conftest import POSTGRESQL

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not POSTGRESQL, reason="with PostgreSQL only (scripts/with_postgresql.py)"),
]

ROOT = Path(__file__).parents[2]
WORKERS = 3
#: Where vans are based: too far apart for any to serve another's villages.
YARDS = {"Troyes": (48.30, 4.07), "Brest": (48.39, -4.49), "Pau": (43.30, -0.37), "Nice": (43.70, 7.27)}
VILLAGES_EACH = 4
FRIDAY = 4


@pytest.fixture
def factory(installation: Path) -> Iterator[sessionmaker[Session]]:
    """The installation's database, at this version's schema."""
    assert guinguette(["db", "upgrade"]) == 0
    url = config.load().database_url
    engine = create_engine(url, **engine_options(url))
    yield sessionmaker(engine)
    engine.dispose()


@pytest.fixture
def workers(factory: sessionmaker[Session], installation: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Three ``guinguette worker --queue parts``, as three machines would run them."""
    command = [sys.executable, "-m", "guinguette.cli", "worker", "--queue", "parts"]
    with closing(QueuedJobs(config.load().queue_url)) as jobs:
        jobs.waiting()  # makes the queue's tables
    with (installation / "log").open("wb") as log:
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        started = [subprocess.Popen(command, env=environ, stdout=log, stderr=log) for _ in range(WORKERS)]
    yield started
    for worker in started:
        worker.kill()
        worker.wait()


def _workers_of(factory: sessionmaker[Session]) -> dict[int, str]:
    """Return who works on each part right now, as ``host:pid:…``."""
    columns = SolverPart.id, SolverPart.worker
    with factory() as session:
        rows = session.execute(select(*columns).where(SolverPart.state == "running"))
        return {row.id: row.worker for row in rows}


def _pid(worker: str) -> int:
    return int(worker.split(":")[1])


def _enough(factory: sessionmaker[Session], run_id: int) -> None:
    with factory.begin() as session:
        planning.request_stop(session, planning.get_run(session, run_id))


def test_a_killed_worker_costs_its_part_alone(
    factory: sessionmaker[Session], workers: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dead worker's part is taken by another, the plan is checked and serves all wishes, no row is left."""
    monkeypatch.setattr("guinguette.services.planning.parts_executor.PATIENCE_SECONDS", 120.0)  # theirs alone
    monkeypatch.setattr("guinguette.services.planning.parts_executor.SILENCE_SECONDS", 3.0)
    monkeypatch.setattr("routing.engines.decide.COUNTRY_SLOTS", 0)
    monkeypatch.setattr("routing.engines.territories._LEAST", 0)
    run_id = _asked_run(factory)
    seen: dict[int, set[int]] = {}
    victim, lost = 0, 0
    with closing(QueuedJobs(config.load().queue_url)) as jobs:
        coordinator = threading.Thread(
            target=planning.execute_run, args=(factory, run_id, SystemClock()), kwargs={"wake": jobs.wake_for_parts}
        )
        coordinator.start()
        while coordinator.is_alive():
            for part, worker in _workers_of(factory).items():
                seen.setdefault(part, set()).add(_pid(worker))
                if not victim:
                    lost, victim = part, _pid(worker)
                    next(each for each in workers if each.pid == victim).send_signal(signal.SIGKILL)
            if len(set().union(*seen.values())) == WORKERS and len(seen[lost]) > 1:
                _enough(factory, run_id)
            coordinator.join(0.05)
    assert len(seen[lost] - {victim}) == 1
    assert set().union(*seen.values()) == {worker.pid for worker in workers}
    with factory() as session:
        run = session.get_one(SolverRun, run_id)
        assert (run.state, run.error) == ("stopped", "")
        assert len(run.plans[0].evenings) == len(YARDS) * VILLAGES_EACH
        assert {each["name"] for each in run.territories} == set(YARDS)
        assert session.scalar(select(func.count()).select_from(SolverPart)) == 0


def _asked_run(factory: sessionmaker[Session]) -> int:
    """Return a run over villages in four corners of France."""
    with factory.begin() as session:
        rules.ensure_defaults(session)
        day = today(SystemClock())
        june = [dt.date(day.year + 1, 6, number) for number in range(1, 31)]
        dates = [date for date in june if date.weekday() in (FRIDAY, FRIDAY + 1)]
        vans = [
            make.make_vehicle(session, depot_name=name, depot_lat=lat, depot_lon=lon)
            for name, (lat, lon) in YARDS.items()
        ]
        tour = make.make_tour(session, dates=dates, vehicles=vans)
        for lat, lon in YARDS.values():
            for number in range(VILLAGES_EACH):
                commune = make.make_commune(session, lat=lat + 0.1, lon=lon + 0.1 * number)
                answers = {date: "yes" for date in dates if date != dates[number]}
                make.make_request(session, tour=tour, commune=commune, availabilities=answers)
        return planning.start_run(session, tour, SystemClock(), seconds=120).id
