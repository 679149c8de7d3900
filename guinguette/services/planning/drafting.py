"""A plan changed by hand, held against the rules of its tour: where an evening may go, and at what cost."""

import datetime as dt
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import routing
from guinguette.domain.clock import Clock, today
from guinguette.models import Plan, PlannedEvening, Publication, UnservedWish
from guinguette.services.planning.roads import known_roads
from guinguette.services.planning.seasons import season_of
from guinguette.services.scenario_settings import ScenarioSettings
from routing.costing import cost_of, missing
from routing.explain import unserved
from routing.ground import Ground, Scene
from routing.legs import metres_of
from routing.season import Lock

#: A line of a plan by its INSEE code, date and van.
Key = tuple[str, dt.date, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A date and a van for an evening. ``level``: "yes", "if_need_be" or "no", the village's answer.

    ``reasons`` are the rules that it breaks there ({"rule", "detail", "sentence"}, as a plan has), none where it may
    go; ``waivable`` where an exception can lift them all. ``exchanged``: the evening that has the slot, which would
    take this one's. ``in_the_way``: the evenings that it clashes with. ``metres`` and ``cost`` (metre-equivalents) are
    what the whole plan gains or loses.
    """

    date: dt.date
    vehicle_id: int
    level: str
    reasons: tuple[dict[str, Any], ...]
    waivable: bool
    exchanged: Key | None
    in_the_way: tuple[Key, ...]
    metres: int
    cost: int


def settings_by_hand(session: Session, plan: Plan) -> ScenarioSettings:
    """Return the settings under which the plan is changed by hand.

    Those of a variant that has been published are the tour's own since, which may have changed again. Its exceptions
    stand on its lines, and go with them.
    """
    published = session.scalar(select(Publication.id).where(Publication.plan_id == plan.id).limit(1))
    settings = ScenarioSettings() if published else ScenarioSettings.from_json(plan.settings)
    return replace(settings, exceptions=())


class Desk:
    """A plan upon the season of its tour as it stands now. Lines of villages or vans that left the tour are no part."""

    def __init__(self, session: Session, plan: Plan, clock: Clock) -> None:
        self._day = today(clock)
        self._plan = plan
        settings = settings_by_hand(session, plan)
        roads = known_roads(session, plan.tour)
        self._season = routing.parse_season(
            season_of(session, plan.tour, clock, base=plan, settings=settings, roads=roads)
        )
        self._villages = {commune.id for commune in self._season.communes}
        self._vans = {vehicle.id for vehicle in self._season.vehicles}
        # a van that left the tour may still have evenings in the plan
        vans = {item.vehicle for item in plan.tour.vehicles} | {line.vehicle for line in plan.evenings}
        self._slugs = {van.id: van.slug for van in vans}
        self._ids = {van.slug: van.id for van in vans}

    def places(self, line: PlannedEvening, vans: Container[int] | None) -> list[Place]:
        """Return every date and van of the season that the line could have instead of its own, in order.

        Of these ``vans`` (ids; null: of all). None where its village or van has left the tour.
        """
        evening = self._evening(line)
        if not self._knows(evening):
            return []
        answers = {commune.id: commune for commune in self._season.communes}
        slugs = None if vans is None else {slug for van, slug in self._slugs.items() if van in vans}
        return [
            Place(
                date=place.evening.date,
                vehicle_id=self._ids[place.evening.vehicle],
                level=answers[line.commune_insee].answer(place.evening.date),
                reasons=_reasons(place.faults),
                waivable=place.waivable and bool(place.faults),
                exchanged=(
                    (place.exchanged.commune, place.evening.date, self._ids[place.evening.vehicle])
                    if place.exchanged
                    else None
                ),
                in_the_way=tuple((e.commune, e.date, self._ids[e.vehicle]) for e in place.in_the_way),
                metres=place.metres,
                cost=place.dearer,
            )
            for place in routing.places(self._season, self._evenings(self._plan.evenings), evening, slugs)
        ]

    def broken(self) -> tuple[dict[str, Any], ...]:
        """Return the rules that the plan breaks today: the tour may have changed since it was made."""
        return _reasons(self._faults(self._season, self._evenings(self._plan.evenings)))

    def redrawn(self, lines: Sequence[PlannedEvening]) -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
        """Return cost, metres and unserved wishes of a plan of these lines, and what it breaks that this does not."""
        past = (lock for lock in self._season.locked if lock.date <= self._day)
        season = replace(self._season, locked=(*past, *self._pins(lines)))
        evenings = self._evenings(lines)
        known = {
            (fault.rule, fault.detail) for fault in self._faults(self._season, self._evenings(self._plan.evenings))
        }
        new = [fault for fault in self._faults(season, evenings) if (fault.rule, fault.detail) not in known]
        scene = Scene(Ground(season), evenings)
        values = {
            "cost": cost_of(scene),
            "metres": metres_of(scene),
            "unserved": [
                UnservedWish(
                    commune_insee=wish.commune,
                    missing=wish.missing,
                    reasons=[{"rule": r.rule, "detail": r.detail, "sentence": r.sentence} for r in wish.reasons],
                    date=wish.evening.date if wish.evening else None,
                    vehicle_id=self._ids[wish.evening.vehicle] if wish.evening else None,
                )
                for wish in unserved(scene, others_move=False)
            ],
        }
        return values, _reasons(new)

    def _pins(self, lines: Iterable[PlannedEvening]) -> list[Lock]:
        return [
            Lock(line.commune_insee, line.date, self._slugs[line.vehicle_id], line.exception)
            for line in lines
            if line.pinned and line.date > self._day and self._knows(self._evening(line))
        ]

    def _evening(self, line: PlannedEvening) -> routing.Evening:
        return routing.Evening(line.commune_insee, line.date, self._slugs[line.vehicle_id])

    def _evenings(self, lines: Iterable[PlannedEvening]) -> list[routing.Evening]:
        return [evening for line in lines if self._knows(evening := self._evening(line))]

    def _knows(self, evening: routing.Evening) -> bool:
        return evening.commune in self._villages and evening.vehicle in self._vans

    @staticmethod
    def _faults(season: routing.Season, evenings: Sequence[routing.Evening]) -> list[routing.Fault]:
        """Return what ``routing.check`` says of a plan of these evenings that tells the truth about itself."""
        scene = Scene(Ground(season), evenings)
        short = tuple(routing.Unserved(name, count) for name, count in missing(scene).items())
        plan = routing.Plan(
            "feasible", cost_of(scene), None, metres_of(scene), 0.0, 0, tuple(sorted(evenings)), unserved=short
        )
        return list(routing.check(season, plan))


def _reasons(faults: Iterable[routing.Fault]) -> tuple[dict[str, Any], ...]:
    return tuple({"rule": fault.rule, "detail": fault.detail, "sentence": fault.sentence} for fault in faults)
