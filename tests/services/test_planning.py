"""Solver runs: claimed once, watched while they work, kept when they end badly."""

import datetime as dt
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.attributes import set_committed_value

import routing
from guinguette.domain.errors import Conflict
from guinguette.models import Plan, SolverRun, Tour
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
    run = planning.start_run(session, tour, clock, seconds=30)
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
    assert session.query(Plan).count() == 1


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
    assert not run.plans


@pytest.mark.parametrize(("meanwhile", "asked"), [("running", True), ("done", False)])
def test_a_run_claimed_while_somebody_stops_it_is_not_called_stopped(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, clock: FixedClock, meanwhile: str, asked: bool
) -> None:
    """The row says what can be stopped, not what was read of it before: a worker has it now, or has finished it."""
    run = planning.start_run(session, tour, clock)
    session.commit()
    with session_factory() as worker:
        worker.get_one(SolverRun, run.id).state = meanwhile
        worker.commit()
    set_committed_value(run, "state", "queued")
    planning.request_stop(session, run)
    session.commit()
    assert (run.state, run.stop_requested) == (meanwhile, asked)


def test_stopping_keeps_the_best_plan(
    session: Session,
    session_factory: sessionmaker[Session],
    tour: Tour,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stop while it works: the solver hears it and the plan it has is stored."""
    solve = routing.solve

    def patient(season, limits, progress=None, *, should_stop=None, executor=None):  # type: ignore[no-untyped-def]
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
    assert run.plans


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
    assert not run.plans
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


HELD = (dt.date(2027, 6, 1), dt.date(2027, 6, 11))
COMING = [dt.date(2027, 6, day) for day in (14, 15, 16, 24, 25, 26)] + [dt.date(2027, 7, 2), dt.date(2027, 7, 3)]


@pytest.fixture
def under_way(session: Session, clock: FixedClock) -> Tour:
    """A tour on Saturday 12 June: its first village had two evenings ten days apart and wants a third."""
    clock.set(dt.datetime(2027, 6, 12, 10, tzinfo=dt.UTC))
    rules.ensure_defaults(session)
    van = make.make_vehicle(session, slug="lucette")
    tour = make.make_tour(session, dates=COMING, vehicles=[van])
    request = make.make_request(
        session, tour=tour, commune=make.make_commune(session, insee="52001"), evenings=3, min_days_between=10
    )
    for date in HELD:
        make.make_evening(session, tour=tour, commune=request.commune, vehicle=van, date=date, state="held")
    session.commit()
    return tour


def solved(factory: sessionmaker[Session], session: Session, tour: Tour, clock: FixedClock) -> Plan:
    """Return the plan of a new run on the tour as it stands."""
    run = planning.start_run(session, tour, clock, seconds=5)
    session.commit()
    planning.execute_run(factory, run.id, clock)
    session.expire_all()
    assert run.plans, run.error
    return run.plans[0]


def to_come(plan: Plan, clock: FixedClock) -> list[tuple[str, dt.date]]:
    """Return the plan's evenings after today, as (INSEE code, date)."""
    day = clock.now().date()
    return sorted((e.commune_insee, e.date) for e in plan.evenings if e.date > day)


def test_a_longer_spacing_does_not_judge_the_past(
    session: Session, session_factory: sessionmaker[Session], under_way: Tour, clock: FixedClock
) -> None:
    """Two evenings ten days apart, then 21 days asked for: there is a plan, and the third keeps its 21 days."""
    under_way.requests[0].min_days_between = 21
    plan = solved(session_factory, session, under_way, clock)
    assert plan.status == "optimal"
    [(_, date)] = to_come(plan, clock)
    assert date >= HELD[1] + dt.timedelta(days=21)


def test_only_what_the_past_breaks_is_waived(session: Session, under_way: Tour, clock: FixedClock) -> None:
    """Nothing where nothing was changed; after a change the earlier evening alone is let off, from that rule alone."""
    assert [lock["waived"] for lock in planning.season_of(session, under_way, clock)["locked"]] == [[], []]
    under_way.requests[0].min_days_between = 21
    locked = planning.season_of(session, under_way, clock)["locked"]
    assert [(lock["date"], lock["waived"]) for lock in locked] == [("2027-06-01", ["spacing"]), ("2027-06-11", [])]


def test_answers_equipment_and_vans_changed_since_are_waived(
    session: Session, session_factory: sessionmaker[Session], under_way: Tour, clock: FixedClock
) -> None:
    """What the village says now, and the van's garage, are about evenings to come."""
    request = under_way.requests[0]
    request.needs = ["stage"]
    under_way.vehicles[0].unavailable = [HELD[0].isoformat()]
    session.commit()
    plan = solved(session_factory, session, under_way, clock)
    assert (plan.status, to_come(plan, clock)) == ("optimal", [])
    assert [wish.missing for wish in plan.unserved] == [1]


@pytest.mark.parametrize("limits", [{"max_evenings_per_week": 3}, {"max_days_in_row": 2}])
def test_crew_limits_lowered_since_bind_what_comes(
    session: Session,
    session_factory: sessionmaker[Session],
    under_way: Tour,
    clock: FixedClock,
    limits: dict[str, int],
) -> None:
    """Four evenings in a row stay as they were; Sunday is refused to a fifth, the days that follow keep the limit."""
    van = under_way.vehicles[0].vehicle
    for day in (9, 10, 12):
        request = make.make_request(session, tour=under_way)
        make.make_evening(
            session, tour=under_way, commune=request.commune, vehicle=van, date=dt.date(2027, 6, day), state="held"
        )
    for _ in range(5):
        make.make_request(session, tour=under_way)
    under_way.dates = [make.TourDate(date=dt.date(2027, 6, day)) for day in (13, 14, 15, 16, 17)]
    for name, value in limits.items():
        setattr(van, name, value)
    session.commit()
    plan = solved(session_factory, session, under_way, clock)
    days = [date.day for _, date in to_come(plan, clock)]
    assert len(days) == 3
    assert 13 not in days


def test_neighbours_separated_since_and_quotas_cut_since(
    session: Session, session_factory: sessionmaker[Session], under_way: Tour, clock: FixedClock
) -> None:
    """Two neighbours served on two days in a row, money spent: both stay, and there is a plan."""
    first = under_way.requests[0]
    near = make.make_commune(session, insee="52002", lat=first.commune.lat, lon=first.commune.lon + 0.01)
    make.make_request(session, tour=under_way, commune=near)
    make.make_evening(
        session, tour=under_way, commune=near, vehicle=under_way.vehicles[0].vehicle, date=dt.date(2027, 6, 10)
    )
    under_way.separation_metres, under_way.separation_days = 8000, 5
    under_way.fundings = [make.Funding(epci_siren=first.commune.epci_siren, evenings=1)]
    session.commit()
    plan = solved(session_factory, session, under_way, clock)
    assert (plan.status, to_come(plan, clock)) == ("optimal", [])
    assert [reason["rule"] for wish in plan.unserved for reason in wish.reasons] == ["quota"]


def test_a_village_served_from_too_far_is_counted(
    session: Session, session_factory: sessionmaker[Session], under_way: Tour, clock: FixedClock
) -> None:
    """A drive cannot be waived: what was driven under the old limit counts, and nobody drives so far again."""
    near = make.make_request(session, tour=under_way, commune=make.make_commune(session, lat=48.64, lon=4.95))
    far = under_way.requests[0].commune
    far.lat, far.lon = 47.9, 4.9
    under_way.vehicles[0].vehicle.max_leg_metres = 50_000
    session.commit()
    season = planning.season_of(session, under_way, clock)
    assert season["locked"] == []
    assert {c["id"]: c["evenings"] for c in season["communes"]} == {"52001": 1, near.commune_insee: 1}
    plan = solved(session_factory, session, under_way, clock)
    assert [insee for insee, _ in to_come(plan, clock)] == [near.commune_insee]
    assert {reason["rule"] for wish in plan.unserved for reason in wish.reasons} == {"leg"}
