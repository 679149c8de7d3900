"""What a village prepares: computed from the rules, ticked on either side, told on its first page, few queries."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.models import DoneTask, Evening, JournalEntry
from guinguette.services import deadlines, permits, preparations
from guinguette.services.evenings import Act
from guinguette.services.journal import By
from tests import factories as make
from tests.fakes import NOW, FixedClock

SATURDAY = dt.date(2027, 7, 17)


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> Act:
    """Jeanne Petit, by her link."""
    return Act(actor="Jeanne Petit (lien personnel)", clock=clock, vault=vault, public_url="https://g.example")


@pytest.fixture
def evening(session: Session) -> Evening:
    """A confirmed evening of a published tour whose bar the village's own committee asks for."""
    commune = make.make_commune(session, name="Vignory")
    holder = make.make_committee(session, commune=commune, name="Comité de Vignory")
    tour = make.make_tour(session, published_version=1)
    return make.make_evening(
        session, commune=commune, tour=tour, date=SATURDAY, artists="Les Zinzins", permit_holder=holder
    )


def days(checklist: preparations.Checklist) -> dict[str, str]:
    """Return when each task of the village is due."""
    return {task.kind: task.due_on.isoformat() for task in checklist.village}


def test_the_village_has_its_own_list(session: Session, evening: Evening, clock: FixedClock) -> None:
    """What the law asks and what must be there, by date; the rest is the association's."""
    found = preparations.of(session, evening, clock)
    assert days(found) == {
        "hall_kept": "2027-06-17",
        "order": "2027-07-02",
        "permit": "2027-07-02",
        "poster": "2027-07-02",
        "furniture": "2027-07-10",
        "keys": "2027-07-10",
        "road": "2027-07-13",
    }
    assert [task.kind for task in found.association] == ["sacem", "weather"]
    order = next(task for task in found.village if task.kind == "order")
    assert "L2213-2" in order.source


def test_somebody_elses_bar_is_not_the_villages_to_ask_for(
    session: Session, evening: Evening, clock: FixedClock, act: Act, by: By
) -> None:
    """A neighbour's committee holds it: the village sees that, and cannot tick it."""
    evening.permit_holder = make.make_committee(session, name="Foyer de Donjeux")
    found = preparations.of(session, evening, clock)
    assert "permit" not in days(found)
    assert "permit" in {task.kind for task in found.association}
    with pytest.raises(InvalidInput):
        preparations.tick(session, evening, "permit", act, by, done=True)


