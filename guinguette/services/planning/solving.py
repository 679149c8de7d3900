"""A run carried out by the worker: claimed, solved, checked, its plan stored."""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

import routing
from guinguette.domain.clock import Clock, today
from guinguette.models import Plan, PlannedEvening, RoadSurvey, SolverRun, UnservedWish, Vehicle
from guinguette.models.holding import held_values
from guinguette.services import lost_dates, shown_plans
from guinguette.services.evening_queries import alive_evenings, is_settled
from guinguette.services.planning import replanning, territories
from guinguette.services.planning.parts_executor import parts_of
from guinguette.services.planning.roads import survey
from guinguette.services.planning.runs import get_run, season_asked
from guinguette.services.scenario_settings import ScenarioSettings

_log = logging.getLogger(__name__)

_HEARTBEAT_SECONDS = 1.0
#: The phase of a run in which the road server is asked.
ROADS = "roads"


def execute_run(
    factory: sessionmaker[Session],
    run_id: int,
    clock: Clock,
    *,
    roads_url: str = "",
    wake: Callable[[int], None] | None = None,
    tell: Callable[[list[dict[str, Any]]], None] | None = None,
) -> None:
    """Carry out a queued run: claim it, solve, check, store the plan. Does nothing if it is no longer queued.

    Distances are by road as the server at ``roads_url`` tells them (``planning.roads``), else as the crow flies.
    A re-plan stores each of its plans as soon as it is there, so that a worker that dies leaves those it had.

    A season that is planned in territories gives them to processes of this machine, or, where ``wake`` is given, to
    whoever works on parts (``planning.parts_executor``). ``tell`` hears once a second how they stand, as
    ``SolverRun.territories``.

    No transaction is open while the solver works or the road server is asked; a second thread writes progress and
    heartbeat once a second.
    """
    claimed = _claim(factory, run_id, clock)
    if claimed is None:
        return
    season_json, limits, spared = claimed
    with _Pulse(factory, run_id, clock, tell) as pulse:
        try:
            if roads_url:
                pulse.enter(ROADS)
                season_json = _by_road(factory, run_id, clock, season_json, roads_url, pulse.stop.is_set)
                pulse.enter("")
            season = routing.parse_season(season_json)
            if spared is None:
                with parts_of(factory, run_id, wake) as executor:
                    plan = routing.solve(season, limits, pulse.hear, should_stop=pulse.stop.is_set, executor=executor)
                faults = routing.check(season, plan)
            else:
                plan, faults = None, _store_ways(factory, run_id, clock, _ways(season, limits, spared, pulse))
        except Exception as error:
            # Whatever it is, the organiser must read that the run failed, and the log must say why.
            _log.exception("solver run %s failed", run_id)
            _finish(factory, run_id, clock, state="failed", error=f"{type(error).__name__}: {error}"[:500])
            return
    if faults:
        _finish(factory, run_id, clock, state="failed", error="; ".join(str(fault) for fault in faults)[:500])
        return
    _finish(factory, run_id, clock, state="stopped" if pulse.stop.is_set() else "done", plan=plan)


def _by_road(
    factory: sessionmaker[Session],
    run_id: int,
    clock: Clock,
    season: dict[str, Any],
    url: str,
    should_stop: Callable[[], bool],
) -> dict[str, Any]:
    """Return the run's season with its distances by road, and keep it and what became of the asking with the run.

    The season is made anew: what has happened is held against the rules (``planning.seasons``), which know distances.
    """
    roads, asked = survey(factory, url, season, clock, should_stop)
    with factory() as session:
        run = get_run(session, run_id)
        if not roads.nothing:
            run.season = season_asked(
                session,
                run.tour,
                clock,
                base=session.get(Plan, run.base_id) if run.base_id else None,
                settings=ScenarioSettings.from_json(run.settings),
                name=run.name,
                roads=roads,
            )
        asked.run_id = run_id
        session.add(asked)
        session.commit()
        return run.season


def _ways(
    season: routing.Season, limits: routing.Limits, spared: list[routing.Evening], pulse: "_Pulse"
) -> Iterator[replanning.Way]:
    search = replanning.Search(
        limits=limits,
        enter=pulse.enter,
        hear=pulse.hear,
        should_stop=pulse.stop.is_set,
        started=time.monotonic(),
    )
    return replanning.ways_out(season, spared, search)


