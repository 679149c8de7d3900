"""The re-plan of an incident: started, and its ways out set side by side (``planning.replanning`` defines them)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, Conflict
from guinguette.models import Evening, Incident, Plan, PlannedEvening, SolverRun
from guinguette.services import incidents, planning, publication
from guinguette.services.evening_queries import is_settled

#: For all the ways together; the first is there after seconds (``planning.replanning``).
SECONDS = 40


@dataclass(frozen=True, slots=True)
class WayOut:
    """What a plan would do to the evenings to come: how many stay, and which change from what to what."""

    plan: Plan
    kept: int
    moved: Sequence[tuple[Evening, PlannedEvening]]
    cancelled: Sequence[Evening]
    created: Sequence[PlannedEvening]
    other_van: Sequence[tuple[Evening, PlannedEvening]]

    @property
    def solved(self) -> bool:
        """Tell whether there is a plan, and not only what contradicts it."""
        return self.plan.cost is not None


def start(session: Session, incident: Incident, clock: Clock) -> SolverRun | None:
    """Record the run that looks for ways out; null where no evening to come is hit, and so none must change.

    Raises ``Conflict`` where the incident is withdrawn, or another run of the tour is under way, ``InvalidInput``.
    """
    if incident.withdrawn_at is not None:
        raise Conflict(N_("Cet imprévu est levé : il n’y a plus rien à replanifier."))
    _, coming = incidents.hit_evenings(session, incident, clock)
    if not coming:
        incident.settled_at = incident.settled_at or clock.now()
        session.flush()
        return None
    return planning.start_run(session, incident.tour, clock, seconds=SECONDS, incident=incident)


def last_run(session: Session, incident: Incident) -> SolverRun | None:
    """Return the latest run that looked for ways out of the incident, or null."""
    runs = select(SolverRun).where(SolverRun.incident_id == incident.id)
    return session.scalar(runs.order_by(SolverRun.id.desc()).limit(1))


def ways_out(session: Session, run: SolverRun, clock: Clock) -> list[WayOut]:
    """Return the ways that the run has found so far, in their order; of each the latest, which is the best."""
    latest = {plan.approach: plan for plan in run.plans}
    return [_way(session, latest[name], clock) for name in planning.APPROACHES if name in latest]


def _way(session: Session, plan: Plan, clock: Clock) -> WayOut:
    changes = publication.preview(session, plan, clock)
    coming = [pair for pair in changes.kept if not is_settled(pair[0], today(clock))]
    return WayOut(
        plan=plan,
        kept=len(coming),
        moved=changes.moved,
        cancelled=changes.cancelled,
        created=changes.created,
        other_van=[(evening, line) for evening, line in coming if evening.vehicle_id != line.vehicle_id],
    )
