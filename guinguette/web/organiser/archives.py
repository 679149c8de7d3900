"""Archives, the same for every kind of record: the two buttons that move a row."""

from typing import Any

from flask_babel import gettext

from guinguette.extensions import db
from guinguette.services import editing
from guinguette.web.edge import edge
from guinguette.web.saving import posted_version, shelved


def shelve(row: Any, action: str) -> None:
    """Put a named record aside (``archiver``) or bring it back, and say so, or why it was refused."""
    if action == "archiver":
        done = gettext("%(name)s est dans les archives.", name=row.name)
        shelved(lambda: editing.archive(db.session, row, posted_version(), edge().clock), done)
    else:
        done = gettext("%(name)s est de retour.", name=row.name)
        shelved(lambda: editing.restore(db.session, row, posted_version()), done)
