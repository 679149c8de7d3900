"""The plan on a tour's desk: the one that was put there last (``Plan.shown_at``)."""

import datetime as dt

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.models import Plan, Tour

#: By so much a plan is shown later than the one that it takes the place of, where the clock does not say so.
STEP = dt.timedelta(microseconds=1)


def shown(tour: Tour) -> Select[Plan]:
    """Return what selects the plan that the desk shows."""
    by_time = (Plan.shown_at.desc(), Plan.id.desc())
    return select(Plan).where(Plan.tour_id == tour.id, Plan.shown_at.is_not(None)).order_by(*by_time).limit(1)


def latest_plan(session: Session, tour: Tour) -> Plan | None:
    """Return the plan that the desk shows, or null."""
    return session.scalar(shown(tour))


def show(session: Session, plan: Plan, clock: Clock) -> None:
    """Put the plan on the desk, whatever is there; machines' clocks may differ a little."""
    there = latest_plan(session, plan.tour)
    at = clock.now()
    if there is not None and there is not plan and there.shown_at is not None:
        at = max(at, there.shown_at + STEP)
    plan.shown_at = max(at, plan.shown_at or at)
