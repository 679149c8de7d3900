"""What the public sees: frozen versions of a tour."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.tours import Tour


class Publication(Base):
    """One published version of a tour. ``payload`` is ``publishing.tour.PublishedTour`` as JSON; never edited."""

    __tablename__ = "publication"
    __table_args__ = (UniqueConstraint("tour_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id"), index=True)
    number: Mapped[int]
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"))
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(254))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)

    tour: Mapped[Tour] = relationship()
