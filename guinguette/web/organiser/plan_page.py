"""A plan as the page shows it: week by week and vehicle by vehicle, with what publishing would change."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby

from flask import url_for
from flask_babel import format_date, gettext

from guinguette.domain.states import EveningState, Venue
from guinguette.models import Evening, Pitch, Plan, Tour, Vehicle
from guinguette.publishing.map import MapStop
from guinguette.services.planning import Key
from guinguette.services.publication import Changes
from guinguette.services.season import point_of
from guinguette.web.organiser.desk import request_address
from guinguette.web.organiser.reasons import contradiction, names_of, reasons_of
from guinguette.web.presenting import long_date, mark


@dataclass(frozen=True, slots=True)
class Line:
    """An evening as planned. ``evening`` is the one it becomes (null: a new one), ``moved_from`` the date it has now.

    ``state``, ``venue``, ``pitch`` and ``change_note`` are what a lantern is drawn from.
    """

    date: dt.date
    insee: str
    commune: str
    vehicle_id: int
    vehicle: str
    evening: Evening | None = None
    moved_from: dt.date | None = None

    @property
    def key(self) -> Key:
        """Return what names the line in its plan."""
        return self.insee, self.date, self.vehicle_id

    @property
    def state(self) -> str:
        """Return the state that the evening has, or will have once published."""
        return self.evening.state if self.evening else EveningState.PROPOSED.value

    @property
    def venue(self) -> str:
        """Return where in the village it takes place."""
        return self.evening.venue if self.evening else Venue.PITCH.value

    @property
    def pitch(self) -> Pitch | None:
        """Return the evening's pitch."""
        return self.evening.pitch if self.evening else None

    @property
    def change_note(self) -> str:
        """Return why it changed, where it has."""
        return self.evening.change_note if self.evening else ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A vehicle's week: its evenings, or in ``empty`` why there is none."""

    vehicle: str
    lines: list[Line] = field(default_factory=list)
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday to Sunday, a cell for each vehicle. Weeks in a row without evening are one, without cells."""

    monday: dt.date
    sunday: dt.date
    cells: list[Cell]

    @property
    def name(self) -> str:
        """Return « Semaine 26 » or « Semaines 36 à 39 », in ISO weeks."""
        first, last = self.monday.isocalendar().week, self.sunday.isocalendar().week
        if first == last:
            return str(gettext("Semaine %(number)s", number=first))
        return str(gettext("Semaines %(first)s à %(last)s", first=first, last=last))

    @property
    def span(self) -> str:
        """Return « 28 juin au 4 juil. »."""
        first = str(self.monday.day) if self.monday.month == self.sunday.month else _short(self.monday)
        return str(gettext("%(first)s au %(last)s", first=first, last=_short(self.sunday)))


@dataclass(frozen=True, slots=True)
class Short:
    """A village that is short of evenings: how many of how many it wants, and why."""

    insee: str
    commune: str
    missing: int
    wanted: int
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class PlanPage:
    """All that the plan's page shows; ``contradictions`` say in sentences why there is no plan."""

    lines: list[Line]
    vehicles: list[Vehicle]
    weeks: list[Week]
    short: list[Short]
    served: int
    asked: int
    contradictions: list[str]


def plan_page(plan: Plan, changes: Changes) -> PlanPage:
    """Return the page of ``plan``; ``changes`` is what publishing it would do."""
    known = {(line.commune_insee, line.date): evening for evening, line in changes.kept + changes.moved}
    lines = [
        Line(
            date=line.date,
            insee=line.commune_insee,
            commune=line.commune.name,
            vehicle_id=line.vehicle_id,
            vehicle=line.vehicle.name,
            evening=(evening := known.get((line.commune_insee, line.date))),
            moved_from=evening.date if evening and evening.date != line.date else None,
        )
        for line in plan.evenings
    ]
    asking = [request for request in plan.tour.requests if request.archived_at is None]
    # a van may have left the tour since the plan was made: its evenings are shown all the same
    vehicles = list(dict.fromkeys([v.vehicle for v in plan.tour.vehicles] + [line.vehicle for line in plan.evenings]))
    return PlanPage(
        lines=lines,
        vehicles=vehicles,
        weeks=_weeks(plan.tour, vehicles, lines),
        short=_short_villages(plan),
        served=len({line.insee for line in lines}),
        asked=len(asking),
        contradictions=[contradiction(conflict, names_of(plan.tour)) for conflict in plan.conflicts],
    )


