"""The search for ways out as a worker carries it out: stopped, killed, wrong, in time."""

import datetime as dt
import itertools
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

import routing
from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict
from guinguette.models import SolverRun, Tour
from guinguette.services import demo, demo_tours, incidents, planning, replans
from guinguette.services.evening_queries import alive_evenings
from guinguette.services.planning import replanning
from tests.fakes import FixedClock
from tests.services.replan_stage import DAYS, ReplanStage


def test_stopping_keeps_the_first_answer(one_van: ReplanStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop while it works: the way out that is there is kept, and no other is looked for."""
    replan = routing.replan

    def stopped_meanwhile(season, limits, progress=None, *, should_stop=None, started=None):  # type: ignore[no-untyped-def]
        with one_van.factory() as other:
            planning.request_stop(other, other.scalars(select(SolverRun).where(SolverRun.state == "running")).one())
            other.commit()
        while not should_stop():
            time.sleep(0.05)
        return replan(season, limits, progress, should_stop=should_stop)

    monkeypatch.setattr(routing, "replan", stopped_meanwhile)
    run = one_van.replan(one_van.report())
    assert run.state == "stopped"
    assert list(one_van.ways(run)) in (["least"], ["least", "cancel"])


def test_a_search_that_dies_leaves_what_it_had(one_van: ReplanStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each way is stored as it comes: an error in the second leaves the first, and says so."""

    def broken(*_: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(replanning, "_cancelling", broken)
    run = one_van.replan(one_van.report())
    assert (run.state, run.error) == ("failed", "MemoryError: no room")
    assert "least" in one_van.ways(run)
    again = planning.restart(one_van.session, run, one_van.clock)
    assert (again.kind, again.incident_id, again.state) == ("replan", run.incident_id, "queued")


def test_no_way_out_is_looked_for_once_the_incident_is_over(one_van: ReplanStage) -> None:
    """A run that was interrupted is not started again for an incident that was withdrawn since."""
    incident = one_van.report()
    run = replans.start(one_van.session, incident, one_van.clock)
    assert run is not None
    run.state = "interrupted"
    incidents.withdraw(one_van.session, incident, one_van.clock)
    with pytest.raises(Conflict, match="levé"):
        planning.restart(one_van.session, run, one_van.clock)


def test_a_worker_killed_between_two_ways_leaves_the_first(one_van: ReplanStage, engine: Engine) -> None:
    """kill -9 after the first answer: it is kept, the run is marked interrupted, and can be started again."""
    run = replans.start(one_van.session, one_van.report(), one_van.clock)
    assert run is not None
    one_van.session.commit()
    url = engine.url.render_as_string(hide_password=False)
    worker = subprocess.Popen([sys.executable, "-c", _WORKER, url, str(run.id)], cwd=Path(__file__).parents[2])
    try:
        for _ in range(600):
            one_van.session.rollback()
            if run.plans and run.heartbeat_at != run.started_at:
                break
            time.sleep(0.1)
    finally:
        worker.kill()
        worker.wait()
    one_van.session.expire_all()
    assert run.state == "running"
    assert run.heartbeat_at is not None
    one_van.clock.set(run.heartbeat_at + planning.SILENCE + dt.timedelta(seconds=1))
    assert planning.mark_interrupted(one_van.session, one_van.clock) == 1
    one_van.session.expire_all()
    assert (run.state, list(one_van.ways(run))) == ("interrupted", ["least"])
    assert planning.restart(one_van.session, run, one_van.clock).kind == "replan"


_WORKER = """
import sys, time
from guinguette.domain.clock import SystemClock
from guinguette.models.engine import session_factory
from guinguette.services.planning import execute_run, replanning
replanning._cancelling = lambda *_: time.sleep(600)
execute_run(session_factory(sys.argv[1]), int(sys.argv[2]), SystemClock())
"""


def test_a_way_that_breaks_a_rule_is_never_stored(one_van: ReplanStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the solver wrong, the independent check would stop it here."""
    incident = one_van.report()
    run = replans.start(one_van.session, incident, one_van.clock)
    assert run is not None
    one_van.session.commit()
    monkeypatch.setattr(routing, "check", lambda *_: ("spacing: too near",))
    planning.execute_run(one_van.factory, run.id, one_van.clock)
    one_van.session.expire_all()
    assert run.state == "failed"
    assert not run.plans


def test_more_time_replaces_an_answer_that_was_not_proved(
    one_van: ReplanStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer comes early; where it was not proved, the time that is left goes into proving it."""
    replan, asked = routing.replan, itertools.count()

    def hasty_at_first(*args: Any, **kwargs: Any) -> routing.Replanned:
        found = replan(*args, **kwargs)
        if next(asked):
            return found
        return replace(found, stages=tuple(replace(stage, proved=False) for stage in found.stages))

    monkeypatch.setattr(routing, "replan", hasty_at_first)
    run = one_van.replan(one_van.report())
    assert [plan.approach for plan in run.plans].count("least") == 2
    assert all(stage["proved"] for stage in one_van.ways(run)["least"].plan.proof)


def test_a_contradiction_is_said_and_cancelling_remains(one_van: ReplanStage) -> None:
    """Where no plan holds, the run keeps why."""
    incident = one_van.report()
    run = replans.start(one_van.session, incident, one_van.clock)
    assert run is not None
    lock = {"commune": "52000", "date": DAYS[0].isoformat(), "vehicle": "van-0"}
    run.season = {**run.season, "locked": [lock]}
    one_van.session.commit()
    planning.execute_run(one_van.factory, run.id, one_van.clock)
    one_van.session.expire_all()
    [way] = [way for way in replans.ways_out(one_van.session, run, one_van.clock) if not way.solved]
    assert way.plan.status == "infeasible"
    assert way.plan.conflicts


@pytest.mark.solver
def test_the_demo_loses_a_van_for_a_week(
    session: Session, session_factory: sessionmaker[Session], vault: Vault, engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Of the published summer, in its busiest week: all still served, and proved that fewer cannot move.

    How soon, benchmarks/replan.py says.
    """
    clock = FixedClock(dt.datetime(2026, 11, 23, 11, tzinfo=dt.UTC))
    monkeypatch.setattr(demo_tours, "winter_tour", demo_tours.summer_tour)  # the winter tour is not needed here
    shop = demo.Workshop(
        factory=session_factory, clock=clock, vault=vault, public_url="https://g.example", report=lambda _: None
    )
    demo.build(shop)
    tour = session.scalars(select(Tour).where(Tour.season == "summer")).one()
    clock.advance(minutes=1)
    stage = ReplanStage(session, session_factory, clock, vault)
    stage.tour = tour
    busy = [e for e in alive_evenings(session, tour) if e.vehicle.slug == "firmin"]
    monday = max({e.date - dt.timedelta(days=e.date.weekday()) for e in busy}, key=lambda m: _in_week(busy, m))
    incident = stage.report(vehicle_id=busy[0].vehicle_id, first=monday, last=monday + dt.timedelta(days=6))
    run = stage.replan(incident)
    ways = stage.ways(run)
    least = ways["least"]
    assert len(ways) >= 2
    assert least.cancelled == []
    assert [stage["proved"] for stage in least.plan.proof[:2]] == [True, True]
    assert len(least.moved) <= _in_week(busy, monday)


def _in_week(evenings: list[Any], monday: dt.date) -> int:
    return sum(monday <= e.date < monday + dt.timedelta(days=7) for e in evenings)
