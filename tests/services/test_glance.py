"""A tour at a glance: answers, gaps, money, permits, what is due."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.models import Tour
from guinguette.services.glance import Left, glance_at
from tests import factories as make
from tests.fakes import NOW, FixedClock

SATURDAY = dt.date(2027, 7, 17)


@pytest.fixture
def tour(session: Session) -> Tour:
    """A tour of July."""
    return make.make_tour(session, dates=[SATURDAY, SATURDAY + dt.timedelta(days=7)])


def test_who_has_not_answered(session: Session, tour: Tour, clock: FixedClock) -> None:
    """Those withdrawn from the tour do not count."""
    silent = make.make_request(session, tour=tour)
    make.make_request(session, tour=tour, availabilities={SATURDAY: "yes"})
    make.make_request(session, tour=tour, archived_at=NOW)
    seen = glance_at(session, tour, clock)
    assert (len(seen.requests), seen.silent) == (2, (silent,))


def test_what_is_missing_by_kind(session: Session, tour: Tour, clock: FixedClock) -> None:
    """A bare request lacks everything but electricity, which is asked once the pitch is known."""
    bare = make.make_request(session, tour=tour)
    commune = make.make_commune(session)
    committee = make.make_committee(session, commune=commune)
    make.make_contact(session, committee=committee, phone_encrypted="x")
    dark = make.make_request(
        session,
        tour=tour,
        commune=commune,
        permit_holder=committee,
        pitch=make.make_pitch(session, commune=commune, power_supply=""),
        fallback_venue=make.make_hall(session, commune=commune),
    )
    missing = {gap.kind: gap.requests for gap in glance_at(session, tour, clock).missing}
    assert missing == {"contact": (bare,), "pitch": (bare,), "power": (dark,), "hall": (bare,), "permit": (bare,)}


def test_money_left_is_what_living_evenings_have_not_used(session: Session, tour: Tour, clock: FixedClock) -> None:
    """A cancelled evening gives its money back; more than there is shows as less than nothing."""
    commune = make.make_commune(session)
    tour.fundings = [make.Funding(epci_siren=commune.epci_siren, evenings=1)]
    session.flush()
    assert [one.left for one in glance_at(session, tour, clock).fundings] == [1]
    for day, state in ((0, "confirmed"), (7, "option"), (14, "cancelled")):
        date = SATURDAY + dt.timedelta(days=day)
        make.make_evening(session, tour=tour, commune=commune, date=date, state=state)
    [funding] = glance_at(session, tour, clock).fundings
    assert (funding.limit, funding.used, funding.left) == (1, 2, -1)


def test_permits_count_the_whole_year_in_all_tours(session: Session, tour: Tour, clock: FixedClock) -> None:
    """The scarcest holder first; last year's and cancelled evenings do not count."""
    busy, fresh = make.make_committee(session, name="Comité A"), make.make_committee(session, name="Comité B")
    for holder in (busy, fresh):
        make.make_request(session, tour=tour, commune=holder.commune, permit_holder=holder)
    make.make_evening(session, permit_holder=busy, date=dt.date(2027, 5, 8))
    make.make_evening(session, tour=tour, permit_holder=busy, date=SATURDAY)
    make.make_evening(session, permit_holder=busy, date=dt.date(2027, 5, 9), state="cancelled")
    make.make_evening(session, permit_holder=busy, date=dt.date(2026, 12, 31))
    assert glance_at(session, tour, clock).permits == (Left("Comité A", 5, 2, 2027), Left("Comité B", 5, 0, 2027))


def test_a_winter_has_two_years_of_permits(session: Session, clock: FixedClock) -> None:
    """Each with its own count."""
    holder = make.make_committee(session)
    tour = make.make_tour(session, dates=[dt.date(2027, 12, 31), dt.date(2028, 1, 7)])
    make.make_request(session, tour=tour, commune=holder.commune, permit_holder=holder)
    make.make_evening(session, tour=tour, permit_holder=holder, date=dt.date(2028, 1, 7))
    assert [(one.year, one.left) for one in glance_at(session, tour, clock).permits] == [(2028, 4), (2027, 5)]


def test_what_is_due_and_late(session: Session, tour: Tour, clock: FixedClock) -> None:
    """Tasks in order, those done left out, the overdue ones counted."""
    make.make_evening(session, tour=tour, date=SATURDAY, artists="Les Zinzins")
    seen = glance_at(session, tour, clock)
    assert [task.kind for task in seen.tasks] == ["sacem", "road", "weather", "weather_sure"]
    assert seen.late == 0
    clock.set(dt.datetime(2027, 7, 15, 8, tzinfo=dt.UTC))
    assert glance_at(session, tour, clock).late == 2


def test_an_empty_tour_has_nothing_to_say(session: Session, clock: FixedClock) -> None:
    """No village, no date, no evening: no error either."""
    seen = glance_at(session, make.make_tour(session), clock)
    assert (seen.requests, seen.missing, seen.fundings, seen.permits, seen.tasks) == ((), (), (), (), ())
