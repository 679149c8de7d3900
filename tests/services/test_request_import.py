"""Participating communes from a spreadsheet."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.models import CommuneRequest, Tour
from guinguette.services import request_import
from guinguette.services.import_rows import ImportRow
from guinguette.services.request_import import preview
from tests import factories as make
from tests.fakes import NOW


@pytest.fixture
def tour(session: Session) -> Tour:
    """A tour, among communes whose names and codes are easy to mix up."""
    for insee, name, postcodes in (
        ("52182", "Éclaron-Braucourt-Sainte-Livière", "52290"),
        ("52448", "Saint-Dizier", "52100"),
        ("51478", "Saint-Eulien", "52100"),
        ("01004", "Ambérieu-en-Bugey", "01500"),
        ("2A004", "Ajaccio", "20000"),
        ("54480", "Saint-Martin", "54450"),
        ("32389", "Saint-Martin", "32300"),
        ("97501", "Miquelon-Langlade", "97500"),
    ):
        values = {"lat": None, "lon": None} if insee == "97501" else {}
        make.make_commune(session, insee=insee, name=name, postcodes=postcodes, **values)
    return make.make_tour(
        session, vehicles=[make.make_vehicle(session, equipment=["covered", "piano"])], default_needs=["covered"]
    )


def judged(session: Session, tour: Tour, *lines: str) -> list[ImportRow]:
    """Return the rows of a file of these lines."""
    return list(preview(session, tour, "\n".join(lines)).rows)


def said(row: ImportRow) -> str:
    """Return every remark on a row."""
    return " | ".join(str(remark) for remark in row.remarks).replace("\u00a0", " ")


def test_the_template_imports_as_it_is(session: Session, tour: Tour) -> None:
    """The file that people download to fill in is itself accepted, without a remark."""
    rows = preview(session, tour, request_import.TEMPLATE).rows
    assert [(row.insee, row.action, row.remarks) for row in rows] == [("52448", "new", ()), ("52182", "new", ())]
    assert rows[1].values == {"evenings": 1, "needs": ("covered",)}


@pytest.mark.parametrize(
    ("header", "line", "insee"),
    [
        ("insee", "52182", "52182"),
        ("code INSEE", "52182.0", "52182"),  # a number, as a spreadsheet thinks
        ("code insee", "2a004", "2A004"),
        ("depcom", "'52182", "52182"),
        ("commune;code postal", "ECLARON BRAUCOURT STE LIVIERE;52290", "52182"),
        ("Town;ZIP", "Ambérieu-en-Bugey;1500", "01004"),  # the postcode has lost its zero
        ("village", "Saint-Eulien", "51478"),  # the only one of that name
    ],
)
def test_a_commune_is_known_by_code_or_name(session: Session, tour: Tour, header: str, line: str, insee: str) -> None:
    """French and English titles, codes that a spreadsheet has bent, names without accents."""
    (row,) = judged(session, tour, header, line)
    assert (row.insee, row.action, row.remarks) == (insee, "new", ())


@pytest.mark.parametrize(
    ("header", "line", "sentence"),
    [
        ("insee", "99999", "Aucune commune n’a le code 99999."),
        ("insee;commune", "52999;Saint-Dizier", "Vouliez-vous 52448, Saint-Dizier ?"),
        ("insee", "52100", "52100 est un code postal, pas un code INSEE. Il réunit : Saint-Dizier (52448)"),
        ("insee", "Éclaron", "« Éclaron » n’est pas un code INSEE"),
        ("commune;cp", "Éclaron;52290", "Vouliez-vous 52182, Éclaron-Braucourt-Sainte-Livière ?"),
        ("commune;cp", "Saint-Dizié;52100", "Vouliez-vous 52448, Saint-Dizier ?"),
        ("commune", "Saint-Martin", "Plusieurs communes s’appellent « Saint-Martin »"),
        ("commune;cp", "Saint-Martin;52100", "Pas de « Saint-Martin » au code postal 52100."),
        ("commune", "Nulle-Part", "Aucune commune ne s’appelle « Nulle-Part »."),
        ("commune;soirées", ";2", "Il manque le code INSEE, ou le nom et le code postal."),
        ("insee;soirées", "52448;0", "soirées : « 0 » n’est pas un nombre entier de 1 à 20."),
        ("insee;soirées", "52448;1,5", "« 1,5 » n’est pas un nombre entier"),
        ("insee;écart", "52448;un mois", "jours entre deux soirées : « un mois »"),
        ("insee;priorité", "52448;101", "priorité : « 101 »"),
        ("insee;besoins", "52448;toboggan", "Aucun véhicule n’a « toboggan »."),
        ("insee;soirées", "52448;2;3", "un séparateur se cache dans un texte"),
    ],
)
def test_an_error_says_what_to_correct(session: Session, tour: Tour, header: str, line: str, sentence: str) -> None:
    """Each fault has its sentence, with a suggestion where there is a likely one."""
    (row,) = judged(session, tour, header, line)
    assert row.action == "error"
    assert sentence in said(row)


@pytest.mark.parametrize(
    ("line", "insee", "sentence"),
    [
        ("1004;Ambérieu", "01004", "« 1004 » a perdu son zéro : lu 01004, Ambérieu-en-Bugey."),
        ("52448;Langres", "52448", "Le code 52448 est celui de Saint-Dizier, la ligne écrit « Langres »."),
        ("97501;", "97501", "Position inconnue"),
    ],
)
def test_a_warning_does_not_keep_a_row_out(session: Session, tour: Tour, line: str, insee: str, sentence: str) -> None:
    """What is likely right is taken, and said."""
    (row,) = judged(session, tour, "insee;commune", line)
    assert (row.insee, row.action) == (insee, "new")
    assert sentence in said(row)


def test_a_row_bears_all_its_errors(session: Session, tour: Tour) -> None:
    """Not only the first: people correct a file once."""
    (row,) = judged(session, tour, "insee;soirées;priorité;besoins", "99999;x;0;lune")
    assert len(row.remarks) == 4


def test_a_commune_twice_in_the_file_is_an_error(session: Session, tour: Tour) -> None:
    """The second one names the line of the first."""
    first, second = judged(session, tour, "insee;commune", "52448;", ";Saint-Dizier")
    assert (first.action, second.action) == ("new", "error")
    assert "déjà à la ligne 2" in said(second)


def test_a_file_as_a_whole_may_be_refused(session: Session, tour: Tour) -> None:
    """No column that names a commune, no row, too many rows, too many bytes."""
    for text in ("soirées\n2\n", "insee\n", "insee\n" + "52448\n" * 10_001):
        with pytest.raises(InvalidInput):
            preview(session, tour, text)
    with pytest.raises(InvalidInput, match="2 Mo"):
        request_import.text_of(b"x" * (request_import.MOST_BYTES + 1))


def test_nothing_is_written_before_and_only_good_rows_after(session: Session, tour: Tour) -> None:
    """A preview writes nothing; confirming writes the rows without error, on the village's usual things."""
    hall = make.make_hall(session, commune=make.make_commune(session, insee="52001", name="Ageville"))
    text = "insee;soirées;écart;priorité;besoins;remarques\n52001;2;30;5;piano;Le samedi\n52448;;;;;\n99999;1;;;;\n"
    shown = preview(session, tour, text)
    assert session.scalars(select(CommuneRequest)).all() == []
    done = request_import.apply(session, tour, text, fingerprint=shown.fingerprint, update=False)
    assert (done.created, done.updated, done.left_out) == (2, 0, 1)
    one, two = session.scalars(select(CommuneRequest).order_by(CommuneRequest.commune_insee))
    assert (one.evenings, one.min_days_between, one.priority, one.needs) == (2, 30, 5, ["piano"])
    assert (one.fallback_venue_id, one.notes, one.version) == (hall.id, "Le samedi", 1)
    assert (two.evenings, two.min_days_between, two.needs, two.answered_at) == (1, 21, ["covered"], None)


