"""What breaks a published tour: a breakdown, a hall, a storm, a committee that cannot."""

import datetime as dt
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.places import Commune
from guinguette.models.tours import Tour
from guinguette.models.vehicles import Vehicle


class Incident(Base):
    """From ``first`` to ``last``, both included, a vehicle or a commune cannot, or (neither named) nobody can.

    ``kind``: breakdown (a vehicle), hall or committee (a commune), storm (everybody, or one of them). ``reason`` is
    what villagers read. Every plan respects it from the moment it is reported; once ``settled_at`` is set, a plan that
    does is published. One that is withdrawn (``withdrawn_at``: repaired early, a mistake) gives its dates back.
    """

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint("kind IN ('breakdown', 'hall', 'storm', 'committee')", name="kind"),
        CheckConstraint("first <= last", name="dates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    vehicle_id: Mapped[int | None] = mapped_column(ForeignKey("vehicle.id"))
    commune_insee: Mapped[str | None] = mapped_column(ForeignKey("commune.insee"))
    first: Mapped[dt.date]
    last: Mapped[dt.date]
    reason: Mapped[str] = mapped_column(String(300))
    reported_by: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    tour: Mapped[Tour] = relationship()
    vehicle: Mapped[Vehicle | None] = relationship()
    commune: Mapped[Commune | None] = relationship()
