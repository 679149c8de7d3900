"""Insert unless it is there already, in one statement, on SQLite as on PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from guinguette.models import Base


def insert_once(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> int:
    """Insert ``rows``; those that a unique constraint refuses are left as they are. Return how many are new.

    Each row must give a value for every column that has no default in the database or in the model.
    """
    if not rows:
        return 0
    mapper = inspect(model)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(mapper.local_table).on_conflict_do_nothing().returning(mapper.primary_key[0])
    # SQLAlchemy sends the rows by the thousand, as many as the database takes values in a statement
    return len(session.execute(statement, list(rows)).all())
