"""What each commune asks of a tour, and its answer day by day."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, Conflict, InvalidInput, NotFound
from guinguette.models import (
    Availability,
    Committee,
    CommuneRequest,
    FallbackVenue,
    Pitch,
    Tour,
)
from guinguette.services import communes, editing

LEVELS = ("yes", "if_need_be", "no")
#: The largest value of each number of a request; the smallest is 1 (season-format.md).
MOST = {"evenings": 20, "min_days_between": 365, "priority": 100}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCommand:
    """What an organiser types of a commune's request (models.CommuneRequest); no ``vehicle_ids`` means every van."""

    evenings: int = 1
    min_days_between: int = 21
    needs: tuple[str, ...] = ()
    vehicle_ids: tuple[int, ...] = ()
    priority: int = 1
    permit_holder_id: int | None = None
    pitch_id: int | None = None
    fallback_venue_id: int | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCommand:
    """A commune's answer: a level of ``LEVELS`` for each date that has one, and who gave it, by which way."""

    levels: Mapping[dt.date, str]
    answered_by: str


def taking_part(session: Session, tour: Tour) -> set[str]:
    """Return the codes of the communes that take part in the tour."""
    return set(
        session.scalars(
            select(CommuneRequest.commune_insee).where(
                CommuneRequest.tour_id == tour.id, CommuneRequest.archived_at.is_(None)
            )
        )
    )


def find(session: Session, tour: Tour, insee: str) -> CommuneRequest | None:
    """Return the commune's request in this tour, archived or not, or null."""
    where = (CommuneRequest.tour_id == tour.id, CommuneRequest.commune_insee == insee)
    return session.scalar(select(CommuneRequest).where(*where))


def get(session: Session, tour: Tour, insee: str) -> CommuneRequest:
    """Return the commune's request in this tour. Raises ``NotFound``."""
    request = find(session, tour, insee)
    if request is None:
        raise NotFound(N_("Cette commune ne participe pas à cette tournée."))
    return request


def defaults(session: Session, tour: Tour, insee: str | None = None) -> Callable[[str], RequestCommand]:
    """Return a function from a commune to what its request starts from: the tour's needs, its only committee, …

    With ``insee`` it knows that commune alone; without, all of them, in as many queries.
    """

    def only_ones(model: type[Committee] | type[Pitch] | type[FallbackVenue]) -> dict[str, int]:
        alive = select(model.commune_insee, func.min(model.id)).where(editing.shelf(model.archived_at, archived=False))
        if insee is not None:
            alive = alive.where(model.commune_insee == insee)
        rows = session.execute(alive.group_by(model.commune_insee).having(func.count() == 1))
        return {row[0]: row[1] for row in rows}

    holders, pitches, halls = only_ones(Committee), only_ones(Pitch), only_ones(FallbackVenue)
    return lambda commune: RequestCommand(
        needs=tuple(tour.default_needs),
        permit_holder_id=holders.get(commune),
        pitch_id=pitches.get(commune),
        fallback_venue_id=halls.get(commune),
    )


def create(session: Session, tour: Tour, insee: str, command: RequestCommand | None = None) -> CommuneRequest:
    """Let a commune take part, with ``command`` or what ``defaults`` says. An archived request comes back.

    Raises ``Conflict`` where it takes part already, ``NotFound``, ``InvalidInput``.
    """
    commune = communes.get(session, insee)
    request = find(session, tour, insee)
    if request is not None and request.archived_at is None:
        raise Conflict(N_("{commune} participe déjà à cette tournée."), commune=commune.name)
    with session.no_autoflush:  # the row is written once, when it is whole
        if request is None:
            command = command or defaults(session, tour, insee)(insee)
            request = CommuneRequest(tour=tour, commune=commune)
        request.archived_at = None
        if command is not None:
            check_places(session, request, command)
            assign(request, command)
        session.add(request)
    session.flush()
    return request


def edit(session: Session, request: CommuneRequest, command: RequestCommand, version: int) -> None:
    """Change a request. Raises ``Conflict``, ``InvalidInput``."""
    editing.begin(request, version)
    check_places(session, request, command)
    assign(request, command)
    editing.save(session, request)


