"""A tour's records as a season for the solver (season-format.md), in plain JSON values, without ``routing``."""

import datetime as dt
from collections import Counter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, InvalidInput
from guinguette.models import CommuneRequest, Evening, Tour, Vehicle
from guinguette.services import rules
from guinguette.services.evening_queries import alive_evenings, is_alive, is_settled, of_tour

# What happened stays, even where the organiser has since changed the answer, the van or the money.
_WAIVED_FOR_THE_PAST = ["open_date", "equipment", "allowed_vehicle"]


def build_season(session: Session, tour: Tour, clock: Clock) -> dict[str, Any]:
    """Return the tour as a season (season-format.md), a plain JSON value that ``routing.parse_season`` accepts.

    Evenings of this tour that are past are locked where they were; those to come are the baseline. Dates on which a
    vehicle or a commune serves another tour are taken from it. Raises ``InvalidInput`` where there is nothing to plan.
    """
    day = today(clock)
    requests = sorted((r for r in tour.requests if r.archived_at is None), key=lambda r: r.commune_insee)
    if not requests:
        raise InvalidInput(N_("Aucune commune ne participe encore à cette tournée : ajoutez-en une."))
    if not tour.vehicles:
        raise InvalidInput(N_("Aucun véhicule n’est affecté à cette tournée : choisissez-en un."))
    own = alive_evenings(session, tour)
    vehicles = [tv.vehicle for tv in tour.vehicles]
    participants, vans = {r.commune_insee for r in requests}, {v.id for v in vehicles}
    # tonight's evening is under way: it counts as past, and nothing new is planned for tonight
    past = [e for e in own if is_settled(e, day) and e.commune_insee in participants and e.vehicle_id in vans]
    coming = [e for e in own if not is_settled(e, day)]
    # an evening that was postponed by hand may stand on a date that the tour does not have: it can stay there
    dates = sorted({d.date for d in tour.dates if d.date > day} | {e.date for e in (*past, *coming)})
    if not dates:
        raise InvalidInput(N_("Cette tournée n’a plus de date à venir : ajoutez-en."))
    elsewhere = _taken_by_other_tours(session, tour)
    # called off by hand, with a reason: the village does not get that date again
    given_up = {(e.commune_insee, e.date) for e in of_tour(session, tour) if not is_alive(e) and e.change_note}
    return {
        "format": "guinguette-season/1",
        "name": tour.name,
        "dates": [d.isoformat() for d in dates],
        "locations": [
            *({"id": f"depot-{v.slug}", "lat": v.depot_lat, "lon": v.depot_lon} for v in vehicles),
            *(_location(r) for r in requests),
        ],
        "travel": {"kind": "great_circle", "detour": tour.detour},
        "vehicles": [
            _vehicle(
                tv.vehicle,
                [d for d in dates if d.isoformat() not in tv.unavailable and (tv.vehicle_id, d) not in elsewhere],
            )
            for tv in tour.vehicles
        ],
        "communes": [_commune(r, own, dates, elsewhere, given_up, tour, day) for r in requests],
        **_separation(tour),
        "quotas": [
            *_funding_quotas(tour, requests, own, past, day),
            *_permit_quotas(session, requests, sorted({d.year for d in dates}), past),
        ],
        "locked": [
            {
                "commune": e.commune_insee,
                "date": e.date.isoformat(),
                "vehicle": e.vehicle.slug,
                "waived": _WAIVED_FOR_THE_PAST,
            }
            for e in past
        ],
        "baseline": [{"commune": e.commune_insee, "date": e.date.isoformat()} for e in coming],
        "costs": {
            "no_evening": tour.cost_no_evening,
            "missing": tour.cost_missing,
            "if_need_be": tour.cost_if_need_be,
            "moved": tour.cost_moved,
        },
    }


def _location(request: CommuneRequest) -> dict[str, Any]:
    pitch, commune = request.pitch, request.commune
    point = (
        (pitch.lat, pitch.lon)
        if pitch and pitch.lat is not None and pitch.lon is not None
        else (commune.lat, commune.lon)
    )
    if None in point:
        raise InvalidInput(
            N_("{commune} n’a pas de position connue : placez son emplacement sur la carte."), commune=commune.name
        )
    return {"id": commune.insee, "lat": point[0], "lon": point[1]}


