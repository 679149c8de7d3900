"""A tour's records as a season for the solver (season-format.md), in plain JSON values, without ``routing``."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, InvalidInput
from guinguette.models import Availability, Commune, CommuneRequest, Evening, Pitch, Plan, PlannedEvening, Tour, Vehicle
from guinguette.services import halls, lost_dates
from guinguette.services.evening_queries import alive_evenings, given_up, is_settled, of_tour
from guinguette.services.requests import left_out
from guinguette.services.season_quotas import funding_quotas, permit_quotas


@dataclass(frozen=True, slots=True)
class Frame:
    """What a tour has to offer: its dates, its vans (each with its ISO dates at the garage), evenings paid by siren."""

    dates: frozenset[dt.date]
    vans: tuple[tuple[Vehicle, Collection[str]], ...]
    fundings: Mapping[str, int]

    @classmethod
    def of(cls, tour: Tour) -> "Frame":
        """Return what the tour itself has."""
        return cls(
            dates=frozenset(row.date for row in tour.dates),
            vans=tuple((row.vehicle, row.unavailable) for row in tour.vehicles),
            fundings={row.epci_siren: row.evenings for row in tour.fundings},
        )


@dataclass(frozen=True, slots=True)
class _Own:
    """The living evenings of the tour's villages on ``day``: locked, past but only counted, and to come."""

    day: dt.date
    past: list[Evening]
    counted: list[Evening]
    coming: list[Evening]

    @property
    def bound(self) -> list[Evening]:
        """Return the past ones that use up money and permits: an exception does not."""
        return [e for e in self.past if "quota" not in e.exception]


def build_season(
    session: Session,
    tour: Tour,
    clock: Clock,
    *,
    base: Plan | None = None,
    only_counted: Collection[tuple[str, str]] = (),
    frame: Frame | None = None,
) -> dict[str, Any]:
    """Return the tour as a season (season-format.md), a plain JSON value that ``routing.parse_season`` accepts.

    Evenings of this tour that are past are locked where they were; those to come are the baseline. What is pinned in
    ``base``, or without one among the evenings to come, is locked too, with its exception. Dates on which a vehicle
    or a commune serves another tour, or cannot (``models.Incident``), are taken from it. ``frame`` is what there is to
    plan with (default: the tour's own). Raises ``InvalidInput`` where there is nothing to plan.

    A past evening that no plan could hold, because its van has left the tour or is in ``only_counted`` (slug of the
    van, ISO date), is no lock: it is taken from what its village wants, from the money and the permits, and keeps
    its village's next evening at a distance. ``services.planning.season_of`` knows which, and what to waive.
    """
    day, frame = today(clock), frame or Frame.of(tour)
    requests = _requests(session, tour)
    if not requests:
        raise InvalidInput(N_("Aucune commune ne participe encore à cette tournée : ajoutez-en une."))
    if not frame.vans:
        raise InvalidInput(N_("Aucun véhicule n’est affecté à cette tournée : choisissez-en un."))
    everything = alive_evenings(session, tour)
    vehicles = [vehicle for vehicle, _ in frame.vans]
    participants, vans = {r.commune_insee for r in requests}, {v.id for v in vehicles}
    # tonight's evening is under way: it counts as past, and nothing new is planned for tonight
    past, counted, coming = [], [], []
    for e in everything:
        if not is_settled(e, day):
            coming.append(e)
        elif (
            e.commune_insee in participants
            and e.vehicle_id in vans
            and (e.vehicle.slug, e.date.isoformat()) not in only_counted
        ):
            past.append(e)
        else:
            counted.append(e)
    own = _Own(day, past, counted, coming)
    had, kept = Counter(e.commune_insee for e in own.counted), {e.commune_insee for e in past}
    # a village that has had all it wants has nothing left to plan
    requests = [r for r in requests if r.evenings > had[r.commune_insee] or r.commune_insee in kept]
    if not requests:
        raise InvalidInput(
            N_("Chaque commune a déjà eu toutes les soirées qu’elle demande : il n’y a plus rien à planifier.")
        )
    left = {r.commune_insee for r in requests}
    # an evening that was postponed by hand may stand on a date that the tour does not have: it can stay there
    dates = sorted({d for d in frame.dates if d > day} | {e.date for e in (*past, *own.coming)})
    if not dates:
        raise InvalidInput(N_("Cette tournée n’a plus de date à venir : ajoutez-en."))
    elsewhere = _taken_by_other_tours(session, tour)
    lost = lost_dates.lost(lost_dates.in_force(session, tour, day), vans, day)
    elsewhere |= lost
    closed = given_up(of_tour(session, tour))
    taken = _hall_taken(session, tour, requests)
    return {
        "format": "guinguette-season/1",
        "name": tour.name,
        "dates": [d.isoformat() for d in dates],
        "locations": [
            *({"id": depot_of(v), "lat": v.depot_lat, "lon": v.depot_lon} for v in vehicles),
            *(_location(r) for r in requests),
        ],
        "travel": {"kind": "great_circle", "detour": tour.detour},
        "vehicles": [
            _vehicle(van, [d for d in dates if d.isoformat() not in garage and (van.id, d) not in elsewhere])
            for van, garage in frame.vans
        ],
        "communes": _communes(requests, _answers(session, tour), own, frame, dates, elsewhere | closed | taken),
        **_separation(tour),
        "quotas": [
            *funding_quotas(frame.fundings, requests, bound=own.bound, counted=own.counted),
            *permit_quotas(
                session,
                tour,
                requests,
                bound=own.bound,
                counted=own.counted,
                years=sorted({d.year for d in dates}),
            ),
        ],
        "locked": [
            *(_lock(e) for e in past),
            *(
                _lock(line)
                for line in (base.evenings if base else own.coming)
                if line.pinned
                and line.date > day
                and line.commune_insee in left
                and line.vehicle_id in vans
                and (line.commune_insee, line.date) not in closed
                and not lost_dates.takes(lost, line)
            ),
        ],
        "baseline": [{"commune": e.commune_insee, "date": e.date.isoformat()} for e in own.coming],
        "costs": {
            "no_evening": tour.cost_no_evening,
            "missing": tour.cost_missing,
            "if_need_be": tour.cost_if_need_be,
            "moved": tour.cost_moved,
        },
    }


