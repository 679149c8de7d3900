"""Tours: opened from a preset or as a copy of last season's, edited, archived."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from guinguette.adapters.public_holidays import is_public_holiday
from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.models import CommuneRequest, Epci, Funding, Tour, TourDate, TourVehicle, Vehicle
from guinguette.services import corrections, editing, presets
from guinguette.services.slugs import free_slug

LONGEST_DAYS = 400
SEASON_NAMES: dict[str, str] = {"summer": N_("été"), "winter": N_("hiver")}
_SETTINGS = ("starts_at", "ends_at", "hall_required", "separation_metres", "separation_days", "presentation")
_COPIED = ("detour", "cost_no_evening", "cost_missing", "cost_if_need_be", "cost_moved", "solver_seconds", "nudge_days")
_COPIED_OF_REQUEST = ("commune_insee", "evenings", "min_days_between", "priority", "permit_holder_id", "pitch_id",
                      "fallback_venue_id", "notes")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TourSettings:
    """What stays editable of a tour. Local hours; distances in metres; ``needs`` are names of equipment.

    ``separation_metres`` and ``separation_days`` are both null (no separation) or both given.
    """

    name: str
    starts_at: dt.time
    ends_at: dt.time
    hall_required: bool = False
    needs: tuple[str, ...] = ()
    separation_metres: int | None = None
    separation_days: int | None = None
    presentation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TourCommand:
    """What opens a tour: its settings, and what its dates are computed from.

    ``weekdays`` counts from Monday = 0; with ``public_holidays`` those of the period are dates too. ``vehicle_ids``
    are the vans, ``fundings`` the evenings that each EPCI (siren) pays for.
    """

    settings: TourSettings
    season: str
    first: dt.date
    last: dt.date
    weekdays: frozenset[int]
    public_holidays: bool = True
    vehicle_ids: tuple[int, ...] = ()
    fundings: Mapping[str, int] = field(default_factory=dict)


def listing(session: Session, *, archived: bool = False) -> Sequence[Tour]:
    """Return the tours, the latest opened first."""
    statement = select(Tour).options(selectinload(Tour.dates), selectinload(Tour.requests)).order_by(Tour.id.desc())
    return session.scalars(statement.where(editing.shelf(Tour.archived_at, archived=archived))).all()


def get(session: Session, slug: str) -> Tour:
    """Return the tour. Raises ``NotFound``."""
    tour = session.scalar(select(Tour).where(Tour.slug == slug))
    if tour is None:
        raise NotFound(N_("Cette tournée n’existe pas."))
    return tour


def create(session: Session, command: TourCommand, clock: Clock) -> Tour:
    """Open a tour. Raises ``InvalidInput`` with the field at fault."""
    if command.season not in presets.PRESETS:
        raise InvalidInput(N_("Choisissez été ou hiver."), field="season")
    tour = Tour(
        slug=free_slug(session, Tour.slug, command.settings.name), season=command.season, created_at=clock.now()
    )
    _write(tour, command.settings)
    tour.dates = [TourDate(date=day) for day in dates_of(command)]
    session.add(tour)
    choose_vehicles(session, tour, command.vehicle_ids)
    set_fundings(session, tour, command.fundings)
    session.flush()
    return tour


def copy(session: Session, source: Tour, command: TourCommand, clock: Clock) -> Tour:
    """Open a tour as last season's: its communes with their wishes, spacing, needs, priority, sites and permit holders.

    Answers are not copied: everybody is asked again. Settings that ``command`` does not carry (costs, detour) are the
    source's; so are the fundings where the command has none. Raises ``InvalidInput``.
    """
    tour = create(session, command, clock)
    tour.copied_from_id = source.id
    for name in _COPIED:
        setattr(tour, name, getattr(source, name))
    if not command.fundings:
        set_fundings(session, tour, {funding.epci_siren: funding.evenings for funding in source.fundings})
    vans = {tour_vehicle.vehicle_id for tour_vehicle in tour.vehicles}
    with session.no_autoflush:  # each row is written once, when it is whole
        for old in source.requests:
            if old.archived_at is not None:
                continue
            request = CommuneRequest(tour=tour, needs=list(old.needs))
            for name in _COPIED_OF_REQUEST:
                setattr(request, name, getattr(old, name))
            request.vehicles = [vehicle for vehicle in old.vehicles if vehicle.id in vans]
            session.add(request)
    session.flush()
    return tour


def dates_of(command: TourCommand) -> list[dt.date]:
    """Return the dates that a command opens. Raises ``InvalidInput`` (first, last, weekdays)."""
    first, last = command.first, command.last
    if last < first:
        raise InvalidInput(N_("La tournée finit avant d’avoir commencé."), field="last")
    if (last - first).days >= LONGEST_DAYS:
        raise InvalidInput(N_("Une tournée dure {days} jours au plus."), field="last", days=LONGEST_DAYS)
    span = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    holidays = [day for day in span if is_public_holiday(day)] if command.public_holidays else []
    preset = presets.PRESETS[command.season]
    dates = presets.dates_between(first, last, preset, holidays=holidays, weekdays=command.weekdays)
    if not dates:
        raise InvalidInput(N_("Aucun de ces jours ne tombe dans la période : cochez-en un autre."), field="weekdays")
    return dates


def edit(session: Session, tour: Tour, settings: TourSettings, version: int, *, actor: str, clock: Clock) -> None:
    """Change a tour's settings; its address stays, its page follows. Raises ``Conflict``, ``InvalidInput``."""
    editing.begin(tour, version)
    _write(tour, settings)
    editing.save(session, tour)
    corrections.follow(session, tour, actor=actor, clock=clock)


