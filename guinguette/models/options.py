"""Options on dates: what a host was asked, until when, and what came back."""

import datetime as dt
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.evenings import Evening

_OPEN = text("state = 'sent'")


class DateOption(Base):
    """A host is asked to take ``date``, and may answer until the end of ``expires_on`` (local dates).

    ``state``: sent, accepted, refused, expired, withdrawn (the evening was moved or called off meanwhile).
    ``answered_by`` says who answered and how ("téléphone de Mme Petit").
    """

    __tablename__ = "date_option"
    __table_args__ = (
        # one question at a time about an evening
        Index("uq_date_option_open", "evening_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        CheckConstraint("state IN ('sent', 'accepted', 'refused', 'expired', 'withdrawn')", name="state"),
        CheckConstraint("state NOT IN ('accepted', 'refused') OR answered_by <> ''", name="answered"),
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
    version: Mapped[int] = mapped_column(default=1)

    evening: Mapped[Evening] = relationship(back_populates="options")

    __mapper_args__ = {"version_id_col": version}
