"""Where a tour stands and the one thing to do next."""

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.states import UNSURE
from guinguette.models import CommuneRequest, DateOption, Evening, Plan, Publication, Tour, TourDate
from guinguette.services import shown_plans


@dataclass(frozen=True, slots=True, kw_only=True)
class TourSteps:
    """A tour's counts, and ``step``: the first of its steps that is not done.

    Steps: "late" (see ``with_late``), "vehicles", "communes", "dates", "answers", "plan", "publish", "ask", "confirm",
    "archive", "nothing". ``unsure`` counts evenings to come that are proposed or optional, ``unasked`` those of them
    whose hosts have not been sent an option.
    """

    communes: int
    unanswered: int
    evenings_wanted: int
    dates: int
    first: dt.date | None
    last: dt.date | None
    vehicles: int
    unsure: int
    unasked: int
    step: str

    def with_late(self, late: int) -> "TourSteps":
        """Return the same, but that tasks which are late come before what can wait."""
        return replace(self, step="late") if late and self.step in ("ask", "confirm", "nothing") else self

    @property
    def ready_to_plan(self) -> bool:
        """Tell whether the solver has anything to work on."""
        return bool(self.vehicles and self.communes and self.dates)


def steps_of(session: Session, tour: Tour, clock: Clock) -> TourSteps:
    """Return where the tour stands today."""
    day = today(clock)
    communes, answered, wanted = session.execute(
        select(
            func.count(), func.count(CommuneRequest.answered_at), func.coalesce(func.sum(CommuneRequest.evenings), 0)
        ).where(CommuneRequest.tour_id == tour.id, CommuneRequest.archived_at.is_(None))
    ).one()
    dates, first, last = session.execute(
        select(func.count(), func.min(TourDate.date), func.max(TourDate.date)).where(TourDate.tour_id == tour.id)
    ).one()
    unsure, asked = session.execute(
        select(func.count(), func.count(DateOption.id))
        .select_from(Evening)
        .outerjoin(DateOption, (DateOption.evening_id == Evening.id) & (DateOption.state == "sent"))
        .where(Evening.tour_id == tour.id, Evening.date > day, Evening.state.in_(UNSURE))
    ).one()
    plan = session.scalar(shown_plans.shown(tour).with_only_columns(Plan.id))
    versions = select(Publication.plan_id).where(Publication.tour_id == tour.id)
    online = session.scalar(versions.order_by(Publication.number.desc()).limit(1))
    todo = {
        "vehicles": not tour.vehicles,
        "communes": not communes,
        "dates": not dates,
        "archive": last is not None and last < day,
        "answers": communes > answered and not tour.published_version,
        "plan": plan is None,
        "publish": plan != online,
        "ask": unsure > asked,
        "confirm": bool(unsure),
        "nothing": True,
    }
    return TourSteps(
        communes=communes,
        unanswered=communes - answered,
        evenings_wanted=wanted,
        dates=dates,
        first=first,
        last=last,
        vehicles=len(tour.vehicles),
        unsure=unsure,
        unasked=unsure - asked,
        step=next(step for step, waiting in todo.items() if waiting),
    )
