"""Seasons from before this software, or driven without it: who asked for how many evenings, and had how many."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.places import Commune


class PastSeason(Base):
    """What one commune asked for and had in a season that this database has no tour of."""

    __tablename__ = "past_season"
    __table_args__ = (CheckConstraint("wanted >= 0 AND evenings >= 0", name="counts"),)

    label: Mapped[str] = mapped_column(String(80), primary_key=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), primary_key=True)
    ended_on: Mapped[dt.date]
    wanted: Mapped[int]
    evenings: Mapped[int]

    commune: Mapped[Commune] = relationship(lazy="joined", innerjoin=True)
