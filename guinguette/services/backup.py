"""A whole database as one compressed file of JSON lines, the same from SQLite and from PostgreSQL.

First line: what it is, and at which migrations the schema stood. Then, for each table, a line {"table", "columns"} and
a line of values for each row, tables in an order in which each refers to earlier ones. The installation's keys are not
in it: without ``GUINGUETTE_DATA_KEY`` the telephone numbers stay closed.
"""

import base64
import datetime as dt
import gzip
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, func, select, text, update
from sqlalchemy import types as sql

from guinguette.domain.errors import N_, Conflict, InvalidInput

FORMAT = "guinguette-backup-1"
_BATCH_ROWS = 500
#: Alembic's, which the first line tells; parts of a run, which end with it and are unpickled by whoever takes them.
_LEFT_OUT = ("alembic_version", "solver_part")
_HEAVY_ROWS = 8  # of a table with pictures, which need not all be in memory at once
_READERS: tuple[tuple[type[sql.TypeEngine[Any]], Callable[[Any], Any]], ...] = (
    (sql.DateTime, dt.datetime.fromisoformat),
    (sql.Date, dt.date.fromisoformat),
    (sql.Time, dt.time.fromisoformat),
    (sql.LargeBinary, base64.b64decode),
)


def backup(engine: Engine, path: Path) -> int:
    """Write every row as of one instant to ``path``, readable by its owner alone; return how many rows.

    The file appears under its name only when it is whole. Raises ``OSError``.
    """
    rows = 0
    unfinished = path.with_name(path.name + ".part")
    descriptor = os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as raw, gzip.open(raw, "wt", encoding="utf-8") as file, engine.connect() as source:
        _freeze(source)
        head = {"format": FORMAT, "schema": _schema(source)}
        file.write(json.dumps(head) + "\n")
        for table in _tables(source):
            columns = [column.name for column in table.columns]
            file.write(json.dumps({"table": table.name, "columns": columns}) + "\n")
            for row in source.execution_options(yield_per=_batch(table)).execute(select(table)):
                file.write(json.dumps([_plain(value) for value in row], ensure_ascii=False) + "\n")
                rows += 1
    unfinished.replace(path)
    return rows


def schema_in(path: Path) -> list[str]:
    """Return the migrations at which the backup's schema stood. Raises ``InvalidInput`` where it is no backup."""
    head = next(_lines(path), None)
    if not isinstance(head, dict) or head.get("format") != FORMAT or not isinstance(head.get("schema"), list):
        raise InvalidInput(N_("{file} n’est pas une sauvegarde de la Guinguette."), file=path.name)
    return [str(revision) for revision in head["schema"]]


def refuse_filled(engine: Engine) -> None:
    """Raise ``Conflict`` where the database holds anything: a restore never writes over somebody's data."""
    with engine.connect() as connection:
        for table in _tables(connection):
            if connection.execute(select(text("1")).select_from(table).limit(1)).first() is not None:
                raise Conflict(
                    N_("La base contient déjà des données (table {table}) : restaurez dans une base vide."),
                    table=table.name,
                )


def restore(engine: Engine, path: Path) -> int:
    """Fill the empty tables from ``path``, all or nothing; return how many rows.

    The schema must stand at ``schema_in(path)``. Raises ``InvalidInput`` naming the line where the file is broken.
    """
    rows = 0
    with engine.begin() as connection:
        tables = {table.name: table for table in _tables(connection)}
        filler: _Filler | None = None
        lines = _lines(path)
        next(lines, None)
        for number, line in enumerate(lines, start=2):
            if isinstance(line, dict):
                if filler is not None:
                    filler.flush()
                filler = _filler(connection, tables, line, path, number)
            elif filler is not None and isinstance(line, list) and len(line) == len(filler.columns):
                filler.add(line)
                rows += 1
            else:
                raise _broken(path, number)
        if filler is not None:
            filler.flush()
        _advance_counters(connection, tables.values())
    return rows


class _Filler:
    """Inserts the rows of one table in batches. Columns that refer to the same table follow at the end."""

    def __init__(self, connection: Connection, table: Table, columns: list[str]) -> None:
        self.columns = columns
        self._connection, self._table = connection, table
        self._read = [_reader(table.c[name].type) for name in columns]
        self._to_itself = [c.name for c in table.columns if any(k.column.table is table for k in c.foreign_keys)]
        self._batch = _batch(table)
        self._rows: list[dict[str, Any]] = []
        self._later: list[tuple[list[Any], dict[str, Any]]] = []

    def add(self, values: list[Any]) -> None:
        row = {
            name: None if value is None else read(value)
            for name, read, value in zip(self.columns, self._read, values, strict=True)
        }
        postponed = {name: row[name] for name in self._to_itself if row[name] is not None}
        if postponed:
            self._later.append(([row[key.name] for key in self._table.primary_key], postponed))
        self._rows.append(row | dict.fromkeys(postponed))
        if len(self._rows) >= self._batch:
            self._insert()

    def flush(self) -> None:
        self._insert()
        for key, values in self._later:
            own = [column == value for column, value in zip(self._table.primary_key, key, strict=True)]
            self._connection.execute(update(self._table).where(*own).values(values))

    def _insert(self) -> None:
        if self._rows:
            self._connection.execute(self._table.insert(), self._rows)
        self._rows = []


def _filler(connection: Connection, tables: dict[str, Table], line: dict[str, Any], path: Path, number: int) -> _Filler:
    table, columns = tables.get(line.get("table", "")), line.get("columns")
    if table is None or not isinstance(columns, list) or set(columns) != {c.name for c in table.columns}:
        raise _broken(path, number)
    return _Filler(connection, table, columns)


def _tables(connection: Connection) -> list[Table]:
    """Return the tables as they are in the database, whatever the code now says; none that is left out or a queue's."""
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: name not in _LEFT_OUT and not name.startswith("huey_"))
    return metadata.sorted_tables


def _schema(connection: Connection) -> list[str]:
    return sorted(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


def _freeze(connection: Connection) -> None:
    """Let this connection see one instant of the database until it ends."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
    else:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def _advance_counters(connection: Connection, tables: Any) -> None:
    """Let PostgreSQL's counters go on after the ids that were restored; SQLite looks for itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        column = table.autoincrement_column
        if column is None:
            continue
        sequence = func.pg_get_serial_sequence(f'"{table.name}"', column.name)
        highest = select(func.max(column)).scalar_subquery()
        connection.execute(select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))))


def _batch(table: Table) -> int:
    return _HEAVY_ROWS if any(isinstance(column.type, sql.LargeBinary) for column in table.columns) else _BATCH_ROWS


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else float(value)


def _reader(kind: sql.TypeEngine[Any]) -> Callable[[Any], Any]:
    return next((read for of, read in _READERS if isinstance(kind, of)), lambda value: value)


def _lines(path: Path) -> Iterator[Any]:
    number = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
                number += 1
    except (EOFError, gzip.BadGzipFile, ValueError) as error:
        raise _broken(path, number + 1) from error


def _broken(path: Path, number: int) -> InvalidInput:
    return InvalidInput(N_("{file}, ligne {line} : la sauvegarde est abîmée."), file=path.name, line=number)