def test_a_commune_that_takes_part_is_changed_only_when_asked(session: Session, tour: Tour) -> None:
    """An update touches what the file states and nothing else."""
    commune = session.get_one(make.Commune, "52448")
    stored = make.make_request(session, tour=tour, commune=commune, evenings=1, priority=9, notes="à garder")
    text = "insee;soirées\n52448;3\n"
    shown = preview(session, tour, text)
    assert shown.rows[0].action == "update"
    assert request_import.apply(session, tour, text, fingerprint=shown.fingerprint, update=False).left_out == 1
    assert stored.evenings == 1
    assert request_import.apply(session, tour, text, fingerprint=shown.fingerprint, update=True).updated == 1
    assert (stored.evenings, stored.priority, stored.notes) == (3, 9, "à garder")


def test_an_archived_request_comes_back(session: Session, tour: Tour) -> None:
    """A commune that was taken out counts as new, and keeps its one request."""
    commune = session.get_one(make.Commune, "52448")
    stored = make.make_request(session, tour=tour, commune=commune, archived_at=NOW)
    shown = preview(session, tour, "insee\n52448\n")
    assert shown.rows[0].action == "new"
    request_import.apply(session, tour, "insee\n52448\n", fingerprint=shown.fingerprint, update=False)
    assert stored.archived_at is None


def test_what_has_changed_since_the_preview_stops_the_import(session: Session, tour: Tour) -> None:
    """Another file, or another state of the tour: nothing is written."""
    text = "insee\n52448\n"
    shown = preview(session, tour, text)
    make.make_request(session, tour=tour, commune=session.get_one(make.Commune, "52448"))
    with pytest.raises(Conflict):
        request_import.apply(session, tour, text, fingerprint=shown.fingerprint, update=True)
    with pytest.raises(Conflict):
        request_import.apply(session, tour, "insee\n52182\n", fingerprint=shown.fingerprint, update=True)
    assert len(session.scalars(select(CommuneRequest)).all()) == 1
