"""Shared fixtures: an app on a database of its own, a clock that stands still, fakes for what is outside.

The database is SQLite in the test's folder, or PostgreSQL where ``GUINGUETTE_TEST_DATABASE_URL`` names one (then one
database per xdist worker, emptied between tests).
"""

import dataclasses
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

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
from tests.fakes import FakeJobs, FakeSms, FixedClock
from tests.page_lint import LintingClient

POSTGRESQL = os.environ.get("GUINGUETTE_TEST_DATABASE_URL", "")
DATA_KEY = "Z3Vpbmd1ZXR0ZSBtb2JpbGUsIHRlc3RzIG9ubHkgISE="


@pytest.fixture(scope="session")
def _schema(tmp_path_factory: pytest.TempPathFactory) -> str | Path:
    """Make the schema once: a PostgreSQL database of this worker, or a SQLite file to copy."""
    if not POSTGRESQL:
        path = tmp_path_factory.mktemp("schema") / "template.sqlite3"
        _create_all(f"sqlite:///{path}")
        return path
    url = make_url(POSTGRESQL).set(drivername="postgresql+psycopg")
    name = f"guinguette_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    own = url.set(database=name).render_as_string(hide_password=False)
    _create_all(own)
    return own


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
def engine(settings: Settings) -> Iterator[Engine]:
    """An engine on the test's database, which is left empty."""
    engine = create_engine(settings.database_url, **engine_options(settings.database_url))
    yield engine
    if engine.dialect.name == "postgresql":
        tables = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        with engine.begin() as connection:
            connection.execute(text("SET lock_timeout = '10s'"))  # a test that left a transaction open fails, not hangs
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    engine.dispose()


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
def jobs() -> FakeJobs:
    """The workers of the app."""
    return FakeJobs()


@pytest.fixture
def vault(settings: Settings) -> Vault:
    """The app's vault, to read what it encrypted."""
    return Vault(settings.data_key)


@pytest.fixture
def app(settings: Settings, clock: FixedClock, sms: FakeSms, jobs: FakeJobs, engine: Engine) -> Iterator[Flask]:
    """The app, without CSRF fields (their tests turn ``WTF_CSRF_ENABLED`` on again)."""
    app = create_app(settings, clock=clock)
    app.config["TESTING"] = True
    app.config["WTF_CSRF_ENABLED"] = False
    app.extensions["guinguette"] = dataclasses.replace(app.extensions["guinguette"], sms=sms, jobs=jobs)
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
