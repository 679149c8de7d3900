"""How villages answer us: personal links, a journal of what was done, fêtes, and who asks for a visit."""

import datetime as dt
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.committees import Committee, Contact
from guinguette.models.places import Commune


class HostLink(Base):
    """A personal link ``/comite/<token>`` of one contact: it shows their own village alone, until it expires.

    The token is random; only its hash is kept. A contact may have several: each message carries a fresh one.
    """

    __tablename__ = "host_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]

    contact: Mapped[Contact] = relationship()


class JournalEntry(Base):
    """One line of a village's journal: who did what, when, by which way. Kept when its people change; never edited.

    ``how``: link, phone, sms, desk. ``what`` is a key of ``services.journal``, ``detail`` its words (French).
    """

    __tablename__ = "journal_entry"
    __table_args__ = (CheckConstraint("how IN ('link', 'phone', 'sms', 'desk')", name="how"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), index=True)
    tour_id: Mapped[int | None] = mapped_column(ForeignKey("tour.id"))
    evening_id: Mapped[str | None] = mapped_column(ForeignKey("evening.id"))
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(254))
    how: Mapped[str] = mapped_column(String(10))
    what: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(300), default="")


class Fete(Base):
    """A village's own fête, from ``first`` to ``last``, both included: planners and hosts see it on calendars."""

    __tablename__ = "fete"
    __table_args__ = (CheckConstraint("first <= last", name="dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    first: Mapped[dt.date]
    last: Mapped[dt.date]


class VisitRequest(Base):
    """A village that takes no part yet asks for an evening, on a public page. An organiser reads it first.

    ``state``: pending, accepted (``committee_id`` is where its contact went), declined. Telephone and e-mail are
    encrypted (``adapters.vault``); ``address_hash`` is the keyed hash of the number, else of the e-mail.
    """

    __tablename__ = "visit_request"
    __table_args__ = (CheckConstraint("state IN ('pending', 'accepted', 'declined')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="pending", index=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(80), default="")
    phone_encrypted: Mapped[str] = mapped_column(Text, default="")
    email_encrypted: Mapped[str] = mapped_column(Text, default="")
    address_hash: Mapped[str] = mapped_column(String(64), index=True)
    wish: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[str] = mapped_column(String(254), default="")
    answer: Mapped[str] = mapped_column(String(300), default="")
    committee_id: Mapped[int | None] = mapped_column(ForeignKey("committee.id"))

    commune: Mapped[Commune] = relationship()
    committee: Mapped[Committee | None] = relationship()