def edit_vehicles(session: Session, tour: Tour, vehicle_ids: Sequence[int], version: int) -> None:
    """Say which vans drive this tour. Raises ``Conflict``, ``InvalidInput``."""
    editing.begin(tour, version)
    choose_vehicles(session, tour, vehicle_ids)
    editing.save(session, tour)


def edit_fundings(session: Session, tour: Tour, fundings: Mapping[str, int], version: int) -> None:
    """Say how many evenings each EPCI pays for; one not named is no limit. Raises ``Conflict``, ``InvalidInput``."""
    editing.begin(tour, version)
    set_fundings(session, tour, fundings)
    editing.save(session, tour)


def set_garage_days(session: Session, tour: Tour, vehicle_id: int, days: Sequence[dt.date], version: int) -> None:
    """Say on which days a van of this tour is at the garage. Raises ``Conflict``, ``NotFound``."""
    editing.begin(tour, version)
    garage(tour, vehicle_id).unavailable = [day.isoformat() for day in sorted(set(days))]
    editing.save(session, tour)


def garage(tour: Tour, vehicle_id: int) -> TourVehicle:
    """Return the van as this tour has it. Raises ``NotFound``."""
    for tour_vehicle in tour.vehicles:
        if tour_vehicle.vehicle_id == vehicle_id:
            return tour_vehicle
    raise NotFound(N_("Ce véhicule ne roule pas dans cette tournée."))


def choose_vehicles(session: Session, tour: Tour, vehicle_ids: Sequence[int]) -> None:
    """Give the tour these vans, keeping the garage days of those it had. Raises ``InvalidInput`` (vehicle_ids)."""
    kept = {tour_vehicle.vehicle_id: tour_vehicle for tour_vehicle in tour.vehicles}
    found = session.scalars(select(Vehicle).where(Vehicle.id.in_(vehicle_ids)).order_by(Vehicle.id)).all()
    if len(found) != len(set(vehicle_ids)):
        raise InvalidInput(N_("Ce véhicule n’existe pas."), field="vehicle_ids")
    tour.vehicles = [kept.get(vehicle.id) or TourVehicle(vehicle=vehicle) for vehicle in found]


def set_fundings(session: Session, tour: Tour, fundings: Mapping[str, int]) -> None:
    """Give the tour these fundings (evenings by siren). Raises ``InvalidInput`` (siren as field)."""
    kept = {funding.epci_siren: funding for funding in tour.fundings}
    rows = []
    for siren, evenings in fundings.items():
        if session.get(Epci, siren) is None:
            raise InvalidInput(N_("Aucune intercommunalité n’a le numéro {siren}."), field=siren, siren=siren)
        if evenings < 0:
            raise InvalidInput(N_("Un nombre de soirées ne peut pas être négatif."), field=siren)
        row = kept.get(siren) or Funding(epci_siren=siren)
        row.evenings = evenings
        rows.append(row)
    tour.fundings = rows


def _write(tour: Tour, settings: TourSettings) -> None:
    if settings.ends_at == settings.starts_at:
        raise InvalidInput(N_("La soirée finit à l’heure où elle commence."), field="ends_at")
    if (settings.separation_metres is None) != (settings.separation_days is None):
        raise InvalidInput(
            N_("Pour espacer deux villages voisins, il faut la distance et le nombre de jours."),
            field="separation_days",
        )
    for name in _SETTINGS:
        setattr(tour, name, getattr(settings, name))
    tour.name, tour.default_needs = settings.name, list(settings.needs)
