"""The command line as its users meet it (guinguette/cli/): sentences, exit codes, what is left behind."""

import gzip
import json
import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from guinguette import config
from guinguette.cli import run
from guinguette.models import Commune, RuleSetting, User
from guinguette.models.engine import engine_options
from guinguette.paths import DATA

PASSWORD = "une très longue phrase secrète"


@pytest.fixture
def installed(installation: Path) -> Path:
    """An installation with one organiser and two communes."""
    Path("password").write_text(PASSWORD + "\n")
    with gzip.open(DATA / "communes.csv.gz", "rt", encoding="utf-8") as file:
        lines = [line for number, line in enumerate(file) if number == 0 or line.startswith(("52182,", "52448,"))]
    Path("communes.csv").write_text("".join(lines), encoding="utf-8")
    assert run(["db", "upgrade"]) == 0
    assert run(["communes", "import", "communes.csv"]) == 0
    assert run(["user", "add", "anne@example.org", "--role", "organiser", "--password-file", "password"]) == 0
    return installation


def _rows(model: type) -> int:
    settings = config.load(os.environ)
    engine = create_engine(settings.database_url, **engine_options(settings.database_url))
    with Session(engine) as session:
        count = len(session.scalars(select(model)).all())
    engine.dispose()
    return count


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nothing"], 2, "La commande « nothing » n’existe pas."),
        (["serve", "--port", "abc"], 2, "La valeur de --port n’est pas acceptée."),
        (["serve", "--colour"], 2, "L’option --colour n’existe pas."),
        (["backup"], 2, "Il manque FICHIER."),
        (["tour", "list", "too", "many"], 2, "La commande est mal écrite."),
        (["restore", "nowhere.gz"], 2, "nowhere.gz n’existe pas."),
        (["serve"], 1, "La base est vide"),
        (["db", "check"], 1, "La base est vide"),
    ],
)
def test_a_wrong_call_is_one_french_line(
    installation: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    """Exit 2 where the call or the file is wrong, 1 where the answer is no; never a traceback."""
    assert run(arguments) == code
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_a_broken_setting_is_one_line(
    installation: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The environment is a file somebody wrote: exit 2 and which variable."""
    monkeypatch.setenv("GUINGUETTE_SMS", "pigeon")
    assert run(["config"]) == 2
    assert "GUINGUETTE_SMS vaut « pigeon »" in capsys.readouterr().err


def test_config_masks_secrets(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every setting by its own name, no key in sight."""
    assert run(["config"]) == 0
    said = capsys.readouterr().out
    assert "GUINGUETTE_ENV=development\n" in said
    assert "GUINGUETTE_SECRET_KEY=********\n" in said
    assert (installation / "instance" / "data_key").read_text().strip() not in said


def test_init_makes_an_installation_that_works(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All communes, the rules of real life, one organiser, a schema that is this version's."""
    Path("password").write_text(PASSWORD + "\n")
    assert run(["init", "--email", "anne@example.org", "--password-file", "password"]) == 0
    assert _rows(User) == 1
    assert _rows(Commune) == 34_969
    assert _rows(RuleSetting) > 0
    assert run(["db", "check"]) == 0
    assert run(["db", "upgrade"]) == 0
    capsys.readouterr()
    assert run(["communes", "search", "eclaron"]) == 0
    assert "52182\tÉclaron-Braucourt-Sainte-Livière\t52290" in capsys.readouterr().out
    assert run(["communes", "search", "zzzz"]) == 1


def test_a_password_with_accents_opens(installed: Path) -> None:
    """What was hashed at the command line is what the page compares, however the accents were typed."""
    from guinguette import create_app, extensions  # noqa: PLC0415 -- the app of this environment

    app = create_app(config.load(os.environ))
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().post("/connexion", data={"email": "anne@example.org", "password": PASSWORD})
    assert answer.status_code == 302
    with app.app_context():
        extensions.db.engine.dispose()


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [("anne", PASSWORD, "n’est pas une adresse"), ("anne@example.org", "court", "douze signes")],
)
def test_init_refuses_before_it_does_anything(
    installation: Path, capsys: pytest.CaptureFixture[str], email: str, password: str, words: str
) -> None:
    """A mistyped address costs a second, not a list of all communes, and leaves no half-made database."""
    Path("password").write_text(password)
    assert run(["init", "--email", email, "--password-file", "password"]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert "Communes de France" not in said.out
    assert run(["db", "check"]) == 1


def test_users_are_added_and_let_in(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second address gets a link; a known one, a wrong role or a nonsense address does not."""
    capsys.readouterr()
    assert run(["user", "add", "luc@example.org", "--role", "organiser"]) == 0
    assert "http://127.0.0.1:8000/connexion/lien/" in capsys.readouterr().out
    assert run(["user", "add", "luc@example.org", "--role", "organiser"]) == 1
    assert run(["user", "add", "eve@example.org", "--role", "king"]) == 2
    assert run(["user", "add", "eve", "--role", "organiser"]) == 2
    assert run(["user", "link", "nobody@example.org"]) == 2
    assert _rows(User) == 2


def test_another_schema_is_refused(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``serve`` says in one sentence what to do about a schema that is not its own."""
    settings = config.load(os.environ)
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'long-ago'")
    capsys.readouterr()
    assert run(["serve"]) == 1
    assert "guinguette db upgrade" in capsys.readouterr().err
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    engine.dispose()
    assert run(["serve"]) == 1
    assert "La base est vide" in capsys.readouterr().err


def test_tables_changed_by_hand_are_noticed(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``db check`` compares tables, not only the migrations' number."""
    engine = create_engine(config.load(os.environ).database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE vehicle ADD COLUMN colour VARCHAR(10)")
    engine.dispose()
    assert run(["db", "check"]) == 1
    assert "à la main" in capsys.readouterr().err


def test_reminders_can_be_rehearsed(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No evening, no reminder; a wrong instant is a wrong call."""
    capsys.readouterr()
    assert run(["reminders", "run", "--dry-run", "--at", "2027-06-18T17:00"]) == 0
    assert capsys.readouterr().out == ""
    assert run(["reminders", "run", "--at", "tomorrow"]) == 2


def test_tours_that_do_not_exist(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each of the tour's commands says so, and a wrong format names the right ones."""
    for command in (["plan", "ete"], ["publish", "ete"], ["export", "ete", "--format", "csv"]):
        assert run(["tour", *command]) == 2
        assert "La tournée « ete » n’existe pas" in capsys.readouterr().err
    assert run(["tour", "export", "ete", "--format", "pdf"]) == 2
    assert "season, csv, xlsx, geojson, ics" in capsys.readouterr().err
    assert run(["tour", "list"]) == 0


def test_a_season_is_planned_published_and_exported(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The organiser's whole way without a browser."""
    import datetime as dt  # noqa: PLC0415

    from tests import factories  # noqa: PLC0415

    engine = create_engine(config.load(os.environ).database_url)
    first = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)
    with Session(engine) as session:
        van = factories.make_vehicle(session)
        dates = [first + dt.timedelta(days=7 * week) for week in range(3)]
        tour = factories.make_tour(session, slug="petite", dates=dates, vehicles=[van], solver_seconds=5)
        for insee in ("52182", "52448"):
            commune = session.get_one(Commune, insee)
            factories.make_request(session, tour=tour, commune=commune)
        session.commit()
    engine.dispose()
    assert run(["tour", "publish", "petite"]) == 1
    assert run(["tour", "plan", "petite"]) == 0
    capsys.readouterr()
    assert run(["tour", "publish", "petite"]) == 0
    assert "Version 1 publiée" in capsys.readouterr().out
    for kind in ("season", "csv", "xlsx", "geojson", "ics"):
        assert run(["tour", "export", "petite", "--format", kind, "--out", f"petite.{kind}"]) == 0
    assert len(json.loads(Path("petite.geojson").read_text())["features"]) == 2
    assert Path("petite.ics").read_bytes().count(b"BEGIN:VEVENT") == 2
    assert {c["id"] for c in json.loads(Path("petite.season").read_text())["communes"]} == {"52182", "52448"}
    assert run(["tour", "export", "petite", "--format", "csv", "--out", "no/such/folder.csv"]) == 2
