"""Who saved a record last: the second of two organisers is told whose work they have met."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, event, text
from sqlalchemy.orm import Mapped, Session, mapped_column

_SIGNER = "signer"


class Signed:
    """A mixin of records that several people edit: who saved the present version, and when.

    ``saved_by`` is empty and ``saved_at`` null where a job saved it, or nobody has since these columns exist.
    """

    saved_by: Mapped[str] = mapped_column(String(254), default="", server_default=text("''"))
    saved_at: Mapped[datetime | None]


def sign(session: Session, actor: str, at: datetime) -> None:
    """Say who works in this session from now on, and when: each record that it writes bears both."""
    session.info[_SIGNER] = (actor, at)


@event.listens_for(Session, "before_flush")
def _put_signatures(session: Session, _context: Any, _instances: Any) -> None:
    actor, at = session.info.get(_SIGNER, ("", None))
    for row in (*session.new, *session.dirty):
        if isinstance(row, Signed) and session.is_modified(row):
            row.saved_by, row.saved_at = actor, at
