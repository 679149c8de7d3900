"""The vans, their depots and the limits of their crews."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.domain.text import slugify
from guinguette.models import Vehicle
from guinguette.services import corrections, editing
from guinguette.services.slugs import free_slug


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleCommand:
    """What an organiser types of a van (models.Vehicle): degrees WGS 84, metres, km/h; a limit of null is none."""

    name: str
    description: str = ""
    depot_name: str
    depot_lat: float
    depot_lon: float
    equipment: tuple[str, ...] = ()
    nights_out: int = 1
    max_leg_metres: int | None = None
    max_evenings_per_week: int | None = None
    max_days_in_row: int | None = None
    cruise_km_per_hour: int = 70


def listing(session: Session, *, archived: bool = False) -> Sequence[Vehicle]:
    """Return the vans by name."""
    return session.scalars(
        select(Vehicle).where(editing.shelf(Vehicle.archived_at, archived=archived)).order_by(Vehicle.name)
    ).all()


def get(session: Session, slug: str) -> Vehicle:
    """Return the van. Raises ``NotFound``."""
    vehicle = session.scalar(select(Vehicle).where(Vehicle.slug == slug))
    if vehicle is None:
        raise NotFound(N_("Ce véhicule n’existe pas."))
    return vehicle


def create(session: Session, command: VehicleCommand) -> Vehicle:
    """Add a van; its slug comes from its name and stays. Raises ``InvalidInput``."""
    vehicle = Vehicle(slug=free_slug(session, Vehicle.slug, command.name))
    assign(vehicle, command)
    session.add(vehicle)
    session.flush()
    return vehicle


def edit(
    session: Session, vehicle: Vehicle, command: VehicleCommand, version: int, *, actor: str, clock: Clock
) -> None:
    """Change a van; what names it online follows. Raises ``Conflict``, ``InvalidInput``."""
    editing.begin(vehicle, version)
    assign(vehicle, command)
    editing.save(session, vehicle)
    corrections.follow(session, vehicle, actor=actor, clock=clock)


def known_equipment(session: Session) -> list[str]:
    """Return every name of equipment that some van in use has, sorted."""
    return sorted({name for vehicle in listing(session) for name in vehicle.equipment})


def assign(vehicle: Vehicle, command: VehicleCommand) -> None:
    """Write the command into the row. Raises ``InvalidInput`` (name)."""
    if not slugify(command.name):
        raise InvalidInput(N_("Le nom doit contenir une lettre ou un chiffre."), field="name")
    for field in ("name", "description", "depot_name", "depot_lat", "depot_lon", "nights_out", "max_leg_metres",
                  "max_evenings_per_week", "max_days_in_row", "cruise_km_per_hour"):  # fmt: skip
        setattr(vehicle, field, getattr(command, field))
    vehicle.equipment = list(command.equipment)
