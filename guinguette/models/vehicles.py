"""The vans."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from guinguette.models.base import Base
from guinguette.models.signature import Signed


class Vehicle(Signed, Base):
    """A van and the limits of its crew. Its depot is a named point (degrees, WGS 84).

    ``equipment`` holds names that a request may need ("covered", "stage"); limits without value are none
    (season-format.md, "vehicles").
    """

    __tablename__ = "vehicle"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(String(200), default="")
    depot_name: Mapped[str] = mapped_column(String(120))
    depot_lat: Mapped[float]
    depot_lon: Mapped[float]
    equipment: Mapped[list[str]] = mapped_column(default=list)
    nights_out: Mapped[int] = mapped_column(default=1)
    max_leg_metres: Mapped[int | None]
    max_evenings_per_week: Mapped[int | None]
    max_days_in_row: Mapped[int | None]
    cruise_km_per_hour: Mapped[int] = mapped_column(default=70)
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
