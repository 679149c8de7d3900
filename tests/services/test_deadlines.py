"""What is left to do: computed from the rules, late in time, ticked once, forgotten when the date changes."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.models import DoneTask, Evening, RuleSetting
from guinguette.services import deadlines, evenings, options, publication
from guinguette.services.deadlines import Task
from tests import factories as make
from tests.fakes import FixedClock

SATURDAY = dt.date(2027, 7, 17)


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> evenings.Act:
    """An organiser at work."""
    return evenings.Act(actor="o@example.org", clock=clock, vault=vault, public_url="https://guinguette.example")


@pytest.fixture
def evening(session: Session) -> Evening:
    """A confirmed evening on 17 July about which everything is known."""
    commune = make.make_commune(session)
    holder = make.make_committee(session, commune=commune, name="Comité de Vignory")
    return make.make_evening(session, commune=commune, date=SATURDAY, artists="Les Zinzins", permit_holder=holder)


def tasks(session: Session, evening: Evening, clock: FixedClock) -> dict[str, Task]:
    """Return the evening's tasks by kind."""
    return {task.kind: task for task in deadlines.tasks_of(session, [evening], clock)}


def test_each_rule_gives_its_day(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Permit and Sacem 15 days before, the road 3 clear days before, the weather the day before and at 15 h."""
    found = tasks(session, evening, clock)
    assert {kind: (task.due_on.isoformat(), task.due_time) for kind, task in found.items()} == {
        "permit": ("2027-07-02", None),
        "sacem": ("2027-07-02", None),
        "road": ("2027-07-13", None),
        "weather": ("2027-07-16", dt.time(17)),
        "weather_sure": ("2027-07-17", dt.time(15)),
    }
    assert found["road"].since == dt.date(2027, 7, 1)
    assert found["permit"].who == "Comité de Vignory"
    assert "L211-2" in found["road"].source
    assert list(found) == ["permit", "sacem", "road", "weather", "weather_sure"]


def test_a_rule_changes_the_day_from_its_date_on(session: Session, evening: Evening, clock: FixedClock) -> None:
    """What is in force on the evening's day counts, with its own source."""
    session.add_all(
        RuleSetting(key="sacem_days_before", valid_from=day, value=value, source=source)
        for day, value, source in ((SATURDAY, 20, "Convention 2027"), (SATURDAY + dt.timedelta(days=1), 30, "2028"))
    )
    session.flush()
    sacem = tasks(session, evening, clock)["sacem"]
    assert (sacem.due_on, sacem.source) == (SATURDAY - dt.timedelta(days=20), "Convention 2027")


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        ({"pitch": None}, {"pitch"}),
        ({"fallback_venue": None}, {"hall"}),
        ({"artists": ""}, {"programme"}),
        ({"artists": "", "description": "Bal à papa"}, set()),
    ],
)
def test_missing_data_is_a_task_that_nobody_ticks(
    session: Session, clock: FixedClock, act: evenings.Act, values: dict[str, Any], kinds: set[str]
) -> None:
    """A month before; it goes when the data comes."""
    evening = make.make_evening(session, date=SATURDAY, **({"artists": "Les Zinzins"} | values))
    found = tasks(session, evening, clock)
    missing = {kind for kind, task in found.items() if not task.tickable}
    assert missing == kinds
    for kind in kinds:
        assert found[kind].due_on == dt.date(2027, 6, 17)
        with pytest.raises(InvalidInput):
            deadlines.tick(session, evening, kind, act)


def test_a_pitch_without_electricity_is_a_task(session: Session, clock: FixedClock) -> None:
    """Electricity first, because the tap must cool."""
    pitch = make.make_pitch(session, power_supply="")
    assert "power" in tasks(session, make.make_evening(session, date=SATURDAY, pitch=pitch), clock)


def test_in_the_hall_there_is_no_weather_and_no_road(session: Session, clock: FixedClock) -> None:
    """Winter, or moved there: neither decided nor declared."""
    evening = make.make_evening(session, date=SATURDAY, venue="hall", artists="Les Zinzins")
    assert set(tasks(session, evening, clock)) == {"sacem"}


def test_the_host_is_asked_in_time_and_then_waited_for(session: Session, clock: FixedClock, act: evenings.Act) -> None:
    """Sixteen days before, so that fifteen are left to answer; once asked, the option's own day."""
    evening = make.make_evening(session, date=SATURDAY, state="proposed")
    assert tasks(session, evening, clock)["ask"].due_on == dt.date(2027, 7, 1)
    options.send(session, evening, act)
    found = tasks(session, evening, clock)
    assert "ask" not in found
    assert (found["answer"].due_on, found["answer"].who) == (dt.date(2027, 6, 24), deadlines.VILLAGE)
    options.answer(session, evening, act, accepted=True, answered_by="téléphone")
    assert not {"ask", "answer"} & set(tasks(session, evening, clock))


