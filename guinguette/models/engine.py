"""Engines: the same options for the web, the jobs and the command line."""

import sqlite3
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker


def engine_options(url: str) -> dict[str, Any]:
    """Return what ``create_engine`` needs for this URL: SQLite waits for locks, PostgreSQL's connections are tested.

    What a statement was given stands in no error: a log would hold the codes and texts of people's SMS.
    """
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"timeout": 30}}
    return {"hide_parameters": True, "pool_pre_ping": True}


def session_factory(url: str) -> sessionmaker[Session]:
    """Return a session factory on a new engine, for what runs outside Flask (jobs)."""
    return sessionmaker(create_engine(url, **engine_options(url)))


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Turn on what SQLite leaves off: WAL (readers beside one writer) and foreign keys."""
    if isinstance(connection, sqlite3.Connection):
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()
