"""Participating communes from a spreadsheet: every row is judged first, and written once somebody has confirmed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from guinguette.domain.equipment import EQUIPMENT
from guinguette.domain.errors import N_, Conflict, DomainError, InvalidInput
from guinguette.domain.tables import decode, read
from guinguette.models import CommuneRequest, Tour
from guinguette.publishing import workbooks
from guinguette.services import requests
from guinguette.services.import_rows import COLUMNS, Gazetteer, ImportRow, judge

MOST_BYTES, MOST_ROWS = 2 * 1024 * 1024, 10_000
#: What people download to fill in: a title line that every spreadsheet and ``read`` understand, and two examples.
TEMPLATE = (
    "code INSEE;commune;code postal;soirées;jours entre deux soirées;priorité;besoins;remarques\r\n"
    "52448;Saint-Dizier;52100;2;21;1;;Place du marché occupée le samedi\r\n"
    ";Éclaron-Braucourt-Sainte-Livière;52290;1;;;bar couvert;\r\n"
)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do. ``fingerprint`` names exactly this outcome, on exactly these records."""

    rows: tuple[ImportRow, ...]
    unknown_columns: tuple[str, ...]
    fingerprint: str

    def with_action(self, action: str) -> list[ImportRow]:
        """Return the rows that would be "new", "update" or "error"."""
        return [row for row in self.rows if row.action == action]


@dataclass(frozen=True, slots=True)
class Imported:
    """How many communes were added, changed, and left alone (errors, updates nobody asked for)."""

    created: int
    updated: int
    left_out: int


def text_of(data: bytes) -> str:
    """Return the uploaded file's text. Raises ``InvalidInput`` (field ``file``) where it is too large or no text."""
    if len(data) > MOST_BYTES:
        raise InvalidInput(N_("Ce fichier dépasse 2 Mo : une ligne par commune suffit."), field="file")
    return workbooks.text_of(data) if workbooks.is_workbook(data) else decode(data)


def preview(session: Session, tour: Tour, text: str) -> Preview:
    """Read the file and say what each row would do, with all its errors and warnings. Writes nothing.

    Raises ``InvalidInput`` (field ``file``) where the file as a whole cannot be used.
    """
    table = read(text, COLUMNS)
    if not table.rows:
        raise InvalidInput(N_("Ce fichier n’a que des titres : ajoutez une ligne par commune."), field="file")
    if len(table.rows) > MOST_ROWS:
        raise InvalidInput(N_("Ce fichier dépasse {most} lignes."), field="file", most=MOST_ROWS)
    if not table.fields & {"insee", "name"}:
        raise InvalidInput(N_("Il manque une colonne « code INSEE », ou « commune » et « code postal »."), field="file")
    gazetteer = Gazetteer.of(session, tour)
    rows = tuple(judge(table, gazetteer))
    outcome = hashlib.sha256(text.encode())
    for row in rows:
        outcome.update(f"{row.line}|{row.action}|{row.insee}|{row.version}|{sorted(row.values.items())}\n".encode())
    return Preview(rows, table.unknown_columns, outcome.hexdigest())


def apply(session: Session, tour: Tour, text: str, *, fingerprint: str, update: bool) -> Imported:
    """Write the rows without errors; those of communes that already take part only with ``update``.

    Raises ``Conflict`` where the file would no longer do what ``fingerprint`` has shown; nothing is written then.
    """
    shown = preview(session, tour, text)
    if shown.fingerprint != fingerprint:
        raise Conflict(N_("La tournée a changé depuis l’aperçu. Rien n’est encore écrit : relisez le nouvel aperçu."))
    stored = {request.commune_insee: request for request in tour.requests}
    start = requests.defaults(session, tour)
    created, updated = shown.with_action("new"), shown.with_action("update") if update else []
    with session.no_autoflush:  # each row is written once, when it is whole
        for row in created:
            request = stored.get(row.insee) or CommuneRequest(tour=tour, commune_insee=row.insee)
            request.archived_at = None
            _write(request, start(row.insee), row)
            session.add(request)
        for row in updated:
            _write(stored[row.insee], requests.command_of(stored[row.insee]), row)
    session.flush()
    return Imported(len(created), len(updated), len(shown.rows) - len(created) - len(updated))


#: The titles of an export, which ``preview`` understands; what it only tells (the answer) is left aside there.
_TITLES = (
    *(N_("code INSEE"), N_("commune"), N_("code postal"), N_("version"), N_("soirées")),
    *(N_("jours entre deux soirées"), N_("priorité"), N_("besoins"), N_("véhicules")),
    *(N_("responsable de la buvette"), N_("emplacement"), N_("salle"), N_("remarques"), N_("réponse")),
)


def export(rows: Sequence[CommuneRequest], file_format: str) -> bytes:
    """Return requests as "csv" or "xlsx", ready to be edited and read in again."""
    lines = [_line(row) for row in rows]
    if file_format == "xlsx":
        return workbooks.to_xlsx("Villages", _TITLES, lines)
    return workbooks.to_csv(_TITLES, lines)


def _line(row: CommuneRequest) -> list[str | int]:
    return [
        *(row.commune_insee, row.commune.name, row.commune.postcodes[:5], row.version, row.evenings),
        *(row.min_days_between, row.priority),
        ", ".join(EQUIPMENT.get(name, name) for name in row.needs),
        ", ".join(vehicle.name for vehicle in row.vehicles),
        *(place.name if place else "" for place in (row.permit_holder, row.pitch, row.fallback_venue)),
        *(row.notes, row.answered_by or "sans réponse"),
    ]


def _write(request: CommuneRequest, base: requests.RequestCommand, row: ImportRow) -> None:
    try:
        requests.assign(request, replace(base, **row.values))
    except DomainError as error:  # every value has been judged, so this is what the judge has overlooked
        raise InvalidInput(N_("Ligne {line} : {reason}"), line=row.line, reason=str(error)) from error
