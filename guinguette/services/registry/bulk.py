"""One change to many rows: shown first, row by row, then written; each row whole or not at all.

A row that somebody has changed since it was ticked, or that cannot take the change, is named and left alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, DomainError, InvalidInput
from guinguette.services import editing
from guinguette.services.registry.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkChange:
    """``values``: the typed text of each field that changes. ``shelve``: "archiver", "restaurer" or nothing."""

    values: Mapping[str, str]
    shelve: str = ""


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One row's part: ``changes`` as (title, from, to) in words; ``refusal`` says why it is left alone."""

    row: Any
    changes: tuple[tuple[str, str, str], ...]
    refusal: DomainError | None = None


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """The rows that change, those that are as asked already, and those that are left alone."""

    changing: Sequence[BulkRow]
    same: Sequence[BulkRow]
    refused: Sequence[BulkRow]


def preview_bulk(
    session: Session, kind: Kind, ticked: Iterable[tuple[int, int]], change: BulkChange, clock: Clock
) -> BulkPreview:
    """Say what a change would do to the rows ticked as (id, version that was read). Writes nothing.

    Raises ``InvalidInput`` (field: that of the command) where a value cannot be read, and where nothing is asked.
    """
    rows = {row.id: row for row in kind.rows(change.shelve == "restaurer")}
    if not change.values and not change.shelve:
        raise InvalidInput(N_("Cochez ce qui doit changer."))
    values = {name: _read(kind, name, typed) for name, typed in change.values.items()}
    # those that have gone to the other shelf meanwhile are not among the rows, and are not counted either
    parts = [
        _judge(session, kind, rows[id_], version, values, change.shelve, clock)
        for id_, version in dict(ticked).items()
        if id_ in rows
    ]
    return BulkPreview(
        changing=[part for part in parts if part.changes and not part.refusal],
        same=[part for part in parts if not part.changes and not part.refusal],
        refused=[part for part in parts if part.refusal],
    )


def apply_bulk(
    session: Session, kind: Kind, ticked: Iterable[tuple[int, int]], change: BulkChange, clock: Clock
) -> BulkPreview:
    """Do what ``preview_bulk`` says now, and return it. Raises what it raises, ``Conflict`` on a race."""
    seen = dict(ticked)
    done = preview_bulk(session, kind, seen.items(), change, clock)
    values = {name: _read(kind, name, typed) for name, typed in change.values.items()}
    for part in done.changing:
        if change.shelve == "archiver":
            editing.archive(session, part.row, seen[part.row.id], clock)
        elif change.shelve == "restaurer":
            editing.restore(session, part.row, seen[part.row.id])
        else:
            kind.edit(part.row, replace(kind.command_of(part.row), **values), seen[part.row.id])
    return done


def _read(kind: Kind, name: str, typed: str) -> Any:
    try:
        return kind.column(name).read(typed)
    except InvalidInput as error:
        raise InvalidInput(error.message, field=name, **error.values) from None


def _judge(
    session: Session, kind: Kind, row: Any, version: int, values: Mapping[str, Any], shelve: str, clock: Clock
) -> BulkRow:
    changes: tuple[tuple[str, str, str], ...] = ()
    try:
        editing.begin(row, version)
        if shelve:
            if shelve == "archiver":
                editing.refuse_needed(session, row, clock)
            return BulkRow(row, ((N_("archives"), "", N_("rangé") if shelve == "archiver" else N_("de retour")),))
        before = kind.command_of(row)
        after = replace(before, **values)
        changes = tuple(
            (column.title, column.show(getattr(before, name)), column.show(getattr(after, name)))
            for name in values
            if getattr(before, name) != getattr(after, name)
            for column in [kind.column(name)]
        )
        if changes:
            kind.check(row, after)
    except DomainError as refusal:
        return BulkRow(row, changes, refusal)
    return BulkRow(row, changes)
