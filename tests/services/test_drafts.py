"""Plans changed by hand: moves and their costs, undo and redo, two organisers at once."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session, sessionmaker

from guinguette.domain.errors import Conflict, InvalidInput, NotFound
from guinguette.models import (
    Availability,
    Plan,
)
from guinguette.services import drafts, planning
from guinguette.services.drafts import BrokenRules, Hand, Overtaken
from guinguette.services.planning import latest_plan
from tests import factories as make
from tests.fakes import FixedClock
from tests.services.summers import (
    DATES,
    FRIDAY,
    NEXT_FRIDAY,
    NEXT_SATURDAY,
    SATURDAY,
    Summer,
    line_of,
    move,
    not_free,
    request_of,
    where,
)


def test_a_move_makes_a_child_plan_and_touches_nothing(session: Session, summer: Summer, hand: Hand) -> None:
    """The plan that was seen stays as it was; the one that is shown says what was done, by whom, and what it costs."""
    child = move(session, summer.plan, hand, summer.north, NEXT_FRIDAY, summer.van)
    assert latest_plan(session, summer.tour) is child
    assert (child.parent, child.run, child.status, child.made_by) == (summer.plan, None, "feasible", hand.actor)
    assert where(child)[summer.north.insee] == (NEXT_FRIDAY, summer.van.id)
    assert where(summer.plan)[summer.north.insee] == (FRIDAY, summer.van.id)
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
    request_of(session, summer, summer.north).availabilities[2].level = "if_need_be"
    start = move(session, summer.plan, hand, summer.south, NEXT_SATURDAY, summer.van)
    places = drafts.places(session, start, line_of(start, summer.north), hand.clock)
    assert len(places) == len(DATES) * 2 - 1
    for place in places:
        child = drafts.move(
            session, start, line_of(start, summer.north), hand, date=place.date, vehicle_id=place.vehicle_id
        )
        assert (child.metres, child.cost) == ((start.metres or 0) + place.metres, (start.cost or 0) + place.cost)
        drafts.undo(session, child, hand.clock)


def test_a_date_given_if_need_be_costs_what_the_tour_says(session: Session, summer: Summer, hand: Hand) -> None:
    """The preference is part of the cost, and named."""
    request_of(session, summer, summer.north).availabilities[2].level = "if_need_be"
    places = drafts.places(session, summer.plan, line_of(summer.plan, summer.north), hand.clock)
    place = next(p for p in places if (p.date, p.vehicle_id) == (NEXT_FRIDAY, summer.van.id))
    assert (place.level, place.cost - place.metres) == ("if_need_be", summer.tour.cost_if_need_be)


def test_a_taken_date_is_exchanged(session: Session, summer: Summer, hand: Hand) -> None:
    """Who moves to the other's date gives up its own to it, in one change."""
    child = move(session, summer.plan, hand, summer.north, SATURDAY, summer.van)
    assert where(child) == {
        summer.north.insee: (SATURDAY, summer.van.id),
        summer.south.insee: (FRIDAY, summer.van.id),
    }
    assert len(child.change["moved"]) == 2


def test_a_pinned_evening_does_not_give_way(session: Session, summer: Summer, hand: Hand) -> None:
    """It stands in the way, by name, and no exception helps."""
    pinned = drafts.pin(session, summer.plan, [line_of(summer.plan, summer.south)], hand, pinned=True)
    places = drafts.places(session, pinned, line_of(pinned, summer.north), hand.clock)
    place = next(p for p in places if (p.date, p.vehicle_id) == (SATURDAY, summer.van.id))
    assert place.in_the_way == ((summer.south.insee, SATURDAY, summer.van.id),)
    with pytest.raises(BrokenRules) as refused:
        move(session, pinned, hand, summer.north, SATURDAY, summer.van, why="le maire y tient")
    assert ([r["rule"] for r in refused.value.reasons], refused.value.waivable) == (["one_per_vehicle"], False)


def test_an_exception_stays_behind_when_its_evening_moves_on(session: Session, summer: Summer, hand: Hand) -> None:
    """It was made for one date: on another the evening keeps every rule again, and nothing pins it."""
    excepted = move(session, summer.plan, hand, summer.north, *not_free(session, summer), why="le maire y tient")
    line = line_of(move(session, excepted, hand, summer.north, NEXT_SATURDAY, summer.van), summer.north)
    assert (line.pinned, line.waived, line.waived_why, line.waived_by, line.waived_at) == (False, "", "", "", None)


