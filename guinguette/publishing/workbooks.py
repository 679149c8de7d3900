"""Tables for spreadsheets (tablib): CSV as a French Excel opens it, XLSX, and a workbook's cells as text."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any, cast

from guinguette.domain.errors import N_, InvalidInput
from guinguette.domain.tables import LINE_IN_CELL, harmless

#: What the two kinds of file are to a browser.
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_WORKBOOK = b"PK\x03\x04"


def to_csv(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return the table as CSV: UTF-8 with its mark and semicolons. What looks like a formula is only text."""
    return str(_dataset(titles, rows).export("csv", delimiter=";")).encode("utf-8-sig")


def to_xlsx(sheet: str, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return the table as a workbook of one sheet, dates and times as such, the first line kept in sight."""
    table = _dataset(titles, rows)
    table.title = sheet
    return cast(bytes, table.export("xlsx", column_width="adaptive"))


def is_workbook(data: bytes) -> bool:
    """Tell whether an uploaded file is an XLSX workbook."""
    return data.startswith(_WORKBOOK)


def text_of(data: bytes) -> str:
    """Return the first sheet of an XLSX workbook as semicolon-separated text for ``domain.tables.read``.

    A line break within a cell becomes ``LINE_IN_CELL``, so that lines keep the numbers that the spreadsheet shows.
    Raises ``InvalidInput`` (field ``file``) where it is no workbook that can be read.
    """
    from tablib import Dataset  # noqa: PLC0415 -- only who reads or writes a table pays for it

    try:
        table = Dataset().load(data, format="xlsx", headers=False)
    except Exception as error:  # openpyxl raises whatever its parsers do: KeyError, BadZipFile, ParseError, …
        raise InvalidInput(
            N_("Ce classeur ne s’ouvre pas : enregistrez-le de nouveau en XLSX ou en CSV."), field="file"
        ) from error
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\n").writerows([_typed(cell) for cell in row] for row in table)
    return out.getvalue()


def _dataset(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Any:
    from tablib import Dataset  # noqa: PLC0415 -- as above

    return Dataset(*([harmless(value) for value in row] for row in rows), headers=list(titles))


def _typed(cell: Any) -> str:
    """Return a cell as somebody would have typed it in a CSV file."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell).replace(".", ",")
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    return str(cell).replace("\r\n", "\n").replace("\n", LINE_IN_CELL)
