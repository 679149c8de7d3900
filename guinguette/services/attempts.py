"""Counting tries in the database, so that every web process, on every machine, counts together."""

import datetime as dt

from sqlalchemy import case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.models import Attempt


def add(session: Session, key: str, *, window: dt.timedelta, amount: int, clock: Clock) -> int:
    """Count ``amount`` tries more of ``key``; return how many that makes since its window opened.

    One statement, so that tries made at the same moment all count. The first try after a window opens the next.
    """
    now = clock.now()
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    first = dialect.insert(Attempt).values(key=key, count=amount, resets_at=now + window)
    over = Attempt.resets_at <= now
    statement = first.on_conflict_do_update(
        index_elements=[Attempt.key],
        set_={
            "count": case((over, amount), else_=Attempt.count + amount),
            "resets_at": case((over, now + window), else_=Attempt.resets_at),
        },
    )
    counted: int = session.scalars(statement.returning(Attempt.count)).one()
    return counted


def standing(session: Session, key: str, clock: Clock) -> tuple[int, dt.datetime]:
    """Return how many tries of ``key`` count at present, and when they no longer will."""
    found = session.get(Attempt, key)
    return (found.count, found.resets_at) if found and found.resets_at > clock.now() else (0, clock.now())


def forget_over(session: Session, clock: Clock) -> None:
    """Erase the counts whose window is over."""
    session.execute(delete(Attempt).where(Attempt.resets_at <= clock.now()))
