"""Solver runs: claimed once, watched while they work, kept when they end badly."""

import datetime as dt
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

import routing
from guinguette.domain.errors import Conflict
from guinguette.models import SolverRun, Tour
from guinguette.services import planning, rules
from tests import factories as make
from tests.fakes import FixedClock

FRIDAYS = [dt.date(2027, 6, 11) + dt.timedelta(weeks=week) for week in range(3)]


@pytest.fixture
def tour(session: Session) -> Tour:
    """Two communes that want one evening each, and one that no van can reach for want of a stage."""
    rules.ensure_defaults(session)
    tour = make.make_tour(session, dates=FRIDAYS, vehicles=[make.make_vehicle(session)])
    make.make_request(session, tour=tour)
    make.make_request(session, tour=tour)
    make.make_request(session, tour=tour, needs=["stage"])
    session.commit()
    return tour


def test_a_run_ends_with_a_checked_plan(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, clock: FixedClock
) -> None:
    """The plan's rows, its cost and bound, and who was not served with the reason are all kept."""
    run = planning.start_run(session, tour, clock, seconds=5)
    session.commit()
    planning.execute_run(session_factory, run.id, clock)
    session.expire_all()
    plan = planning.latest_plan(session, tour)
    assert run.state == "done"
    assert plan is not None
    assert plan.status == "optimal"
    assert plan.cost == plan.bound == run.cost
    assert len(plan.evenings) == 2
    [wish] = plan.unserved
    assert wish.missing == 1
    assert [reason["rule"] for reason in wish.reasons] == ["equipment"]


def test_only_one_run_at_a_time(session: Session, tour: Tour, clock: FixedClock) -> None:
    """A second click on Planifier is told that a run is under way."""
    planning.start_run(session, tour, clock)
    with pytest.raises(Conflict):
        planning.start_run(session, tour, clock)


def test_a_run_is_carried_out_once(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, clock: FixedClock
) -> None:
    """A task delivered twice does not solve twice."""
    run = planning.start_run(session, tour, clock, seconds=5)
    session.commit()
    planning.execute_run(session_factory, run.id, clock)
    planning.execute_run(session_factory, run.id, clock)
    assert session.query(planning.Plan).count() == 1


def test_a_silent_run_is_marked_interrupted_and_can_start_again(
    session: Session, tour: Tour, clock: FixedClock
) -> None:
    """A worker that died leaves no run "running" for ever."""
    run = planning.start_run(session, tour, clock)
    run.state, run.heartbeat_at = "running", clock.now()
    session.flush()
    assert planning.mark_interrupted(session, clock) == 0
    clock.advance(seconds=planning.SILENCE.total_seconds() + 1)
    assert planning.mark_interrupted(session, clock) == 1
    session.refresh(run)
    assert run.state == "interrupted"
    assert planning.restart(session, run, clock).state == "queued"


def test_a_run_stopped_before_it_began_never_runs(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, clock: FixedClock
) -> None:
    """Stop on a queued run: the worker finds nothing to do."""
    run = planning.start_run(session, tour, clock)
    planning.request_stop(session, run)
    session.commit()
    planning.execute_run(session_factory, run.id, clock)
    session.expire_all()
    assert run.state == "stopped"
    assert run.plan is None


def test_stopping_keeps_the_best_plan(
    session: Session,
    session_factory: sessionmaker[Session],
    tour: Tour,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stop while it works: the solver hears it and the plan it has is stored."""
    solve = routing.solve

    def patient(season, limits, progress=None, *, should_stop=None):  # type: ignore[no-untyped-def]
        with session_factory() as other:
            planning.request_stop(other, other.get_one(SolverRun, run.id))
            other.commit()
        heard = []
        while not heard or not heard[-1]:
            heard.append(should_stop())
        return solve(season, limits, progress, should_stop=should_stop)

    run = planning.start_run(session, tour, clock, seconds=5)
    session.commit()
    monkeypatch.setattr(routing, "solve", patient)
    planning.execute_run(session_factory, run.id, clock)
    session.expire_all()
    assert run.state == "stopped"
    assert run.plan is not None


def test_a_failure_is_told(
    session: Session,
    session_factory: sessionmaker[Session],
    tour: Tour,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever goes wrong in the solver, the run says so and can be started again."""

    def broken(*_: object, **__: object) -> None:
        raise MemoryError("no room")

    run = planning.start_run(session, tour, clock)
    session.commit()
    monkeypatch.setattr(routing, "solve", broken)
    planning.execute_run(session_factory, run.id, clock)
    session.expire_all()
    assert run.state == "failed"
    assert "no room" in run.error


def test_a_plan_that_breaks_a_rule_is_not_kept(
    session: Session,
    session_factory: sessionmaker[Session],
    tour: Tour,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Were the solver wrong, the independent check would stop its plan here."""
    run = planning.start_run(session, tour, clock, seconds=5)
    session.commit()
    monkeypatch.setattr(routing, "check", lambda *_: ("spacing: two evenings three days apart",))
    planning.execute_run(session_factory, run.id, clock)
    session.expire_all()
    assert run.state == "failed"
    assert run.plan is None
    assert "spacing" in run.error


def test_a_worker_killed_in_the_middle_leaves_a_run_that_can_start_again(
    session: Session, engine: Engine, clock: FixedClock
) -> None:
    """kill -9 while it solves: the run is marked interrupted once it has fallen silent, and can be started again."""
    tour = make.make_tour(
        session,
        dates=[dt.date(2027, 6, 10) + dt.timedelta(days=day) for day in range(60)],
        vehicles=[make.make_vehicle(session), make.make_vehicle(session)],
    )
    for _ in range(25):
        make.make_request(session, tour=tour, evenings=3, min_days_between=5)
    rules.ensure_defaults(session)
    run = planning.start_run(session, tour, clock, seconds=120)
    session.commit()
    url = engine.url.render_as_string(hide_password=False)
    worker = subprocess.Popen([sys.executable, "-c", _WORKER, url, str(run.id)], cwd=Path(__file__).parents[2])
    try:
        _wait_until_running(session, run)
    finally:
        worker.kill()
        worker.wait()
    session.expire_all()
    assert run.state == "running"
    assert run.heartbeat_at is not None
    clock.set(run.heartbeat_at + planning.SILENCE + dt.timedelta(seconds=1))
    assert planning.mark_interrupted(session, clock) == 1
    assert planning.restart(session, run, clock).state == "queued"


_WORKER = """
import sys
from guinguette.domain.clock import SystemClock
from guinguette.models.engine import session_factory
from guinguette.services.planning import execute_run
execute_run(session_factory(sys.argv[1]), int(sys.argv[2]), SystemClock())
"""


def _wait_until_running(session: Session, run: SolverRun) -> None:
    """Return once the worker has written progress; fail after a minute."""
    pause = threading.Event()
    for _ in range(600):
        session.expire_all()
        if run.state == "running" and run.heartbeat_at != run.started_at:
            return
        session.rollback()
        pause.wait(0.1)
    pytest.fail("the worker never began")
