"""A tour: a season's dates, vehicles, funding and settings, and what each commune asks of it."""

import datetime as dt
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Numeric, String, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.committees import Committee
from guinguette.models.places import Commune, Epci
from guinguette.models.signature import Signed
from guinguette.models.sites import FallbackVenue, Pitch
from guinguette.models.vehicles import Vehicle

request_vehicle = Table(
    "request_vehicle",
    Base.metadata,
    Column("request_id", ForeignKey("commune_request.id", ondelete="CASCADE"), primary_key=True),
    Column("vehicle_id", ForeignKey("vehicle.id"), primary_key=True),
)


class Tour(Signed, Base):
    """A tour. ``season`` is "summer" or "winter"; ``starts_at``/``ends_at`` are the local hours of an evening.

    ``published_version`` counts what the public has seen (0: nothing yet). Costs are metre-equivalents
    (season-format.md, "Cost"). ``detour`` multiplies the great circle.

    Villages are to give their dates until the end of ``answer_by``; once asked (``asked_at``) those that have not are
    nudged ``nudge_days`` days before it, each of them.
    """

    __tablename__ = "tour"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    season: Mapped[str] = mapped_column(String(10))
    starts_at: Mapped[dt.time]
    ends_at: Mapped[dt.time]
    hall_required: Mapped[bool] = mapped_column(default=False)
    default_needs: Mapped[list[str]] = mapped_column(default=list)
    detour: Mapped[float] = mapped_column(Numeric(4, 2, asdecimal=False), default=1.3)
    separation_metres: Mapped[int | None]
    separation_days: Mapped[int | None]
    cost_no_evening: Mapped[int] = mapped_column(default=1_000_000)
    cost_missing: Mapped[int] = mapped_column(default=300_000)
    cost_if_need_be: Mapped[int] = mapped_column(default=20_000)
    cost_moved: Mapped[int] = mapped_column(default=100_000)
    solver_seconds: Mapped[int] = mapped_column(default=20)
    presentation: Mapped[str] = mapped_column(Text, default="")
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("tour.id"))
    answer_by: Mapped[dt.date | None]
    nudge_days: Mapped[list[int]] = mapped_column(default=list, server_default=text("'[]'"))
    asked_at: Mapped[datetime | None]
    asked_by: Mapped[str] = mapped_column(String(254), default="", server_default=text("''"))
    published_version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    dates: Mapped[list["TourDate"]] = relationship(
        back_populates="tour", order_by="TourDate.date", cascade="all, delete-orphan"
    )
    vehicles: Mapped[list["TourVehicle"]] = relationship(
        back_populates="tour", order_by="TourVehicle.vehicle_id", cascade="all, delete-orphan"
    )
    fundings: Mapped[list["Funding"]] = relationship(
        back_populates="tour", order_by="Funding.epci_siren", cascade="all, delete-orphan"
    )
    requests: Mapped[list["CommuneRequest"]] = relationship(back_populates="tour", order_by="CommuneRequest.id")

    __mapper_args__ = {"version_id_col": version}


class TourDate(Base):
    """An evening that the tour may use."""

    __tablename__ = "tour_date"

    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id", ondelete="CASCADE"), primary_key=True)
    date: Mapped[dt.date] = mapped_column(primary_key=True)

    tour: Mapped[Tour] = relationship(back_populates="dates")


class TourVehicle(Base):
    """A vehicle that drives this tour; ``unavailable`` holds ISO dates at the garage."""

    __tablename__ = "tour_vehicle"

    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id", ondelete="CASCADE"), primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), primary_key=True)
    unavailable: Mapped[list[str]] = mapped_column(default=list)

    tour: Mapped[Tour] = relationship(back_populates="vehicles")
    # a country has ninety: they come with it, not each with a query of its own
    vehicle: Mapped[Vehicle] = relationship(lazy="joined", innerjoin=True)


class Funding(Base):
    """The evenings that an EPCI pays for in this tour: an upper limit, a quota of the season."""

    __tablename__ = "funding"

    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id", ondelete="CASCADE"), primary_key=True)
    epci_siren: Mapped[str] = mapped_column(ForeignKey("epci.siren"), primary_key=True)
    evenings: Mapped[int]

    tour: Mapped[Tour] = relationship(back_populates="fundings")
    epci: Mapped[Epci] = relationship(lazy="joined", innerjoin=True)


class CommuneRequest(Signed, Base):
    """What a commune asks of a tour. One per tour and commune.

    ``answered_at`` is null while nobody has answered: every date counts as "yes" then. Once answered, a date
    without an ``Availability`` row is "no"; by link, where days are given one by one, it stays "yes" until
    "I have finished" writes the "no"s. ``answered_by`` says who ("téléphone de …", "import"), ``answered_how`` by
    which way: phone, link, sms, import.
    ``permit_holder_id`` names the committee whose yearly temporary bars are used up (Code de la santé publique
    L3334-2); null where no temporary permit is needed. An empty ``vehicles`` means all.
    """

    __tablename__ = "commune_request"
    __table_args__ = (UniqueConstraint("tour_id", "commune_insee"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id"), index=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), index=True)
    evenings: Mapped[int] = mapped_column(default=1)
    min_days_between: Mapped[int] = mapped_column(default=21)
    needs: Mapped[list[str]] = mapped_column(default=list)
    priority: Mapped[int] = mapped_column(default=1)
    permit_holder_id: Mapped[int | None] = mapped_column(ForeignKey("committee.id"))
    pitch_id: Mapped[int | None] = mapped_column(ForeignKey("pitch.id"))
    fallback_venue_id: Mapped[int | None] = mapped_column(ForeignKey("fallback_venue.id"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(String(120), default="")
    answered_how: Mapped[str] = mapped_column(String(10), default="", server_default=text("''"))
    notes: Mapped[str] = mapped_column(Text, default="")
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    tour: Mapped[Tour] = relationship(back_populates="requests")
    # read of every request wherever a tour's are: they come with it, not each with a query of its own
    commune: Mapped[Commune] = relationship(lazy="joined", innerjoin=True)
    permit_holder: Mapped[Committee | None] = relationship(lazy="joined")
    pitch: Mapped[Pitch | None] = relationship(lazy="joined")
    fallback_venue: Mapped[FallbackVenue | None] = relationship()
    vehicles: Mapped[list[Vehicle]] = relationship(secondary=request_vehicle, order_by=Vehicle.id)
    availabilities: Mapped[list["Availability"]] = relationship(
        back_populates="request", order_by="Availability.date", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}


class Availability(Base):
    """A commune's answer for one date. ``level``: "yes", "if_need_be" or "no".

    ``given_at`` is when the host touched the day, perhaps without network: of two answers the later one stands.
    """

    __tablename__ = "availability"

    request_id: Mapped[int] = mapped_column(ForeignKey("commune_request.id", ondelete="CASCADE"), primary_key=True)
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(String(10))
    given_at: Mapped[datetime | None]

    request: Mapped[CommuneRequest] = relationship(back_populates="availabilities")
