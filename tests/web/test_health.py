"""The addresses for machines that watch (guinguette/web/health.py)."""

import dataclasses

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import factories
from tests.fakes import FakeJobs


def test_a_working_process_says_so(client: FlaskClient) -> None:
    """``/healthz`` and ``/readyz`` answer 200 and are never cached."""
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_queue_out_of_reach_is_not_ready(app: Flask) -> None:
    """``/readyz`` names what failed; ``/healthz`` still answers."""

    class BrokenJobs(FakeJobs):
        def waiting(self) -> int:
            raise ConnectionError("no queue")

    app.extensions["guinguette"] = dataclasses.replace(app.extensions["guinguette"], jobs=BrokenJobs())
    client = app.test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.text == "database ok\nqueue failed\n"
    assert client.get("/healthz").status_code == 200


def test_metrics_are_counts_in_prometheus_form(client: FlaskClient, session: Session) -> None:
    """One line a state, typed, and nothing but numbers."""
    factories.make_evening(session, state="cancelled")
    session.commit()
    answer = client.get("/metrics")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert 'guinguette_evenings{state="cancelled"} 1' in answer.text.splitlines()
    assert "# TYPE guinguette_messages gauge" in answer.text
