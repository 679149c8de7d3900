"""Plans changed by hand: costs, refusals, pins, exceptions, undo and redo, two organisers at once."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput, NotFound
from guinguette.models import (
    Availability,
    Commune,
    Evening,
    Plan,
    PlannedEvening,
    RuleSetting,
    SolverRun,
    Tour,
    TourDate,
    Vehicle,
)
from guinguette.services import drafts, planning, publication, rules
from guinguette.services.drafts import BrokenRules, Hand, Overtaken
from guinguette.services.planning import execute_run, latest_plan, start_run
from routing.season import WAIVABLE
from tests import factories as make
from tests.fakes import FixedClock

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


@pytest.fixture
def summer(session: Session) -> Summer:
    """North on Friday, South on Saturday, both with the first van."""
    rules.ensure_defaults(session)
    van, other_van = make.make_vehicle(session, name="Lucette"), make.make_vehicle(session, name="Firmin")
    north = make.make_commune(session, name="Vignory", lat=48.9, lon=4.95)
    south = make.make_commune(session, name="Poissons", lat=48.3, lon=4.95)
    tour = make.make_tour(session, dates=DATES, vehicles=[van, other_van], fundings={str(north.epci_siren): 5})
    for commune in (north, south):
        make.make_request(session, tour=tour, commune=commune, availabilities=dict.fromkeys(DATES, "yes"))
    plan = make.make_plan(session, tour=tour, evenings=[(north, FRIDAY, van), (south, SATURDAY, van)])
    session.commit()
    return Summer(tour, van, other_van, north, south, plan)


@pytest.fixture
def hand(clock: FixedClock) -> Hand:
    """The hand of Anne."""
    return Hand(actor="anne@example.org", clock=clock)


def _request(session: Session, summer: Summer, commune: Commune) -> Any:
    return next(r for r in summer.tour.requests if r.commune_insee == commune.insee)


def _line(plan: Plan, commune: Commune) -> PlannedEvening:
    return next(line for line in plan.evenings if line.commune_insee == commune.insee)


def _where(plan: Plan) -> dict[str, tuple[dt.date, int]]:
    return {line.commune_insee: (line.date, line.vehicle_id) for line in plan.evenings}


def _move(
    session: Session, plan: Plan, hand: Hand, commune: Commune, date: dt.date, van: Vehicle, why: str = ""
) -> Plan:
    return drafts.move(session, plan, _line(plan, commune), hand, date=date, vehicle_id=van.id, why=why)


def test_a_move_makes_a_child_plan_and_touches_nothing(session: Session, summer: Summer, hand: Hand) -> None:
    """The plan that was seen stays as it was; the one that is shown says what was done, by whom, and what it costs."""
    child = _move(session, summer.plan, hand, summer.north, NEXT_FRIDAY, summer.van)
    assert latest_plan(session, summer.tour) is child
    assert (child.parent, child.run, child.status, child.made_by) == (summer.plan, None, "feasible", hand.actor)
    assert _where(child)[summer.north.insee] == (NEXT_FRIDAY, summer.van.id)
    assert _where(summer.plan)[summer.north.insee] == (FRIDAY, summer.van.id)
    assert child.change["moved"] == [
        {
            "commune": summer.north.insee,
            "date": FRIDAY.isoformat(),
            "vehicle": summer.van.id,
            "to_date": NEXT_FRIDAY.isoformat(),
            "to_vehicle": summer.van.id,
        }
    ]


def test_the_cost_that_was_shown_is_the_cost_of_the_plan(session: Session, summer: Summer, hand: Hand) -> None:
    """For every place: moving there changes kilometres and cost of the plan by what was said, exchange or not."""
    _request(session, summer, summer.north).availabilities[2].level = "if_need_be"
    start = _move(session, summer.plan, hand, summer.south, NEXT_SATURDAY, summer.van)
    places = drafts.places(session, start, _line(start, summer.north), hand.clock)
    assert len(places) == len(DATES) * 2 - 1
    for place in places:
        child = drafts.move(
            session, start, _line(start, summer.north), hand, date=place.date, vehicle_id=place.vehicle_id
        )
        assert (child.metres, child.cost) == ((start.metres or 0) + place.metres, (start.cost or 0) + place.cost)
        drafts.undo(session, child, hand.clock)


def test_a_date_given_if_need_be_costs_what_the_tour_says(session: Session, summer: Summer, hand: Hand) -> None:
    """The preference is part of the cost, and named."""
    _request(session, summer, summer.north).availabilities[2].level = "if_need_be"
    places = drafts.places(session, summer.plan, _line(summer.plan, summer.north), hand.clock)
    place = next(p for p in places if (p.date, p.vehicle_id) == (NEXT_FRIDAY, summer.van.id))
    assert (place.level, place.cost - place.metres) == ("if_need_be", summer.tour.cost_if_need_be)


def test_a_taken_date_is_exchanged(session: Session, summer: Summer, hand: Hand) -> None:
    """Who moves to the other's date gives up its own to it, in one change."""
    child = _move(session, summer.plan, hand, summer.north, SATURDAY, summer.van)
    assert _where(child) == {
        summer.north.insee: (SATURDAY, summer.van.id),
        summer.south.insee: (FRIDAY, summer.van.id),
    }
    assert len(child.change["moved"]) == 2


