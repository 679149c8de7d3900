"""Pins and exceptions on their way: to the solver, to the published evenings, and what the database refuses."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.models import (
    Availability,
    Evening,
    Plan,
    PlannedEvening,
    SolverRun,
)
from guinguette.services import drafts, planning, publication
from guinguette.services.drafts import Hand
from guinguette.services.planning import execute_run, latest_plan, start_run
from tests import factories as make
from tests.fakes import FixedClock
from tests.services.summers import (
    FRIDAY,
    Summer,
    line_of,
    move,
    not_free,
    request_of,
)


def test_the_solver_plans_around_pins_and_exceptions(
    session: Session, session_factory: sessionmaker[Session], summer: Summer, hand: Hand, clock: FixedClock
) -> None:
    """What is pinned in the base is locked as it is, exception included, and is still pinned in the new plan."""
    date, van = not_free(session, summer)
    excepted = move(session, summer.plan, hand, summer.north, date, van, why="le maire y tient")
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
    line = line_of(plan, summer.north)
    assert (line.date, line.pinned, line.waived, line.waived_by) == (date, True, "open_date", hand.actor)
    assert not line_of(plan, summer.south).pinned


def test_pins_that_contradict_each_other_are_for_people_to_lift(
    session: Session, session_factory: sessionmaker[Session], summer: Summer, hand: Hand, clock: FixedClock
) -> None:
    """A pin on a date that was taken back is not waived in silence: no plan holds, and why; one goes back to it."""
    pinned = drafts.pin(session, summer.plan, summer.plan.evenings, hand, pinned=True)
    request = request_of(session, summer, summer.north)
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
    date, van = not_free(session, summer)
    excepted = move(session, summer.plan, hand, summer.north, date, van, why="le maire y tient")
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
    request_of(session, summer, summer.north).availabilities.append(Availability(date=date, level="yes"))
    free = drafts.pin(session, excepted, [line_of(excepted, summer.north)], hand, pinned=False)
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
    request_of(session, summer, summer.north).evenings = 2
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
    move(session, summer.plan, hand, summer.north, *not_free(session, summer), why="y tient")
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
