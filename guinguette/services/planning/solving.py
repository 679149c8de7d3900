"""A run carried out by the worker: claimed, solved, checked, its plan stored."""

import datetime as dt
import logging
import threading
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

import routing
from guinguette.domain.clock import Clock
from guinguette.models import Plan, PlannedEvening, SolverRun, UnservedWish, Vehicle
from guinguette.services.planning.runs import get_run
from guinguette.services.scenario_settings import ScenarioSettings

_log = logging.getLogger(__name__)

_HEARTBEAT_SECONDS = 1.0


def execute_run(factory: sessionmaker[Session], run_id: int, clock: Clock) -> None:
    """Carry out a queued run: claim it, solve, check, store the plan. Does nothing if it is no longer queued.

    No transaction is open while the solver works; a second thread writes progress and heartbeat once a second.
    """
    claimed = _claim(factory, run_id, clock)
    if claimed is None:
        return
    season_json, limits = claimed
    with _Pulse(factory, run_id, clock) as pulse:
        try:
            season = routing.parse_season(season_json)
            plan = routing.solve(season, limits, pulse.hear, should_stop=pulse.stop.is_set)
            faults = routing.check(season, plan)
        except Exception as error:
            # Whatever it is, the organiser must read that the run failed, and the log must say why.
            _log.exception("solver run %s failed", run_id)
            _finish(factory, run_id, clock, state="failed", error=f"{type(error).__name__}: {error}"[:500])
            return
    if faults:
        _finish(factory, run_id, clock, state="failed", error="; ".join(str(fault) for fault in faults)[:500])
        return
    _finish(factory, run_id, clock, state="stopped" if pulse.stop.is_set() else "done", plan=plan)


def _claim(factory: sessionmaker[Session], run_id: int, clock: Clock) -> tuple[dict[str, Any], routing.Limits] | None:
    with factory() as session:
        now = clock.now()
        won = session.scalar(
            update(SolverRun)
            .where(SolverRun.id == run_id, SolverRun.state == "queued")
            .values(state="running", started_at=now, heartbeat_at=now)
            .returning(SolverRun.id)
        )
        session.commit()
        if won is None:
            return None
        run = get_run(session, run_id)
        return run.season, routing.Limits(seconds=float(run.seconds_limit), seed=run.seed, workers=2)


class _Pulse:
    """Writes a run's progress once a second, and hears there whether it should stop."""

    def __init__(self, factory: sessionmaker[Session], run_id: int, clock: Clock) -> None:
        self._factory, self._run_id, self._clock = factory, run_id, clock
        self._latest: routing.Progress | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"run-{run_id}", daemon=True)
        self.stop = threading.Event()

    def hear(self, progress: routing.Progress) -> None:
        """Keep what the solver has just said, for the next beat."""
        self._latest = progress

    def __enter__(self) -> "_Pulse":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(_HEARTBEAT_SECONDS):
            try:
                self._write()
            except Exception:  # a busy database must not cost the plan: the next beat tries again
                _log.warning("progress of run %s not written", self._run_id, exc_info=True)

    def _write(self) -> None:
        values: dict[str, Any] = {"heartbeat_at": self._clock.now()}
        if (latest := self._latest) is not None:
            values |= {"cost": latest.cost, "bound": latest.bound, "seconds": latest.seconds}
        with self._factory() as session:
            asked = session.scalar(
                update(SolverRun).where(SolverRun.id == self._run_id).values(values).returning(SolverRun.stop_requested)
            )
            session.commit()
        if asked:
            self.stop.set()


def _finish(
    factory: sessionmaker[Session],
    run_id: int,
    clock: Clock,
    *,
    state: str,
    error: str = "",
    plan: "routing.Plan | None" = None,
) -> None:
    with factory() as session:
        run = get_run(session, run_id)
        run.state, run.error, run.finished_at, run.heartbeat_at = state, error, clock.now(), clock.now()
        if plan is not None:
            run.cost, run.bound, run.seconds = plan.cost, plan.bound, plan.seconds_to_plan
            session.add(_rows(session, run, plan, clock))
        session.commit()


def _rows(session: Session, run: SolverRun, plan: "routing.Plan", clock: Clock) -> Plan:
    answer = routing.plan_to_dict(plan)
    vehicles = {vehicle.slug: vehicle.id for vehicle in session.scalars(select(Vehicle))}
    exceptions = {
        (made.insee, made.date.isoformat()): made.held_values(by=run.asked_by, at=run.created_at)
        for made in ScenarioSettings.from_json(run.settings).exceptions
    }
    return Plan(
        tour_id=run.tour_id,
        run_id=run.id,
        status=answer["status"],
        cost=answer["cost"],
        bound=answer["bound"],
        metres=answer["metres"],
        conflicts=answer["conflicts"],
        created_at=clock.now(),
        name=run.name,
        settings=run.settings,
        made_by=run.asked_by,
        shown_at=None if run.name else clock.now(),  # a variant waits beside the desk until somebody puts it there
        season_at=run.created_at,
        evenings=[
            PlannedEvening(
                commune_insee=item["commune"],
                date=dt.date.fromisoformat(item["date"]),
                vehicle_id=vehicles[item["vehicle"]],
                **exceptions.get((item["commune"], item["date"]), {}),
            )
            for item in answer["evenings"]
        ],
        unserved=[
            UnservedWish(
                commune_insee=item["commune"],
                missing=item["missing"],
                reasons=item["reasons"],
                date=wish.evening.date if wish.evening else None,
                vehicle_id=vehicles[wish.evening.vehicle] if wish.evening else None,
            )
            for item, wish in zip(answer["unserved"], plan.unserved, strict=True)
        ],
    )