def test_a_pinned_evening_does_not_give_way(session: Session, summer: Summer, hand: Hand) -> None:
    """It stands in the way, by name, and no exception helps."""
    pinned = drafts.pin(session, summer.plan, [_line(summer.plan, summer.south)], hand, pinned=True)
    places = drafts.places(session, pinned, _line(pinned, summer.north), hand.clock)
    place = next(p for p in places if (p.date, p.vehicle_id) == (SATURDAY, summer.van.id))
    assert place.in_the_way == ((summer.south.insee, SATURDAY, summer.van.id),)
    with pytest.raises(BrokenRules) as refused:
        _move(session, pinned, hand, summer.north, SATURDAY, summer.van, why="le maire y tient")
    assert ([r["rule"] for r in refused.value.reasons], refused.value.waivable) == (["one_per_vehicle"], False)


def _not_free(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    request = _request(session, summer, summer.north)
    request.availabilities = [row for row in request.availabilities if row.date != NEXT_FRIDAY]
    return NEXT_FRIDAY, summer.van


def _in_the_garage(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    summer.tour.vehicles[0].unavailable = [NEXT_FRIDAY.isoformat()]
    return NEXT_FRIDAY, summer.van


def _no_roof(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    _request(session, summer, summer.north).needs = ["covered"]
    summer.van.equipment = ["covered"]
    return FRIDAY, summer.other_van


def _not_wanted_van(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    _request(session, summer, summer.north).vehicles = [summer.van]
    return FRIDAY, summer.other_van


def _too_soon(session: Session, summer: Summer) -> tuple[dt.date, Vehicle]:
    _request(session, summer, summer.north).evenings = 2
    _request(session, summer, summer.north).min_days_between = 7
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
        _request(session, summer, commune).permit_holder = holder
        _request(session, summer, commune).answered_at = None
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
    _request(session, summer, summer.north).evenings = 2
    _request(session, summer, summer.north).min_days_between = 1
    summer.plan.evenings.append(PlannedEvening(commune=summer.north, date=NEXT_FRIDAY, vehicle=summer.van))
    return NEXT_FRIDAY, summer.other_van


BREAKS: dict[str, tuple[str, Callable[[Session, Summer], tuple[dt.date, Vehicle]]]] = {
    "the village is not free": ("open_date", _not_free),
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
        _move(session, summer.plan, hand, summer.north, date, van)
    assert rule in {reason["rule"] for reason in refused.value.reasons}
    assert refused.value.waivable is (rule in WAIVABLE)
    assert latest_plan(session, summer.tour) is summer.plan
    if rule not in WAIVABLE:
        with pytest.raises(BrokenRules):
            _move(session, summer.plan, hand, summer.north, date, van, why="le maire y tient")
        return
    child = _move(session, summer.plan, hand, summer.north, date, van, why=" le maire  y tient ")
    (line,) = [line for line in child.evenings if line.waived]
    assert (line.commune_insee, line.date, line.vehicle_id) == (summer.north.insee, date, van.id)
    assert (line.pinned, line.waived, line.waived_why) == (True, rule, "le maire y tient")
    assert (line.waived_by, line.waived_at) == (hand.actor, hand.clock.now())


def test_money_is_a_rule_too(session: Session, summer: Summer, hand: Hand) -> None:
    """A quota counts in its own dates: to move into a year whose permits are used up is refused."""
    date, van = _second_permit(session, summer)
    session.flush()
    with pytest.raises(BrokenRules) as refused:
        _move(session, summer.plan, hand, summer.north, date, van)
    assert ([r["rule"] for r in refused.value.reasons], refused.value.waivable) == (["quota"], True)


def test_an_exception_stays_behind_when_its_evening_moves_on(session: Session, summer: Summer, hand: Hand) -> None:
    """It was made for one date: on another the evening keeps every rule again, and nothing pins it."""
    excepted = _move(session, summer.plan, hand, summer.north, *_not_free(session, summer), why="le maire y tient")
    line = _line(_move(session, excepted, hand, summer.north, NEXT_SATURDAY, summer.van), summer.north)
    assert (line.pinned, line.waived, line.waived_why, line.waived_by, line.waived_at) == (False, "", "", "", None)


def test_a_pin_moves_with_its_evening(session: Session, summer: Summer, hand: Hand) -> None:
    """A pin keeps the solver off, not the hand that moves the evening."""
    pinned = drafts.pin(session, summer.plan, summer.plan.evenings, hand, pinned=True)
    child = _move(session, pinned, hand, summer.north, NEXT_FRIDAY, summer.van)
    assert all(line.pinned for line in child.evenings)


def test_letting_go_of_an_exception_that_is_still_needed_is_refused(
    session: Session, summer: Summer, hand: Hand
) -> None:
    """Without its exception the evening would break the rule: the sentence says which. Once it is free it may go."""
    excepted = _move(session, summer.plan, hand, summer.north, *_not_free(session, summer), why="le maire y tient")
    with pytest.raises(BrokenRules) as refused:
        drafts.pin(session, excepted, [_line(excepted, summer.north)], hand, pinned=False)
    assert [reason["rule"] for reason in refused.value.reasons] == ["open_date"]
    _request(session, summer, summer.north).availabilities.append(Availability(date=NEXT_FRIDAY, level="yes"))
    session.flush()
    free = drafts.pin(session, excepted, [_line(excepted, summer.north)], hand, pinned=False)
    assert not any(line.pinned or line.waived for line in free.evenings)


def test_pins_that_change_nothing_are_refused(session: Session, summer: Summer, hand: Hand, clock: FixedClock) -> None:
    """Nothing is unpinned that is not pinned, and what is past is left alone."""
    with pytest.raises(Conflict):
        drafts.pin(session, summer.plan, summer.plan.evenings, hand, pinned=False)
    clock.set(dt.datetime(2027, 7, 2, 10, tzinfo=dt.UTC))
    child = drafts.pin(session, summer.plan, summer.plan.evenings, hand, pinned=True)
    assert {line.commune_insee for line in child.evenings if line.pinned} == {summer.south.insee}


@pytest.mark.parametrize("wrong", ["past", "no such date", "no such van", "long reason"])
def test_what_makes_no_sense_is_refused(
    session: Session, summer: Summer, hand: Hand, clock: FixedClock, wrong: str
) -> None:
    """A past evening, a date or van that the tour does not have, a reason that fits no column: one sentence each."""
    date, van, why = NEXT_FRIDAY, summer.van.id, ""
    if wrong == "past":
        clock.set(dt.datetime(2027, 7, 2, 10, tzinfo=dt.UTC))
        assert drafts.places(session, summer.plan, _line(summer.plan, summer.north), hand.clock) == []
    elif wrong == "no such date":
        date = dt.date(2027, 12, 24)
    elif wrong == "no such van":
        van = 10_000
    elif wrong == "long reason":
        why = "x" * 301
    line = _line(summer.plan, summer.north)
    with pytest.raises(Conflict if wrong == "past" else InvalidInput):
        drafts.move(session, summer.plan, line, hand, date=date, vehicle_id=van, why=why)


def test_a_line_that_the_plan_does_not_have(summer: Summer) -> None:
    """An address typed by hand, or of an older plan, is answered like any that does not exist."""
    with pytest.raises(NotFound):
        drafts.line_of(summer.plan, summer.north.insee, SATURDAY)


def test_undo_and_redo(session: Session, summer: Summer, hand: Hand) -> None:
    """Back step by step to the solver's plan and forward again; a new change leaves behind what was undone."""
    one = _move(session, summer.plan, hand, summer.north, NEXT_FRIDAY, summer.van)
    two = _move(session, one, hand, summer.north, NEXT_SATURDAY, summer.van)
    assert drafts.changes_of(two) == [one, two]
    assert drafts.undo(session, two, hand.clock) is one
    assert drafts.undo(session, one, hand.clock) is summer.plan
    assert latest_plan(session, summer.tour) is summer.plan
    with pytest.raises(Conflict, match="vient du calcul"):
        drafts.undo(session, summer.plan, hand.clock)
    assert drafts.redo(session, summer.plan, hand.clock) is one
    assert drafts.redo(session, one, hand.clock) is two
    with pytest.raises(Conflict, match="rien à refaire"):
        drafts.redo(session, two, hand.clock)
    drafts.undo(session, two, hand.clock)
    three = _move(session, one, hand, summer.south, NEXT_SATURDAY, summer.van)
    drafts.undo(session, three, hand.clock)
    assert drafts.redo(session, one, hand.clock) is three


def test_whoever_works_on_an_older_plan_is_told(session: Session, summer: Summer, hand: Hand) -> None:
    """Nothing is overwritten in silence; what changed meanwhile is known by whose hand."""
    child = _move(session, summer.plan, hand, summer.north, NEXT_FRIDAY, summer.van)
    other = Hand(actor="paul@example.org", clock=hand.clock)
    with pytest.raises(Overtaken):
        _move(session, summer.plan, other, summer.south, NEXT_SATURDAY, summer.van)
    with pytest.raises(Overtaken):
        drafts.pin(session, summer.plan, summer.plan.evenings, other, pinned=True)
    with pytest.raises(Overtaken):
        drafts.undo(session, summer.plan, hand.clock)
    assert drafts.meanwhile(child, summer.plan) == [child]
    assert drafts.meanwhile(child, make.make_plan(session, tour=summer.tour)) == []


def test_two_hands_at_the_same_moment(
    session_factory: sessionmaker[Session],
    session: Session,
    summer: Summer,
    hand: Hand,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where neither sees the other's change, the row of the plan that both have read decides; the second is told."""
    with session_factory() as second:
        theirs = second.get_one(Plan, summer.plan.id)
        line = _line(theirs, summer.south)
        assert theirs.shown_at
        child = _move(session, summer.plan, hand, summer.north, NEXT_FRIDAY, summer.van)
        session.commit()
        with monkeypatch.context() as blind:
            blind.setattr(planning, "latest_plan", lambda *_: theirs)
            with pytest.raises(Overtaken):
                drafts.move(second, theirs, line, hand, date=NEXT_SATURDAY, vehicle_id=summer.van.id)
        second.rollback()
    session.expire_all()
    assert latest_plan(session, summer.tour) is child


def test_a_plan_without_evenings_cannot_be_changed(session: Session, summer: Summer, hand: Hand) -> None:
    """An infeasible answer has nothing to move or to undo."""
    plan = make.make_plan(session, tour=summer.tour, status="infeasible")
    with pytest.raises(Conflict):
        drafts.pin(session, plan, plan.evenings, hand, pinned=True)


def test_what_the_tour_broke_since_is_named_and_forbids_no_other_move(
    session: Session, summer: Summer, hand: Hand
) -> None:
    """South is not free any more: the board says so, North can still move, and South can be moved to where it is."""
    request = _request(session, summer, summer.south)
    request.availabilities = [row for row in request.availabilities if row.date != SATURDAY]
    session.flush()
    assert [r["rule"] for r in planning.Desk(session, summer.plan, hand.clock).broken()] == ["open_date"]
    child = _move(session, summer.plan, hand, summer.north, NEXT_FRIDAY, summer.van)
    healed = _move(session, child, hand, summer.south, NEXT_SATURDAY, summer.van)
    assert planning.Desk(session, healed, hand.clock).broken() == ()


def test_a_village_that_left_the_tour_is_no_longer_moved(session: Session, summer: Summer, hand: Hand) -> None:
    """Its line stays in the plan, without dates to choose from; the others move as before."""
    _request(session, summer, summer.south).archived_at = hand.clock.now()
    session.flush()
    assert drafts.places(session, summer.plan, _line(summer.plan, summer.south), hand.clock) == []
    child = _move(session, summer.plan, hand, summer.north, SATURDAY, summer.other_van)
    assert len(child.evenings) == 2


def test_the_solver_plans_around_pins_and_exceptions(
    session: Session, session_factory: sessionmaker[Session], summer: Summer, hand: Hand, clock: FixedClock
) -> None:
    """What is pinned in the base is locked as it is, exception included, and is still pinned in the new plan."""
    date, van = _not_free(session, summer)
    excepted = _move(session, summer.plan, hand, summer.north, date, van, why="le maire y tient")
    run = start_run(session, summer.tour, hand.clock, seconds=3, base=excepted)
    assert (run.base_id, run.season["locked"]) == (
        excepted.id,
        [{"commune": summer.north.insee, "date": date.isoformat(), "vehicle": van.slug, "waived": ["open_date"]}],
    )
    session.commit()
    clock.advance(seconds=10)
    execute_run(session_factory, run.id, hand.clock)
    session.expire_all()
    plan = latest_plan(session, summer.tour)
    assert plan is not None
    assert plan.run_id == run.id
    line = _line(plan, summer.north)
    assert (line.date, line.pinned, line.waived, line.waived_by) == (date, True, "open_date", hand.actor)
    assert not _line(plan, summer.south).pinned


def test_pins_that_contradict_each_other_are_for_people_to_lift(
    session: Session, session_factory: sessionmaker[Session], summer: Summer, hand: Hand, clock: FixedClock
) -> None:
    """A pin on a date that was taken back is not waived in silence: no plan holds, and why; one goes back to it."""
    pinned = drafts.pin(session, summer.plan, summer.plan.evenings, hand, pinned=True)
    request = _request(session, summer, summer.north)
    request.availabilities = [row for row in request.availabilities if row.date != FRIDAY]
    session.flush()
    run = start_run(session, summer.tour, hand.clock, seconds=3, base=pinned)
    session.commit()
    clock.advance(seconds=10)
    execute_run(session_factory, run.id, hand.clock)
    plan = session.scalars(select(Plan).where(Plan.run_id == run.id)).one()
    assert (plan.status, {item["rule"] for item in plan.conflicts}) == ("infeasible", {"locked", "open_date"})
    assert latest_plan(session, summer.tour) is plan
    assert planning.plan_to_start_from(session, summer.tour) is pinned
    assert drafts.undo(session, plan, clock) is pinned
    assert latest_plan(session, summer.tour) is pinned


def test_publishing_takes_pins_to_the_evenings_and_back_into_the_season(
    session: Session, summer: Summer, hand: Hand, vault: Vault, clock: FixedClock
) -> None:
    """A pinned evening stays pinned once published, and the next run locks it without any base."""
    date, van = _not_free(session, summer)
    excepted = _move(session, summer.plan, hand, summer.north, date, van, why="le maire y tient")
    publication.publish(
        session, excepted, actor="anne", clock=hand.clock, vault=vault, public_url="https://guinguette.example"
    )
    evening = session.scalars(select(Evening).where(Evening.commune_insee == summer.north.insee)).one()
    assert (evening.pinned, evening.waived, evening.waived_why) == (True, "open_date", "le maire y tient")
    season = planning.season_of(session, summer.tour, hand.clock)
    assert season["locked"] == [
        {"commune": summer.north.insee, "date": date.isoformat(), "vehicle": van.slug, "waived": ["open_date"]}
    ]
    clock.advance(seconds=10)
    _request(session, summer, summer.north).availabilities.append(Availability(date=date, level="yes"))
    free = drafts.pin(session, excepted, [_line(excepted, summer.north)], hand, pinned=False)
    publication.publish(
        session, free, actor="anne", clock=hand.clock, vault=vault, public_url="https://guinguette.example"
    )
    assert (evening.date, evening.pinned, evening.waived) == (date, False, "")


def test_an_exception_that_is_past_uses_up_nothing(session: Session, summer: Summer, clock: FixedClock) -> None:
    """A past evening beyond the money, by exception, leaves what is funded to the others."""
    summer.tour.fundings[0].evenings = 1
    make.make_evening(
        session, tour=summer.tour, commune=summer.north, vehicle=summer.van, date=dt.date(2027, 6, 5), pinned=True,
        waived="quota", waived_why="offerte", waived_by="anne", waived_at=clock.now(),
    )  # fmt: skip
    _request(session, summer, summer.north).evenings = 2
    session.flush()
    season = planning.season_of(session, summer.tour, clock)
    quota = next(q for q in season["quotas"] if q["id"].startswith("epci"))
    assert (quota["max"], [lock["waived"] for lock in season["locked"]]) == (1, [["quota"]])


@pytest.mark.parametrize(
    "unsigned",
    ["pinned = false", "waived_why = ''", "waived_by = ''", "waived_at = NULL"],
)
@pytest.mark.parametrize("table", ["planned_evening", "evening"])
def test_the_database_refuses_an_exception_that_nobody_signed(
    session: Session, summer: Summer, hand: Hand, table: str, unsigned: str
) -> None:
    """No exception without its pin, its reason, its author and its time, whatever program writes."""
    signed: dict[str, Any] = {
        "waived": "open_date",
        "waived_why": "y tient",
        "waived_by": "anne",
        "waived_at": hand.clock.now(),
    }
    make.make_evening(session, tour=summer.tour, pinned=True, **signed)
    _move(session, summer.plan, hand, summer.north, *_not_free(session, summer), why="y tient")
    with pytest.raises(IntegrityError):
        session.execute(text(f"UPDATE {table} SET {unsigned} WHERE waived <> ''"))  # noqa: S608 -- names of ours


def test_the_database_refuses_two_evenings_of_a_van_or_a_village_on_a_date(session: Session, summer: Summer) -> None:
    """Whatever the services let through, no plan holds two evenings in one slot."""
    for commune, van in ((summer.south, summer.van), (summer.north, summer.other_van)):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(
                insert(PlannedEvening).values(
                    plan_id=summer.plan.id, commune_insee=commune.insee, date=FRIDAY, vehicle_id=van.id
                )
            )


def test_restarting_a_run_keeps_its_pins(session: Session, summer: Summer, hand: Hand) -> None:
    """An interrupted run around pins is started again around the same."""
    pinned = drafts.pin(session, summer.plan, summer.plan.evenings, hand, pinned=True)
    run = start_run(session, summer.tour, hand.clock, base=pinned)
    run.state = "interrupted"
    again = planning.restart(session, run, hand.clock)
    assert (again.base_id, len(again.season["locked"])) == (pinned.id, 2)
    assert session.get(SolverRun, again.id) is again
