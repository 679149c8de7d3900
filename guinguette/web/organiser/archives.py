"""Archives, the same for every kind of record: the list in use or put aside, and the two buttons that move a row."""

from collections.abc import Callable
from typing import Any

from flask import render_template, request
from flask_babel import gettext

from guinguette.extensions import db
from guinguette.services import editing
from guinguette.web.edge import edge
from guinguette.web.organiser.saving import posted_version, shelved


def listed(page: str, rows: Callable[[bool], Any]) -> str:
    """Show ``organisation/<page>.html`` with the ``rows(archived)`` in use, or with ``?archives=1`` those put aside."""
    archived = "archives" in request.args
    return render_template(f"organisation/{page}.html", rows=rows(archived), archived=archived)


def shelve(row: Any, action: str) -> None:
    """Put a named record aside (``archiver``) or bring it back, and say so, or why it was refused."""
    if action == "archiver":
        done = gettext("%(name)s est dans les archives.", name=row.name)
        shelved(lambda: editing.archive(db.session, row, posted_version(), edge().clock), done)
    else:
        done = gettext("%(name)s est de retour.", name=row.name)
        shelved(lambda: editing.restore(db.session, row, posted_version()), done)
