"""Where an evening takes place: the pitch, and the hall when it rains."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.places import Commune
from guinguette.models.signature import Signed


class Pitch(Signed, Base):
    """A place in a commune where the van parks. ``capacity`` in people; ``power_supply`` is free text."""

    __tablename__ = "pitch"

    id: Mapped[int] = mapped_column(primary_key=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(250), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    power_supply: Mapped[str] = mapped_column(String(200), default="")
    capacity: Mapped[int | None]
    access: Mapped[str] = mapped_column(Text, default="")
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    commune: Mapped[Commune] = relationship()

    __mapper_args__ = {"version_id_col": version}


class FallbackVenue(Signed, Base):
    """A hall for bad weather or winter. ``capacity`` in people."""

    __tablename__ = "fallback_venue"

    id: Mapped[int] = mapped_column(primary_key=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(250), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    capacity: Mapped[int | None]
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    commune: Mapped[Commune] = relationship()

    __mapper_args__ = {"version_id_col": version}