def _lock(line: Evening | PlannedEvening) -> dict[str, Any]:
    where = {"commune": line.commune_insee, "date": line.date.isoformat(), "vehicle": line.vehicle.slug}
    return where | {"waived": sorted(line.exception)}


def _requests(session: Session, tour: Tour) -> list[CommuneRequest]:
    """Return the tour's requests that stand, by INSEE code, with all their vans in one more query."""
    return list(
        session.scalars(
            select(CommuneRequest)
            .where(CommuneRequest.tour_id == tour.id, CommuneRequest.archived_at.is_(None))
            .order_by(CommuneRequest.commune_insee)
            .options(selectinload(CommuneRequest.vehicles))
        )
    )


def _answers(session: Session, tour: Tour) -> dict[int, dict[dt.date, str]]:
    """Return the answers to the tour by request: a country's are seventy thousand, too many to be objects."""
    answers: defaultdict[int, dict[dt.date, str]] = defaultdict(dict)
    query = select(Availability.request_id, Availability.date, Availability.level).join(Availability.request)
    for request_id, date, level in session.execute(query.where(CommuneRequest.tour_id == tour.id)):
        answers[request_id][date] = level
    return answers


def _location(request: CommuneRequest) -> dict[str, Any]:
    commune = request.commune
    point = point_of(request.pitch, commune)
    if point is None:
        raise InvalidInput(
            N_("{commune} n’a pas de position connue : placez son emplacement sur la carte."), commune=commune.name
        )
    return {"id": commune.insee, "lat": point[0], "lon": point[1]}


def point_of(pitch: Pitch | None, commune: Commune) -> tuple[float, float] | None:
    """Return where vans drive to, in degrees: the pitch, else the village; null where neither is placed."""
    for place in (pitch, commune):
        if place is not None and place.lat is not None and place.lon is not None:
            return place.lat, place.lon
    return None


def depot_of(vehicle: Vehicle) -> str:
    """Return the season's name of the place where a van is at home."""
    return f"depot-{vehicle.slug}"


