"""Past seasons from a spreadsheet, CSV or XLSX, so that fairness does not start from nothing."""

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.errors import N_, Conflict, InvalidInput
from guinguette.domain.tables import Table, decode, read, whole_number
from guinguette.models import PastSeason, Tour
from guinguette.publishing import workbooks
from guinguette.services import import_rows
from guinguette.services.import_rows import Gazetteer, Remark, place_of

MOST_BYTES, MOST_ROWS = 2 * 1024 * 1024, 10_000
_MOST_EVENINGS, _LONGEST_LABEL = 100, 80
COLUMNS: dict[str, tuple[str, ...]] = {
    **{name: import_rows.COLUMNS[name] for name in ("insee", "name", "postcode")},
    "season": ("saison", "tournee", "annee", "season", "tour", "year"),
    "date": ("date", "jour", "date de la soiree", "fin", "derniere date", "fin de saison", "day", "last day"),
    "wanted": ("demandees", "soirees demandees", "souhaitees", "soirees souhaitees", "voeux", "wanted"),
    "evenings": ("obtenues", "soirees obtenues", "tenues", "soirees tenues", "soirees", "evenings", "held", "had"),
}
#: What people download to fill in: a season as counts, and one evening as a line.
TEMPLATE = (
    "saison;date;code INSEE;commune;code postal;demandées;obtenues\r\n"
    "Été 2024;31/08/2024;52448;Saint-Dizier;52100;2;1\r\n"
    "Été 2025;05/07/2025;;Éclaron-Braucourt-Sainte-Livière;52290;;\r\n"
)


@dataclass(frozen=True, slots=True)
class PastRow:
    """A line judged: a village's evenings in a season; with ``remarks`` it is left out where one is an error."""

    line: int
    season: str
    insee: str
    commune: str
    date: dt.date | None
    wanted: int
    evenings: int
    remarks: tuple[Remark, ...]

    @property
    def usable(self) -> bool:
        """Tell whether the line can be written."""
        return not any(remark.error for remark in self.remarks)