def _vehicle(vehicle: Vehicle, dates: list[dt.date]) -> dict[str, Any]:
    limits = {
        "max_leg_metres": vehicle.max_leg_metres,
        "max_evenings_per_week": vehicle.max_evenings_per_week,
        "max_days_in_row": vehicle.max_days_in_row,
    }
    return {
        "id": vehicle.slug,
        "depot": f"depot-{vehicle.slug}",
        "dates": [d.isoformat() for d in dates],
        "equipment": vehicle.equipment,
        "nights_out": vehicle.nights_out,
        **{name: value for name, value in limits.items() if value is not None},
    }


def _commune(
    request: CommuneRequest,
    own: list[Evening],
    dates: list[dt.date],
    elsewhere: set[tuple[int | str, dt.date]],
    given_up: set[tuple[str, dt.date]],
    tour: Tour,
    day: dt.date,
) -> dict[str, Any]:
    insee = request.commune_insee
    levels = {a.date: a.level for a in request.availabilities}
    regular = {d.date for d in tour.dates if d.date > day}
    held = {e.date for e in own if e.commune_insee == insee and is_settled(e, day)}
    agreed = {e.date for e in own if e.commune_insee == insee and not is_settled(e, day)}

    def level(date: dt.date) -> str:
        if date in held:
            return "yes"
        if (insee, date) in elsewhere or (insee, date) in given_up or date not in regular | agreed:
            return "no"
        return levels.get(date, "yes" if request.answered_at is None or date in agreed - regular else "no")

    return {
        "id": insee,
        "location": insee,
        "evenings": max(request.evenings, len(held)),
        "availability": {d.isoformat(): level(d) for d in dates if level(d) != "no"},
        "min_days_between": request.min_days_between,
        "needs": sorted({*request.needs, *tour.default_needs}),
        **({"vehicles": [v.slug for v in request.vehicles]} if request.vehicles else {}),
        "priority": request.priority,
    }


def _separation(tour: Tour) -> dict[str, Any]:
    if tour.separation_metres is None or tour.separation_days is None:
        return {}
    return {"separation": {"metres": tour.separation_metres, "days": tour.separation_days}}


def _taken_by_other_tours(session: Session, tour: Tour) -> set[tuple[int | str, dt.date]]:
    """Return (vehicle id, date) and (INSEE code, date) of every living evening of the other tours."""
    rows = session.scalars(
        select(Evening).where(Evening.tour_id != tour.id, Evening.state.not_in(["cancelled", "postponed"]))
    ).all()
    return {(e.vehicle_id, e.date) for e in rows} | {(e.commune_insee, e.date) for e in rows}


def _funding_quotas(
    tour: Tour, requests: list[CommuneRequest], own: list[Evening], past: list[Evening], first: dt.date
) -> list[dict[str, Any]]:
    """Return what each EPCI still pays for. Past locked evenings count by themselves, other past ones are gone."""
    quotas = []
    for funding in tour.fundings:
        members = [r.commune_insee for r in requests if r.commune.epci_siren == funding.epci_siren]
        locked = {e.id for e in past}
        gone = sum(
            e.id not in locked and is_settled(e, first) and e.commune.epci_siren == funding.epci_siren for e in own
        )
        kept = sum(e.commune_insee in members for e in past)
        if members:
            left = max(funding.evenings - gone, kept)
            quotas.append({"id": f"epci-{funding.epci_siren}", "communes": members, "max": left})
    return quotas


def _permit_quotas(
    session: Session, requests: list[CommuneRequest], years: list[int], past: list[Evening]
) -> list[dict[str, Any]]:
    """Return each permit holder's temporary bars a year (Code de la santé publique, L3334-2), used ones subtracted."""
    holders = sorted({r.permit_holder_id for r in requests if r.permit_holder_id is not None})
    quotas = []
    for year in years:
        start, end = dt.date(year, 1, 1), dt.date(year, 12, 31)
        limit = rules.value(session, "permits_per_holder_and_year", start)
        used = Counter(
            session.scalars(
                select(Evening.permit_holder_id).where(
                    Evening.permit_holder_id.in_(holders),
                    Evening.tour_id != requests[0].tour_id,
                    Evening.date.between(start, end),
                    Evening.state.not_in(["cancelled", "postponed"]),
                )
            )
        )
        for holder in holders:
            members = [r.commune_insee for r in requests if r.permit_holder_id == holder]
            kept = sum(e.commune_insee in members and e.date.year == year for e in past)
            quotas.append(
                {
                    "id": f"permis-{holder}-{year}",
                    "communes": members,
                    "max": max(limit - used[holder], kept),
                    "from": start.isoformat(),
                    "to": end.isoformat(),
                }
            )
    return quotas