def _store_ways(
    factory: sessionmaker[Session], run_id: int, clock: Clock, ways: Iterable[replanning.Way]
) -> tuple[routing.Fault, ...]:
    """Store each way out as it comes, until one breaks a rule: its faults are returned, as of ``routing.check``."""
    for way in ways:
        if faults := routing.check(way.season, way.plan):
            return faults
        with factory() as session:
            row = _rows(session, get_run(session, run_id), way.plan, clock)
            row.approach, row.proof = way.approach, way.proof
            session.add(row)
            session.commit()
    return ()


def _claim(
    factory: sessionmaker[Session], run_id: int, clock: Clock
) -> tuple[dict[str, Any], routing.Limits, list[routing.Evening] | None] | None:
    """Take the run for this worker; return its season, its limits and, of a re-plan, the evenings that are spared."""
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
        limits = routing.Limits(seconds=float(run.seconds_limit), seed=run.seed, workers=2)
        return run.season, limits, _spared(session, run, clock) if run.kind == "replan" else None


def _spared(session: Session, run: SolverRun, clock: Clock) -> list[routing.Evening]:
    """Return the published evenings to come that no incident hits."""
    day = today(clock)
    incidents = lost_dates.in_force(session, run.tour, day)
    return [
        routing.Evening(evening.commune_insee, evening.date, evening.vehicle.slug)
        for evening in alive_evenings(session, run.tour)
        if not is_settled(evening, day) and not any(lost_dates.hits(incident, evening) for incident in incidents)
    ]


class _Pulse:
    """Writes a run's progress once a second, and hears there whether it should stop."""

    def __init__(
        self,
        factory: sessionmaker[Session],
        run_id: int,
        clock: Clock,
        tell: Callable[[list[dict[str, Any]]], None] | None,
    ) -> None:
        self._factory, self._run_id, self._clock, self._tell = factory, run_id, clock, tell
        self._latest: routing.Progress | None = None
        self._phase = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"run-{run_id}", daemon=True)
        self.stop = threading.Event()

    def enter(self, phase: str) -> None:
        """Keep what is being looked for now, for the next beat."""
        self._phase, self._latest = phase, None

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
        values: dict[str, Any] = {"heartbeat_at": self._clock.now(), "phase": self._phase}
        with self._factory() as session:
            if (latest := self._latest) is not None:
                values |= {"cost": latest.cost, "bound": latest.bound, "seconds": latest.seconds}
                values["territories"] = territories.to_json(session, latest.territories)
            asked = session.scalar(
                update(SolverRun).where(SolverRun.id == self._run_id).values(values).returning(SolverRun.stop_requested)
            )
            session.commit()
        if asked:
            self.stop.set()
        if self._tell is not None and values.get("territories"):
            self._tell(values["territories"])


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
            row = _rows(session, run, plan, clock)
            session.add(row)
            if not run.name:  # a variant waits beside the desk until somebody puts it there
                session.flush()
                shown_plans.show(session, row, clock)
        session.commit()


def _rows(session: Session, run: SolverRun, plan: "routing.Plan", clock: Clock) -> Plan:
    answer = routing.plan_to_dict(plan)
    vehicles = {vehicle.slug: vehicle.id for vehicle in session.scalars(select(Vehicle))}
    held = _pins(session, run)
    asked = session.get(RoadSurvey, run.id)
    for made in ScenarioSettings.from_json(run.settings).exceptions:
        held[made.insee, made.date.isoformat(), made.vehicle] = made.held_values(by=run.asked_by, at=run.created_at)
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
        season_at=asked.asked_at if asked else run.created_at,
        evenings=[
            PlannedEvening(
                commune_insee=item["commune"],
                date=dt.date.fromisoformat(item["date"]),
                vehicle_id=vehicles[item["vehicle"]],
                **held.get((item["commune"], item["date"], item["vehicle"]), {}),
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


def _pins(session: Session, run: SolverRun) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return what was pinned where the run started from, by INSEE code, ISO date and van: there it is still."""
    base = session.get(Plan, run.base_id) if run.base_id else None
    lines = base.evenings if base else alive_evenings(session, run.tour)
    return {(e.commune_insee, e.date.isoformat(), e.vehicle.slug): held_values(e) for e in lines if e.pinned}