def test_a_pin_moves_with_its_evening(session: Session, summer: Summer, hand: Hand) -> None:
    """A pin keeps the solver off, not the hand that moves the evening."""
    pinned = drafts.pin(session, summer.plan, summer.plan.evenings, hand, pinned=True)
    child = move(session, pinned, hand, summer.north, NEXT_FRIDAY, summer.van)
    assert all(line.pinned for line in child.evenings)


def test_letting_go_of_an_exception_that_is_still_needed_is_refused(
    session: Session, summer: Summer, hand: Hand
) -> None:
    """Without its exception the evening would break the rule: the sentence says which. Once it is free it may go."""
    excepted = move(session, summer.plan, hand, summer.north, *not_free(session, summer), why="le maire y tient")
    with pytest.raises(BrokenRules) as refused:
        drafts.pin(session, excepted, [line_of(excepted, summer.north)], hand, pinned=False)
    assert [reason["rule"] for reason in refused.value.reasons] == ["open_date"]
    request_of(session, summer, summer.north).availabilities.append(Availability(date=NEXT_FRIDAY, level="yes"))
    session.flush()
    free = drafts.pin(session, excepted, [line_of(excepted, summer.north)], hand, pinned=False)
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
        assert drafts.places(session, summer.plan, line_of(summer.plan, summer.north), hand.clock) == []
    elif wrong == "no such date":
        date = dt.date(2027, 12, 24)
    elif wrong == "no such van":
        van = 10_000
    elif wrong == "long reason":
        why = "x" * 301
    line = line_of(summer.plan, summer.north)
    with pytest.raises(Conflict if wrong == "past" else InvalidInput):
        drafts.move(session, summer.plan, line, hand, date=date, vehicle_id=van, why=why)


def test_a_line_that_the_plan_does_not_have(summer: Summer) -> None:
    """An address typed by hand, or of an older plan, is answered like any that does not exist."""
    with pytest.raises(NotFound):
        drafts.line_of(summer.plan, summer.north.insee, SATURDAY)


def test_undo_and_redo(session: Session, summer: Summer, hand: Hand) -> None:
    """Back step by step to the solver's plan and forward again; a new change leaves behind what was undone."""
    one = move(session, summer.plan, hand, summer.north, NEXT_FRIDAY, summer.van)
    two = move(session, one, hand, summer.north, NEXT_SATURDAY, summer.van)
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
    three = move(session, one, hand, summer.south, NEXT_SATURDAY, summer.van)
    drafts.undo(session, three, hand.clock)
    assert drafts.redo(session, one, hand.clock) is three


def test_whoever_works_on_an_older_plan_is_told(session: Session, summer: Summer, hand: Hand) -> None:
    """Nothing is overwritten in silence; what changed meanwhile is known by whose hand."""
    child = move(session, summer.plan, hand, summer.north, NEXT_FRIDAY, summer.van)
    other = Hand(actor="paul@example.org", clock=hand.clock)
    with pytest.raises(Overtaken):
        move(session, summer.plan, other, summer.south, NEXT_SATURDAY, summer.van)
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
        line = line_of(theirs, summer.south)
        assert theirs.shown_at
        child = move(session, summer.plan, hand, summer.north, NEXT_FRIDAY, summer.van)
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
    request = request_of(session, summer, summer.south)
    request.availabilities = [row for row in request.availabilities if row.date != SATURDAY]
    session.flush()
    assert [r["rule"] for r in planning.Desk(session, summer.plan, hand.clock).broken()] == ["open_date"]
    child = move(session, summer.plan, hand, summer.north, NEXT_FRIDAY, summer.van)
    healed = move(session, child, hand, summer.south, NEXT_SATURDAY, summer.van)
    assert planning.Desk(session, healed, hand.clock).broken() == ()


def test_a_village_that_left_the_tour_is_no_longer_moved(session: Session, summer: Summer, hand: Hand) -> None:
    """Its line stays in the plan, without dates to choose from; the others move as before."""
    request_of(session, summer, summer.south).archived_at = hand.clock.now()
    session.flush()
    assert drafts.places(session, summer.plan, line_of(summer.plan, summer.south), hand.clock) == []
    child = move(session, summer.plan, hand, summer.north, SATURDAY, summer.other_van)
    assert len(child.evenings) == 2
