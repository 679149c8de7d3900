"""What an upgrade of the schema must not touch: the data."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from guinguette import config, create_app, extensions
from guinguette.cli import schema

_BEFORE = "1795540780"  # the last schema that knew SMS alone
_ROWS = """
INSERT INTO subscriber
  (id, phone_encrypted, phone_hash, stop_token_hash, locale, created_at, confirmed_at, opted_out_at)
VALUES (1, 'x', 'hash', 'token', 'fr', '2027-06-01', '2027-06-01', NULL),
  (2, '', 'stopped', 'other', 'fr', '2027-06-01', '2027-06-01', '2027-06-02');
INSERT INTO subscription (subscriber_id, scope, created_at) VALUES (1, 'tour:ete', '2027-06-01');
INSERT INTO consent (subscriber_id, scope, wording, wording_version, channel, given_at)
VALUES (1, 'tour:ete', 'oui', '1', 'web', '2027-06-01');
INSERT INTO message
  (id, subscriber_id, kind, number, body, segments, urgent, state, due_at, expires_at, created_at, updated_at, error)
VALUES ('m', 1, 'reminder', 0, 'demain', 1, false, 'sent', '2027-06-01', '2027-06-02', '2027-06-01', '2027-06-01', '')
"""


@pytest.fixture
def app(installation: Path) -> Flask:
    """An installation of this version, still without any table."""
    (installation / "instance").mkdir(exist_ok=True)
    return create_app(config.load())


def test_who_subscribed_before_e_mail_stays_subscribed(app: Flask) -> None:
    """Tables are copied for it, and what refers to them stays; who had said STOP is on the list of oppositions."""
    schema.upgrade(app, _BEFORE)
    with app.app_context(), extensions.db.engine.begin() as connection:
        for row in _ROWS.split(";"):
            connection.execute(text(row))
    schema.upgrade(app)
    tables = ("subscriber", "subscription", "consent", "message", "opposition")
    with app.app_context(), extensions.db.engine.begin() as connection:
        counts = [connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables]  # noqa: S608 -- ours
        assert counts == [2, 1, 1, 1, 1]
        assert connection.scalar(text("SELECT address_hash FROM opposition")) == "stopped"
        if connection.dialect.name == "sqlite":  # looked at again
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    assert not schema.differs_from_models(app)
