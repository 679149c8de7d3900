"""Solver runs and their plans: asked for, found, stopped, marked interrupted."""

import datetime as dt
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, Conflict, NotFound
from guinguette.models import Incident, Plan, SolverRun, Tour
from guinguette.services.planning.parts import forget_lost
from guinguette.services.planning.roads import Roads
from guinguette.services.planning.seasons import season_of
from guinguette.services.scenario_settings import ScenarioSettings
from guinguette.services.shown_plans import latest_plan

#: A running run that has not written its heartbeat for so long has lost its worker.
SILENCE = dt.timedelta(seconds=20)
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


def plan_to_start_from(session: Session, tour: Tour) -> Plan | None:
    """Return the plan whose pins the next run keeps: the one that is shown, or, where that has no evenings (what it
    was asked contradicts itself), the one that its run started from; or null.
    """
    shown = latest_plan(session, tour)
    return shown if shown is None or shown.evenings else base_of(session, shown)


def base_of(session: Session, plan: Plan) -> Plan | None:
    """Return the plan that the plan's run started from, or null."""
    return session.get(Plan, plan.run.base_id) if plan.run and plan.run.base_id else None


def start_run(
    session: Session,
    tour: Tour,
    clock: Clock,
    *,
    seconds: int | None = None,
    base: Plan | None = None,
    incident: Incident | None = None,
    settings: ScenarioSettings | None = None,
    name: str = "",
    asked_by: str = "",
) -> SolverRun:
    """Record a run for this tour as it stands now. Raises ``Conflict`` while another is under way, ``InvalidInput``.

    ``seconds`` limits the whole run (default: the tour's setting). What is pinned in ``base`` stays; without a base,
    what is pinned among the evenings that are published. With an ``incident`` the run looks for the ways out of it
    (``planning.replanning``), with a ``name`` it is a variant, under ``settings``. The caller commits, then asks
    ``Jobs.solve``.
    """
    settings = settings or ScenarioSettings()
    under_way = N_("Un calcul est déjà en cours pour cette tournée.")
    last = active_or_last_run(session, tour)
    if last is not None and last.state in _ACTIVE:
        raise Conflict(under_way)
    run = SolverRun(
        tour_id=tour.id,
        season=season_asked(session, tour, clock, base=base, settings=settings, name=name),
        base_id=base.id if base else None,
        seconds_limit=seconds or tour.solver_seconds,
        kind="replan" if incident else "solve",
        incident_id=incident.id if incident else None,
        name=name,
        settings=settings.to_json(),
        asked_by=asked_by,
        created_at=clock.now(),
    )
    session.add(run)
    try:
        session.flush()
    except IntegrityError as error:  # a second click, seen by nobody yet when we looked: the index is the judge
        raise Conflict(under_way) from error
    return run


def season_asked(
    session: Session,
    tour: Tour,
    clock: Clock,
    *,
    base: Plan | None,
    settings: ScenarioSettings,
    name: str,
    roads: Roads | None = None,
) -> dict[str, Any]:
    """Return the season that such a run solves, as the tour stands now. Raises ``InvalidInput``."""
    season = season_of(session, tour, clock, base=base, settings=settings, roads=roads)
    if name and base is not None and not season["baseline"]:
        return _near(season, base)  # nothing is announced that would hold the evenings where they are
    return season


def _near(season: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """Return the season in which an evening of the plan is worth a metre: only what must differ from it does."""
    known = {commune["id"] for commune in season["communes"]}
    kept = [line for line in plan.evenings if line.commune_insee in known]
    pairs = [{"commune": line.commune_insee, "date": line.date.isoformat()} for line in kept]
    return {**season, "baseline": pairs, "costs": {**season["costs"], "moved": 1}}


def restart(session: Session, run: SolverRun, clock: Clock) -> SolverRun:
    """Record a new run in place of one that was interrupted, failed or stopped, on the tour as it stands now.

    Raises ``Conflict`` where the incident that it was for is withdrawn, and as ``start_run`` does.
    """
    if run.incident is not None and run.incident.withdrawn_at is not None:
        raise Conflict(N_("Cet imprévu est levé : il n’y a plus rien à replanifier."))
    return start_run(
        session,
        run.tour,
        clock,
        seconds=run.seconds_limit,
        base=session.get(Plan, run.base_id) if run.base_id else None,
        incident=run.incident,
        settings=ScenarioSettings.from_json(run.settings),
        name=run.name,
        asked_by=run.asked_by,
    )


def request_stop(session: Session, run: SolverRun) -> None:
    """Ask the worker to stop and keep the best plan so far. A run still queued is stopped at once.

    One statement: a worker may claim the run, or finish it, at the same moment.
    """
    state = case((SolverRun.state == "queued", "stopped"), else_=SolverRun.state)
    session.execute(
        update(SolverRun)
        .where(SolverRun.id == run.id, SolverRun.state.in_(_ACTIVE))
        .values(stop_requested=True, state=state)
        .execution_options(synchronize_session=False)
    )
    session.refresh(run)


def mark_interrupted(session: Session, clock: Clock) -> int:
    """Mark runs whose worker has fallen silent; return how many. They can be started again. Their parts are deleted."""
    silent_since = clock.now() - SILENCE
    lost = session.scalars(
        update(SolverRun)
        .where(SolverRun.state == "running", SolverRun.heartbeat_at < silent_since)
        .values(state="interrupted", finished_at=clock.now())
        .returning(SolverRun.id)
    ).all()
    forget_lost(session)
    return len(lost)
