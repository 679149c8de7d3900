"""Settings from the environment (guinguette/config.py)."""

import stat
from pathlib import Path

import pytest

from guinguette.config import ConfigError, load

KEY = "Z3Vpbmd1ZXR0ZSBtb2JpbGUsIHRlc3RzIG9ubHkgISE="
PRODUCTION = {
    "GUINGUETTE_ENV": "production",
    "GUINGUETTE_SECRET_KEY": "x" * 32,
    "GUINGUETTE_DATA_KEY": KEY,
    "GUINGUETTE_PUBLIC_URL": "https://guinguette.example/",
}
TWILIO = {"GUINGUETTE_SMS": "twilio", "TWILIO_ACCOUNT_SID": "AC", "TWILIO_AUTH_TOKEN": "t"}


def test_an_empty_environment_is_a_development_one(tmp_path: Path) -> None:
    """SQLite beside its queue, keys made once and readable by their owner alone."""
    first, second = load({}, root=tmp_path), load({}, root=tmp_path)
    assert first == second
    assert first.database_url == f"sqlite:///{tmp_path}/instance/guinguette.sqlite3"
    assert first.queue_url == f"sqlite:///{tmp_path}/instance/queue.sqlite3"
    assert first.public_url == "http://127.0.0.1:8000"
    assert stat.S_IMODE((tmp_path / "instance" / "secret_key").stat().st_mode) == 0o600


def test_the_port_moves_the_public_address(tmp_path: Path) -> None:
    """``PORT=9000 make demo`` prints links that work."""
    assert load({"PORT": "9000"}, root=tmp_path).public_url == "http://127.0.0.1:9000"


def test_the_queue_follows_the_database(tmp_path: Path) -> None:
    """One PostgreSQL serves both."""
    settings = load({"GUINGUETTE_DATABASE_URL": "postgres://u:p@h/d"}, root=tmp_path)
    assert settings.database_url == "postgresql+psycopg://u:p@h/d"
    assert settings.queue_url == "postgresql+psycopg://u:p@h/d"


def test_a_production_needs_no_folder(tmp_path: Path) -> None:
    """All comes from the environment; the address loses its last slash."""
    settings = load(PRODUCTION, root=tmp_path)
    assert settings.production
    assert settings.public_url == "https://guinguette.example"
    assert not (tmp_path / "instance").exists()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"GUINGUETTE_SECRET_KEY": ""}, "GUINGUETTE_SECRET_KEY"),
        ({"GUINGUETTE_SECRET_KEY": "x" * 31}, "GUINGUETTE_SECRET_KEY"),
        ({"GUINGUETTE_DATA_KEY": ""}, "GUINGUETTE_DATA_KEY"),
        ({"GUINGUETTE_DATA_KEY": "abc"}, "GUINGUETTE_DATA_KEY"),
        ({"GUINGUETTE_PUBLIC_URL": "http://guinguette.example"}, "GUINGUETTE_PUBLIC_URL"),
        ({"GUINGUETTE_ENV": "staging"}, "GUINGUETTE_ENV"),
        ({"GUINGUETTE_SMS": "pigeon"}, "GUINGUETTE_SMS"),
        ({"GUINGUETTE_TILES": "google"}, "GUINGUETTE_TILES"),
        ({"GUINGUETTE_SMS": "twilio"}, "TWILIO_ACCOUNT_SID"),
        ({"GUINGUETTE_SMTP_URL": "mail.example.org"}, "GUINGUETTE_SMTP_URL"),
        ({"GUINGUETTE_ROADS_URL": "http://127.0.0.1:5000"}, "GUINGUETTE_ROADS_URL"),
    ],
)
def test_an_unsafe_production_is_refused(tmp_path: Path, change: dict[str, str], named: str) -> None:
    """In one sentence that names the variable."""
    with pytest.raises(ConfigError, match=named):
        load(PRODUCTION | change, root=tmp_path)


@pytest.mark.parametrize(
    ("change", "sends", "rehearsing"),
    [
        ({"GUINGUETTE_ENV": "development"}, True, True),
        ({}, False, False),
        (TWILIO, True, False),
        (TWILIO | {"GUINGUETTE_ENV": "development"}, True, False),
        (TWILIO | {"GUINGUETTE_ENV": "development", "GUINGUETTE_TWILIO_API_URL": "http://127.0.0.1:4010"}, True, True),
        (TWILIO | {"GUINGUETTE_TWILIO_API_URL": "http://127.0.0.1:4010"}, True, False),
        ({"GUINGUETTE_ENV": "development", "GUINGUETTE_SMTP_URL": "smtps://a%40b.fr:p@mail.example"}, True, False),
        ({"GUINGUETTE_ENV": "development", "GUINGUETTE_SMTP_URL": "smtp://127.0.0.1:25?from=a@b.fr"}, True, True),
    ],
)
def test_who_is_reached_by_sms(tmp_path: Path, change: dict[str, str], sends: bool, rehearsing: bool) -> None:
    """The console is for development; only what is printed or given to a stand-in on this machine is a rehearsal."""
    settings = load(PRODUCTION | change, root=tmp_path)
    assert (settings.sends_sms, settings.rehearsing) == (sends, rehearsing)


def test_secrets_are_masked(tmp_path: Path) -> None:
    """Keys and addresses with passwords never show; the rest does."""
    secret = {
        "GUINGUETTE_DATABASE_URL": "postgresql://u:hidden@h/d",
        "GUINGUETTE_SMTP_URL": "smtps://a%40b.fr:hidden@mail.example",
        "TWILIO_AUTH_TOKEN": "hidden",
        "GUINGUETTE_ROADS_URL": "osrm+https://anne:hidden@roads.example",
    }
    masked = load(PRODUCTION | secret, root=tmp_path).masked()
    assert "hidden" not in str(masked)
    assert "x" * 32 not in str(masked)
    assert masked["TWILIO_AUTH_TOKEN"] == "********"
    assert masked["GUINGUETTE_PUBLIC_URL"] == "https://guinguette.example"
    plain = load(PRODUCTION | {"GUINGUETTE_ROADS_URL": "osrm+http://127.0.0.1:5000"}, root=tmp_path).masked()
    assert plain["GUINGUETTE_ROADS_URL"] == "osrm+http://127.0.0.1:5000"


def test_a_env_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``.env`` completes what the process was given."""
    (tmp_path / ".env").write_text("GUINGUETTE_SMS_SENDER=Fichier\nGUINGUETTE_SMS=console\n")
    monkeypatch.setenv("GUINGUETTE_SMS_SENDER", "Process")
    monkeypatch.setenv("GUINGUETTE_INSTANCE", str(tmp_path / "instance"))
    assert load(root=tmp_path).sms_sender == "Process"
    monkeypatch.delenv("GUINGUETTE_SMS_SENDER")
    assert load(root=tmp_path).sms_sender == "Fichier"


@pytest.mark.parametrize(
    ("database", "queue", "many"),
    [
        ("", "", False),
        ("postgresql://db/g", "", True),
        ("postgresql://db/g", "redis://r/0", True),
        ("postgresql://db/g", "sqlite:///q", False),
        ("", "redis://r/0", False),
    ],
)
def test_machines_share_what_is_no_file(tmp_path: Path, database: str, queue: str, *, many: bool) -> None:
    """Parts of a run are given away where workers of other machines could take them: SQLite is a file of this one."""
    environ = {"GUINGUETTE_DATABASE_URL": database, "GUINGUETTE_QUEUE_URL": queue}
    assert load(environ, root=tmp_path).many_machines is many
