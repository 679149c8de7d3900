"""Variants of a tour: the same season under other settings, solved beside the desk and put on it."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, Conflict, InvalidInput
from guinguette.models import Plan, PlannedEvening, SolverRun, Tour, UnservedWish
from guinguette.services import planning, shown_plans
from guinguette.services.scenario_settings import ScenarioSettings

LONGEST_NAME = 80
_SOLVED = ("optimal", "feasible")
_SHOWN = 30


def listing(session: Session, tour: Tour) -> Sequence[Plan]:
    """Return the plans that can be compared: the one on the desk first, then those of the solver, the latest first."""
    desk = planning.latest_plan(session, tour)
    others = select(Plan).where(
        Plan.tour_id == tour.id, Plan.run_id.is_not(None), Plan.status.in_(_SOLVED), Plan.approach == ""
    )
    found = session.scalars(others.order_by(Plan.id.desc()).limit(_SHOWN)).all()
    first = [desk] if desk is not None and desk.status in _SOLVED else []
    return first + [plan for plan in found if plan is not desk]


def sizes(session: Session, plans: Sequence[Plan]) -> dict[int, tuple[int, int]]:
    """Return by id how many evenings each plan has and how many villages it leaves short, without reading them."""
    ids = [plan.id for plan in plans]

    def count(rows: type[PlannedEvening] | type[UnservedWish]) -> dict[int, int]:
        found = select(rows.plan_id, func.count()).where(rows.plan_id.in_(ids)).group_by(rows.plan_id)
        return {plan_id: number for plan_id, number in session.execute(found)}  # noqa: C416 -- rows, no pairs

    evenings, short = count(PlannedEvening), count(UnservedWish)
    return {plan_id: (evenings.get(plan_id, 0), short.get(plan_id, 0)) for plan_id in ids}


def start(
    session: Session, plan: Plan, settings: ScenarioSettings, *, name: str, actor: str, clock: Clock
) -> SolverRun:
    """Ask for a variant of the plan under these settings. Raises ``InvalidInput``, ``Conflict`` as ``start_run``.

    The caller commits, then asks ``Jobs.solve``.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInput(
            N_("Donnez à la variante un nom de {most} lettres au plus."), field="name", most=LONGEST_NAME
        )
    if plan.tour.archived_at is not None:
        raise Conflict(N_("Cette tournée est dans les archives : restaurez-la, puis essayez."))
    return planning.start_run(session, plan.tour, clock, base=plan, settings=settings, name=name, asked_by=actor)


def put_on_desk(session: Session, plan: Plan, clock: Clock) -> None:
    """Let the desk show this plan. Raises ``InvalidInput`` where it has no evenings to show."""
    if plan.status not in _SOLVED:
        raise InvalidInput(N_("Ce plan ne contient aucune soirée : il ne peut pas être retenu."))
    shown_plans.show(session, plan, clock)
