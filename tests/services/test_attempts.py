"""Tries counted in the database (guinguette/services/attempts.py)."""

import datetime as dt

from sqlalchemy.orm import Session

from guinguette.services import attempts
from tests.fakes import FixedClock

MINUTE = dt.timedelta(minutes=1)


def _add(session: Session, clock: FixedClock, key: str = "one", amount: int = 1) -> int:
    return attempts.add(session, key, window=MINUTE, amount=amount, clock=clock)


def test_a_window_opens_with_its_first_try_and_starts_again_when_over(session: Session, clock: FixedClock) -> None:
    """Counts add up until the window's last moment; each key has its own."""
    opened = clock.now()
    assert [_add(session, clock), _add(session, clock, amount=2), _add(session, clock, "other")] == [1, 3, 1]
    clock.advance(seconds=59)
    assert _add(session, clock) == 4
    assert attempts.standing(session, "one", clock) == (4, opened + MINUTE)
    clock.advance(seconds=1)
    assert attempts.standing(session, "one", clock) == (0, clock.now())
    assert _add(session, clock) == 1
