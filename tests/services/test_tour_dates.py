"""The dates that a tour may use."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.services import tour_dates
from tests import factories as make
from tests.fakes import FixedClock

ONE, TWO, THREE = dt.date(2027, 6, 18), dt.date(2027, 6, 19), dt.date(2027, 6, 20)


def test_dates_are_added_and_removed(session: Session, clock: FixedClock) -> None:
    """The tour has exactly the dates given, in order, under a new version."""
    tour = make.make_tour(session, dates=[ONE, TWO])
    done = tour_dates.replace(session, tour, [THREE, TWO], 1, clock)
    session.expire_all()
    assert [row.date for row in tour.dates] == [TWO, THREE]
    assert (done.added, done.removed, done.orphans, tour.version) == (1, 1, (), 2)


def test_evenings_on_a_removed_date_are_told(session: Session, clock: FixedClock) -> None:
    """They stay until the next plan moves them; what is cancelled or past is not told."""
    past = dt.date(2027, 6, 1)
    tour = make.make_tour(session, dates=[past, ONE, TWO, THREE])
    told = make.make_evening(session, tour=tour, date=TWO)
    make.make_evening(session, tour=tour, date=ONE, state="cancelled")
    make.make_evening(session, tour=tour, date=past, state="held")
    assert tour_dates.replace(session, tour, [THREE], 1, clock).orphans == (told,)


def test_a_tour_keeps_a_date_and_a_stale_page_is_refused(session: Session, clock: FixedClock) -> None:
    """No date at all is no tour; an old version overwrites nothing."""
    tour = make.make_tour(session, dates=[ONE])
    with pytest.raises(InvalidInput):
        tour_dates.replace(session, tour, [], 1, clock)
    with pytest.raises(Conflict):
        tour_dates.replace(session, tour, [TWO], 0, clock)
    assert [row.date for row in tour.dates] == [ONE]
