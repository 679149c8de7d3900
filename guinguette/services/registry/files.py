"""A kind's rows as a spreadsheet, and back: what was written out can be edited and read in again.

Every row of a file is judged before anything is written. ``n°`` and ``version`` say which record a line means, as it
was when it was written out; a line without a number is a new record.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.errors import N_, Conflict, DomainError, InvalidInput
from guinguette.domain.tables import Table, read, whole_number
from guinguette.domain.text import fold
from guinguette.models import Commune
from guinguette.publishing import workbooks
from guinguette.services import editing
from guinguette.services.import_rows import Remark
from guinguette.services.registry.columns import Column
from guinguette.services.registry.kinds import KINDS, Kind

MOST_ROWS = 10_000
_ID, _VERSION, _PLACE = N_("n°"), N_("version"), N_("commune")
_NOT_YET = Remark(N_("Ligne {line} : {reason}"))


@dataclass(frozen=True, slots=True)
class FileRow:
    """A line judged. ``action``: "new", "update", "same" or "error". ``changes`` as (title, from, to)."""

    line: int
    label: str
    action: str
    row: Any | None
    home: str
    version: int
    command: Any | None
    changes: tuple[tuple[str, str, str], ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class FilePreview:
    """What a file would do. ``fingerprint`` names exactly this outcome, on exactly these records."""

    rows: tuple[FileRow, ...]
    unknown_columns: tuple[str, ...]
    fingerprint: str

    def with_action(self, action: str) -> list[FileRow]:
        """Return the rows that would be "new", "update", "same" or "error"."""
        return [row for row in self.rows if row.action == action]


def export(kind: Kind, rows: Sequence[Any], file_format: str) -> bytes:
    """Return the rows as "csv" or "xlsx", every column, ready to be edited and read in again."""
    titles = [_ID, _VERSION, *([kind.home_column.title, _PLACE] if kind.home_column else [])]
    titles += [column.title for column in kind.columns]
    lines = []
    for row in rows:
        place = kind.commune(row)
        home = [kind.home(row), place.name if place else ""] if kind.home_column else []
        lines.append([row.id, row.version, *home, *kind.values(row).values()])
    if file_format == "xlsx":
        return workbooks.to_xlsx(KINDS[kind.word], titles, lines)
    return workbooks.to_csv(titles, lines)


def preview_file(session: Session, kind: Kind, text: str) -> FilePreview:
    """Read the file and say what each line would do, with all that is wrong with it. Writes nothing.

    Raises ``InvalidInput`` (field ``file``) where the file as a whole cannot be used.
    """
    table = read(text, _titles(kind), N_("La première ligne doit nommer les colonnes, comme dans un export."))
    if not table.rows:
        raise InvalidInput(N_("Ce fichier n’a que des titres : ajoutez une ligne par fiche."), field="file")
    if len(table.rows) > MOST_ROWS:
        raise InvalidInput(N_("Ce fichier dépasse {most} lignes."), field="file", most=MOST_ROWS)
    rows = tuple(_judge(session, kind, table))
    outcome = hashlib.sha256(text.encode())
    for row in rows:
        outcome.update(f"{row.line}|{row.action}|{row.version}|{row.changes}\n".encode())
    return FilePreview(rows, table.unknown_columns, outcome.hexdigest())


def apply_file(session: Session, kind: Kind, text: str, *, fingerprint: str) -> FilePreview:
    """Write the rows without errors. Raises ``Conflict`` where the file would no longer do what was shown.

    Then nothing is written, nor where a row is refused against all expectation (``InvalidInput`` names its line).
    """
    shown = preview_file(session, kind, text)
    if shown.fingerprint != fingerprint:
        raise Conflict(N_("Les fiches ont changé depuis l’aperçu. Rien n’est encore écrit : relisez le nouvel aperçu."))
    for row in shown.with_action("new") + shown.with_action("update"):
        try:
            if row.row is None:
                kind.create(row.home, row.command)
            else:
                kind.edit(row.row, row.command, row.version)
        except InvalidInput as error:
            raise InvalidInput(_NOT_YET.message, line=row.line, reason=str(error)) from error
    return shown


def _titles(kind: Kind) -> dict[str, tuple[str, ...]]:
    own = [*kind.columns, *([kind.home_column] if kind.home_column else [])]
    titles = {"id": ("n", "no", "numero", "id"), "version": ("version",)}
    return titles | {column.field: (fold(column.title), *column.also) for column in own}


def _judge(session: Session, kind: Kind, table: Table) -> Iterator[FileRow]:
    stored = {row.id: row for shelf in (False, True) for row in kind.rows(shelf)}
    insees = set(session.scalars(select(Commune.insee))) if "insee" in table.fields else set()
    columns = [column for column in kind.columns if column.field in table.fields]
    seen: dict[int, int] = {}
    for line, cells in table.rows:
        remarks: list[Remark] = []
        if line in table.overfull:
            remarks.append(Remark(N_("La ligne a plus de cases que de titres : un séparateur se cache dans un texte.")))
        row = _meant(cells, stored, remarks)
        if row is not None:
            if row.id in seen:
                remarks.append(Remark(N_("Cette fiche est déjà à la ligne {line}."), {"line": seen[row.id]}))
            seen.setdefault(row.id, line)
        home = _home(kind, cells, insees, remarks) if row is None and not cells.get("id") else ""
        command, changes = _command(kind, row, cells, columns, remarks)
        action = "error" if remarks else "new" if row is None else "update" if changes else "same"
        label = " ".join(filter(None, kind.labels(row))) if row is not None else cells.get("name", "")
        yield FileRow(
            line, label, action, row, home, row.version if row is not None else 0, command, changes, tuple(remarks)
        )


def _meant(cells: Mapping[str, str], stored: Mapping[int, Any], remarks: list[Remark]) -> Any | None:
    """Return the record that a line means, if any; it must still be as it was when it was written out."""
    typed = cells.get("id", "")
    if not typed:
        return None
    row = stored.get(whole_number(typed) or 0)
    if row is None:
        remarks.append(Remark(N_("Aucune fiche n’a le n° {typed}. Laissez la case vide pour en créer une."),
                              {"typed": typed[:20]}))  # fmt: skip
    elif row.archived_at is not None:
        remarks.append(Remark(N_("Cette fiche est dans les archives : remettez-la d’abord en service.")))
    elif not cells.get("version"):
        remarks.append(Remark(N_("Il manque la version : repartez d’un export.")))
    elif whole_number(cells["version"]) != row.version:
        told = editing.meanwhile(row)
        remarks.append(Remark(told.message, told.values))
    return row


def _home(kind: Kind, cells: Mapping[str, str], insees: set[str], remarks: list[Remark]) -> str:
    """Return what a new record belongs to."""
    if kind.home_column is None:
        return ""
    typed = cells.get(kind.home_column.field, "").upper()
    typed = typed.zfill(5) if kind.home_column.field == "insee" and typed.isdigit() else typed
    if not typed:
        remarks.append(Remark(N_("{column} : à remplir pour une nouvelle fiche"), {"column": kind.home_column.title}))
    elif kind.home_column.field == "insee" and typed not in insees:
        remarks.append(Remark(N_("Aucune commune n’a le code {code}."), {"code": typed[:20]}))
    return typed


def _command(
    kind: Kind, row: Any | None, cells: Mapping[str, str], columns: list[Column], remarks: list[Remark]
) -> tuple[Any | None, tuple[tuple[str, str, str], ...]]:
    """Return the command that a line makes of its record, and what it changes; nothing where it cannot be."""
    before = kind.values(row) if row is not None else {}
    values, changes = {}, []
    required = {each.name for each in fields(kind.command) if each.default is MISSING}
    for column in columns if row is not None else kind.columns:
        typed = cells.get(column.field, "")
        if row is not None and typed == before[column.field].strip():
            continue  # as it was written out, to whatever precision
        if row is None and not typed and column.field not in required:
            continue
        try:
            values[column.field] = column.read(typed)
        except InvalidInput as error:
            said = {"column": column.title, "reason": error}
            remarks.append(Remark(N_("{column} : {reason}"), said))
            continue
        after = column.show(values[column.field])
        if after != before.get(column.field, ""):
            changes.append((column.title, before.get(column.field, ""), after))
    if remarks:
        return None, tuple(changes)
    command = replace(kind.command_of(row), **values) if row is not None else kind.command(**values)
    try:
        if row is None or changes:
            kind.check(row, command)
    except DomainError as error:
        remarks.append(Remark(error.message, error.values))
    return command, tuple(changes)
