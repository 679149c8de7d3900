"""Communes and their intercommunalities, as the State lists them."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base


class Epci(Base):
    """An intercommunality: the body that funds a number of evenings."""

    __tablename__ = "epci"

    siren: Mapped[str] = mapped_column(String(9), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))

    communes: Mapped[list["Commune"]] = relationship(back_populates="epci")


class Commune(Base):
    """A commune of France. ``search_key`` is ``domain.text.fold(name)``; ``postcodes`` are separated by spaces.

    ``lat`` and ``lon`` (degrees, WGS 84) are null for 99 overseas collectivities.
    """

    __tablename__ = "commune"

    insee: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    search_key: Mapped[str] = mapped_column(String(120), index=True)
    department: Mapped[str] = mapped_column(String(3), index=True)
    region: Mapped[str] = mapped_column(String(3))
    epci_siren: Mapped[str | None] = mapped_column(ForeignKey("epci.siren"), index=True)
    population: Mapped[int]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    postcodes: Mapped[str] = mapped_column(String(250), default="")

    epci: Mapped[Epci | None] = relationship(back_populates="communes")
