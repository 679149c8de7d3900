"""Parts of a run given to other processes (services/planning/parts*.py): lost, failed, withdrawn, done here."""

import concurrent.futures
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.models import SolverPart
from guinguette.services import planning
from guinguette.services.planning.parts import PartWorker
from guinguette.services.planning.parts_executor import PartsExecutor
from tests import factories as make
from tests.fakes import FixedClock

pytestmark = pytest.mark.enable_socket  # a helper's pipe to whoever started it

ROOT = Path(__file__).parents[2]


def twice(number: int) -> int:
    """A part that answers."""
    return 2 * number


def refuse(_number: int) -> int:
    """A part that fails."""
    raise ValueError("no such territory")


def where_it_runs(_number: int) -> int:
    """A part that tells which process did it."""
    return os.getpid()


def sleep_at_first(folder: str) -> str:
    """A part that takes for ever the first time, and answers the second time."""
    first = Path(folder) / "first"
    if not first.exists():
        first.write_text(str(os.getpid()))
        time.sleep(600)
    return "done by another"


@pytest.fixture
def run_id(session: Session, clock: FixedClock) -> int:
    """A run that is being carried out."""
    run = make.make_run(session, state="running", started_at=clock.now(), heartbeat_at=clock.now())
    session.commit()
    return run.id


@pytest.fixture
def executor(session_factory: sessionmaker[Session], run_id: int) -> Iterator[PartsExecutor]:
    """The run's executor: nobody comes when called, and it waits long before it does anything itself."""
    executor = PartsExecutor(session_factory, run_id, lambda _waiting: None, patience=60, silence=60)
    yield executor
    executor.shutdown(cancel_futures=True)


@pytest.fixture
def worker(session_factory: sessionmaker[Session]) -> PartWorker:
    """Somebody who works on parts when told to."""
    return PartWorker(session_factory)


def _until(happened: Callable[[], object]) -> None:
    pause = threading.Event()
    for _ in range(400):
        if happened():
            return
        pause.wait(0.05)
    pytest.fail("it did not happen within twenty seconds")


def _rows(factory: sessionmaker[Session]) -> int:
    with factory() as session:
        return session.scalar(select(func.count()).select_from(SolverPart)) or 0


def test_whoever_is_free_does_a_part(
    executor: PartsExecutor, worker: PartWorker, session_factory: sessionmaker[Session]
) -> None:
    """Each answer comes back in its own future, and its row goes."""
    futures = [executor.submit(twice, number) for number in range(3)]
    _until(lambda: _rows(session_factory) == 3)
    assert [worker.do_one() for _ in range(4)] == [True, True, True, False]
    assert [future.result(20) for future in futures] == [0, 2, 4]
    assert _rows(session_factory) == 0


def test_workers_are_asked_for_all_that_waits(session_factory: sessionmaker[Session], run_id: int) -> None:
    """What is submitted together as a group; what comes later beside what still waits, whose messages are not its."""
    asked: list[int] = []
    executor = PartsExecutor(session_factory, run_id, asked.append, patience=60, silence=60)
    for number in range(3):
        executor.submit(twice, number)
    _until(lambda: asked[-1:] == [3])
    executor.submit(twice, 3)
    _until(lambda: asked[-1:] == [4])
    executor.shutdown(cancel_futures=True)


def test_a_part_that_fails_twice_raises(executor: PartsExecutor, worker: PartWorker) -> None:
    """Once may be the machine's fault; the second error is the caller's to see."""
    future = executor.submit(refuse, 1)
    _until(worker.do_one)
    _until(worker.do_one)
    with pytest.raises(ValueError, match="no such territory"):
        future.result(20)


def test_a_part_done_twice_counts_once(
    executor: PartsExecutor, worker: PartWorker, session_factory: sessionmaker[Session]
) -> None:
    """Somebody thought lost answers after all, while another is at it: the first answer is taken, once."""
    future = executor.submit(twice, 21)
    _until(lambda: _rows(session_factory))
    slow = PartWorker(session_factory)
    taken = slow._take(None)
    assert taken is not None
    with session_factory.begin() as session:  # the executor has given it again
        session.get_one(SolverPart, taken[0]).state = "waiting"
    assert worker.do_one()
    assert future.result(20) == 42
    assert not slow.do_one()
    assert _rows(session_factory) == 0


