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


_BEFORE_HOSTS = "1795692998"  # the last schema in which organisers alone wrote
_SITES = """
INSERT INTO commune (insee, name, search_key, department, region, population, postcodes)
VALUES ('52331', 'Der', 'der', '52', '44', 2000, '52220');
INSERT INTO committee (id, commune_insee, name, kind, notes, created_at, version)
VALUES (1, '52331', 'Comité', 'committee', '', '2027-01-01', 1);
INSERT INTO contact (id, committee_id, name, role, phone_encrypted, email, version) VALUES (1, 1, 'P', '', 'x', '', 1);
INSERT INTO pitch (id, commune_insee, name, address, power_supply, access, version)
VALUES (1, '52331', 'Place', '', '16 A', '', 1);
INSERT INTO fallback_venue (id, commune_insee, name, address, version) VALUES (1, '52331', 'Salle', '', 1);
INSERT INTO tour
  (id, slug, name, season, starts_at, ends_at, hall_required, default_needs, detour, cost_no_evening, cost_missing,
   cost_if_need_be, cost_moved, solver_seconds, presentation, published_version, created_at, version)
VALUES (1, 'ete', 'Été', 'summer', '18:00', '22:00', false, '[]', 1.3, 1, 1, 1, 1, 1, '', 0, '2027-01-01', 1);
INSERT INTO commune_request
  (id, tour_id, commune_insee, evenings, min_days_between, needs, priority, pitch_id, fallback_venue_id, answered_at,
   answered_by, notes, version)
VALUES (1, 1, '52331', 1, 21, '[]', 1, 1, 1, '2027-02-01', 'import', '', 1);
INSERT INTO availability (request_id, date, level) VALUES (1, '2027-06-19', 'yes')
"""


def test_places_and_answers_stay_when_hosts_begin_to_answer_by_themselves(app: Flask) -> None:
    """Pitches and halls are copied, what refers to them stays; an old answer says by which way it came."""
    schema.upgrade(app, _BEFORE_HOSTS)
    with app.app_context(), extensions.db.engine.begin() as connection:
        for row in _SITES.split(";"):
            connection.execute(text(row))
    schema.upgrade(app)
    with app.app_context(), extensions.db.engine.begin() as connection:
        row = connection.execute(
            text(
                "SELECT pitch.power_supply, fallback_venue.name, availability.level, answered_how FROM commune_request "
                "JOIN pitch ON pitch.id = pitch_id JOIN fallback_venue ON fallback_venue.id = fallback_venue_id "
                "JOIN availability ON request_id = commune_request.id"
            )
        ).one()
        assert tuple(row) == ("16 A", "Salle", "yes", "import")
    assert not schema.differs_from_models(app)
