"""The one thing to do next in a tour."""

import datetime as dt

from sqlalchemy.orm import Session

from guinguette.models import DateOption
from guinguette.services.tour_steps import steps_of
from tests import factories as make
from tests.fakes import NOW, FixedClock

DAY = dt.date(2027, 6, 19)


def test_each_step_follows_the_one_before(session: Session, clock: FixedClock) -> None:
    """From an empty tour to one that is over."""
    tour = make.make_tour(session)

    def step() -> str:
        session.expire_all()
        return steps_of(session, tour, clock).step

    assert step() == "vehicles"
    tour.vehicles = [make.TourVehicle(vehicle=make.make_vehicle(session))]
    session.flush()
    assert step() == "communes"
    request = make.make_request(session, tour=tour)
    assert step() == "dates"
    tour.dates = [make.TourDate(date=DAY)]
    session.flush()
    assert step() == "answers"
    request.answered_at = NOW
    session.flush()
    assert step() == "plan"
    plan = make.make_plan(session, tour=tour)
    assert step() == "publish"
    evening = make.make_evening(session, tour=tour, date=DAY, state="proposed")
    make.make_publication(session, tour=tour, plan_id=plan.id)
    assert step() == "ask"
    evening.state = "option"
    option = DateOption(evening=evening, date=DAY, expires_on=DAY, sent_at=NOW, sent_by="x")
    session.add(option)
    session.flush()
    assert step() == "confirm"
    evening.state, option.state = "confirmed", "withdrawn"
    session.flush()
    assert step() == "nothing"
    make.make_plan(session, tour=tour)
    assert step() == "publish"
    clock.advance(days=30)
    assert step() == "archive"


def test_counts_leave_out_what_is_archived(session: Session, clock: FixedClock) -> None:
    """Only those who take part count."""
    tour = make.make_tour(session, dates=[DAY, DAY + dt.timedelta(days=1)], vehicles=[make.make_vehicle(session)])
    make.make_request(session, tour=tour, evenings=2, availabilities={DAY: "yes"})
    make.make_request(session, tour=tour, evenings=3)
    make.make_request(session, tour=tour, evenings=9, archived_at=NOW)
    steps = steps_of(session, tour, clock)
    assert (steps.communes, steps.unanswered, steps.evenings_wanted, steps.dates) == (2, 1, 5, 2)
    assert (steps.first, steps.last, steps.ready_to_plan) == (DAY, DAY + dt.timedelta(days=1), True)
