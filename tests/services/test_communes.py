"""The communes of France: loaded, completed from a file, found."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from guinguette.domain.errors import InvalidInput, NotFound
from guinguette.models import Commune, Epci
from guinguette.services import communes
from tests import factories as make

HEADER = "insee,name,department,region,epci,epci_name,population,lat,lon,postcodes,point\n"
ECLARON = (
    "52182,Éclaron-Braucourt-Sainte-Livière,52,44,200068666,CA du Grand Saint-Dizier,2008,48.57,4.84,52290,mairie\n"
)


def test_every_commune_is_loaded_once(session: Session) -> None:
    """All 34,969 communes come in, overseas ones without coordinates too; a second load changes nothing."""
    assert communes.load_all(session) == 34_969
    assert communes.load_all(session) == 34_969
    assert session.scalar(select(func.count()).select_from(Commune)) == 34_969
    eclaron = communes.get(session, "52182")
    assert (eclaron.search_key, eclaron.postcodes) == ("eclaron braucourt sainte liviere", "52290")
    assert eclaron.epci is not None
    assert communes.get(session, "97501").lat is None
    assert [found.insee for found in communes.search(session, "st dizier", 1)] == ["52448"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("saint-di", "52448"),  # the beginning of the name; of two, the more populous
        ("SAINT DIZIER", "52448"),
        ("st dizier l eveque", "90090"),
        ("buisson", "51094"),  # a word of the name
        ("52100", "52448"),
        ("90090", "90090"),  # a code is itself before it is a postcode
        ("2a004", "2A004"),
        ("52100 dizier", "52448"),
        ("Œuilly", "51410"),
    ],
)
def test_search_gives_the_likeliest_first(session: Session, text: str, first: str) -> None:
    """Accents, hyphens and case do not matter; a name, a postcode, a code, or a name and a postcode will do."""
    for insee, name, population, postcodes in (
        ("52448", "Saint-Dizier", 22858, "52100"),
        ("90090", "Saint-Dizier-l'Évêque", 427, "90100 90090"),
        ("51094", "Le Buisson", 40, "51300"),
        ("2A004", "Ajaccio", 74000, "20000 20090"),
        ("51410", "Œuilly", 600, "51480"),
    ):
        make.make_commune(session, insee=insee, name=name, population=population, postcodes=postcodes)
    assert communes.search(session, text)[0].insee == first


@pytest.mark.parametrize("text", ["", "  ", "…", "nulle part", "99999", "%", "_"])
def test_search_finds_nothing_where_there_is_nothing(session: Session, text: str) -> None:
    """Neither blanks nor signs that SQL knows find every commune."""
    make.make_commune(session, name="Saint-Dizier")
    assert communes.search(session, text) == []


def test_search_is_limited(session: Session) -> None:
    """No more rows than asked for."""
    for _ in range(4):
        make.make_commune(session, name="Sainte-Colombe")
    assert len(communes.search(session, "colombe", 3)) == 3


def test_get_refuses_an_unknown_code(session: Session) -> None:
    """An unknown code is a sentence, not a crash."""
    with pytest.raises(NotFound, match="99999"):
        communes.get(session, "99999")


def test_a_file_adds_and_updates(session: Session, tmp_path: Path) -> None:
    """A commune of the file replaces what was known of it and brings its EPCI; the others stay."""
    make.make_commune(session, insee="52182", name="Éclaron", population=1)
    other = make.make_commune(session, insee="52448", name="Saint-Dizier")
    path = tmp_path / "communes.csv"
    path.write_text(HEADER + ECLARON, encoding="utf-8-sig")
    assert communes.import_file(session, path) == 1
    session.expire_all()
    assert communes.get(session, "52182").population == 2008
    assert session.get(Epci, "200068666") is not None
    assert session.get(Commune, other.insee) is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("insee,name\n52182,Éclaron\n", "« department »"),
        (HEADER + ECLARON.replace("52182", "5218"), "Ligne 2, colonne « insee »"),
        (HEADER + ECLARON + ECLARON, "Ligne 3"),
        (HEADER + ECLARON.replace("2008", "beaucoup"), "colonne « population »"),
        (HEADER + ECLARON.replace("48.57", "148.57"), "colonne « lat »"),
        (HEADER + ECLARON.replace("48.57", "nan"), "colonne « lat »"),
        (HEADER + ECLARON.replace("52290", "5229"), "colonne « postcodes »"),
        (HEADER + ECLARON.replace("200068666", "2000"), "colonne « epci »"),
        (HEADER + ECLARON.replace("Éclaron-Braucourt-Sainte-Livière", ""), "le nom manque"),
    ],
)
def test_a_faulty_file_is_refused_with_its_place(session: Session, tmp_path: Path, text: str, said: str) -> None:
    """The message names line and column, and nothing is written."""
    path = tmp_path / "communes.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as refusal:
        communes.import_file(session, path)
    assert said in str(refusal.value).replace("\u00a0", " ")
    assert session.scalar(select(func.count()).select_from(Commune)) == 0


def test_a_file_that_does_not_read_is_refused(session: Session, tmp_path: Path) -> None:
    """A missing file and one that is no UTF-8 text are sentences."""
    with pytest.raises(InvalidInput, match=r"absent\.csv"):
        communes.import_file(session, tmp_path / "absent.csv")
    path = tmp_path / "latin.csv"
    path.write_bytes((HEADER + ECLARON).encode("cp1252"))
    with pytest.raises(InvalidInput, match="UTF-8"):
        communes.import_file(session, path)