def test_a_worker_told_to_stop_gives_its_part_back(
    executor: PartsExecutor, worker: PartWorker, session_factory: sessionmaker[Session]
) -> None:
    """It was no try, and others need not wait until it counts as lost."""
    future = executor.submit(twice, 4)
    _until(lambda: _rows(session_factory))
    leaving = PartWorker(session_factory)
    leaving._take(None)
    assert leaving.give_back() == 1
    assert worker.do_one()
    assert future.result(20) == 8


def test_what_is_cancelled_is_withdrawn(executor: PartsExecutor, session_factory: sessionmaker[Session]) -> None:
    """The engine wants it no more: nobody shall begin with it."""
    future = executor.submit(twice, 4)
    _until(lambda: _rows(session_factory))
    assert future.cancel()
    _until(lambda: not _rows(session_factory))
    assert concurrent.futures.wait([future], 20).not_done == set()


def test_a_run_that_ends_leaves_no_row(executor: PartsExecutor, session_factory: sessionmaker[Session]) -> None:
    """Payloads are big: those that wait and those under way go at once, and their futures are cancelled."""
    futures = [executor.submit(twice, number) for number in range(2)]
    _until(lambda: _rows(session_factory) == 2)
    PartWorker(session_factory)._take(None)
    executor.shutdown(cancel_futures=True)
    assert _rows(session_factory) == 0
    assert all(future.cancelled() for future in futures)
    with pytest.raises(RuntimeError, match="after shutdown"):
        executor.submit(twice, 1)


def test_a_lost_run_takes_its_parts_along(
    session: Session, session_factory: sessionmaker[Session], run_id: int, clock: FixedClock
) -> None:
    """Its worker was killed: what it gave away is removed as it is marked interrupted."""
    session.add(SolverPart(run_id=run_id, payload=b""))
    session.commit()
    planning.mark_interrupted(session, clock)
    session.commit()
    assert _rows(session_factory) == 1
    clock.advance(seconds=planning.SILENCE.total_seconds() + 1)
    assert planning.mark_interrupted(session, clock) == 1
    session.commit()
    assert _rows(session_factory) == 0


def test_a_run_held_for_lost_does_not_hang(executor: PartsExecutor, session_factory: sessionmaker[Session]) -> None:
    """Its rows were taken away under it: its futures say so."""
    future = executor.submit(twice, 1)
    _until(lambda: _rows(session_factory))
    with session_factory.begin() as session:
        session.delete(session.scalars(select(SolverPart)).one())
    with pytest.raises(concurrent.futures.BrokenExecutor, match="held for lost"):
        future.result(20)


def test_what_nobody_takes_is_done_here(session_factory: sessionmaker[Session], run_id: int) -> None:
    """No worker is alive: a process of this machine does it, and ends with the run."""
    executor = PartsExecutor(session_factory, run_id, lambda _waiting: None, patience=0.1, silence=60)
    helper = executor.submit(where_it_runs, 1).result(60)
    assert helper != os.getpid()
    executor.shutdown(cancel_futures=True)
    with pytest.raises(ProcessLookupError):
        os.kill(helper, 0)


_WORKER = """
import sys
from guinguette.models.engine import session_factory
from guinguette.services.planning.parts import PartWorker
worker = PartWorker(session_factory(sys.argv[1]))
while not worker.do_one():
    pass
"""


def test_a_killed_worker_costs_its_part_alone(
    engine: Engine, session_factory: sessionmaker[Session], run_id: int, worker: PartWorker, tmp_path: Path
) -> None:
    """Kill -9 in the middle of a part: once it has been silent for long enough, another does it."""
    executor = PartsExecutor(session_factory, run_id, lambda _waiting: None, patience=60, silence=1.5)
    future = executor.submit(sleep_at_first, str(tmp_path))
    url = engine.url.render_as_string(hide_password=False)
    killed = subprocess.Popen([sys.executable, "-c", _WORKER, url], cwd=ROOT)
    try:
        _until((tmp_path / "first").exists)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    _until(worker.do_one)
    assert future.result(20) == "done by another"
    executor.shutdown()
    assert _rows(session_factory) == 0


def test_a_part_that_loses_two_workers_raises(
    session_factory: sessionmaker[Session], run_id: int, worker: PartWorker
) -> None:
    """It may be what kills them."""
    executor = PartsExecutor(session_factory, run_id, lambda _waiting: None, patience=60, silence=0.3)
    future = executor.submit(twice, 1)
    for _ in range(2):
        _until(lambda: worker._take(None))  # takes it, and is never heard of again
    with pytest.raises(concurrent.futures.BrokenExecutor, match="lost"):
        future.result(20)
    executor.shutdown()
