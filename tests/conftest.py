"""Shared fixtures: an app on a database of its own, a clock that stands still, fakes for what is outside.

The database is SQLite in the test's folder, or PostgreSQL where ``GUINGUETTE_TEST_DATABASE_URL`` names one (then one
database per xdist worker, emptied between tests).
"""

import dataclasses
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session, sessionmaker

from guinguette import config, create_app, extensions
from guinguette.adapters.vault import Vault
from guinguette.config import Settings
from guinguette.models import Base, User
from guinguette.models.engine import engine_options
from tests import factories
from tests.fakes import FakeGeocoder, FakeJobs, FakeSms, FixedClock
from tests.page_lint import LintingClient

# many more examples, chosen with --hypothesis-profile=long
hypothesis.settings.register_profile("long", max_examples=5_000, deadline=None)

POSTGRESQL = os.environ.get("GUINGUETTE_TEST_DATABASE_URL", "")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NODE_MODULES = Path(__file__).parent.parent / "node_modules"
DATA_KEY = "Z3Vpbmd1ZXR0ZSBtb2JpbGUsIHRlc3RzIG9ubHkgISE="


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run, each kind for one reason said once in the summary."""
    missing = {
        "browser": "no browser here: install Chromium (Debian: apt install chromium)" if CHROMIUM is None else "",
        "node": "no npm development packages here: make install-test" if not _node_is_ready() else "",
    }
    for item in items:
        for marker, reason in missing.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def _node_is_ready() -> bool:
    return shutil.which("node") is not None and (NODE_MODULES / "ical.js").is_dir()


@pytest.fixture(scope="session")
def _schema(tmp_path_factory: pytest.TempPathFactory) -> str | Path:
    """Make the schema once: a PostgreSQL database of this worker, or a SQLite file to copy."""
    if not POSTGRESQL:
        path = tmp_path_factory.mktemp("schema") / "template.sqlite3"
        _create_all(f"sqlite:///{path}")
        return path
    own = new_database("test")
    _create_all(own)
    return own


def new_database(purpose: str) -> str:
    """Make an empty PostgreSQL database for this worker and return its address."""
    url = make_url(POSTGRESQL).set(drivername="postgresql+psycopg")
    name = f"guinguette_{purpose}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def _create_all(url: str) -> None:
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()


@pytest.fixture
def settings(tmp_path: Path, _schema: str | Path) -> Settings:
    """Settings of an instance in the test's own folder, on an empty database."""
    environ = {
        "GUINGUETTE_INSTANCE": str(tmp_path),
        "GUINGUETTE_SECRET_KEY": "tests only, tests only, tests only",
        "GUINGUETTE_DATA_KEY": DATA_KEY,
    }
    if isinstance(_schema, Path):
        shutil.copy(_schema, tmp_path / "guinguette.sqlite3")
    else:
        environ["GUINGUETTE_DATABASE_URL"] = _schema
        environ["GUINGUETTE_QUEUE_URL"] = f"sqlite:///{tmp_path / 'queue.sqlite3'}"
    return config.load(environ, root=tmp_path)


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of the command line: a folder of its own and a database without any table."""
    for name in [name for name in os.environ if name.startswith(("GUINGUETTE_", "TWILIO_", "PORT"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GUINGUETTE_INSTANCE", str(tmp_path / "instance"))
    if POSTGRESQL:
        monkeypatch.setenv("GUINGUETTE_DATABASE_URL", new_database("empty"))
    return tmp_path


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """An engine on the test's database, which is left empty."""
    engine = create_engine(settings.database_url, **engine_options(settings.database_url))
    yield engine
    if engine.dialect.name == "postgresql":
        _empty(engine)
    engine.dispose()


def _empty(engine: Engine) -> None:
    """Take every row out and let ids begin at 1 again: ten times as fast as TRUNCATE on tables of a few rows."""
    tables = [table.name for table in reversed(Base.metadata.sorted_tables)]
    with engine.begin() as connection:
        connection.execute(text("SET lock_timeout = '10s'"))  # a test that left a transaction open fails, not hangs
        connection.execute(text("; ".join(f'DELETE FROM "{name}"' for name in tables)))  # noqa: S608 -- our own tables
        connection.execute(text("SELECT setval(seqrelid, 1, false) FROM pg_sequence"))


@pytest.fixture
def session_factory(engine: Engine) -> sessionmaker[Session]:
    """What services that must not hold a transaction take."""
    return sessionmaker(engine)


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    """A session. Commit before the client, or a service with a session factory of its own, is to see the rows."""
    with session_factory() as session:
        yield session


@pytest.fixture
def clock() -> FixedClock:
    """Noon in Paris, Wednesday 9 June 2027, until told otherwise."""
    return FixedClock()


@pytest.fixture
def sms() -> FakeSms:
    """The SMS sender of the app."""
    return FakeSms()


@pytest.fixture
def geocoder() -> FakeGeocoder:
    """The geocoder of the app, which knows no address until told."""
    return FakeGeocoder()


@pytest.fixture
def jobs() -> FakeJobs:
    """The workers of the app."""
    return FakeJobs()


@pytest.fixture
def vault(settings: Settings) -> Vault:
    """The app's vault, to read what it encrypted."""
    return Vault(settings.data_key)


@pytest.fixture
def app(
    settings: Settings, clock: FixedClock, sms: FakeSms, jobs: FakeJobs, geocoder: FakeGeocoder, engine: Engine
) -> Iterator[Flask]:
    """The app, without CSRF fields (their tests turn ``WTF_CSRF_ENABLED`` on again)."""
    app = create_app(settings, clock=clock)
    app.config["TESTING"] = True
    app.config["WTF_CSRF_ENABLED"] = False
    fakes = {"sms": sms, "jobs": jobs, "geocoder": geocoder}
    app.extensions["guinguette"] = dataclasses.replace(app.extensions["guinguette"], **fakes)
    app.test_client_class = LintingClient
    yield app
    with app.app_context():
        extensions.db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor whose every HTML page is checked (``tests.page_lint``)."""
    return app.test_client()


@pytest.fixture
def organiser(session: Session) -> User:
    """An organiser's account, committed."""
    user = factories.make_user(session, role="organiser")
    session.commit()
    return user


@pytest.fixture
def organiser_client(app: Flask, organiser: User) -> FlaskClient:
    """A signed-in organiser."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = organiser.fs_uniquifier
        cookie["_fresh"] = True
    return client
