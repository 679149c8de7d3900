"""Villagers who asked to be told, with the proof that they did."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base

_NO_PHONE = text("phone_hash IS NULL")


class Subscriber(Base):
    """A telephone number, or an e-mail address, or both, and as little else about the person as can be.

    ``…_encrypted`` and ``…_hash`` come from ``adapters.vault`` (reversible with the data key; keyed hash for look-up).
    ``confirmed_at`` says that the person has proved an address (a code, a link, a signature); ``email_confirmed_at``
    that the e-mail's own link came back. A ``landline`` gets no SMS: it is rung, which is what ``name_encrypted`` is
    for, empty with everybody else. An e-mail beside a number takes over where no SMS can; several people may share one.
    After STOP ``opted_out_at`` is set and no message leaves any more, on any scope.
    """

    __tablename__ = "subscriber"
    __table_args__ = (
        CheckConstraint("phone_hash IS NOT NULL OR email_hash IS NOT NULL", name="address"),
        # somebody without a telephone is known by the e-mail alone
        Index(
            "uq_subscriber_email_alone",
            "email_hash",
            unique=True,
            sqlite_where=_NO_PHONE,
            postgresql_where=_NO_PHONE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    phone_encrypted: Mapped[str] = mapped_column(Text, default="")
    phone_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    landline: Mapped[bool] = mapped_column(default=False, server_default=false())
    name_encrypted: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    email_encrypted: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    email_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    email_confirmed_at: Mapped[datetime | None]
    stop_token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]

    subscriptions: Mapped[list["Subscription"]] = relationship(
        back_populates="subscriber", cascade="all, delete-orphan"
    )
    consents: Mapped[list["Consent"]] = relationship(back_populates="subscriber", cascade="all, delete-orphan")


class Subscription(Base):
    """What a subscriber wants to hear of. ``scope``: commune:<insee>, tour:<slug>, epci:<siren>, near:<insee>:<km>.

    ``week_ahead``: they are reminded seven days before as well; ``new_evenings``: they are told of a new date.
    """

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("subscriber_id", "scope"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), index=True)
    scope: Mapped[str] = mapped_column(String(120), index=True)
    week_ahead: Mapped[bool] = mapped_column(default=False, server_default=false())
    new_evenings: Mapped[bool] = mapped_column(default=False, server_default=false())
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    subscriber: Mapped[Subscriber] = relationship(back_populates="subscriptions")


class Consent(Base):
    """The proof: which wording was ticked, when, where, and when the code confirmed it.

    ``medium`` is how they agreed to be told (sms, email, call), ``channel`` how they said so: web, sms (a keyword they
    sent), paper (a list they signed: ``recorded_by`` typed it in, ``evidence`` says where the list is kept).
    """

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), index=True)
    scope: Mapped[str] = mapped_column(String(120))
    wording: Mapped[str] = mapped_column(Text)
    wording_version: Mapped[str] = mapped_column(String(20))
    medium: Mapped[str] = mapped_column(String(5), default="sms", server_default=text("'sms'"))
    channel: Mapped[str] = mapped_column(String(20), default="web")
    recorded_by: Mapped[str] = mapped_column(String(254), default="", server_default=text("''"))
    evidence: Mapped[str] = mapped_column(String(300), default="", server_default=text("''"))
    week_ahead: Mapped[bool] = mapped_column(default=False, server_default=false())
    new_evenings: Mapped[bool] = mapped_column(default=False, server_default=false())
    given_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]

    subscriber: Mapped[Subscriber] = relationship(back_populates="consents")


class ConfirmationCode(Base):
    """A six-digit code somebody is waiting for: hashed, short-lived, a few tries only. It confirms one consent."""

    __tablename__ = "confirmation_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), index=True)
    consent_id: Mapped[int] = mapped_column(ForeignKey("consent.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]

    subscriber: Mapped[Subscriber] = relationship()
    consent: Mapped[Consent] = relationship()


class Opposition(Base):
    """An address that nothing is written to any more, whoever it belongs to: a keyed hash alone.

    Asked before every message, to subscribers and to hosts alike. ``said_by``: link, sms, organiser, provider. A new
    consent, proved by its code, takes it away.
    """

    __tablename__ = "opposition"

    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    said_by: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
