"""Publishing keeps each evening's identity: same address, same UID, SEQUENCE up when people must see a change."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.models import Commune, Evening, Message, Plan, Publication, Tour, Vehicle
from guinguette.publishing.tour import PublishedTour
from guinguette.services import corrections, publication
from guinguette.services.evening_queries import alive_evenings, of_tour
from tests import factories as make
from tests.fakes import FixedClock

FRIDAYS = [dt.date(2027, 6, 11) + dt.timedelta(weeks=week) for week in range(6)]


class Stage:
    """A tour of two communes and two vans, and a way to publish plans of it."""

    def __init__(self, session: Session, clock: FixedClock, vault: Vault) -> None:
        self.session, self.clock, self.vault = session, clock, vault
        self.a = make.make_commune(session, insee="52001", name="Ancerville")
        self.b = make.make_commune(session, insee="52002", name="Baudonvilliers")
        self.vans = [make.make_vehicle(session), make.make_vehicle(session)]
        self.tour: Tour = make.make_tour(session, dates=FRIDAYS, vehicles=self.vans)
        for commune in (self.a, self.b):
            make.make_request(
                session, tour=self.tour, commune=commune, evenings=2, pitch=make.make_pitch(session, commune=commune)
            )

    def plan(self, *lines: tuple[Commune, dt.date, Vehicle]) -> Plan:
        """Return a plan of these lines."""
        return make.make_plan(self.session, tour=self.tour, evenings=lines)

    def publish(self, *lines: tuple[Commune, dt.date, Vehicle]) -> Publication:
        """Publish a plan of these lines."""
        return publication.publish(
            self.session,
            self.plan(*lines),
            actor="mairie@example.org",
            clock=self.clock,
            vault=self.vault,
            public_url="https://guinguette.example",
        )

    def evenings(self) -> dict[tuple[str, dt.date], Evening]:
        """Return the living evenings by commune and date."""
        return {(e.commune_insee, e.date): e for e in alive_evenings(self.session, self.tour)}


@pytest.fixture
def stage(session: Session, clock: FixedClock, vault: Vault) -> Stage:
    """An empty stage."""
    return Stage(session, clock, vault)


def test_first_publication_creates_the_evenings(stage: Stage) -> None:
    """Every line of the plan becomes an evening with the tour's hours and the request's pitch, frozen."""
    version = stage.publish((stage.a, FRIDAYS[0], stage.vans[0]), (stage.b, FRIDAYS[1], stage.vans[0]))
    [first, second] = PublishedTour.from_json(version.payload).evenings
    assert (first.commune, first.date, first.sequence, first.starts_at) == ("Ancerville", FRIDAYS[0], 0, dt.time(18))
    assert first.pitch is not None
    assert second.commune == "Baudonvilliers"
    assert stage.tour.published_version == version.number == 1


def test_an_unchanged_evening_keeps_everything(stage: Stage) -> None:
    """The same (commune, date) keeps its id and its SEQUENCE, and nothing in it moves."""
    line = (stage.a, FRIDAYS[0], stage.vans[0])
    stage.publish(line)
    before = stage.evenings()["52001", FRIDAYS[0]]
    known = (before.id, before.sequence, before.updated_at)
    stage.clock.advance(days=1)
    version = stage.publish(line, (stage.b, FRIDAYS[1], stage.vans[0]))
    after = stage.evenings()["52001", FRIDAYS[0]]
    assert (after.id, after.sequence, after.updated_at) == known
    assert version.number == 2


def test_a_moved_evening_keeps_its_address_and_is_seen_to_change(stage: Stage) -> None:
    """A commune's evening on another date is the same evening, SEQUENCE up, with a line of history."""
    stage.publish((stage.a, FRIDAYS[0], stage.vans[0]))
    before = stage.evenings()["52001", FRIDAYS[0]].id
    stage.publish((stage.a, FRIDAYS[2], stage.vans[1]))
    after = stage.evenings()["52001", FRIDAYS[2]]
    assert (after.id, after.sequence, after.vehicle_id) == (before, 1, stage.vans[1].id)
    assert [(c.what, c.old, c.new) for c in after.history][-1] == ("date", "2027-06-11", "2027-06-25")


