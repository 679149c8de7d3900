"""The registry's lists as spreadsheets: written out, edited, read in again."""

import csv
import io
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.models import Committee, Contact, Pitch
from guinguette.services import request_import
from guinguette.services.registry import Filters, Kind, Tools, build, files, found
from tests import factories as make
from tests.fakes import NOW, FixedClock

WORDS = ("comites", "contacts", "emplacements", "salles", "vehicules")


@pytest.fixture
def tools(vault: Vault) -> Tools:
    """Somebody who acts at noon."""
    return Tools(actor="tests", clock=FixedClock(), vault=vault)


@pytest.fixture
def rows(session: Session, vault: Vault) -> dict[str, Any]:
    """One row of each kind, with what is awkward in a spreadsheet: formulas, quotes, line breaks, many decimals."""
    commune = make.make_commune(session, insee="01004", name="Ambérieu", postcodes="01500")
    host = make.make_committee(
        session, commune=commune, name='=HYPERLINK("x")', notes='Le soir ;\n"calme"', kind="town_hall"
    )
    phone = {"phone_encrypted": vault.encrypt("+33639980012"), "email": "j@example.org"}
    place = {"name": "-1 étage", "lat": 45.96123456789, "lon": -5.35, "access": "+"}
    van = {"name": "Lucette", "equipment": ["covered", "four-a-pizza"], "max_leg_metres": 80_500}
    return {
        "comites": host,
        "contacts": make.make_contact(session, committee=host, name="@Petit", **phone),
        "emplacements": make.make_pitch(session, commune=commune, **place),
        "salles": make.make_hall(session, commune=commune, name="'=déjà protégé"),
        "vehicules": make.make_vehicle(session, **van),
    }  # fmt: skip


def exported(kind: Kind, file_format: str) -> str:
    """Return a list as it is read in again."""
    return request_import.text_of(files.export(kind, found(kind, Filters()).rows, file_format))


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("word", WORDS)
def test_what_is_written_out_reads_in_unchanged(
    session: Session, tools: Tools, rows: dict[str, Any], word: str, file_format: str
) -> None:
    """Every kind, both formats: no line changes anything, none has a remark, no column is unknown."""
    kind = build(session, word, tools)
    shown = files.preview_file(session, kind, exported(kind, file_format))
    assert [(row.row, row.action, row.remarks) for row in shown.rows] == [(rows[word], "same", ())]
    assert shown.unknown_columns in ((), ("commune",))


@pytest.mark.parametrize("word", ["comites", "contacts", "emplacements", "salles"])
def test_no_cell_is_a_formula(session: Session, tools: Tools, rows: dict[str, Any], word: str) -> None:
    """What people typed may begin like one; a spreadsheet must not run it."""
    kind = build(session, word, tools)
    shown = found(kind, Filters()).rows
    text = files.export(kind, shown, "csv").decode("utf-8-sig")
    cells = [cell for line in csv.reader(io.StringIO(text), delimiter=";") for cell in line]
    assert any(cell.startswith("'") for cell in cells)
    assert not [cell for cell in cells if cell[:1] in "=+@" and cell]
    assert not [cell for cell in cells if cell[:1] == "-" and not cell[1:].replace(",", "").isdigit()]
    sheet = load_workbook(io.BytesIO(files.export(kind, shown, "xlsx"))).active
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


def test_an_edited_export_changes_what_was_edited(session: Session, tools: Tools, rows: dict[str, Any]) -> None:
    """A new number, an emptied cell, a new line; what was not touched keeps every decimal."""
    kind = build(session, "emplacements", tools)
    out = list(csv.reader(io.StringIO(exported(kind, "csv").removeprefix("\ufeff")), delimiter=";"))
    title = {name: at for at, name in enumerate(out[0])}
    out[1][title["nombre de personnes"]] = "180"
    out[1][title["accès"]] = ""
    new = [""] * len(out[0])
    new[title["code INSEE"]], new[title["nom"]] = "1004", "Stade"
    text = "\n".join(";".join(line) for line in [*out, new])
    shown = files.preview_file(session, kind, text)
    assert [row.action for row in shown.rows] == ["update", "new"]
    assert shown.rows[0].changes == (("nombre de personnes", "250", "180"), ("accès", "+", ""))
    files.apply_file(session, kind, text, fingerprint=shown.fingerprint)
    pitch = rows["emplacements"]
    assert (pitch.capacity, pitch.access, pitch.lat, pitch.version) == (180, "", 45.96123456789, 2)
    stadium = session.scalars(select(Pitch).where(Pitch.name == "Stade")).one()
    assert (stadium.commune_insee, stadium.lat) == ("01004", None)


