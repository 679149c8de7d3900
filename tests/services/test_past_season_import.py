"""Past seasons from a file: judged line by line, added up, written once confirmed."""

import datetime as dt
import io

import pytest
from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.models import PastSeason, Tour
from guinguette.services import past_season_import as past
from tests import factories as make


@pytest.fixture
def tour(session: Session) -> Tour:
    """A tour beside Vignory and Poissons."""
    make.make_commune(session, insee="10524", name="Vignory", postcodes="52320")
    make.make_commune(session, insee="10398", name="Poissons", postcodes="52230")
    return make.make_tour(session, name="Été 2027")


def written(session: Session) -> dict[tuple[str, str], tuple[int, int, dt.date]]:
    """Return what the ledger holds."""
    session.flush()
    return {
        (row.label, row.commune_insee): (row.wanted, row.evenings, row.ended_on)
        for row in session.scalars(select(PastSeason).execution_options(populate_existing=True))
    }


def test_counts_and_single_evenings_add_up(session: Session, tour: Tour) -> None:
    """A line with numbers is a village's season, one without is an evening; the season ends with its last date."""
    text = (
        "saison;date;code INSEE;commune;code postal;demandées;obtenues\n"
        "Été 2024;31/08/2024;10524;;;2;0\n"
        "Été 2025;05/07/2025;;Poissons;52230;;\n"
        "Été 2025;2025-08-02;;Poissons;52230;;\n"
    )
    shown = past.preview(session, tour, text)
    assert all(row.usable for row in shown.rows)
    assert past.apply(session, tour, text, fingerprint=shown.fingerprint) == 2
    assert written(session) == {
        ("Été 2024", "10524"): (2, 0, dt.date(2024, 8, 31)),
        ("Été 2025", "10398"): (2, 2, dt.date(2025, 8, 2)),
    }
    again = "saison;date;code INSEE;obtenues\nÉté 2024;30/09/2024;10524;1\n"
    past.apply(session, tour, again, fingerprint=past.preview(session, tour, again).fingerprint)
    assert written(session)["Été 2024", "10524"] == (1, 1, dt.date(2024, 9, 30))


def test_a_line_that_cannot_be_says_why(session: Session, tour: Tour) -> None:
    """An unknown village, no season, a tour of ours, no date, too many evenings: each is left out with its sentence."""
    text = (
        "saison;date;code INSEE;obtenues\n"
        "Été 2025;05/07/2025;99999;1\n"
        ";05/07/2025;10524;1\n"
        "Été 2027;05/07/2025;10524;1\n"
        "Été 2025;un soir;10524;1\n"
        "Été 2025;05/07/2025;10524;beaucoup\n"
    )
    shown = past.preview(session, tour, text)
    assert [row.usable for row in shown.rows] == [False] * 5
    said = [str(row.remarks[0]).replace("\u00a0", " ") for row in shown.rows]
    assert said[0].startswith("Aucune commune n’a le code 99999")
    assert said[1:] == [
        "Il manque le nom de la saison.",
        "« Été 2027 » est une tournée d’ici : elle compte déjà.",
        "« un soir » n’est pas une date, comme 05/07/2025.",
        "« beaucoup » n’est pas un nombre de soirées de 0 à 100.",
    ]
    assert shown.seasons == ()


def test_a_workbook_is_read_as_well(session: Session, tour: Tour) -> None:
    """Its first sheet, its dates as dates."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["saison", "date", "code INSEE", "demandées", "obtenues"])
    sheet.append(["Été 2025", dt.datetime(2025, 8, 2), 10524, 2, 1])  # noqa: DTZ001 -- a spreadsheet's dates are naive
    out = io.BytesIO()
    book.save(out)
    [season] = past.preview(session, tour, past.text_of(out.getvalue())).seasons
    assert season.ended_on == dt.date(2025, 8, 2)
    assert season.counts == {"10524": (2, 1)}


@pytest.mark.parametrize("data", [b"PK\x03\x04 no archive", b"x" * (past.MOST_BYTES + 1), b"un;deux\n1;2\n"])
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(session: Session, tour: Tour, data: bytes) -> None:
    """Broken, too large, or without the columns that are needed."""
    with pytest.raises(InvalidInput):
        past.preview(session, tour, past.text_of(data))


def test_the_template_is_understood(session: Session, tour: Tour) -> None:
    """Both of its lines name all that a line needs."""
    make.make_commune(session, insee="52448", name="Saint-Dizier", postcodes="52100")
    make.make_commune(session, insee="52182", name="Éclaron-Braucourt-Sainte-Livière", postcodes="52290")
    assert all(row.usable for row in past.preview(session, tour, past.TEMPLATE).rows)


def test_what_was_shown_is_what_is_written(session: Session, tour: Tour) -> None:
    """Where a tour of that name has appeared meanwhile, nothing is written."""
    text = "saison;date;code INSEE\nÉté 2025;05/07/2025;10524\n"
    shown = past.preview(session, tour, text)
    make.make_tour(session, name="Été 2025")
    with pytest.raises(Conflict):
        past.apply(session, tour, text, fingerprint=shown.fingerprint)
    assert written(session) == {}
