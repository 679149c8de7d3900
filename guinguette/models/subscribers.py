"""Villagers who asked to be told, with the proof that they did."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base


class Subscriber(Base):
    """A telephone number and nothing else about the person.

    ``phone_encrypted`` and ``phone_hash`` come from ``adapters.vault`` (reversible with the data key; keyed hash for
    look-up). After STOP ``opted_out_at`` is set and no message leaves any more, on any scope.
    """

    __tablename__ = "subscriber"

    id: Mapped[int] = mapped_column(primary_key=True)
    phone_encrypted: Mapped[str] = mapped_column(Text)
    phone_hash: Mapped[str] = mapped_column(String(64), unique=True)
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
    """What a subscriber wants to hear of. ``scope``: commune:<insee>, tour:<slug>, epci:<siren>, near:<insee>:<km>."""

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("subscriber_id", "scope"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), index=True)
    scope: Mapped[str] = mapped_column(String(120), index=True)
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    subscriber: Mapped[Subscriber] = relationship(back_populates="subscriptions")


class Consent(Base):
    """The proof: which wording was ticked, when, where, and when the code confirmed it."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), index=True)
    scope: Mapped[str] = mapped_column(String(120))
    wording: Mapped[str] = mapped_column(Text)
    wording_version: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20), default="web")
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
