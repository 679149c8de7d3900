"""A run whose parts three real workers do on PostgreSQL, one of them killed on the way: it ends with a checked plan."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, sessionmaker

import routing
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
PARTS, WORKERS = 6, 3


def territory(folder: str, number: int) -> int:
    """A part that notes who does it, and goes on once it is allowed to."""
    (Path(folder) / f"{number}.{os.getpid()}").touch()
    while not (Path(folder) / "go").exists():
        time.sleep(0.05)
    return number


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


def _begun(folder: Path) -> dict[int, set[int]]:
    """Return the processes that have begun each part."""
    found: dict[int, set[int]] = {number: set() for number in range(PARTS)}
    for note in folder.glob("*.*"):
        found[int(note.stem)].add(int(note.suffix[1:]))
    return found


def _until(happened: Callable[[], bool]) -> None:
    for _ in range(1200):
        if happened():
            return
        time.sleep(0.05)
    pytest.fail("it did not happen within a minute")


def test_a_killed_worker_costs_its_part_alone(
    factory: sessionmaker[Session],
    workers: list[subprocess.Popen[bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two workers do what three had begun, the dead one's part is done by another, and nothing is left behind."""
    monkeypatch.setattr("guinguette.services.planning.parts_executor.PATIENCE_SECONDS", 120.0)  # theirs alone
    monkeypatch.setattr("guinguette.services.planning.parts_executor.SILENCE_SECONDS", 4.0)
    (notes := tmp_path / "notes").mkdir()
    answers: list[int] = []
    solve = routing.solve

    def in_parts(*args: Any, executor: Any, **kwargs: Any) -> routing.Plan:
        futures = [executor.submit(territory, str(notes), number) for number in range(PARTS)]
        answers.extend(future.result() for future in futures)
        return solve(*args, **kwargs)

    monkeypatch.setattr(routing, "solve", in_parts)
    run_id = _asked_run(factory)
    with closing(QueuedJobs(config.load().queue_url)) as jobs:
        coordinator = threading.Thread(
            target=planning.execute_run, args=(factory, run_id, SystemClock()), kwargs={"wake": jobs.wake_for_parts}
        )
        coordinator.start()
        _until(lambda: sum(map(len, _begun(notes).values())) == WORKERS)
        victim = workers[0]
        [lost] = [number for number, pids in _begun(notes).items() if victim.pid in pids]
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        (notes / "go").touch()
        coordinator.join(120)
    assert answers == list(range(PARTS))
    assert len(_begun(notes)[lost] - {victim.pid}) == 1
    assert set().union(*_begun(notes).values()) == {worker.pid for worker in workers}
    with factory() as session:
        run = session.get_one(SolverRun, run_id)
        assert (run.state, run.error, len(run.plans[0].evenings)) == ("done", "", 2)
        assert session.scalar(select(func.count()).select_from(SolverPart)) == 0


def _asked_run(factory: sessionmaker[Session]) -> int:
    with factory.begin() as session:
        rules.ensure_defaults(session)
        day = today(SystemClock())
        dates = [day.replace(year=day.year + 1, month=6, day=number) for number in (4, 11, 18)]
        tour = make.make_tour(session, dates=dates, vehicles=[make.make_vehicle(session)])
        make.make_request(session, tour=tour)
        make.make_request(session, tour=tour)
        return planning.start_run(session, tour, SystemClock(), seconds=5).id