def test_every_line_is_judged_and_the_wrong_ones_are_left_out(
    session: Session, tools: Tools, rows: dict[str, Any]
) -> None:
    """Line, column and what to do; nothing is written by the preview, the right lines by the import."""
    host, kind = rows["comites"], build(session, "contacts", tools)
    contact, gone = rows["contacts"], make.make_contact(session, committee=host, archived_at=NOW)
    text = "\n".join(
        [
            "n°;version;n° du comité;nom;téléphone;courriel;fanfare",
            f"{contact.id};1;;Jeanne;12;;",
            f"{contact.id};7;;Jeanne;06 39 98 00 13;;",
            "999;1;;Jeanne;06 39 98 00 13;;",
            f"{gone.id};1;;Jeanne;06 39 98 00 13;;",
            f"{contact.id};;;Jeanne;06 39 98 00 13;;",
            ";;;Paul;06 39 98 00 14;;",
            f";;{host.id};Paul;;paul;",
            f";;{host.id};;06 39 98 00 14;;",
            f";;{host.id};Paul;;;",
            f";;{host.id};Paul;06 39 98 00 14;;",
        ]
    )
    shown = files.preview_file(session, kind, text)
    said = {row.line: " | ".join(map(str, row.remarks)).replace("\u00a0", " ") for row in shown.rows}
    assert said[2] == "Ce numéro de téléphone n’existe pas : relisez-le."
    assert "entre-temps" in said[3]
    assert "Aucune fiche n’a le n° 999" in said[4]
    assert "dans les archives" in said[5]
    assert "Il manque la version" in said[6]
    assert said[7] == "n° du comité : à remplir pour une nouvelle fiche"
    assert said[8] == "adresse électronique : « paul » n’est pas une adresse complète"
    assert said[9] == "nom : à remplir"
    assert "Il faut un numéro ou une adresse" in said[10]
    assert said[11] == ""
    assert shown.unknown_columns == ("fanfare",)
    assert len(session.scalars(select(Contact)).all()) == 2
    done = files.apply_file(session, kind, text, fingerprint=shown.fingerprint)
    assert (len(done.with_action("new")), len(done.with_action("error"))) == (1, 9)
    assert session.scalars(select(Contact.name).where(Contact.name == "Paul")).all() == ["Paul"]


def test_a_record_changed_since_the_preview_stops_the_import(
    session: Session, tools: Tools, rows: dict[str, Any]
) -> None:
    """What is written is what was shown, or nothing."""
    kind, host = build(session, "comites", tools), rows["comites"]
    text = f"n°;version;nom\n{host.id};1;Mairie\n"
    shown = files.preview_file(session, kind, text)
    host.notes = "entre-temps"
    session.flush()
    with pytest.raises(Conflict):
        files.apply_file(session, kind, text, fingerprint=shown.fingerprint)
    assert host.name == '=HYPERLINK("x")'


@pytest.mark.parametrize("text", ["", "1;2\n", "nom\n"])
def test_a_file_that_is_no_list_is_refused(session: Session, tools: Tools, text: str) -> None:
    """Nothing in it, no title, or titles alone."""
    with pytest.raises(InvalidInput):
        files.preview_file(session, build(session, "comites", tools), text)


def test_a_workbook_s_numbers_are_those_people_see(session: Session, tools: Tools) -> None:
    """12.0 is 12, a line break stays in its cell, and lines are counted as the spreadsheet counts them."""
    make.make_commune(session, insee="52448")
    book = Workbook()
    for line in (["code INSEE", "nom", "bon à savoir"], [52448, "Comité", "un\ndeux"], [52448.0, "Autre", None]):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    kind = build(session, "comites", tools)
    shown = files.preview_file(session, kind, request_import.text_of(out.getvalue()))
    assert [(row.line, row.action) for row in shown.rows] == [(2, "new"), (3, "new")]
    files.apply_file(session, kind, request_import.text_of(out.getvalue()), fingerprint=shown.fingerprint)
    assert session.scalars(select(Committee.notes).order_by(Committee.id)).all() == ["un\ndeux", ""]
    with pytest.raises(InvalidInput, match="ne s’ouvre pas"):
        request_import.text_of(b"PK\x03\x04 no workbook")


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_tour_s_communes_come_back_as_they_were(session: Session, tools: Tools, file_format: str) -> None:
    """Needs, vans, permit holder, pitch and hall by their names; an old export is told from a new one."""
    vans = [make.make_vehicle(session, name="Lucette"), make.make_vehicle(session, name="Firmin")]
    tour = make.make_tour(session, vehicles=vans)
    commune = make.make_commune(session, name="Éclaron", postcodes="52290 52291")
    row = make.make_request(
        session, tour=tour, commune=commune, evenings=2, priority=5, needs=["covered"], notes="=note",
        vehicles=[vans[1]], permit_holder=make.make_committee(session, name="Les Pompiers"),
        pitch=make.make_pitch(session, commune=commune), fallback_venue=make.make_hall(session, commune=commune),
    )  # fmt: skip
    body = request_import.export([row], file_format)
    text = request_import.text_of(body)
    before = (row.needs, [van.id for van in row.vehicles], row.permit_holder_id, row.pitch_id, row.fallback_venue_id)
    row.notes, row.evenings, row.pitch, row.vehicles = "", 1, None, []
    session.flush()
    stale = request_import.preview(session, tour, text)
    assert "exportez de nouveau" in str(stale.rows[0].remarks[0])
    text = text.replace(f";{row.version - 1};", f";{row.version};", 1)
    shown = request_import.preview(session, tour, text)
    assert [(each.action, each.remarks) for each in shown.rows] == [("update", ())]
    assert shown.unknown_columns == ("réponse",)
    request_import.apply(session, tour, text, fingerprint=shown.fingerprint, update=True)
    session.expire_all()
    assert (
        row.needs,
        [van.id for van in row.vehicles],
        row.permit_holder_id,
        row.pitch_id,
        row.fallback_venue_id,
    ) == before
    assert (row.notes, row.evenings, row.priority) == ("=note", 2, 5)
    wrong = request_import.preview(session, tour, f"insee;emplacement;véhicules\n{commune.insee};Nulle part;Bus\n")
    assert [str(each).split(" :")[0].split("\u00a0")[0] for each in wrong.rows[0].remarks] == [
        "emplacement",
        "Aucun véhicule de la tournée ne s’appelle «",
    ]