@pytest.mark.parametrize(
    ("at", "late"),
    [
        ("2027-07-02T21:59", set()),
        ("2027-07-02T22:00", {"permit", "sacem"}),
        ("2027-07-16T15:00", {"permit", "sacem", "road"}),
        ("2027-07-16T15:01", {"permit", "sacem", "road", "weather"}),
        ("2027-07-17T13:01", {"permit", "sacem", "road", "weather", "weather_sure"}),
    ],
)
def test_late_is_past_the_day_or_the_hour(
    session: Session, evening: Evening, clock: FixedClock, at: str, late: set[str]
) -> None:
    """A day ends at midnight in Paris; an hour is an hour in Paris (instants are UTC)."""
    now = dt.datetime.fromisoformat(f"{at}+00:00")
    clock.set(now)
    assert {kind for kind, task in tasks(session, evening, clock).items() if task.overdue(now)} == late


def test_a_tick_says_who_and_when_and_can_be_taken_back(
    session: Session, evening: Evening, act: evenings.Act, clock: FixedClock
) -> None:
    """Twice is once; the history keeps both the tick and its taking back."""
    for _ in range(2):
        deadlines.tick(session, evening, "sacem", act)
    done = tasks(session, evening, clock)["sacem"].done
    assert done is not None
    assert (done.done_by, done.done_at) == ("o@example.org", clock.now())
    for _ in range(2):
        deadlines.untick(session, evening, "sacem", act)
    assert tasks(session, evening, clock)["sacem"].done is None
    assert [(line.what, line.old, line.new) for line in evening.history] == [
        ("task", "", "sacem"),
        ("task", "sacem", ""),
    ]


def test_the_day_after_only_the_result_is_missing(
    session: Session, evening: Evening, act: evenings.Act, clock: FixedClock
) -> None:
    """Nothing is asked of an evening that is past, but whether it took place."""
    clock.set(dt.datetime(2027, 7, 18, 8, tzinfo=dt.UTC))
    assert set(tasks(session, evening, clock)) == {"held"}
    evenings.mark_held(session, evening, act, attendance=100)
    assert tasks(session, evening, clock) == {}
    with pytest.raises(Conflict):
        deadlines.tick(session, evening, "sacem", act)


def test_what_is_called_off_asks_for_nothing(session: Session, clock: FixedClock) -> None:
    """Cancelled or postponed: no list."""
    for state in ("cancelled", "postponed"):
        assert tasks(session, make.make_evening(session, state=state, date=SATURDAY), clock) == {}


def test_another_date_is_declared_anew(session: Session, act: evenings.Act, clock: FixedClock) -> None:
    """A plan moves the evening: what was ticked for the old date is forgotten."""
    van = make.make_vehicle(session)
    later = SATURDAY + dt.timedelta(days=7)
    tour = make.make_tour(session, dates=[SATURDAY, later], vehicles=[van])
    request = make.make_request(session, tour=tour)
    evening = make.make_evening(session, tour=tour, commune=request.commune, vehicle=van, date=SATURDAY)
    publication.refresh(session, tour, actor="x", clock=clock)
    deadlines.tick(session, evening, "road", act)
    plan = make.make_plan(session, tour=tour, evenings=[(request.commune, later, van)])
    publication.publish(session, plan, actor="o", clock=clock, vault=act.vault, public_url=act.public_url)
    assert evening.date == later
    assert session.scalars(select(DoneTask)).all() == []


def test_the_desk_sees_all_tours_in_use(session: Session, evening: Evening, clock: FixedClock) -> None:
    """In order of due date; an archived tour asks for nothing any more."""
    other = make.make_evening(session, date=SATURDAY - dt.timedelta(days=7))
    archived = make.make_evening(session, tour=make.make_tour(session, archived_at=clock.now()), date=SATURDAY)
    found = deadlines.of_everything(session, clock)
    assert {task.evening.id for task in found} == {evening.id, other.id}
    assert archived.id not in {task.evening.id for task in found}
    assert [task.due_on for task in found] == sorted(task.due_on for task in found)
    assert {task.evening.id for task in deadlines.of_tour(session, other.tour, clock)} == {other.id}
