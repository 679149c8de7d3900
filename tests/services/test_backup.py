"""Backups that both databases read (guinguette/services/backup.py), through the commands that make them."""

import gzip
import os
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData, create_engine, func, select
from sqlalchemy.orm import Session

from guinguette import config
from guinguette.adapters.vault import Vault
from guinguette.cli import run
from guinguette.models import Base, Evening, SolverPart, Vehicle
from tests import factories
from tests.conftest import POSTGRESQL


@pytest.fixture
def filled(installation: Path) -> Path:
    """An installation with a row in most tables, one of which refers to a later one."""
    assert run(["db", "upgrade"]) == 0
    settings = config.load(os.environ)
    engine = create_engine(settings.database_url)
    with Session(engine) as session:
        tour = factories.make_tour(session, dates=[], default_needs=["covered"], detour=1.25)
        commune = factories.make_commune(session, name="L’Épine — « aux œufs »")
        evening = factories.make_evening(session, id="aaa", tour=tour, commune=commune, state="postponed")
        later = factories.make_evening(session, id="zzz", tour=tour, commune=commune)
        evening.postponed_to_id = later.id
        subscriber = factories.make_subscriber(session, vault=Vault(settings.data_key), scopes=[f"tour:{tour.slug}"])
        factories.make_message(session, subscriber=subscriber, evening=later)
        factories.make_publication(session, tour=tour, evenings=[evening, later])
        factories.make_photo(session, evening_id=later.id)
        factories.make_user(session, role="organiser")
        session.commit()
    engine.dispose()
    return installation


def _everything(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as connection:
        return {
            table.name: sorted(tuple(map(repr, row)) for row in connection.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }


def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Point the environment at another, empty SQLite database and return its engine."""
    url = f"sqlite:///{Path.cwd() / 'elsewhere.sqlite3'}"
    monkeypatch.setenv("GUINGUETTE_DATABASE_URL", url)
    return create_engine(url)


def test_a_backup_restores_every_row(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From SQLite, or from PostgreSQL where the tests run on it, into an empty SQLite: the same rows."""
    engine = create_engine(config.load(os.environ).database_url)
    before = _everything(engine)
    engine.dispose()
    assert run(["backup", "all.gz"]) == 0
    assert Path("all.gz").stat().st_mode & 0o077 == 0, "others can read it"
    copy = _elsewhere(monkeypatch)
    assert run(["restore", "all.gz"]) == 0
    assert _everything(copy) == before
    assert run(["db", "check"]) == 0
    copy.dispose()


def test_parts_of_a_run_stay_behind(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They end with their run; and a worker unpickles what stands there, which no file from elsewhere may bring."""
    engine = create_engine(config.load(os.environ).database_url)
    with Session(engine) as session:
        session.add(SolverPart(run_id=factories.make_run(session, state="running").id, payload=b"x"))
        session.commit()
    engine.dispose()
    assert run(["backup", "all.gz"]) == 0
    copy = _elsewhere(monkeypatch)
    assert run(["restore", "all.gz"]) == 0
    rows = _everything(copy)
    assert (len(rows["solver_run"]), rows["solver_part"]) == (1, [])
    copy.dispose()


def test_a_restored_database_goes_on_counting(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next row gets a new id: PostgreSQL's counters are moved past what was restored."""
    assert run(["backup", "all.gz"]) == 0
    if POSTGRESQL:
        engine = create_engine(config.load(os.environ).database_url)
        with engine.begin() as connection:
            everything = MetaData()
            everything.reflect(connection)
            everything.drop_all(connection)
    else:
        engine = _elsewhere(monkeypatch)
    assert run(["restore", "all.gz"]) == 0
    with Session(engine) as session:
        highest = session.scalar(select(func.max(Vehicle.id)))
        assert factories.make_vehicle(session).id > highest
        assert session.get_one(Evening, "aaa").postponed_to_id == "zzz"
    engine.dispose()


def test_a_restore_never_writes_over_data(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1, one sentence, nothing changed."""
    assert run(["backup", "all.gz"]) == 0
    capsys.readouterr()
    assert run(["restore", "all.gz"]) == 1
    assert "restaurez dans une base vide" in capsys.readouterr().err


@pytest.mark.parametrize("fault", ["text", "cut", "other", "row"])
def test_a_broken_backup_is_refused(
    filled: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    """Something else, a file cut short, another format, a row with a value missing: exit 2, and nothing is written."""
    assert run(["backup", "all.gz"]) == 0
    whole = Path("all.gz").read_bytes()
    lines = gzip.decompress(whole).decode().splitlines()
    Path("bad.gz").write_bytes(
        {
            "text": b"not compressed",
            "cut": whole[: len(whole) // 2],
            "other": gzip.compress(b'{"format": "something"}\n'),
            "row": gzip.compress("\n".join([*lines[:2], "[1]"]).encode()),
        }[fault]
    )
    copy = _elsewhere(monkeypatch)
    capsys.readouterr()
    assert run(["restore", "bad.gz"]) == 2
    assert "bad.gz" in capsys.readouterr().err
    if fault in ("cut", "row"):
        assert not any(_everything(copy).values())
    copy.dispose()


def test_a_place_that_cannot_be_written(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence with the system's reason."""
    assert run(["backup", "no/such/folder/all.gz"]) == 2
    assert "ne peut pas être écrit" in capsys.readouterr().err