def stops_of(plan: Plan, page: PlanPage) -> list[MapStop]:
    """Return the plan's evenings for its map: a place a village, numbered as the season reaches them, a line a van."""
    places = {request.commune_insee: point_of(request.pitch, request.commune) for request in plan.tour.requests}
    numbers: dict[str, int] = {}
    return [
        MapStop(
            lat=place[0],
            lon=place[1],
            label=line.commune,
            when=long_date(line.date),
            state=line.vehicle,
            url=evening_or_request(plan.tour, line),
            number=numbers.setdefault(line.insee, len(numbers) + 1),
            mark=mark(line)[0],
            line=line.vehicle,
        )
        for line in page.lines
        if (place := places.get(line.insee))
    ]


def evening_or_request(tour: Tour, line: Line) -> str:
    """Return where a line of the plan leads: to its evening, or to the village's request while there is none."""
    if line.evening:
        return url_for("organiser.evening", evening_id=line.evening.id)
    return request_address(tour, line.insee)


def _weeks(tour: Tour, vehicles: list[Vehicle], lines: list[Line]) -> list[Week]:
    away = {(item.vehicle_id, day) for item in tour.vehicles for day in item.unavailable}
    dates = sorted({item.date for item in tour.dates} | {line.date for line in lines})
    days: defaultdict[dt.date, list[str]] = defaultdict(list)
    for date in dates:
        days[_monday(date)].append(date.isoformat())
    driven: defaultdict[tuple[int, dt.date], list[Line]] = defaultdict(list)
    for line in lines:
        driven[line.vehicle_id, _monday(line.date)].append(line)
    busy = {monday for _, monday in driven}
    weeks: list[Week] = []
    for has_evenings, group in groupby(sorted(days), key=busy.__contains__):
        mondays = list(group)
        if has_evenings:
            weeks += [
                _week(
                    monday,
                    monday,
                    [_cell(vehicle, days[monday], driven.get((vehicle.id, monday), []), away) for vehicle in vehicles],
                )
                for monday in mondays
            ]
        else:
            weeks.append(_week(mondays[0], mondays[-1], []))
    return weeks


def _week(first: dt.date, last: dt.date, cells: list[Cell]) -> Week:
    return Week(first, last + dt.timedelta(days=6), cells)


def _cell(vehicle: Vehicle, days: list[str], lines: list[Line], away: set[tuple[int, str]]) -> Cell:
    if lines:
        return Cell(vehicle.name, lines)
    garage = all((vehicle.id, day) in away for day in days)
    return Cell(vehicle.name, empty=gettext("Au garage") if garage else gettext("Libre"))


def _short_villages(plan: Plan) -> list[Short]:
    reasons = reasons_of(plan, names_of(plan.tour))
    wanted = {request.commune_insee: request.evenings for request in plan.tour.requests}
    return [
        Short(
            insee=wish.commune_insee,
            commune=wish.commune.name,
            missing=wish.missing,
            wanted=wanted.get(wish.commune_insee, wish.missing),
            reasons=reasons[wish.commune_insee],
        )
        for wish in plan.unserved
    ]


def _monday(date: dt.date) -> dt.date:
    return date - dt.timedelta(days=date.weekday())


def _short(date: dt.date) -> str:
    return str(format_date(date, "d\u00a0MMM"))
