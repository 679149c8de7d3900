"""Tables as spreadsheets save them: guess the encoding and the separator, find the columns by their names."""

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guinguette.domain.errors import N_, InvalidInput
from guinguette.domain.text import fold

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
#: A line break within a cell, where each line of the text is to be a row (Unicode's LINE SEPARATOR).
LINE_IN_CELL = "\u2028"
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SEPARATORS = (";", "\t", ",")
_LIKELY, _POSSIBLE = frozenset("éèêëàâçùûüîïôöœæ"), frozenset("ÉÈÊËÀÂÇÙÛÜÎÏÔÖŒÆ’‘“”«»–—…°€\u00a0")


@dataclass(frozen=True, slots=True)
class Table:
    """A table's rows as (line in the file, value by field), and the titles of the columns nobody knows."""

    rows: tuple[tuple[int, Mapping[str, str]], ...]
    fields: frozenset[str]
    unknown_columns: tuple[str, ...]
    #: Lines with more cells than there are titles: a separator stands within a text.
    overfull: frozenset[int]


def decode(data: bytes) -> str:
    """Return the text of a CSV file: UTF-8 or UTF-16 with mark, UTF-8, else Windows or old Macintosh, as likelier.

    Raises ``InvalidInput`` on a workbook or another file that is no text.
    """
    if data.startswith(_WORKBOOKS):
        raise InvalidInput(N_("C’est un classeur : dans le tableur, « Enregistrer sous », puis « CSV »."), field="file")
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    try:
        text = data.decode(encoding) if encoding else _guess(data)
    except UnicodeDecodeError:
        raise InvalidInput(N_("Ce fichier est abîmé : enregistrez-le de nouveau en CSV."), field="file") from None
    if "\0" in text:
        raise InvalidInput(N_("Ce n’est pas un fichier CSV."), field="file")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _guess(data: bytes) -> str:
    for name, zeros in (("utf-16-le", data[1:200:2]), ("utf-16-be", data[:200:2])):
        if zeros and zeros.count(0) > len(zeros) // 2:  # Latin letters in UTF-16 are every other byte zero
            return data.decode(name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        readings = [data.decode("mac_roman")]
    with contextlib.suppress(UnicodeDecodeError):
        readings.insert(0, data.decode("cp1252"))
    return max(readings, key=_frenchness)


def _frenchness(text: str) -> int:
    strange = [char for char in text if ord(char) > 127]  # noqa: PLR2004 the last of ASCII
    return sum(2 if char in _LIKELY else 1 if char in _POSSIBLE else -2 for char in strange)


_TITLES = N_("La première ligne doit nommer les colonnes : commune, code INSEE, code postal, soirées…")


def read(text: str, columns: Mapping[str, tuple[str, ...]], titleless: str = _TITLES) -> Table:
    """Return the table, its columns found under any of the folded titles that ``columns`` gives each field.

    Empty lines are left out. Raises ``InvalidInput`` (field ``file``) with the sentence ``titleless`` where no title is
    known.
    """
    lines = text.split("\n")
    skipped = 1 if re.fullmatch(r"sep=.", lines[0].strip()) else 0  # Excel's own line
    titles_of = {title: field for field, titles in columns.items() for title in titles}
    separator = max(_SEPARATORS, key=lambda each: len(_known(_first_row(lines[skipped:], each), titles_of)))
    reader = _reader("\n".join(lines[skipped:]), separator)
    titles = next((cells for _, cells in reader), [])
    fields = [titles_of.get(fold(title)) for title in titles]
    if not any(fields):
        raise InvalidInput(titleless, field="file")
    rows, overfull = [], set()
    for line, cells in reader:
        if any(cells[len(titles) :]):
            overfull.add(line + skipped)
        # of two columns with the same meaning the first one counts, so it is written last
        pairs = [(field, cell) for field, cell in zip(fields, cells, strict=False) if field]
        rows.append((line + skipped, dict(reversed(pairs))))
    unknown = tuple(title for title, field in zip(titles, fields, strict=True) if field is None and title)
    return Table(tuple(rows), frozenset(filter(None, fields)), unknown, frozenset(overfull))


def harmless(value: Any) -> Any:
    """Put an apostrophe before what a spreadsheet would run as a formula: texts were typed by people.

    ``read`` takes it away again, so that what was written out comes back as it was. Control characters, which no
    workbook can hold, go.
    """
    if not isinstance(value, str):
        return value
    text = _CONTROLS.sub("", value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _meant(cell: str) -> str:
    text = cell.replace(LINE_IN_CELL, "\n")
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _reader(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    line = 1
    try:
        for cells in reader:
            stripped = [_meant(cell.strip(" \u00a0\u202f\t")) for cell in cells]
            if any(stripped):
                yield line, stripped
            line = reader.line_num + 1
    except csv.Error:
        raise InvalidInput(N_("La ligne {line} ne se lit pas."), field="file", line=line) from None


def _first_row(lines: list[str], separator: str) -> list[str]:
    return next((cells for _, cells in _reader("\n".join(lines[:20]), separator)), [])


def _known(titles: list[str], titles_of: Mapping[str, str]) -> set[str]:
    return {titles_of[fold(title)] for title in titles if fold(title) in titles_of}


def whole_number(text: str) -> int | None:
    """Return the number that a spreadsheet wrote ("2", "2,0", "1 000"), or null where it is not a whole one."""
    compact = re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".")
    return int(compact.split(".")[0]) if re.fullmatch(r"[0-9]{1,9}(\.0{0,2})?", compact) else None