def test_in_the_hall_no_road_is_taken(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Neither order nor declaration; the hall is to be kept, its keys too; before publication there is no poster."""
    evening.venue, evening.tour.published_version = "hall", 0
    assert set(days(preparations.of(session, evening, clock))) == {"hall_kept", "permit", "furniture", "keys"}


def test_whoever_has_the_keys_is_named(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Where the site's sheet says so."""
    assert evening.pitch is not None
    evening.pitch.keys_contact = make.make_contact(session, name="Paul Roux")
    keys = next(task for task in preparations.of(session, evening, clock).village if task.kind == "keys")
    assert keys.values["keeper"] == "Paul Roux"


def test_a_tick_is_seen_on_both_sides_and_in_the_journal(
    session: Session, evening: Evening, clock: FixedClock, act: Act, by: By
) -> None:
    """The desk's list shows the host's tick, the host's list the desk's; twice is once; it can be taken back."""
    for _ in range(2):
        preparations.tick(session, evening, "road", act, by, done=True)
    desk = {task.kind: task for task in deadlines.tasks_of(session, [evening], clock)}
    assert desk["road"].done is not None
    assert desk["road"].done.done_by == "Jeanne Petit (lien personnel)"
    deadlines.tick(session, evening, "furniture", act)
    assert {task.kind for task in preparations.of(session, evening, clock).left} == {
        "hall_kept",
        "order",
        "permit",
        "poster",
        "keys",
    }
    preparations.tick(session, evening, "road", act, by, done=False)
    lines = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
    assert [(line.what, line.detail, line.how) for line in lines] == [
        ("task", "fait\u00a0: Déclarer l’occupation de la voie publique", "link"),
        ("task", "pas encore fait\u00a0: Déclarer l’occupation de la voie publique", "link"),
    ]


@pytest.mark.parametrize("kind", ["sacem", "weather", "pitch", "nonsense"])
def test_a_host_ticks_nothing_else(session: Session, evening: Evening, act: Act, by: By, kind: str) -> None:
    """Neither the association's tasks nor what data tell."""
    with pytest.raises(InvalidInput):
        preparations.tick(session, evening, kind, act, by, done=True)


def test_once_it_is_past_there_is_nothing_left(
    session: Session, evening: Evening, clock: FixedClock, act: Act, by: By
) -> None:
    """Nor once it is called off."""
    clock.set(dt.datetime(2027, 7, 18, 8, tzinfo=dt.UTC))
    assert preparations.of(session, evening, clock).village == ()
    with pytest.raises((InvalidInput, Conflict)):
        preparations.tick(session, evening, "road", act, by, done=True)


def test_the_first_page_says_so_in_time(session: Session, evening: Evening, clock: FixedClock) -> None:
    """From a month before the first thing is due; never of a date that is not sure, nor of a tour put aside."""
    (todo,) = preparations.todos(session, evening.commune, clock)
    assert (todo.endpoint, todo.due_on, todo.values["count"]) == ("host.preparations", dt.date(2027, 6, 17), 7)
    evening.tour.archived_at = clock.now()
    assert preparations.todos(session, evening.commune, clock) == []
    evening.tour.archived_at = None
    evening.date += dt.timedelta(days=60)
    session.flush()
    assert preparations.todos(session, evening.commune, clock) == []
    unsure = make.make_evening(session, date=SATURDAY, state="option")
    assert preparations.todos(session, unsure.commune, clock) == []


def test_many_evenings_take_as_many_queries_as_one(session: Session, clock: FixedClock, queries: list[str]) -> None:
    """The first page of a village that is visited every week is as quick as another's."""
    asked, tours = [], []
    for count in (1, 12):
        commune, tour = make.make_commune(session), make.make_tour(session)
        holder = make.make_committee(session, commune=commune)
        for week in range(count):
            pitch = make.make_pitch(session, commune=commune, keys_contact=make.make_contact(session))
            date = SATURDAY + week * dt.timedelta(days=7)
            make.make_evening(session, tour=tour, commune=commune, date=date, pitch=pitch, permit_holder=holder)
        session.commit()
        session.expunge_all()
        commune = session.merge(commune)
        queries.clear()
        assert preparations.todos(session, commune, clock)
        asked.append(len(queries))
        clock.set(dt.datetime(2027, 7, 16, 8, tzinfo=dt.UTC))
        tour = session.merge(tour)
        queries.clear()
        assert all(
            task.evening.commune.name and task.evening.tour for task in preparations.late_in(session, tour, clock)
        )
        tours.append(len(queries))
        clock.set(NOW)
    assert asked[0] == asked[1]
    assert tours[0] == tours[1]


def test_the_desk_sees_what_villages_are_late_with(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Of one tour, what its own list has not; what is done, or not due yet, is not late."""
    other = make.make_evening(session, date=SATURDAY)
    clock.set(dt.datetime(2027, 7, 12, 8, tzinfo=dt.UTC))
    session.add(DoneTask(evening=evening, kind="keys", done_at=clock.now(), done_by="o@example.org"))
    session.flush()
    late = preparations.late_in(session, evening.tour, clock)
    assert [task.kind for task in late] == ["hall_kept", "order", "poster", "furniture"]
    assert {task.evening.id for task in preparations.late_in(session, other.tour, clock)} == {other.id}


def test_the_years_permits_are_counted_with_this_one(session: Session, evening: Evening) -> None:
    """« 2 sur 5 en 2027 »: those of other years and those called off do not count."""
    values = {"permit_holder": evening.permit_holder}
    make.make_evening(session, date=dt.date(2027, 8, 7), **values)
    make.make_evening(session, date=dt.date(2027, 8, 14), state="cancelled", **values)
    make.make_evening(session, date=dt.date(2028, 8, 7), **values)
    found = permits.tally(session, evening)
    assert found == permits.Tally("Comité de Vignory", 2, 5, 2027)
