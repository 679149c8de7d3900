"""Shared fixtures: an app on a database of its own, a clock that stands still, fakes for what is outside.

The database is SQLite, or PostgreSQL where ``GUINGUETTE_TEST_DATABASE_URL`` names one: one per xdist worker, emptied
between tests. What costs time and holds nothing of a test is made once: connections, compiled SQL, compiled templates.
"""

import os
import shutil
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.routing import Rule

from guinguette import config, create_app, extensions
from guinguette.adapters.ports import Senders
from guinguette.adapters.vault import Vault
from guinguette.config import Settings
from guinguette.models import Base, User
from guinguette.models.engine import engine_options
from guinguette.web import association, kept
from guinguette.web.edge import Edge
from tests import factories, osrm
from tests.fakes import FakeEmail, FakeGeocoder, FakeJobs, FakeSms, FixedClock
from tests.page_lint import LintingClient

POSTGRESQL = os.environ.get("GUINGUETTE_TEST_DATABASE_URL", "")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NODE_MODULES = Path(__file__).parent.parent / "node_modules"
DATA_KEY = "Z3Vpbmd1ZXR0ZSBtb2JpbGUsIHRlc3RzIG9ubHkgISE="

#: For tests whose examples are many by a command: ``pytest FILE --hypothesis-profile=long`` (docs/architecture.md).
hypothesis_settings.register_profile("long", max_examples=50_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run, each kind for one reason said once in the summary."""
    missing = {
        "browser": "no browser here: install Chromium (Debian: apt install chromium)" if CHROMIUM is None else "",
        "node": "no npm development packages here: make install-test" if not _node_is_ready() else "",
        "osrm": "" if osrm.HERE.is_dir() else "no OSRM here: make install-test (Linux on x86-64)",
        "solver": "the solver knows no database: run on SQLite" if POSTGRESQL else "",
    }
    for item in items:
        for marker, reason in missing.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def _node_is_ready() -> bool:
    return shutil.which("node") is not None and (NODE_MODULES / "ical.js").is_dir()


@pytest.fixture(scope="session")
def _engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The database of this worker, with its tables: its connections and its compiled SQL serve every test."""
    path = tmp_path_factory.mktemp("database") / "guinguette.sqlite3"
    url = new_database("test") if POSTGRESQL else f"sqlite:///{path}"
    engine = create_engine(url, **engine_options(url), query_cache_size=3000)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


class _LazyRule(Rule):
    """A rule that compiles how its address is built when that is first asked: an app has 140, a test asks for ten."""

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        """Return a stand-in that compiles at its first call."""
        compile_it = cache(partial(super()._compile_builder, append_unknown))

        def build(rule: Rule, **values: Any) -> Any:
            return compile_it()(rule, **values)

        return build


@pytest.fixture(scope="session", autouse=True)
def _quick_apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let each test's app find the templates that another one's has compiled, and compile no address it never builds.

    The two were half of the time that a test of a page took. Passwords are hashed cheaply (argon2, 64 KB).
    """
    templates = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", templates)
        patch.setattr(Flask, "url_rule_class", _LazyRule)
        quick = {"SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {"argon2__rounds": 1, "argon2__memory_cost": 64}}
        patch.setattr(Flask, "default_config", {**Flask.default_config, **quick})
        yield


@pytest.fixture(autouse=True)
def _same_numbers() -> None:
    """Each test makes the same villages, in whatever order and company it runs."""
    factories.start_again()


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


@pytest.fixture
def settings(tmp_path: Path, _engine: Engine) -> Settings:
    """Settings of an instance in the test's own folder, on an empty database."""
    return _settings(tmp_path, _engine)


def _settings(folder: Path, engine: Engine) -> Settings:
    environ = {
        "GUINGUETTE_INSTANCE": str(folder),
        "GUINGUETTE_SECRET_KEY": "tests only, tests only, tests only",
        "GUINGUETTE_DATA_KEY": DATA_KEY,
        "GUINGUETTE_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "GUINGUETTE_QUEUE_URL": f"sqlite:///{folder / 'queue.sqlite3'}",
    }
    return config.load(environ, root=folder)


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
def engine(_engine: Engine) -> Iterator[Engine]:
    """An engine on the test's database, which is left empty. Another object for each test: caches go by engine."""
    yield _engine.execution_options()
    _empty(_engine)


def _empty(engine: Engine) -> None:
    """Take every row out and let ids begin at 1 again: ten times as fast as TRUNCATE on tables of a few rows."""
    statements = [f'DELETE FROM "{table.name}"' for table in reversed(Base.metadata.sorted_tables)]  # noqa: S608 -- ours
    if engine.dialect.name == "postgresql":
        # a test that left a transaction open fails, not hangs; no foreign key is looked up where every row goes
        settings = ["SET LOCAL lock_timeout = '10s'", "SET LOCAL session_replication_role = replica"]
        statements = ["; ".join([*settings, *statements]), "SELECT setval(seqrelid, 1, false) FROM pg_sequence"]
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


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
def email() -> FakeEmail:
    """The e-mail sender of the app."""
    return FakeEmail()


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
def edge(
    settings: Settings,
    clock: FixedClock,
    sms: FakeSms,
    email: FakeEmail,
    jobs: FakeJobs,
    geocoder: FakeGeocoder,
    vault: Vault,
) -> Edge:
    """What the app's views may reach for: fakes for all that is outside."""
    return Edge(settings=settings, clock=clock, vault=vault, senders=Senders(sms, email), jobs=jobs, geocoder=geocoder)


@pytest.fixture(scope="session")
def _worker_app(_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Flask, dict[str, Any], Any]:
    """An app with all its addresses, made once for this worker; its configuration and what stands behind ``kept``."""
    app = create_app(_settings(tmp_path_factory.mktemp("app"), _engine))
    behind = app.wsgi_app.behind  # type: ignore[attr-defined] # web.kept.Kept
    return app, dict(app.config), behind


@pytest.fixture
def app(_worker_app: tuple[Flask, dict[str, Any], Any], edge: Edge, engine: Engine) -> Flask:
    """The app, without CSRF fields (their tests turn ``WTF_CSRF_ENABLED`` on again), as if it had just been made.

    Its addresses are those of the worker's one app, for they took half of the time of a test of a page. Whoever adds an
    address, or serves it to a browser that may still be talking when the test is over, takes ``fresh_app``.
    """
    app, configuration, behind = _worker_app
    app.config.clear()
    app.config.update(configuration)
    app.wsgi_app = behind  # type: ignore[method-assign] # as Flask documents
    return _furnished(app, edge, engine)


@pytest.fixture
def fresh_app(settings: Settings, edge: Edge, engine: Engine) -> Flask:
    """An app that nobody else has used or will."""
    app = create_app(settings)
    app.wsgi_app = app.wsgi_app.behind  # type: ignore[method-assign,attr-defined] # put there again below
    return _furnished(app, edge, engine)


def _furnished(app: Flask, edge: Edge, engine: Engine) -> Flask:
    """Give an app what is this test's own."""
    app.extensions["guinguette"] = edge
    with app.app_context():
        extensions.db.engines["default"] = engine
        extensions.db.sessionmaker.configure(bind=engine)
    app.config["TESTING"] = True
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = LintingClient
    association.register(app)
    kept.register(app)
    return app


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


@pytest.fixture
def queries() -> Iterator[list[str]]:
    """Every statement that any database is asked."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)
