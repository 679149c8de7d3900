"""Where an evening takes place: the pitch, and the hall when it rains."""

import datetime as dt
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.committees import Contact
from guinguette.models.places import Commune
from guinguette.models.signature import Signed

_UNKNOWN = text("''")
_SIGNALS = "coverage IN ('', 'good', 'weak', 'none')"


def _yes_or_no(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ('', 'yes', 'no')", name=column)


class Pitch(Signed, Base):
    """A place in a commune where the van parks. ``capacity`` in people, ``parking`` in cars.

    ``power`` are the plugs there: 16a, 32a, three_phase, or none alone; ``power_metres`` how far they are;
    ``power_supply`` says the rest in words. ``water``, ``toilets``, ``accessible`` (to disabled people) are yes, no, or
    empty where nobody has said; ``coverage`` is what a mobile gets there: good, weak, none. ``keys_contact`` has the
    keys (of the plug, of the barrier).
    """

    __tablename__ = "pitch"
    __table_args__ = (
        _yes_or_no("water"),
        _yes_or_no("toilets"),
        _yes_or_no("accessible"),
        CheckConstraint(_SIGNALS, name="coverage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(250), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    power_supply: Mapped[str] = mapped_column(String(200), default="")
    capacity: Mapped[int | None]
    access: Mapped[str] = mapped_column(Text, default="")
    power: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    power_metres: Mapped[int | None]
    water: Mapped[str] = mapped_column(String(3), default="", server_default=_UNKNOWN)
    toilets: Mapped[str] = mapped_column(String(3), default="", server_default=_UNKNOWN)
    parking: Mapped[int | None]
    accessible: Mapped[str] = mapped_column(String(3), default="", server_default=_UNKNOWN)
    coverage: Mapped[str] = mapped_column(String(4), default="", server_default=_UNKNOWN)
    keys_contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    commune: Mapped[Commune] = relationship()
    keys_contact: Mapped[Contact | None] = relationship()

    __mapper_args__ = {"version_id_col": version}


class FallbackVenue(Signed, Base):
    """A hall for bad weather or winter. ``capacity`` in people; ``accessible`` and ``keys_contact`` as in ``Pitch``."""

    __tablename__ = "fallback_venue"
    __table_args__ = (_yes_or_no("accessible"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(250), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    capacity: Mapped[int | None]
    accessible: Mapped[str] = mapped_column(String(3), default="", server_default=_UNKNOWN)
    keys_contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    commune: Mapped[Commune] = relationship()
    keys_contact: Mapped[Contact | None] = relationship()
    bookings: Mapped[list["HallBooking"]] = relationship(
        back_populates="hall", order_by="HallBooking.date", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}


class HallBooking(Base):
    """A day on which a hall is somebody else's: a wedding, the club of the third age. An evening there is a clash."""

    __tablename__ = "hall_booking"
    __table_args__ = (UniqueConstraint("hall_id", "date"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("fallback_venue.id", ondelete="CASCADE"), index=True)
    date: Mapped[dt.date] = mapped_column(index=True)
    what: Mapped[str] = mapped_column(String(120), default="")
    noted_at: Mapped[datetime]
    noted_by: Mapped[str] = mapped_column(String(254))

    hall: Mapped[FallbackVenue] = relationship(back_populates="bookings")