@pytest.mark.parametrize(("before", "after"), [("confirmed", "option"), ("option", "option"), ("proposed", "proposed")])
def test_a_date_the_village_has_not_agreed_to_is_asked_for_again(stage: Stage, before: str, after: str) -> None:
    """It had agreed to the old date: the history says that the new one is an option, the SMS that it is not sure."""
    make.make_subscriber(stage.session, vault=stage.vault, scopes=["commune:52001"])
    stage.publish((stage.a, FRIDAYS[0], stage.vans[0]), (stage.b, FRIDAYS[1], stage.vans[0]))
    for evening in stage.evenings().values():
        evening.state = before
    publication.refresh(stage.session, stage.tour, actor="x", clock=stage.clock)
    version = stage.publish((stage.a, FRIDAYS[2], stage.vans[0]), (stage.b, FRIDAYS[1], stage.vans[1]))
    moved, stayed = stage.evenings()["52001", FRIDAYS[2]], stage.evenings()["52002", FRIDAYS[1]]
    assert (moved.state, stayed.state) == (after, before)
    assert [(c.old, c.new) for c in moved.history if c.what == "state"] == [(before, after)] * (before != after)
    assert [e.state for e in PublishedTour.from_json(version.payload).evenings] == [before, after]
    assert "mais vendredi 25 juin (à confirmer)" in stage.session.query(Message).one().body


def test_two_evenings_may_swap_their_dates(stage: Stage) -> None:
    """The database's own rule (one evening a van and date) does not stand in the way of a swap."""
    stage.publish((stage.a, FRIDAYS[0], stage.vans[0]), (stage.b, FRIDAYS[1], stage.vans[0]))
    ids = {e.commune_insee: e.id for e in stage.evenings().values()}
    stage.publish((stage.a, FRIDAYS[1], stage.vans[0]), (stage.b, FRIDAYS[0], stage.vans[0]))
    assert {e.commune_insee: e.id for e in stage.evenings().values()} == ids


def test_what_is_left_over_is_cancelled_and_stays_visible(stage: Stage) -> None:
    """An evening the new plan has not is cancelled, kept in the published version, and frees its date."""
    stage.publish((stage.a, FRIDAYS[0], stage.vans[0]), (stage.a, FRIDAYS[3], stage.vans[0]))
    gone = stage.evenings()["52001", FRIDAYS[3]].id
    version = stage.publish((stage.a, FRIDAYS[0], stage.vans[0]), (stage.b, FRIDAYS[3], stage.vans[0]))
    states = {e.id: e.state.value for e in PublishedTour.from_json(version.payload).evenings}
    assert states[gone] == "cancelled"
    assert len(states) == 3


def test_past_evenings_are_left_alone(stage: Stage) -> None:
    """A plan made later does not undo what has happened, even where it does not name it."""
    stage.publish((stage.a, FRIDAYS[0], stage.vans[0]))
    stage.clock.advance(days=10)
    stage.publish((stage.a, FRIDAYS[4], stage.vans[0]))
    assert sorted(e.date for e in stage.evenings().values()) == [FRIDAYS[0], FRIDAYS[4]]


def test_a_plan_that_clashes_with_another_tour_is_refused(stage: Stage) -> None:
    """A van that another tour has taken since the plan was made stops the publication, and nothing is written."""
    plan = stage.plan((stage.a, FRIDAYS[0], stage.vans[0]))
    make.make_evening(stage.session, vehicle=stage.vans[0], date=FRIDAYS[0])
    with pytest.raises(Conflict):
        publication.publish(
            stage.session, plan, actor="x", clock=stage.clock, vault=stage.vault, public_url="https://g.example"
        )
    assert of_tour(stage.session, stage.tour) == []


def test_an_infeasible_plan_cannot_be_published(stage: Stage) -> None:
    """No evenings, nothing to publish."""
    plan = stage.plan()
    plan.status = "infeasible"
    with pytest.raises(InvalidInput):
        publication.publish(
            stage.session, plan, actor="x", clock=stage.clock, vault=stage.vault, public_url="https://g.example"
        )


def test_subscribers_hear_of_moved_and_cancelled_evenings(stage: Stage) -> None:
    """Publishing again queues one message for each evening that people had in their calendars and must correct."""
    make.make_subscriber(stage.session, vault=stage.vault, scopes=["commune:52001"])
    stage.publish((stage.a, FRIDAYS[0], stage.vans[0]), (stage.b, FRIDAYS[1], stage.vans[0]))
    assert stage.session.query(Message).count() == 0
    stage.publish((stage.a, FRIDAYS[2], stage.vans[0]), (stage.b, FRIDAYS[3], stage.vans[0]))
    [message] = stage.session.query(Message).all()
    assert message.kind == "changed"


_plans = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 5), st.integers(0, 1)),
    max_size=6,
    unique_by=(lambda line: line[:2], lambda line: line[1:]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_plans, _plans)
def test_any_plan_after_any_other(
    session: Session,
    clock: FixedClock,
    vault: Vault,
    first: list[tuple[str, int, int]],
    second: list[tuple[str, int, int]],
) -> None:
    """Whatever two plans follow each other: the living evenings are the second's, and no id changes its commune."""
    session.rollback()
    stage = Stage(session, clock, vault)
    communes = {"a": stage.a, "b": stage.b}

    def lines(plan: list[tuple[str, int, int]]) -> list[tuple[Commune, dt.date, Vehicle]]:
        return [(communes[c], FRIDAYS[d], stage.vans[v]) for c, d, v in plan]

    stage.publish(*lines(first))
    owner = {e.id: e.commune_insee for e in of_tour(session, stage.tour)}
    stage.publish(*lines(second))
    after = of_tour(session, stage.tour)
    assert {(e.commune_insee, e.date, e.vehicle_id) for e in after if e.state != "cancelled"} == {
        (c.insee, d, v.id) for c, d, v in lines(second)
    }
    assert {e.id: e.commune_insee for e in after if e.id in owner} == owner
    session.rollback()


