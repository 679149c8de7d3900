"""The communes of France: loaded from the project's own list, completed from a file, found by name or code."""

import csv
import gzip
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import ColumnElement, and_, case, insert, literal, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.domain.text import fold
from guinguette.models import Commune, Epci
from guinguette.paths import DATA

COLUMNS = ("insee", "name", "department", "region", "epci", "epci_name", "population", "lat", "lon", "postcodes")
_INSEE = re.compile(r"\d{5}|2[AB]\d{3}")
_SIREN = re.compile(r"\d{9}")
_TWICE = N_("Ligne {line} : la commune {value} est déjà plus haut dans le fichier.")
_NO_CODE = N_("Ligne {line}, colonne « {column} » : « {value} » n’est pas un code.")
_NO_NAME = N_("Ligne {line}, colonne « {column} » : le nom manque.")
_NO_NUMBER = N_("Ligne {line}, colonne « {column} » : « {value} » n’est pas un nombre.")
_OUT_OF_RANGE = N_("Ligne {line}, colonne « {column} » : « {value} » est hors des limites.")
_POSTCODES = re.compile(r"(\d{5}( \d{5})*)?")


def load_all(session: Session) -> int:
    """Bring the project's list of all communes and their EPCI into the database; return how many communes it has.

    A second call writes only what differs from the list.
    """
    with gzip.open(DATA / "communes.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return _store(session, _read(file))


def import_file(session: Session, path: Path) -> int:
    """Add or update the communes of a CSV file with ``COLUMNS`` (others are ignored); return how many it has.

    Raises ``InvalidInput`` naming the line and column of the first fault; nothing is written then.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _store(session, _read(file))
    except OSError as error:
        raise InvalidInput(N_("{path} ne se lit pas : {reason}."), path=path, reason=error.strerror) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(N_("{path} n’est pas un fichier CSV en UTF-8."), path=path) from error


def get(session: Session, insee: str) -> Commune:
    """Return the commune. Raises ``NotFound``."""
    commune = session.get(Commune, insee)
    if commune is None:
        raise NotFound(N_("Aucune commune n’a le code INSEE {insee}."), insee=insee)
    return commune


def search(session: Session, text: str, limit: int = 20, *, first: Collection[str] = ()) -> list[Commune]:
    """Return communes by name (accents aside), postcode or INSEE code, or both ("52100 saint d"), the likeliest first.

    Those of the departments ``first`` (two or three characters) stand before all others.

    Order: the code itself, the whole name, its beginning, the beginning of one of its words, any part of it; among
    equals the more populous.
    """
    tokens = text.split()
    codes = [token.upper() for token in tokens if token[0].isdigit() and _looks_like_code(token)]
    name = fold(" ".join(token for token in tokens if token.upper() not in codes))
    if not codes and not name:
        return []
    found = select(Commune).options(joinedload(Commune.epci)).limit(limit)
    for code in codes:
        found = found.where(or_(Commune.insee.startswith(code), _starts_a_word(Commune.postcodes, code)))
    if name:
        found = found.where(Commune.search_key.contains(name))
    rank = case(
        (Commune.insee.in_(codes), 0),
        (Commune.search_key == name, 1),
        (Commune.search_key.startswith(name), 2),
        (_starts_a_word(Commune.search_key, name), 3),
        else_=4,
    )
    elsewhere = case((Commune.department.in_(first), 0), else_=1)
    return list(session.scalars(found.order_by(elsewhere, rank, Commune.population.desc(), Commune.insee)))


def named(session: Session, name: str, postcode: str) -> list[Commune]:
    """Return the communes with exactly this name (accents, case and hyphens aside) and this postcode."""
    matches = and_(Commune.search_key == fold(name), _starts_a_word(Commune.postcodes, postcode))
    return list(session.scalars(select(Commune).where(matches).order_by(Commune.insee)))


def _looks_like_code(token: str) -> bool:
    return re.fullmatch(r"(\d|2[ABab])\d*", token) is not None


def _starts_a_word(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    return (literal(" ") + column).contains(f" {text}")


def _read(file: TextIO) -> Iterator[dict[str, Any]]:
    reader = csv.DictReader(file)
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or [])]
    if missing:
        raise InvalidInput(N_("Il manque la colonne « {column} » à la première ligne."), column=missing[0])
    seen: set[str] = set()
    for row in reader:
        commune = _parse(row, reader.line_num)
        if commune["insee"] in seen:
            raise _fault(_TWICE, reader.line_num, "insee", commune["insee"])
        seen.add(commune["insee"])
        yield commune


def _parse(row: dict[str, str | None], line: int) -> dict[str, Any]:
    """Return the values of a ``Commune``, with ``epci_name`` besides."""
    value = {column: (row[column] or "").strip() for column in COLUMNS}
    shapes = {"insee": _INSEE, "epci": re.compile(f"({_SIREN.pattern})?"), "postcodes": _POSTCODES}
    for column, shape in shapes.items():
        if not shape.fullmatch(value[column]):
            raise _fault(_NO_CODE, line, column, value[column])
    if not value["name"]:
        raise _fault(_NO_NAME, line, "name", "")
    return {
        "insee": value["insee"],
        "name": value["name"],
        "search_key": fold(value["name"]),
        "department": value["department"],
        "region": value["region"],
        "epci_siren": value["epci"] or None,
        "epci_name": value["epci_name"],
        "population": int(_number(value, "population", line, most=100_000_000) or 0),
        "lat": _number(value, "lat", line, most=90),
        "lon": _number(value, "lon", line, most=180),
        "postcodes": value["postcodes"],
    }


def _number(value: dict[str, str], column: str, line: int, *, most: int) -> float | None:
    text = value[column]
    try:
        number = float(text) if text else None
    except ValueError:
        raise _fault(_NO_NUMBER, line, column, text) from None
    if number is not None and not abs(number) <= most:  # written so that NaN is refused too
        raise _fault(_OUT_OF_RANGE, line, column, text)
    return number


def _fault(message: str, line: int, column: str, value: str) -> InvalidInput:
    return InvalidInput(message, line=line, column=column, value=value)


def _store(session: Session, rows: Iterator[dict[str, Any]]) -> int:
    """Insert what is new and update what differs, in bulk: 35,000 objects would take the ORM ten times as long."""
    communes = list(rows)
    epcis = {
        row["epci_siren"]: {"siren": row["epci_siren"], "name": row["epci_name"]}
        for row in communes
        if row["epci_siren"]
    }
    for row in communes:
        del row["epci_name"]
    _upsert(session, Epci, "siren", list(epcis.values()))
    _upsert(session, Commune, "insee", communes)
    return len(communes)


def _upsert(session: Session, model: type[Epci] | type[Commune], key: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = list(rows[0])
    table = model.__table__
    stored = {
        record[columns.index(key)]: tuple(record)
        for record in session.execute(select(*(table.c[column] for column in columns)))
    }
    new = [row for row in rows if row[key] not in stored]
    changed = [row for row in rows if row[key] in stored and tuple(row.values()) != stored[row[key]]]
    if new:
        session.execute(insert(model), new)
    if changed:
        session.execute(update(model), changed)
