"""Each rule that a move by hand can break: refused by name, or signed as an exception."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from guinguette.models import (
    PlannedEvening,
    RuleSetting,
    TourDate,
    Vehicle,
)
from guinguette.services.drafts import BrokenRules, Hand
from guinguette.services.planning import latest_plan
from routing.season import WAIVABLE
from tests import factories as make
from tests.services.summers import (
    FRIDAY,
    NEXT_FRIDAY,
    NEXT_SATURDAY,
    SATURDAY,
    Summer,
    move,
    not_free,
    request_of,
)


def _in_the_garage(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    summer.tour.vehicles[0].unavailable = [NEXT_FRIDAY.isoformat()]
    return NEXT_FRIDAY, summer.van


def _no_roof(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    request_of(session, summer, summer.north).needs = ["covered"]
    summer.van.equipment = ["covered"]
    return FRIDAY, summer.other_van


def _not_wanted_van(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    request_of(session, summer, summer.north).vehicles = [summer.van]
    return FRIDAY, summer.other_van


def _too_soon(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    request_of(session, summer, summer.north).evenings = 2
    request_of(session, summer, summer.north).min_days_between = 7
    summer.plan.evenings.append(PlannedEvening(commune=summer.north, date=NEXT_SATURDAY, vehicle=summer.van))
    return NEXT_FRIDAY, summer.van


def _neighbours(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    summer.tour.separation_metres, summer.tour.separation_days = 500_000, 1
    return SATURDAY, summer.other_van


def _full_week(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    summer.other_van.max_evenings_per_week = 1
    far = make.make_commune(session, name="Joinville")
    make.make_request(session, tour=summer.tour, commune=far)
    summer.plan.evenings.append(PlannedEvening(commune=far, date=SATURDAY, vehicle=summer.other_van))
    return FRIDAY, summer.other_van


def _days_in_row(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    date, van = _full_week(session, summer)
    summer.other_van.max_evenings_per_week, summer.other_van.max_days_in_row = None, 1
    return date, van


def _second_permit(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    summer.tour.dates.append(TourDate(date=dt.date(2028, 1, 7)))
    holder = make.make_committee(session, commune=summer.north)
    for commune in (summer.north, summer.south):
        request_of(session, summer, commune).permit_holder = holder
        request_of(session, summer, commune).answered_at = None
    session.execute(update(RuleSetting).where(RuleSetting.key == "permits_per_holder_and_year").values(value=1))
    summer.plan.evenings = [
        PlannedEvening(commune=summer.north, date=dt.date(2028, 1, 7), vehicle=summer.van),
        PlannedEvening(commune=summer.south, date=SATURDAY, vehicle=summer.van),
    ]
    return FRIDAY, summer.van


def _too_far(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    summer.other_van.max_leg_metres = 10_000
    return FRIDAY, summer.other_van


def _same_evening(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    request_of(session, summer, summer.north).evenings = 2
    request_of(session, summer, summer.north).min_days_between = 1
    summer.plan.evenings.append(PlannedEvening(commune=summer.north, date=NEXT_FRIDAY, vehicle=summer.van))
    return NEXT_FRIDAY, summer.other_van


BREAKS: dict[str, tuple[str, Callable[[Session, Summer], tuple[dt.date, Vehicle]]]] = {
    "the village is not free": ("open_date", not_free),
    "the van is in the garage": ("open_date", _in_the_garage),
    "the van has no roof": ("equipment", _no_roof),
    "the village does not want the van": ("allowed_vehicle", _not_wanted_van),
    "too soon after the last": ("spacing", _too_soon),
    "a neighbour that night": ("separation", _neighbours),
    "the week is full": ("weekly_rest", _full_week),
    "too many days in a row": ("days_in_row", _days_in_row),
    "the drive is too long": ("leg", _too_far),
    "twice on a night": ("one_per_commune", _same_evening),
}


@pytest.mark.parametrize("case", BREAKS)
def test_a_move_that_breaks_a_rule_is_refused_or_signed(
    session: Session, summer: Summer, hand: Hand, case: str
) -> None:
    """Each rule refuses by name; a reason makes it an exception, signed and pinned, where the rule can be waived."""
    rule, spoil = BREAKS[case]
    date, van = spoil(session, summer)
    session.flush()
    with pytest.raises(BrokenRules) as refused:
        move(session, summer.plan, hand, summer.north, date, van)
    assert rule in {reason["rule"] for reason in refused.value.reasons}
    assert refused.value.waivable is (rule in WAIVABLE)
    assert latest_plan(session, summer.tour) is summer.plan
    if rule not in WAIVABLE:
        with pytest.raises(BrokenRules):
            move(session, summer.plan, hand, summer.north, date, van, why="le maire y tient")
        return
    child = move(session, summer.plan, hand, summer.north, date, van, why=" le maire  y tient ")
    (line,) = [line for line in child.evenings if line.waived]
    assert (line.commune_insee, line.date, line.vehicle_id) == (summer.north.insee, date, van.id)
    assert (line.pinned, line.waived, line.waived_why) == (True, rule, "le maire y tient")
    assert (line.waived_by, line.waived_at) == (hand.actor, hand.clock.now())


def test_money_is_a_rule_too(session: Session, summer: Summer, hand: Hand) -> None:
    """A quota counts in its own dates: to move into a year whose permits are used up is refused."""
    date, van = _second_permit(session, summer)
    session.flush()
    with pytest.raises(BrokenRules) as refused:
        move(session, summer.plan, hand, summer.north, date, van)
    assert ([r["rule"] for r in refused.value.reasons], refused.value.waivable) == (["quota"], True)
