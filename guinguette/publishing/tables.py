"""A published tour as a table: CSV for every spreadsheet, XLSX for those who ask for it."""

import csv
import io
from typing import Any

from guinguette.domain.states import STATE_NAMES, Venue
from guinguette.publishing.tour import PublishedEvening, PublishedTour

COLUMNS = (
    *("date", "début", "fin", "commune", "INSEE", "code postal", "intercommunalité", "état", "lieu", "adresse"),
    *("salle", "véhicule", "artistes", "restauration", "information"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(tour: PublishedTour) -> bytes:
    """Return the evenings as CSV: UTF-8 with its mark and semicolons, as a French Excel opens it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for evening in tour.evenings:
        writer.writerow([_harmless(value) for value in _row(evening)])
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(tour: PublishedTour) -> bytes:
    """Return the evenings as a workbook of one sheet, dates and times as such, the first line kept in sight."""
    from openpyxl import Workbook  # noqa: PLC0415 -- a fifth of a second that every start would pay
    from openpyxl.styles import Font  # noqa: PLC0415

    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("Soirées")
    sheet.append(COLUMNS)
    for evening in tour.evenings:
        sheet.append([_harmless(value) for value in _row(evening)])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for letter, width in {"A": 12, "D": 28, "G": 34, "I": 24, "J": 28, "K": 24}.items():
        sheet.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _row(evening: PublishedEvening) -> list[Any]:
    place = evening.place
    return [
        *(evening.date, evening.starts_at, evening.ends_at),
        *(evening.commune, evening.insee, evening.postcode, evening.epci_name, STATE_NAMES[evening.state]),
        place.name if place else "",
        place.address if place else "",
        (evening.hall.name if evening.hall else "") if evening.venue is Venue.PITCH else "",
        *(evening.vehicle, evening.artists, evening.food, evening.change_note),
    ]


def _harmless(value: Any) -> Any:
    """Put an apostrophe before what a spreadsheet would run as a formula: these texts were typed by people."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
