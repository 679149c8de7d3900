"""Options on dates: what a host was asked, until when, and what came back."""

import datetime as dt
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.evenings import Evening

_OPEN = text("state = 'sent'")


class DateOption(Base):
    """A host is asked to take ``date``, and may answer until the end of ``expires_on`` (local dates).

    ``state``: sent, accepted, refused, countered (not that day, but ``counter_date``), expired, withdrawn (the evening
    was moved or called off meanwhile). ``answered_by`` says who answered ("téléphone de Mme Petit"), ``answered_how``
    by which way: phone, link, sms. ``note`` is the host's own word with it.
    """

    __tablename__ = "date_option"
    __table_args__ = (
        # one question at a time about an evening
        Index("uq_date_option_open", "evening_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        CheckConstraint("state IN ('sent', 'accepted', 'refused', 'countered', 'expired', 'withdrawn')", name="state"),
        CheckConstraint("state NOT IN ('accepted', 'refused', 'countered') OR answered_by <> ''", name="answered"),
        CheckConstraint("(state = 'countered') = (counter_date IS NOT NULL)", name="counter"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    evening_id: Mapped[str] = mapped_column(ForeignKey("evening.id"), index=True)
    date: Mapped[dt.date]
    expires_on: Mapped[dt.date] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(10), default="sent")
    sent_at: Mapped[datetime]
    sent_by: Mapped[str] = mapped_column(String(254))
    closed_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(String(200), default="")
    answered_how: Mapped[str] = mapped_column(String(10), default="", server_default=text("''"))
    counter_date: Mapped[dt.date | None]
    note: Mapped[str] = mapped_column(String(300), default="", server_default=text("''"))
    version: Mapped[int] = mapped_column(default=1)

    evening: Mapped[Evening] = relationship(back_populates="options")

    __mapper_args__ = {"version_id_col": version}


class Agreement(Base):
    """A host has agreed to an evening as ``terms`` describes it: who, when, by which way, which version.

    Never edited: what is agreed anew (another date, another place) is the next ``number`` of its evening. ``terms`` is
    what ``publishing.agreements`` prints, frozen. ``how`` as in the journal: link, phone, sms, desk.
    """

    __tablename__ = "agreement"
    __table_args__ = (UniqueConstraint("evening_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    evening_id: Mapped[str] = mapped_column(ForeignKey("evening.id"), index=True)
    number: Mapped[int]
    option_id: Mapped[int | None] = mapped_column(ForeignKey("date_option.id"))
    agreed_at: Mapped[datetime]
    agreed_by: Mapped[str] = mapped_column(String(200))
    how: Mapped[str] = mapped_column(String(10))
    terms: Mapped[dict[str, Any]]

    evening: Mapped[Evening] = relationship()