def test_winter_evenings_begin_in_their_halls(stage: Stage) -> None:
    """A tour that asks for halls puts its evenings there from the start, without calling it a change."""
    stage.tour.hall_required = True
    for request in stage.tour.requests[:1]:
        request.fallback_venue = make.make_hall(stage.session, commune=request.commune)
    version = stage.publish((stage.a, FRIDAYS[0], stage.vans[0]), (stage.b, FRIDAYS[1], stage.vans[0]))
    venues = {e.commune: e.venue.value for e in PublishedTour.from_json(version.payload).evenings}
    assert venues == {"Ancerville": "hall", "Baudonvilliers": "pitch"}


def test_a_plan_older_than_a_change_is_refused(stage: Stage) -> None:
    """What was done by hand since the plan was asked for is not undone by it."""
    line = (stage.a, FRIDAYS[0], stage.vans[0])
    stage.publish(line)
    old = stage.plan(line)
    stage.clock.advance(minutes=5)
    stage.evenings()["52001", FRIDAYS[0]].state = "confirmed"
    publication.refresh(stage.session, stage.tour, actor="x", clock=stage.clock)
    with pytest.raises(Conflict):
        publication.publish(
            stage.session, old, actor="x", clock=stage.clock, vault=stage.vault, public_url="https://g.example"
        )


def test_a_commune_that_left_the_tour_does_not_come_back(stage: Stage) -> None:
    """A plan made while the commune took part is refused once it is archived."""
    plan = stage.plan((stage.a, FRIDAYS[0], stage.vans[0]))
    stage.tour.requests[0].archived_at = stage.clock.now()
    with pytest.raises(Conflict):
        publication.publish(
            stage.session, plan, actor="x", clock=stage.clock, vault=stage.vault, public_url="https://g.example"
        )


def test_an_evening_held_today_is_not_moved(stage: Stage) -> None:
    """Tonight's evening stays, whatever the plan says."""
    stage.publish((stage.a, FRIDAYS[0], stage.vans[0]))
    stage.clock.set(dt.datetime(2027, 6, 11, 19, tzinfo=dt.UTC))
    plan = stage.plan((stage.a, FRIDAYS[2], stage.vans[0]))
    assert publication.preview(stage.session, plan, stage.clock).moved == []


def test_an_archived_tour_is_not_published(stage: Stage) -> None:
    """Nobody would be reminded of its evenings."""
    stage.tour.archived_at = stage.clock.now()
    with pytest.raises(Conflict, match="archives"):
        stage.publish((stage.a, FRIDAYS[0], stage.vans[0]))


def test_a_postponed_evening_follows_the_one_that_replaces_it(stage: Stage) -> None:
    """Its title names the new date: where that one moves, calendars must read it anew."""
    later = make.make_evening(stage.session, tour=stage.tour, commune=stage.a, date=FRIDAYS[2])
    gone = make.make_evening(
        stage.session, tour=stage.tour, commune=stage.a, date=FRIDAYS[0], state="postponed", postponed_to=later
    )
    publication.refresh(stage.session, stage.tour, actor="x", clock=stage.clock)
    later.date = FRIDAYS[3]
    later.sequence += 1
    stage.session.flush()
    publication.refresh(stage.session, stage.tour, actor="x", clock=stage.clock)
    assert (gone.sequence, later.sequence) == (1, 1)


def test_an_evening_that_moved_says_from_when_in_every_later_version(session: Session) -> None:
    """The page warns whoever has the old date; a correction of something else keeps it, and reads as no change."""
    clock = FixedClock()
    tour = make.make_tour(session)
    evening = make.make_evening(session, tour=tour, date=dt.date(2027, 6, 19))
    still = make.make_evening(session, tour=tour, date=dt.date(2027, 6, 20))
    publication.refresh(session, tour, actor="tests", clock=clock)
    evening.date = dt.date(2027, 6, 26)
    publication.refresh(session, tour, actor="tests", clock=clock)
    assert corrections.follow(session, tour, actor="tests", clock=clock) == []
    evening.artists = "Les Souliers vernis"
    online = PublishedTour.from_json(publication.refresh(session, tour, actor="tests", clock=clock).payload)
    found = {each.id: (each.previous_date, each.previous_starts_at) for each in online.evenings}
    assert found == {evening.id: (dt.date(2027, 6, 19), dt.time(18)), still.id: (None, None)}
