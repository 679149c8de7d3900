"""What a command works with: the app, its database session and its collaborators."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from guinguette import config, create_app, extensions
from guinguette.adapters.ports import Senders
from guinguette.adapters.vault import Vault
from guinguette.cli import schema
from guinguette.config import Settings
from guinguette.domain.clock import Clock
from guinguette.jobs.queue import QueuedJobs

ACTOR = "ligne de commande"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The collaborators of a command. It commits ``session`` itself."""

    app: Flask
    settings: Settings
    session: Session
    factory: sessionmaker[Session]
    clock: Clock
    vault: Vault
    senders: Senders
    jobs: QueuedJobs


@contextmanager
def desk(*, any_schema: bool = False) -> Iterator[Desk]:
    """Open the database that the environment names. Raises ``RefusalError`` where its schema is not this version's."""
    settings = config.load()
    if settings.database_url.startswith("sqlite:///"):
        Path(settings.database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    app = create_app(settings)
    with app.app_context():
        if not any_schema:
            schema.refuse_other(app)
        edge = app.extensions["guinguette"]
        try:
            yield Desk(
                app=app,
                settings=settings,
                session=extensions.db.session,
                factory=sessionmaker(extensions.db.engine),
                clock=edge.clock,
                vault=edge.vault,
                senders=edge.senders,
                jobs=edge.jobs,
            )
        finally:
            edge.jobs.close()
            extensions.db.session.rollback()
            extensions.db.engine.dispose()
