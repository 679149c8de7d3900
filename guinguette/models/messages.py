"""Every SMS is a row first. It costs money and cannot be unsent: at most once."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.evenings import Evening
from guinguette.models.subscribers import Subscriber


class Message(Base):
    """One SMS to one subscriber. ``id`` is random: it stands in the status callback's address.

    ``kind``: code, reminder, moved_to_hall, postponed, cancelled, changed. ``number`` is the evening's ``sequence`` the
    message speaks of (for reminders its date, 20270619; for codes 0), so that (evening, subscriber, kind, number) can
    exist only once. ``state``: queued, sending, sent, delivered, failed, uncertain, dropped (no longer true or no
    longer wanted). It only advances (``services.messages``). ``urgent`` messages go at once, the others within the
    permitted hours. ``body`` of a code is blanked once it has been sent.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("evening_id", "subscriber_id", "kind", "number"),
        Index("ix_message_due", "state", "due_at"),
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'uncertain', 'dropped')",
            name="state",
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), index=True)
    evening_id: Mapped[str | None] = mapped_column(ForeignKey("evening.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[int] = mapped_column(default=0)
    body: Mapped[str] = mapped_column(Text)
    segments: Mapped[int]
    urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default="queued")
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    provider_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    error: Mapped[str] = mapped_column(String(300), default="")

    subscriber: Mapped[Subscriber] = relationship()
    evening: Mapped[Evening | None] = relationship()
