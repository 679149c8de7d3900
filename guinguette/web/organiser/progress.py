"""How far a run of the solver has come, in words. Costs are metre-equivalents (season-format.md, "Cost")."""

from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.models import Plan, Publication, SolverRun, Tour
from guinguette.publishing.words import distance_words
from guinguette.services import planning, publication
from guinguette.services.wording import translator
from guinguette.web.language import page_language

#: The states in which a worker has the run, or will.
ACTIVE = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Planning:
    """Where a tour's planning stands: its latest run and plan, and what the public sees; each null before the first."""

    run: SolverRun | None
    plan: Plan | None
    online: Publication | None
    seconds: int

    @property
    def active(self) -> bool:
        """Tell whether a run is waiting or under way."""
        return self.run is not None and self.run.state in ACTIVE


def planning_of(session: Session, tour: Tour, clock: Clock) -> Planning:
    """Return where the tour's planning stands; ``seconds`` is how long its latest run has lasted."""
    run = planning.active_or_last_run(session, tour)
    seconds = seconds_of(run, clock) if run else 0
    return Planning(run, planning.latest_plan(session, tour), publication.latest(session, tour), seconds)


def seconds_of(run: SolverRun, clock: Clock) -> int:
    """Return how long the run has waited, or once it is under way how long it has lasted."""
    until = run.finished_at or clock.now()
    return max(0, round((until - (run.started_at or run.created_at)).total_seconds()))


def kilometres(metres: int) -> str:
    """Return « 1 235 km »."""
    return distance_words(metres, translator(page_language()), page_language())


def gap_percent(cost: int, bound: int) -> int:
    """Return how much a better plan could gain at most, in whole percent rounded up."""
    return -(-100 * max(0, cost - bound) // cost) if cost else 0


def gap_sentence(cost: int | None, bound: int | None) -> str:
    """Return in plain words how far a plan is from the best there can be."""
    if cost is None:
        return str(gettext("Pas encore de plan."))
    if bound is not None and cost <= bound:
        return str(gettext("C’est prouvé : aucun plan ne fait mieux."))
    if bound is None or bound <= 0:  # « pas plus de 100 % » would sound like knowledge
        return str(gettext("On ne sait pas encore de combien un autre plan ferait mieux."))
    text = gettext(
        "Aucun plan ne gagnerait plus de %(percent)s %% (%(distance)s) sur celui-ci.",
        percent=gap_percent(cost, bound),
        distance=kilometres(cost - bound),
    )
    return str(text)
