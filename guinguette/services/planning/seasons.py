"""A tour as a season for the solver, held against the rules as it stands."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

import routing
from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import InvalidInput
from guinguette.models import Evening, Plan, Tour, Vehicle
from guinguette.services import lost_dates
from guinguette.services.evening_queries import alive_evenings
from guinguette.services.planning.roads import Roads, known_roads
from guinguette.services.scenario_settings import Agreed, ScenarioSettings, applied, frame_of, with_exceptions
from guinguette.services.season import Frame, build_season
from routing import rules
from routing.ground import Ground, Scene
from routing.season import WAIVABLE, Lock


def season_of(
    session: Session,
    tour: Tour,
    clock: Clock,
    *,
    base: Plan | None = None,
    settings: ScenarioSettings | None = None,
    roads: Roads | None = None,
) -> dict[str, Any]:
    """Return the tour as a season (``services.season``) that what has happened cannot make impossible by itself.

    What the past alone breaks, because a limit was changed since, is waived, and nothing else: of evenings that no
    longer go together the earlier are let off, so that the latest still bind those to come (docs/decisions,
    "what-has-happened-binds-what-comes"). A drive cannot be waived: an evening that its van could not reach any more
    is counted instead of locked. What is pinned (in ``base``, else among the evenings to come) is locked as it is:
    pins that contradict each other are for people to lift. A variant's ``settings`` change what the tour says;
    ``roads`` say how far its places are from each other (default: as the crow flies). Raises ``InvalidInput`` where
    there is nothing to plan.
    """
    day = today(clock)
    settings = settings or ScenarioSettings()
    frame = frame_of(session, tour, settings)
    only_counted: set[tuple[str, str]] = set()
    while True:
        built = build_season(session, tour, clock, base=base, only_counted=only_counted, frame=frame)
        season = applied(built, settings)
        if roads is not None:
            season["travel"] = roads.travel(season)
        if not any(lock["date"] <= day.isoformat() for lock in season["locked"]):
            return with_exceptions(season, settings, _lost(session, tour, settings, frame, day))
        parsed = routing.parse_season(season)
        past = replace(parsed, locked=tuple(lock for lock in parsed.locked if lock.date <= day))
        too_far = [dict(fault.words) for fault in _broken_by(past, _locked(past)) if fault.rule == "leg"]
        if not too_far:
            break
        only_counted |= {(words["vehicle"], words["date"]) for words in too_far}
    waived = {(lock.commune, lock.date.isoformat()): sorted(lock.waived) for lock in _let_off(past)}
    for lock in season["locked"]:
        lock["waived"] = waived.get((lock["commune"], lock["date"]), lock["waived"])
    return with_exceptions(season, settings, _lost(session, tour, settings, frame, day))


def _lost(session: Session, tour: Tour, settings: ScenarioSettings, frame: Frame, day: dt.date) -> list[Agreed]:
    """Return the variant's own evenings that incidents take since: none that may take place on a date not offered."""
    vans = {van.slug: van.id for van, _ in frame.vans}
    lost = lost_dates.lost(lost_dates.in_force(session, tour, day), vans.values(), day)
    return [
        made
        for made in settings.exceptions
        if "open_date" not in made.waived
        and not lost.isdisjoint({(made.insee, made.date), (vans.get(made.vehicle, ""), made.date)})
    ]


def _let_off(season: routing.Season) -> Sequence[Lock]:
    """Return the locks, each with the rules waived that it breaks together with the later ones, or alone."""
    if not any(fault.rule in WAIVABLE for fault in _broken_by(season, _locked(season))):
        return season.locked  # no part of what breaks nothing does
    kept: tuple[Lock, ...] = ()
    for lock in sorted(season.locked, key=lambda lock: lock.date, reverse=True):
        together = replace(season, locked=(*kept, lock))
        broken = {fault.rule for fault in _broken_by(together, _locked(together))}
        kept = (*kept, replace(lock, waived=lock.waived | (WAIVABLE & broken)))
    return kept


def keeping(season: routing.Season, evenings: Sequence[routing.Evening]) -> routing.Season | None:
    """Return the season with these evenings locked, let off the rules that they break already; null if it cannot be.

    Those of a village or a van that the season does not know are nobody's to keep.
    """
    villages, vans = {commune.id for commune in season.communes}, {vehicle.id for vehicle in season.vehicles}
    held = {(lock.commune, lock.date) for lock in season.locked}
    more = [
        Lock(evening.commune, evening.date, evening.vehicle)
        for evening in evenings
        if evening.commune in villages and evening.vehicle in vans and (evening.commune, evening.date) not in held
    ]
    locked = replace(season, locked=(*season.locked, *more))
    if not _broken_by(locked, _locked(locked)):
        return locked
    locked = replace(season, locked=tuple(_let_off(locked)))
    return None if _broken_by(locked, _locked(locked)) else locked


def _locked(season: routing.Season) -> list[routing.Evening]:
    return [routing.Evening(lock.commune, lock.date, lock.vehicle) for lock in season.locked if lock.vehicle]


def _broken_by(season: routing.Season, evenings: Sequence[routing.Evening]) -> list[routing.Fault]:
    """Return which rules these evenings break, and nothing about costs: they are no plan of the solver's."""
    sketch = routing.Plan("feasible", 0, None, None, 0.0, 0, evenings=tuple(sorted(evenings)))
    return [fault for fault in routing.check(season, sketch) if _counts(fault)]


def _counts(fault: routing.Fault) -> bool:
    return fault.rule == "leg" or fault.rule in WAIVABLE


def broken_by_moving(
    session: Session, evening: Evening, places: Sequence[tuple[dt.date, Vehicle]], clock: Clock
) -> list[tuple[dict[str, Any], ...]]:
    """Return which rules the evening would break at each (date, van) while all others stay: reasons as a plan has.

    Rules that are broken already are not its doing. Nothing is known where the tour cannot be planned, or where the
    village takes no part in it any more.
    """
    try:
        roads = known_roads(session, evening.tour)
        season = routing.parse_season(season_of(session, evening.tour, clock, roads=roads))
    except InvalidInput:
        return [()] * len(places)
    villages, vans = {commune.id for commune in season.communes}, {vehicle.id for vehicle in season.vehicles}
    others = [
        routing.Evening(e.commune_insee, e.date, e.vehicle.slug)
        for e in alive_evenings(session, evening.tour)
        if e is not evening and e.commune_insee in villages and e.vehicle.slug in vans
    ]
    known = set(_broken_by(season, others))
    scene = Scene(Ground(season), others)

    def broken(date: dt.date, vehicle: Vehicle) -> tuple[dict[str, Any], ...]:
        if evening.commune_insee not in villages or vehicle.slug not in vans:
            return ()
        there = scene.stop(routing.Evening(evening.commune_insee, date, vehicle.slug))
        scene.add(there)
        faults = [fault for fault in rules.broken(scene, there) if _counts(fault) and fault not in known]
        scene.remove(there)
        return tuple({"rule": f.rule, "detail": f.detail, "sentence": f.sentence} for f in faults)

    return [broken(date, vehicle) for date, vehicle in places]
