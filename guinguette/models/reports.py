"""What a village says of its evening once it is over, and the pictures of it and of its places."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.evenings import Evening
from guinguette.models.signature import Signed


class EveningReport(Signed, Base):
    """How the evening went, as its hosts tell it: how many came, what went wrong, a word. ``how`` as in the journal."""

    __tablename__ = "evening_report"

    evening_id: Mapped[str] = mapped_column(ForeignKey("evening.id"), primary_key=True)
    attendance: Mapped[int | None]
    incidents: Mapped[str] = mapped_column(Text, default="")
    word: Mapped[str] = mapped_column(Text, default="")
    reported_at: Mapped[datetime]
    reported_by: Mapped[str] = mapped_column(String(254))
    how: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=1)

    evening: Mapped[Evening] = relationship()

    __mapper_args__ = {"version_id_col": version}


class Photo(Base):
    """A picture (JPEG, resized, without metadata) of a pitch, of a hall, or of an evening. ``id`` is random."""

    __tablename__ = "photo"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN pitch_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN hall_id IS NULL THEN 0 ELSE 1 END) "
            "+ (CASE WHEN evening_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="subject",
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    pitch_id: Mapped[int | None] = mapped_column(ForeignKey("pitch.id", ondelete="CASCADE"), index=True)
    hall_id: Mapped[int | None] = mapped_column(ForeignKey("fallback_venue.id", ondelete="CASCADE"), index=True)
    evening_id: Mapped[str | None] = mapped_column(ForeignKey("evening.id", ondelete="CASCADE"), index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(254))
