"""For machines that watch: the process answers, what it leans on answers, counts. Nothing about anybody."""

from collections.abc import Callable

from flask import Blueprint, Response
from sqlalchemy import text

from guinguette.extensions import db
from guinguette.services.monitoring import count_by_state
from guinguette.web.edge import edge

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process works."""
    return _plain("ok\n")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The database and the queue answer: 200, else 503; a line for each."""
    lines = {
        "database": _answers(lambda: db.session.execute(text("SELECT 1"))),
        "queue": _answers(edge().jobs.waiting),
    }
    body = "".join(f"{name} {'ok' if fine else 'failed'}\n" for name, fine in lines.items())
    return _plain(body), 200 if all(lines.values()) else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counts by state in Prometheus's text format (0.0.4)."""
    lines = []
    for name, counts in count_by_state(db.session).items():
        lines += [f"# HELP guinguette_{name} Number of rows by state.", f"# TYPE guinguette_{name} gauge"]
        lines += [f'guinguette_{name}{{state="{state}"}} {count}' for state, count in sorted(counts.items())]
    response = _plain("\n".join(lines) + "\n")
    response.content_type = "text/plain; version=0.0.4; charset=utf-8"
    return response


def _plain(body: str) -> Response:
    return Response(body, mimetype="text/plain", headers={"Cache-Control": "no-store"})


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except Exception:  # each driver has errors of its own, and all mean the same here
        return False
    return True
