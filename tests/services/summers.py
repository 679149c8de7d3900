"""A summer of two villages whose plan is changed by hand; its fixtures are in ``conftest``."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from guinguette.models import (
    Commune,
    Plan,
    PlannedEvening,
    Tour,
    Vehicle,
)
from guinguette.services import drafts
from guinguette.services.drafts import Hand

FRIDAY = dt.date(2027, 7, 2)
SATURDAY = dt.date(2027, 7, 3)
NEXT_FRIDAY = dt.date(2027, 7, 9)
NEXT_SATURDAY = dt.date(2027, 7, 10)
DATES = (FRIDAY, SATURDAY, NEXT_FRIDAY, NEXT_SATURDAY)


@dataclass
class Summer:
    """A tour of two villages north and south of the depot, two vans and four dates."""

    tour: Tour
    van: Vehicle
    other_van: Vehicle
    north: Commune
    south: Commune
    plan: Plan


def request_of(session: Session, summer: Summer, commune: Commune) -> Any:
    return next(r for r in summer.tour.requests if r.commune_insee == commune.insee)


def line_of(plan: Plan, commune: Commune) -> PlannedEvening:
    return next(line for line in plan.evenings if line.commune_insee == commune.insee)


def where(plan: Plan) -> dict[str, tuple[dt.date, int]]:
    return {line.commune_insee: (line.date, line.vehicle_id) for line in plan.evenings}


def move(
    session: Session, plan: Plan, hand: Hand, commune: Commune, date: dt.date, van: Vehicle, why: str = ""
) -> Plan:
    return drafts.move(session, plan, line_of(plan, commune), hand, date=date, vehicle_id=van.id, why=why)


def not_free(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    request = request_of(session, summer, summer.north)
    request.availabilities = [row for row in request.availabilities if row.date != NEXT_FRIDAY]
    return NEXT_FRIDAY, summer.van
