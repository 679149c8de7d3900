"""An evening: the thing people have in their calendars. Its id, address and UID never change."""

import datetime as dt
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.domain.states import ALIVE, EveningState, Venue
from guinguette.models.base import Base
from guinguette.models.committees import Committee
from guinguette.models.holding import Held, signed_exception
from guinguette.models.places import Commune
from guinguette.models.sites import FallbackVenue, Pitch
from guinguette.models.tours import Tour
from guinguette.models.vehicles import Vehicle

if TYPE_CHECKING:
    from guinguette.models.options import DateOption

_ALIVE_OR_HELD = text("state NOT IN ('cancelled', 'postponed')")


class Evening(Held, Base):
    """An evening of a tour. ``id`` is eight random letters and digits, printed on posters (``/soirees/<id>``).

    ``sequence`` grows with each change people must see (RFC 5545, 3.8.7.4); ``change_note`` is the sentence that says
    why, shown in the banner and sent by SMS. A postponed evening points to the one that replaces it. The programme's
    texts are free. Hours are local.
    """

    __tablename__ = "evening"
    __table_args__ = (
        # one_per_commune and one_per_vehicle hold in the database too; what is called off keeps its row, frees its date
        Index(
            "uq_evening_commune_date",
            "commune_insee",
            "date",
            unique=True,
            sqlite_where=_ALIVE_OR_HELD,
            postgresql_where=_ALIVE_OR_HELD,
        ),
        Index(
            "uq_evening_vehicle_date",
            "vehicle_id",
            "date",
            unique=True,
            sqlite_where=_ALIVE_OR_HELD,
            postgresql_where=_ALIVE_OR_HELD,
        ),
        CheckConstraint("state IN ('proposed', 'option', 'confirmed', 'postponed', 'cancelled', 'held')", name="state"),
        CheckConstraint("venue IN ('pitch', 'hall')", name="venue"),
        signed_exception(),
    )

    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id"), index=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), index=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"))
    date: Mapped[dt.date] = mapped_column(index=True)
    starts_at: Mapped[dt.time]
    ends_at: Mapped[dt.time]
    state: Mapped[str] = mapped_column(String(10), default=EveningState.PROPOSED.value)
    venue: Mapped[str] = mapped_column(String(5), default=Venue.PITCH.value)
    pitch_id: Mapped[int | None] = mapped_column(ForeignKey("pitch.id"))
    fallback_venue_id: Mapped[int | None] = mapped_column(ForeignKey("fallback_venue.id"))
    permit_holder_id: Mapped[int | None] = mapped_column(ForeignKey("committee.id"))
    postponed_to_id: Mapped[str | None] = mapped_column(ForeignKey("evening.id"))
    sequence: Mapped[int] = mapped_column(default=0)
    change_note: Mapped[str] = mapped_column(String(300), default="")
    artists: Mapped[str] = mapped_column(String(200), default="")
    partner: Mapped[str] = mapped_column(String(200), default="")
    food: Mapped[str] = mapped_column(String(300), default="")
    prices: Mapped[str] = mapped_column(String(200), default="")
    payment: Mapped[str] = mapped_column(String(200), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    attendance: Mapped[int | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    tour: Mapped[Tour] = relationship()
    commune: Mapped[Commune] = relationship()
    vehicle: Mapped[Vehicle] = relationship()
    pitch: Mapped[Pitch | None] = relationship()
    fallback_venue: Mapped[FallbackVenue | None] = relationship()
    permit_holder: Mapped[Committee | None] = relationship()
    postponed_to: Mapped["Evening | None"] = relationship(remote_side="Evening.id")
    history: Mapped[list["EveningChange"]] = relationship(
        back_populates="evening", order_by="EveningChange.id", cascade="all, delete-orphan"
    )
    options: Mapped[list["DateOption"]] = relationship(back_populates="evening", order_by="DateOption.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def replacement(self) -> "Evening | None":
        """Return the evening that people should go to instead: the first of those after it that was not called off."""
        later = self.postponed_to
        while later is not None and later.state not in ALIVE:
            later = later.postponed_to
        return later


class EveningChange(Base):
    """One line of an evening's history: who, when, what, from, to, why. Never edited."""

    __tablename__ = "evening_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    evening_id: Mapped[str] = mapped_column(ForeignKey("evening.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(254))
    what: Mapped[str] = mapped_column(String(40))
    old: Mapped[str] = mapped_column(String(300), default="")
    new: Mapped[str] = mapped_column(String(300), default="")
    why: Mapped[str] = mapped_column(String(300), default="")

    evening: Mapped[Evening] = relationship(back_populates="history")