def _vehicle(vehicle: Vehicle, dates: list[dt.date]) -> dict[str, Any]:
    limits = {
        "max_leg_metres": vehicle.max_leg_metres,
        "max_evenings_per_week": vehicle.max_evenings_per_week,
        "max_days_in_row": vehicle.max_days_in_row,
    }
    return {
        "id": vehicle.slug,
        "depot": depot_of(vehicle),
        "dates": [d.isoformat() for d in dates],
        "equipment": vehicle.equipment,
        "nights_out": vehicle.nights_out,
        **{name: value for name, value in limits.items() if value is not None},
    }


def _communes(
    requests: list[CommuneRequest],
    answers: Mapping[int, Mapping[dt.date, str]],
    own: _Own,
    frame: Frame,
    dates: list[dt.date],
    closed: set[tuple[int | str, dt.date]],
) -> list[dict[str, Any]]:
    regular = {d for d in frame.dates if d > own.day}
    beyond = {e.date for e in own.past if "wanted" in e.exception}  # more than was asked, and not counted
    named = [(date, date.isoformat()) for date in dates]
    held, before, agreed = (_dates_by_commune(evenings) for evenings in (own.past, own.counted, own.coming))
    return [
        _commune(
            r,
            frame,
            named,
            _Known(
                answers.get(r.id, {}),
                regular,
                beyond,
                held.get(r.commune_insee, set()),
                before.get(r.commune_insee, set()),
                agreed.get(r.commune_insee, set()),
                closed,
            ),
        )
        for r in requests
    ]


def _dates_by_commune(evenings: list[Evening]) -> dict[str, set[dt.date]]:
    dates: defaultdict[str, set[dt.date]] = defaultdict(set)
    for evening in evenings:
        dates[evening.commune_insee].add(evening.date)
    return dates


class _Known(NamedTuple):
    """What is known of the dates of one village: its answers, the tour's dates to come, and its own."""

    levels: Mapping[dt.date, str]
    regular: set[dt.date]
    beyond: set[dt.date]
    held: set[dt.date]
    before: set[dt.date]
    agreed: set[dt.date]
    closed: set[tuple[int | str, dt.date]]


def _commune(request: CommuneRequest, frame: Frame, dates: list[tuple[dt.date, str]], known: _Known) -> dict[str, Any]:
    insee = request.commune_insee
    levels, regular, beyond, held, before, agreed, closed = known
    otherwise = left_out(request)
    apart = dt.timedelta(days=request.min_days_between)

    too_soon = max(before) + apart if before else dt.date.min
    answers = {}
    for date, name in dates:
        if date in held:
            answers[name] = "yes"
        elif date >= too_soon and (date in regular or date in agreed) and (insee, date) not in closed:
            answers[name] = levels.get(date, otherwise if date in regular else "yes")
    return {
        "id": insee,
        "location": insee,
        "evenings": max(request.evenings - len(before), len(held - beyond), 1),
        "availability": {name: answer for name, answer in answers.items() if answer != "no"},
        "min_days_between": request.min_days_between,
        "needs": sorted({*request.needs, *request.tour.default_needs}),
        # a van that the village wants may not drive in this season
        **({"vehicles": [v.slug for v, _ in frame.vans if v in request.vehicles]} if request.vehicles else {}),
        "priority": request.priority,
    }


def _separation(tour: Tour) -> dict[str, Any]:
    if tour.separation_metres is None or tour.separation_days is None:
        return {}
    return {"separation": {"metres": tour.separation_metres, "days": tour.separation_days}}


def _hall_taken(session: Session, tour: Tour, requests: list[CommuneRequest]) -> set[tuple[int | str, dt.date]]:
    """Return (INSEE code, date) of the days on which a tour that needs a hall finds the village's own taken."""
    if not tour.hall_required:
        return set()
    villages = {r.fallback_venue_id: r.commune_insee for r in requests if r.fallback_venue_id is not None}
    return {(villages[hall], day) for hall, day in halls.taken_days(session, villages)}


def _taken_by_other_tours(session: Session, tour: Tour) -> set[tuple[int | str, dt.date]]:
    """Return (vehicle id, date) and (INSEE code, date) of every living evening of the other tours."""
    rows = session.scalars(
        select(Evening).where(Evening.tour_id != tour.id, Evening.state.not_in(["cancelled", "postponed"]))
    ).all()
    return {(e.vehicle_id, e.date) for e in rows} | {(e.commune_insee, e.date) for e in rows}