@dataclass(frozen=True, slots=True)
class Total:
    """A season as it will be written: its villages' evenings (wanted, had) by INSEE code, and its last day."""

    season: str
    ended_on: dt.date
    counts: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do. ``fingerprint`` names exactly this outcome."""

    rows: tuple[PastRow, ...]
    seasons: tuple[Total, ...]
    unknown_columns: tuple[str, ...]
    fingerprint: str


def text_of(data: bytes) -> str:
    """Return the uploaded CSV file or workbook as CSV text. Raises ``InvalidInput`` (field ``file``)."""
    if len(data) > MOST_BYTES:
        raise InvalidInput(N_("Ce fichier dépasse 2 Mo : gardez une ligne par village et par saison."), field="file")
    return workbooks.text_of(data) if workbooks.is_workbook(data) else decode(data)


def preview(session: Session, tour: Tour, text: str) -> Preview:
    """Read the file and say what each line means. Writes nothing.

    Lines of one village and season add up; a line without numbers is one evening. Raises ``InvalidInput`` (field
    ``file``) where the file as a whole cannot be used.
    """
    table = read(text, COLUMNS)
    if not table.rows:
        raise InvalidInput(N_("Ce fichier n’a que des titres : ajoutez une ligne par village."), field="file")
    if len(table.rows) > MOST_ROWS:
        raise InvalidInput(N_("Ce fichier dépasse {most} lignes."), field="file", most=MOST_ROWS)
    if "season" not in table.fields or "date" not in table.fields or not table.fields & {"insee", "name"}:
        raise InvalidInput(
            N_("Il faut les colonnes « saison », « date », et « code INSEE » ou « commune » et « code postal »."),
            field="file",
        )
    gazetteer = Gazetteer.of(session, tour)
    tours = set(session.scalars(select(Tour.name)))
    rows = tuple(_judged(table, line, cells, gazetteer, tours) for line, cells in table.rows)
    seasons = tuple(_totals(row for row in rows if row.usable))
    outcome = hashlib.sha256(repr((text, rows)).encode())
    return Preview(rows, seasons, table.unknown_columns, outcome.hexdigest())


def apply(session: Session, tour: Tour, text: str, *, fingerprint: str) -> int:
    """Write the lines without errors, in place of what these seasons had; return how many villages' seasons.

    Raises ``Conflict`` where the file would no longer do what ``fingerprint`` has shown; nothing is written then.
    """
    shown = preview(session, tour, text)
    if shown.fingerprint != fingerprint:
        raise Conflict(N_("Les tournées ont changé depuis l’aperçu. Rien n’est encore écrit : relisez."))
    for total in shown.seasons:
        for old in session.scalars(select(PastSeason).where(PastSeason.label == total.season)):
            old.ended_on = total.ended_on
        for insee, (wanted, evenings) in total.counts.items():
            session.merge(
                PastSeason(
                    label=total.season,
                    commune_insee=insee,
                    ended_on=total.ended_on,
                    wanted=wanted,
                    evenings=evenings,
                )
            )
    session.flush()
    return sum(len(total.counts) for total in shown.seasons)


def _judged(table: Table, line: int, cells: Mapping[str, str], gazetteer: Gazetteer, tours: set[str]) -> PastRow:
    remarks: list[Remark] = []
    if line in table.overfull:
        remarks.append(Remark(N_("La ligne a plus de cases que de titres : un séparateur se cache dans un texte.")))
    place = place_of(cells, gazetteer, remarks)
    season = cells.get("season", "")[:_LONGEST_LABEL]
    if not season:
        remarks.append(Remark(N_("Il manque le nom de la saison.")))
    elif season in tours:
        remarks.append(Remark(N_("« {season} » est une tournée d’ici : elle compte déjà."), {"season": season}))
    typed = cells.get("date", "")
    date = _date(typed)
    if date is None:
        remarks.append(Remark(N_("« {typed} » n’est pas une date, comme 05/07/2025."), {"typed": typed[:40]}))
    evenings = _count(cells.get("evenings", ""), remarks)
    evenings = 1 if evenings is None else evenings
    wanted = _count(cells.get("wanted", ""), remarks)
    return PastRow(
        line=line,
        season=season,
        insee=place.insee if place else "",
        commune=place.name if place else cells.get("name") or cells.get("insee") or "",
        date=date,
        wanted=evenings if wanted is None else wanted,
        evenings=evenings,
        remarks=tuple(remarks),
    )


def _date(typed: str) -> dt.date | None:
    """Return the day of « 05/07/2025 », « 5.7.25 » or « 2025-07-05 »."""
    numbers = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})", typed)
    try:
        if numbers is None:
            return dt.date.fromisoformat(typed[:10])
        day, month, year = (int(number) for number in numbers.groups())
        return dt.date(year if year > 99 else 2000 + year, month, day)  # noqa: PLR2004 two digits
    except ValueError:
        return None


def _count(typed: str, remarks: list[Remark]) -> int | None:
    number = whole_number(typed) if typed else None
    if typed and (number is None or number > _MOST_EVENINGS):
        wrong = {"typed": typed[:40], "most": _MOST_EVENINGS}
        remarks.append(Remark(N_("« {typed} » n’est pas un nombre de soirées de 0 à {most}."), wrong))
    return number


def _totals(rows: Iterable[PastRow]) -> list[Total]:
    seasons: dict[str, list[PastRow]] = defaultdict(list)
    for row in rows:
        seasons[row.season].append(row)
    totals = []
    for season, each in sorted(seasons.items()):
        counts: dict[str, tuple[int, int]] = {}
        for row in each:
            wanted, evenings = counts.get(row.insee, (0, 0))
            counts[row.insee] = wanted + row.wanted, evenings + row.evenings
        totals.append(Total(season, max(row.date for row in each if row.date), counts))
    return totals
