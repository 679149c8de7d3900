"""Solver runs: asked for, carried out, watched, marked interrupted. The only room that imports ``routing``."""

import datetime as dt
import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

import routing
from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, Conflict, InvalidInput, NotFound
from guinguette.models import Evening, Plan, PlannedEvening, SolverRun, Tour, UnservedWish, Vehicle
from guinguette.services.evening_queries import alive_evenings
from guinguette.services.season import build_season
from routing.season import WAIVABLE, Lock

_log = logging.getLogger(__name__)

#: A running run that has not written its heartbeat for so long has lost its worker.
SILENCE = dt.timedelta(seconds=20)
_HEARTBEAT_SECONDS = 1.0
_ACTIVE = ("queued", "running")


def get_run(session: Session, run_id: int) -> SolverRun:
    """Return the run; raise ``NotFound``."""
    run = session.get(SolverRun, run_id)
    if run is None:
        raise NotFound(N_("Ce calcul n’existe pas."))
    return run


def get_plan(session: Session, plan_id: int) -> Plan:
    """Return the plan; raise ``NotFound``."""
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise NotFound(N_("Ce plan n’existe pas."))
    return plan


def active_or_last_run(session: Session, tour: Tour) -> SolverRun | None:
    """Return the latest run asked for on this tour, or null."""
    return session.scalar(select(SolverRun).where(SolverRun.tour_id == tour.id).order_by(SolverRun.id.desc()).limit(1))


def latest_plan(session: Session, tour: Tour) -> Plan | None:
    """Return the plan that the desk shows: the one that was put there last, or null."""
    by_time = (Plan.shown_at.desc(), Plan.id.desc())
    return session.scalar(select(Plan).where(Plan.tour_id == tour.id).order_by(*by_time).limit(1))


def season_of(session: Session, tour: Tour, clock: Clock) -> dict[str, Any]:
    """Return the tour as a season (``services.season``) that what has happened cannot make impossible by itself.

    What the past alone breaks, because a limit was changed since, is waived, and nothing else: of evenings that no
    longer go together the earlier are let off, so that the latest still bind those to come (docs/decisions,
    "what-has-happened-binds-what-comes"). A drive cannot be waived: an evening that its van could not reach any more
    is counted instead of locked. Raises ``InvalidInput`` where there is nothing to plan.
    """
    only_counted: set[tuple[str, str]] = set()
    while True:
        season = build_season(session, tour, clock, only_counted=only_counted)
        parsed = routing.parse_season(season)
        too_far = [dict(fault.words) for fault in _broken_by(parsed, _locked(parsed)) if fault.rule == "leg"]
        if not too_far:
            break
        only_counted |= {(words["vehicle"], words["date"]) for words in too_far}
    waived = {(lock.commune, lock.date.isoformat()): sorted(lock.waived) for lock in _let_off(parsed)}
    for lock in season["locked"]:
        lock["waived"] = waived[lock["commune"], lock["date"]]
    return season


def _let_off(season: routing.Season) -> Sequence[Lock]:
    """Return the locks, each with the rules waived that it breaks together with the later ones, or alone."""
    kept: tuple[Lock, ...] = ()
    for lock in sorted(season.locked, key=lambda lock: lock.date, reverse=True):
        together = replace(season, locked=(*kept, lock))
        broken = {fault.rule for fault in _broken_by(together, _locked(together))}
        kept = (*kept, replace(lock, waived=WAIVABLE & broken))
    return kept


def _locked(season: routing.Season) -> list[routing.Evening]:
    return [routing.Evening(lock.commune, lock.date, lock.vehicle) for lock in season.locked if lock.vehicle]


def _broken_by(season: routing.Season, evenings: Iterable[routing.Evening]) -> list[routing.Fault]:
    """Return which rules these evenings break, and nothing about costs: they are no plan of the solver's."""
    sketch = routing.Plan("feasible", 0, None, None, 0.0, 0, evenings=tuple(sorted(evenings)))
    return [fault for fault in routing.check(season, sketch) if fault.rule == "leg" or fault.rule in WAIVABLE]