def record_answer(
    session: Session, request: CommuneRequest, command: AnswerCommand, version: int, clock: Clock
) -> None:
    """Write a commune's answer in place of the former one. A date without level counts as "no" from now on.

    Dates outside the tour are kept out. Raises ``Conflict``, ``InvalidInput``.
    """
    editing.begin(request, version)
    if not command.answered_by.strip():
        raise InvalidInput(N_("Dites qui a répondu."), field="answered_by")
    if not set(command.levels.values()) <= set(LEVELS):
        raise InvalidInput(N_("Une réponse est « oui », « si besoin » ou « non »."))
    dates = {row.date for row in request.tour.dates}
    levels = {day: level for day, level in command.levels.items() if day in dates}
    write_levels(request, levels, clock.now())
    request.answered_at, request.answered_by = clock.now(), command.answered_by.strip()
    request.answered_how = "phone"
    editing.save(session, request)


def clear_answer(session: Session, request: CommuneRequest, version: int) -> None:
    """Go back to "no answer": every date counts as "yes" again. Raises ``Conflict``."""
    editing.begin(request, version)
    request.availabilities = []
    request.answered_at, request.answered_by, request.answered_how = None, "", ""
    editing.save(session, request)


def level_left_out(answered_at: dt.datetime | None, how: str) -> str:
    """Return what a day without an answer counts as, of a request answered ``answered_at`` by the way ``how``.

    "yes" where nobody has answered, and while a village answers by link, day after day: once it has finished, no day is
    left out. An answer by telephone or from a list is whole: what it leaves out is "no".
    """
    return "yes" if answered_at is None or how == "link" else "no"


def left_out(request: CommuneRequest) -> str:
    """Return what a date of the tour without an answer counts as, "yes" or "no"."""
    return level_left_out(request.answered_at, request.answered_how)


def write_levels(request: CommuneRequest, levels: Mapping[dt.date, str], at: dt.datetime) -> None:
    """Make the request's availabilities these, keeping the rows that stay; those that change were given ``at``."""
    stored = {row.date: row for row in request.availabilities}
    rows = []
    for day, level in sorted(levels.items()):
        row = stored.get(day) or Availability(date=day)
        if row.level != level:
            row.level, row.given_at = level, at
        rows.append(row)
    request.availabilities = rows


def check_places(session: Session, request: CommuneRequest, command: RequestCommand) -> None:
    """Raise ``InvalidInput`` unless the sites named lie in this commune and the permit holder exists."""
    sites = (
        ("pitch_id", command.pitch_id and session.get(Pitch, command.pitch_id)),
        ("fallback_venue_id", command.fallback_venue_id and session.get(FallbackVenue, command.fallback_venue_id)),
    )
    for field, site in sites:
        if getattr(command, field) and (not site or site.commune_insee != request.commune.insee):
            raise InvalidInput(N_("Ce lieu n’est pas dans cette commune."), field=field)
    if command.permit_holder_id and session.get(Committee, command.permit_holder_id) is None:
        raise InvalidInput(N_("Ce comité n’existe pas."), field="permit_holder_id")


def check(tour: Tour, command: RequestCommand) -> None:
    """Raise ``InvalidInput`` (a number's field, vehicle_ids) on what no request of this tour can ask."""
    for field, most in MOST.items():
        if not 1 <= getattr(command, field) <= most:
            raise InvalidInput(N_("Écrivez un nombre de 1 à {most}."), field=field, most=most)
    if not set(command.vehicle_ids) <= {row.vehicle_id for row in tour.vehicles}:
        raise InvalidInput(N_("Ce véhicule ne roule pas dans cette tournée."), field="vehicle_ids")


def command_of(request: CommuneRequest) -> RequestCommand:
    """Return what a request says now, as a command."""
    same: Mapping[str, Any] = {
        name: getattr(request, name) for name in (*MOST, "permit_holder_id", "pitch_id", "fallback_venue_id", "notes")
    }
    vans = tuple(vehicle.id for vehicle in request.vehicles)
    return RequestCommand(needs=tuple(request.needs), vehicle_ids=vans, **same)


def assign(request: CommuneRequest, command: RequestCommand) -> None:
    """Write the command into the row. Raises what ``check`` raises."""
    check(request.tour, command)
    vans = {row.vehicle_id: row.vehicle for row in request.tour.vehicles}
    request.vehicles = [vans[each] for each in sorted(command.vehicle_ids)]
    request.needs = list(command.needs)
    for name in (*MOST, "permit_holder_id", "pitch_id", "fallback_venue_id", "notes"):
        setattr(request, name, getattr(command, name))
