"""Every message is a row first. An SMS costs money and cannot be unsent: at most once."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.committees import Contact
from guinguette.models.evenings import Evening
from guinguette.models.signature import Signed
from guinguette.models.subscribers import Subscriber


class Message(Base):
    """One SMS or e-mail to one person: a subscriber or a host's contact. ``id`` is random: the status callback has it.

    ``kind``: code, welcome (the answer to an SMS that subscribed), reminder, week_ahead, announced (a new evening),
    moved_to_hall, postponed, cancelled, changed; to hosts: option, option_lapsed, nudge, turned_down (the day that
    they offered), agreed (which date it is), reply (to an SMS of theirs; ``number`` is the option it asks about, or
    0), dates (which days suit? and its nudges; ``number`` is the day they are for, 20270301), link (a fresh personal
    link). ``number`` is the evening's ``sequence`` the message speaks of (for reminders and ``agreed`` its date,
    20270619; for codes 0; for new evenings the version that published them; to hosts the option's id), so that
    (evening or tour, person, kind, number, channel) can exist only once. ``tour_id`` is set where there is no evening.
    ``takes_over`` is the SMS that an e-mail stands in for.
    ``state``: queued, sending, sent, delivered, failed, uncertain, dropped (no longer true or no longer wanted). It
    only advances (``services.messages``). ``urgent`` messages go at once, the others within the permitted hours.
    ``body`` of a code is blanked once it has been sent; ``subject`` is an e-mail's. ``segments`` is what an SMS costs,
    0 for an e-mail.
    ``looks`` counts how often the provider has been asked what became of an uncertain one; ``ended_at`` is when nothing
    more could happen to it.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("evening_id", "subscriber_id", "kind", "number", "channel"),
        UniqueConstraint("evening_id", "contact_id", "kind", "number", "channel"),
        UniqueConstraint("tour_id", "contact_id", "kind", "number", "channel"),
        Index("ix_message_due", "state", "due_at"),
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'uncertain', 'dropped')",
            name="state",
        ),
        CheckConstraint("channel IN ('sms', 'email')", name="channel"),
        CheckConstraint("(subscriber_id IS NULL) <> (contact_id IS NULL)", name="person"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    evening_id: Mapped[str | None] = mapped_column(ForeignKey("evening.id"), index=True)
    tour_id: Mapped[int | None] = mapped_column(ForeignKey("tour.id"), index=True)
    channel: Mapped[str] = mapped_column(String(5), default="sms", server_default=text("'sms'"))
    takes_over: Mapped[str | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[int] = mapped_column(default=0)
    subject: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
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
    ended_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    looked_at: Mapped[datetime | None]
    provider_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    error: Mapped[str] = mapped_column(String(300), default="")

    subscriber: Mapped[Subscriber | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    evening: Mapped[Evening | None] = relationship()


class Call(Base):
    """Somebody to ring about a change, because no SMS and no e-mail reaches them: a line of a village's call list.

    ``kind`` and ``number`` are those of the message that they would have had. ``state``: to_ring, reached, unreached.
    ``rung_by`` says which volunteer rang.
    """

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("evening_id", "subscriber_id", "kind", "number"),
        CheckConstraint("state IN ('to_ring', 'reached', 'unreached')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    evening_id: Mapped[str] = mapped_column(ForeignKey("evening.id"), index=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="to_ring")
    created_at: Mapped[datetime]
    rung_at: Mapped[datetime | None]
    rung_by: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(String(300), default="")

    subscriber: Mapped[Subscriber] = relationship()
    evening: Mapped[Evening] = relationship()


class MessageTemplate(Signed, Base):
    """An organiser's own words for a text, in place of the built-in ones (``publishing.messages``).

    ``key`` is a template's (reminder, postponed_maybe, …), ``text`` has its fields in braces.
    """

    __tablename__ = "message_template"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    locale: Mapped[str] = mapped_column(String(5), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Gateway(Base):
    """How the way out of one channel (sms, email) stands: paused by a person, down, and what it may still send.

    ``tokens`` is what the token bucket held at ``tokens_at``. ``spent`` counts the segments claimed on ``day`` (local),
    ``raised`` how many a person has allowed on that day beyond the daily budget; ``capped`` says that the provider's
    own daily cap was met on it. ``down_since`` is set while the provider refuses everything.
    """

    __tablename__ = "gateway"

    channel: Mapped[str] = mapped_column(String(5), primary_key=True)
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[str] = mapped_column(String(254), default="")
    pause_reason: Mapped[str] = mapped_column(String(300), default="")
    down_since: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(300), default="")
    tokens: Mapped[float] = mapped_column(default=0.0)
    tokens_at: Mapped[datetime | None]
    day: Mapped[date | None]
    spent: Mapped[int] = mapped_column(default=0)
    raised: Mapped[int] = mapped_column(default=0)
    capped: Mapped[bool] = mapped_column(default=False)
