"""Counts for the machines that watch (guinguette/services/monitoring.py)."""

from sqlalchemy.orm import Session

from guinguette.models import SolverPart
from guinguette.services.monitoring import count_by_state
from tests import factories


def test_rows_are_counted_by_state(session: Session) -> None:
    """Each state that occurs has its number, the others are absent."""
    commune = factories.make_commune(session)
    factories.make_evening(session, commune=commune, state="confirmed")
    factories.make_evening(session, commune=commune, state="cancelled")
    factories.make_evening(session, commune=commune, state="cancelled")
    factories.make_run(session, state="interrupted")
    session.add(SolverPart(run_id=factories.make_run(session, state="running").id, payload=b""))
    session.flush()
    counts = count_by_state(session)
    assert counts == {
        "evenings": {"confirmed": 1, "cancelled": 2},
        "solver_runs": {"interrupted": 1, "running": 1},
        "solver_parts": {"waiting": 1},
        "messages": {},
    }
