"""What the machines that watch may know: counts by state, nothing about anybody."""

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from guinguette.models import Evening, Message, SolverPart, SolverRun

_COUNTED: dict[str, InstrumentedAttribute[str]] = {
    "messages": Message.state,
    "solver_runs": SolverRun.state,
    "solver_parts": SolverPart.state,
    "evenings": Evening.state,
}


def count_by_state(session: Session) -> dict[str, dict[str, int]]:
    """Return how many messages, solver runs, parts of them and evenings stand in each state, all that occur."""
    return {name: _count(session, column) for name, column in _COUNTED.items()}


def _count(session: Session, state: InstrumentedAttribute[str]) -> dict[str, int]:
    return {row[0]: row[1] for row in session.execute(select(state, func.count()).group_by(state))}
