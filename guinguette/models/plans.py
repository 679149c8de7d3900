"""What the solver was asked and what it answered."""

import datetime as dt
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.holding import Held, signed_exception
from guinguette.models.incidents import Incident
from guinguette.models.places import Commune
from guinguette.models.tours import Tour
from guinguette.models.vehicles import Vehicle

_ACTIVE = text("state IN ('queued', 'running')")


class SolverRun(Base):
    """One run of the solver. ``state``: queued, running, done, stopped, failed, interrupted.

    A running job writes ``heartbeat_at``; one that fell silent is marked interrupted and can be started again.
    ``season`` is the season exactly as solved (season-format.md), so that a run can be repeated. Costs in
    metre-equivalents. ``kind``: "solve" gives a plan, "replan" up to three that change least what is published.

    ``base_id`` is the plan that the run starts from: what is pinned there stays. It is no foreign key, since plans
    refer to their runs and no table could come first in a backup. ``settings`` are those of
    ``services.scenarios``, empty for the tour's own; ``name`` is that of the variant, empty for none.
    ``territories``: [{"name", "turns", "cost"}] of a season that is planned in parts, as the search goes on.
    """

    __tablename__ = "solver_run"
    __table_args__ = (
        # one run at a time for a tour, however fast somebody clicks
        Index("uq_solver_run_active", "tour_id", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id"), index=True)
    state: Mapped[str] = mapped_column(String(12), default="queued")
    # large with its distances by road, and nobody who only asks how a run stands wants it
    season: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    seconds_limit: Mapped[int]
    seed: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(String(10), default="solve", server_default="solve")
    base_id: Mapped[int | None]
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    name: Mapped[str] = mapped_column(String(80), default="", server_default=text("''"))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    asked_by: Mapped[str] = mapped_column(String(254), default="", server_default=text("''"))
    phase: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    cost: Mapped[int | None] = mapped_column(BigInteger)
    bound: Mapped[int | None] = mapped_column(BigInteger)
    seconds: Mapped[float] = mapped_column(default=0.0)
    territories: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    stop_requested: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    tour: Mapped[Tour] = relationship()
    incident: Mapped[Incident | None] = relationship()
    plans: Mapped[list["Plan"]] = relationship(back_populates="run", order_by="Plan.id")


class Plan(Base):
    """A season's plan that ``routing.check`` has accepted. ``metres`` is the driving in all.

    It comes from a ``run`` of the solver, or from its ``parent`` by one change made by hand (``change``, see
    ``services.drafts``). It is never edited, so that every change can be undone. ``shown_at`` is when it was last
    put on the desk (null: never yet, as the plan of a variant): the desk shows the latest. ``approach`` and ``proof``
    tell the plans of a re-plan apart (``services.replans``). ``season_at`` is when the tour was read that it fits.
    """

    __tablename__ = "plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("solver_run.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"), index=True)
    name: Mapped[str] = mapped_column(String(80), default="", server_default=text("''"))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    change: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    approach: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    proof: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    made_by: Mapped[str] = mapped_column(String(254), default="", server_default=text("''"))
    shown_at: Mapped[datetime | None]
    season_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(20))
    cost: Mapped[int | None] = mapped_column(BigInteger)
    bound: Mapped[int | None] = mapped_column(BigInteger)
    metres: Mapped[int | None] = mapped_column(BigInteger)
    conflicts: Mapped[list[Any]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime]

    tour: Mapped[Tour] = relationship()
    run: Mapped[SolverRun | None] = relationship(back_populates="plans")
    parent: Mapped["Plan | None"] = relationship(remote_side="Plan.id")
    evenings: Mapped[list["PlannedEvening"]] = relationship(
        back_populates="plan",
        order_by="PlannedEvening.date, PlannedEvening.vehicle_id",
        cascade="all, delete-orphan",
    )
    unserved: Mapped[list["UnservedWish"]] = relationship(
        back_populates="plan", order_by="UnservedWish.commune_insee", cascade="all, delete-orphan"
    )


class PlannedEvening(Held, Base):
    """A line of a plan: this commune, this date, this vehicle; perhaps pinned there, or allowed to break a rule."""

    __tablename__ = "planned_evening"
    __table_args__ = (
        Index("uq_planned_evening_vehicle_date", "plan_id", "vehicle_id", "date", unique=True),
        signed_exception(),
    )

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), primary_key=True)
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"))

    plan: Mapped[Plan] = relationship(back_populates="evenings")
    # a line is nowhere read without their names: they come with it, not each with a query of its own
    commune: Mapped[Commune] = relationship(lazy="joined", innerjoin=True)
    vehicle: Mapped[Vehicle] = relationship(lazy="joined", innerjoin=True)


class UnservedWish(Base):
    """A commune that is short of evenings. ``reasons``: [{"rule", "detail", "sentence"}] as in season-format.md.

    ``date`` and ``vehicle_id`` name the evening that the reasons stand in the way of, where there is one.
    """

    __tablename__ = "unserved_wish"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), primary_key=True)
    missing: Mapped[int]
    reasons: Mapped[list[Any]] = mapped_column(JSON, default=list)
    date: Mapped[dt.date | None]
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id"))

    plan: Mapped[Plan] = relationship(back_populates="unserved")
    commune: Mapped[Commune] = relationship(lazy="joined", innerjoin=True)
    vehicle: Mapped[Vehicle | None] = relationship(lazy="joined")
