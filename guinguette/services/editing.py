"""What every record that people edit has in common: one version at a time, archived instead of deleted."""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, Conflict
from guinguette.models import Committee, CommuneRequest, Contact, FallbackVenue, Pitch, Tour, Vehicle

Record = Committee | CommuneRequest | Contact | FallbackVenue | Pitch | Tour | Vehicle


def begin(row: Record, version: int) -> None:
    """Raise ``Conflict`` unless the row still is the version that the form was opened on."""
    if row.version != version:
        raise Conflict(N_("Quelqu’un a enregistré cette fiche entre-temps. Rien n’a été écrasé : relisez."))


def save(session: Session, row: Record) -> None:
    """Write the row under its next version, even where only its children changed. Raises ``Conflict`` on a race."""
    row.archived_at = row.archived_at  # a row of this session's own may not have it yet
    flag_modified(row, "archived_at")
    try:
        session.flush()
    except StaleDataError:
        raise Conflict(N_("Quelqu’un a enregistré cette fiche entre-temps. Rien n’a été écrasé : relisez.")) from None


def archive(session: Session, row: Record, version: int, clock: Clock) -> None:
    """Put the row aside; it keeps its history and can be restored. Raises ``Conflict``."""
    begin(row, version)
    row.archived_at = clock.now()
    save(session, row)


def restore(session: Session, row: Record, version: int) -> None:
    """Bring an archived row back. Raises ``Conflict``."""
    begin(row, version)
    row.archived_at = None
    save(session, row)


def shelf(archived_at: InstrumentedAttribute[datetime | None], *, archived: bool) -> ColumnElement[bool]:
    """Return the condition for what is archived, or for what is not."""
    return archived_at.is_not(None) if archived else archived_at.is_(None)