def broken_by_moving(
    session: Session, evening: Evening, places: Sequence[tuple[dt.date, Vehicle]], clock: Clock
) -> list[tuple[dict[str, Any], ...]]:
    """Return which rules the evening would break at each (date, van) while all others stay: reasons as a plan has.

    Rules that are broken already are not its doing. Nothing is known where the tour cannot be planned, or where the
    village takes no part in it any more.
    """
    try:
        season = routing.parse_season(season_of(session, evening.tour, clock))
    except InvalidInput:
        return [()] * len(places)
    villages, vans = {commune.id for commune in season.communes}, {vehicle.id for vehicle in season.vehicles}
    others = [
        routing.Evening(e.commune_insee, e.date, e.vehicle.slug)
        for e in alive_evenings(session, evening.tour)
        if e is not evening and e.commune_insee in villages and e.vehicle.slug in vans
    ]
    known = set(_broken_by(season, others))

    def broken(date: dt.date, vehicle: Vehicle) -> tuple[dict[str, Any], ...]:
        if evening.commune_insee not in villages or vehicle.slug not in vans:
            return ()
        there = routing.Evening(evening.commune_insee, date, vehicle.slug)
        return tuple(
            {"rule": fault.rule, "detail": fault.detail, "sentence": fault.sentence}
            for fault in _broken_by(season, [*others, there])
            if fault not in known
        )

    return [broken(date, vehicle) for date, vehicle in places]


def start_run(session: Session, tour: Tour, clock: Clock, *, seconds: int | None = None) -> SolverRun:
    """Record a run for this tour as it stands now. Raises ``Conflict`` while another is under way, ``InvalidInput``.

    ``seconds`` limits the whole run (default: the tour's setting). The caller commits, then asks ``Jobs.solve``.
    """
    under_way = N_("Un calcul est déjà en cours pour cette tournée.")
    last = active_or_last_run(session, tour)
    if last is not None and last.state in _ACTIVE:
        raise Conflict(under_way)
    run = SolverRun(
        tour_id=tour.id,
        season=season_of(session, tour, clock),
        seconds_limit=seconds or tour.solver_seconds,
        created_at=clock.now(),
    )
    session.add(run)
    try:
        session.flush()
    except IntegrityError as error:  # a second click, seen by nobody yet when we looked: the index is the judge
        raise Conflict(under_way) from error
    return run


def restart(session: Session, run: SolverRun, clock: Clock) -> SolverRun:
    """Record a new run in place of one that was interrupted, failed or stopped, on the tour as it stands now."""
    return start_run(session, run.tour, clock, seconds=run.seconds_limit)


def request_stop(session: Session, run: SolverRun) -> None:
    """Ask the worker to stop and keep the best plan so far. A run still queued is stopped at once."""
    run.stop_requested = True
    if run.state == "queued":
        run.state = "stopped"


def mark_interrupted(session: Session, clock: Clock) -> int:
    """Mark runs whose worker has fallen silent; return how many. They can be started again."""
    silent_since = clock.now() - SILENCE
    lost = session.scalars(
        update(SolverRun)
        .where(SolverRun.state == "running", SolverRun.heartbeat_at < silent_since)
        .values(state="interrupted", finished_at=clock.now())
        .returning(SolverRun.id)
    ).all()
    return len(lost)


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
    return Plan(
        tour_id=run.tour_id,
        run_id=run.id,
        status=answer["status"],
        cost=answer["cost"],
        bound=answer["bound"],
        metres=answer["metres"],
        conflicts=answer["conflicts"],
        created_at=clock.now(),
        shown_at=clock.now(),
        season_at=run.created_at,
        evenings=[
            PlannedEvening(
                commune_insee=item["commune"],
                date=dt.date.fromisoformat(item["date"]),
                vehicle_id=vehicles[item["vehicle"]],
            )
            for item in answer["evenings"]
        ],
        unserved=[
            UnservedWish(commune_insee=item["commune"], missing=item["missing"], reasons=item["reasons"])
            for item in answer["unserved"]
        ],
    )
