"""What the solver was asked and what it answered."""

import datetime as dt
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.places import Commune
from guinguette.models.tours import Tour
from guinguette.models.vehicles import Vehicle

_ACTIVE = text("state IN ('queued', 'running')")


class SolverRun(Base):
    """One run of the solver. ``state``: queued, running, done, stopped, failed, interrupted.

    A running job writes ``heartbeat_at``; one that fell silent is marked interrupted and can be started again.
    ``season`` is the season exactly as solved (season-format.md), so that a run can be repeated. Costs in
    metre-equivalents.
    """

    __tablename__ = "solver_run"
    __table_args__ = (
        # one run at a time for a tour, however fast somebody clicks
        Index("uq_solver_run_active", "tour_id", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id"), index=True)
    state: Mapped[str] = mapped_column(String(12), default="queued")
    season: Mapped[dict[str, Any]] = mapped_column(JSON)
    seconds_limit: Mapped[int]
    seed: Mapped[int] = mapped_column(default=1)
    cost: Mapped[int | None] = mapped_column(BigInteger)
    bound: Mapped[int | None] = mapped_column(BigInteger)
    seconds: Mapped[float] = mapped_column(default=0.0)
    stop_requested: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    tour: Mapped[Tour] = relationship()
    plan: Mapped["Plan | None"] = relationship(back_populates="run")


class Plan(Base):
    """A season's plan as the solver gave it and ``routing.check`` accepted it. ``metres`` is the driving in all."""

    __tablename__ = "plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id"), index=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("solver_run.id"), unique=True)
    status: Mapped[str] = mapped_column(String(20))
    cost: Mapped[int | None] = mapped_column(BigInteger)
    bound: Mapped[int | None] = mapped_column(BigInteger)
    metres: Mapped[int | None] = mapped_column(BigInteger)
    conflicts: Mapped[list[Any]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime]

    tour: Mapped[Tour] = relationship()
    run: Mapped[SolverRun] = relationship(back_populates="plan")
    evenings: Mapped[list["PlannedEvening"]] = relationship(
        back_populates="plan",
        order_by="PlannedEvening.date, PlannedEvening.vehicle_id",
        cascade="all, delete-orphan",
    )
    unserved: Mapped[list["UnservedWish"]] = relationship(
        back_populates="plan", order_by="UnservedWish.commune_insee", cascade="all, delete-orphan"
    )


class PlannedEvening(Base):
    """A line of a plan: this commune, this date, this vehicle."""

    __tablename__ = "planned_evening"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), primary_key=True)
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"))

    plan: Mapped[Plan] = relationship(back_populates="evenings")
    # a line is nowhere read without their names: they come with it, not each with a query of its own
    commune: Mapped[Commune] = relationship(lazy="joined", innerjoin=True)
    vehicle: Mapped[Vehicle] = relationship(lazy="joined", innerjoin=True)


class UnservedWish(Base):
    """A commune that is short of evenings. ``reasons``: [{"rule", "detail", "sentence"}] as in season-format.md."""

    __tablename__ = "unserved_wish"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), primary_key=True)
    missing: Mapped[int]
    reasons: Mapped[list[Any]] = mapped_column(JSON, default=list)

    plan: Mapped[Plan] = relationship(back_populates="unserved")
    commune: Mapped[Commune] = relationship(lazy="joined", innerjoin=True)
