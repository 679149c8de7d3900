"""What road servers have answered, and what they were asked for each plan."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from guinguette.models.base import Base


class Road(Base):
    """The drive from one point to another, as ``server`` answered: whole metres and seconds, null where no road leads.

    Roads are not symmetric. Points are whole steps of 1e-5 degrees (1.1 m), so that equal points are equal keys.
    """

    __tablename__ = "road"

    server: Mapped[str] = mapped_column(String(200), primary_key=True)
    from_lat: Mapped[int] = mapped_column(primary_key=True)
    from_lon: Mapped[int] = mapped_column(primary_key=True)
    to_lat: Mapped[int] = mapped_column(primary_key=True)
    to_lon: Mapped[int] = mapped_column(primary_key=True)
    metres: Mapped[int | None]
    seconds: Mapped[int | None]
    asked_at: Mapped[datetime]


class RoadSurvey(Base):
    """What became of the roads of one run of the solver, of which ``server`` was asked.

    Of its ``drives`` (from each place to each other) so many are ``estimated`` as the crow flies: no road leads there,
    or ``failure`` says why the server gave no answer. The run's season holds the distances themselves.
    """

    __tablename__ = "road_survey"

    run_id: Mapped[int] = mapped_column(ForeignKey("solver_run.id"), primary_key=True)
    server: Mapped[str] = mapped_column(String(200))
    drives: Mapped[int]
    estimated: Mapped[int]
    failure: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime]
