"""Insert unless it is there already, in one statement, on SQLite as on PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from guinguette.models import Base

_ROWS_A_STATEMENT = 500  # SQLite takes at most 32,766 values a statement


def insert_once(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> int:
    """Insert ``rows``; those that a unique constraint refuses are left as they are. Return how many are new."""
    new = 0
    key = inspect(model).primary_key[0]
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        part = rows[start : start + _ROWS_A_STATEMENT]
        if session.get_bind().dialect.name == "postgresql":
            statement = postgresql.insert(model).values(part).on_conflict_do_nothing().returning(key)
        else:
            statement = sqlite.insert(model).values(part).on_conflict_do_nothing().returning(key)
        new += len(session.execute(statement).all())
    return new
