"""Days on which a hall is taken (guinguette/services/halls.py), and what each must not do to an evening there."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput, NotFound
from guinguette.models import Evening, FallbackVenue, HallBooking, JournalEntry
from guinguette.services import deadlines, evenings, halls, options, retention, site_sheet
from guinguette.services.evenings import Act
from guinguette.services.journal import By
from guinguette.services.season import build_season
from tests import factories as make
from tests.fakes import FixedClock

SATURDAY = dt.date(2027, 6, 19)


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> Act:
    """An organiser at work."""
    return Act(actor="o@example.org", clock=clock, vault=vault, public_url="https://guinguette.example")


@pytest.fixture
def hall(session: Session) -> FallbackVenue:
    """The hall of a village."""
    return make.make_hall(session, name="Salle des fêtes")


def _evening(session: Session, hall: FallbackVenue, **values: Any) -> Evening:
    return make.make_evening(session, commune=hall.commune, fallback_venue=hall, date=SATURDAY, **values)


def test_a_day_is_noted_once_and_freed(session: Session, hall: FallbackVenue, by: By, clock: FixedClock) -> None:
    """Who noted it stays with it; the second time is refused with a sentence; the journal has both ways."""
    assert halls.book(session, hall, SATURDAY, " Mariage ", by=by) == []
    with pytest.raises(Conflict, match="déjà notée prise"):
        halls.book(session, hall, SATURDAY, "", by=by)
    (booking,) = halls.coming(session, hall, clock)
    assert (booking.what, booking.noted_by) == ("Mariage", "Jeanne Petit")
    halls.release(session, booking, by=by)
    assert list(halls.coming(session, hall, clock)) == []
    lines = session.scalars(select(JournalEntry.detail).order_by(JournalEntry.id)).all()
    assert [line.replace("\u00a0", " ") for line in lines] == [
        "Salle des fêtes, samedi 19 juin 2027 : prise (Mariage)",
        "Salle des fêtes, samedi 19 juin 2027 : libre",
    ]


@pytest.mark.parametrize("day", [dt.date(2027, 6, 8), dt.date(2072, 6, 19)])
def test_a_mistyped_day_is_refused(session: Session, hall: FallbackVenue, by: By, day: dt.date) -> None:
    """Yesterday, or in forty-five years."""
    with pytest.raises(InvalidInput):
        halls.book(session, hall, day, "", by=by)


def test_a_booking_where_an_evening_stands_is_a_clash_not_an_overwrite(
    session: Session, hall: FallbackVenue, by: By, clock: FixedClock
) -> None:
    """Both stay, and both sides read of it: the desk's tasks and the village's own list."""
    evening = _evening(session, hall, venue="hall")
    assert halls.book(session, hall, SATURDAY, "Club", by=by) == [evening]
    assert (evening.state, evening.venue) == ("confirmed", "hall")
    found = halls.clash(session, evening)
    assert found is not None
    assert found.what == "Club"
    assert "hall_clash" in {task.kind for task in deadlines.tasks_of(session, [evening], clock)}
    assert site_sheet.todos(session, hall.commune, clock)[0].values == {"day": SATURDAY}
    halls.release(session, found, by=by)
    assert "hall_clash" not in {task.kind for task in deadlines.tasks_of(session, [evening], clock)}


def test_an_evening_outdoors_only_loses_its_shelter(session: Session, hall: FallbackVenue, by: By, act: Act) -> None:
    """It is no clash; but it cannot be moved to that hall, and it is said before it rains."""
    evening = _evening(session, hall)
    assert halls.book(session, hall, SATURDAY, "Mariage", by=by) == []
    assert halls.clash(session, evening) is None
    assert halls.no_shelter(session, evening) is not None
    with pytest.raises(Conflict, match=r"déjà prise le 19/06/2027 \(Mariage\)"):
        evenings.move_to_hall(session, evening, act, reason="Orages.")
    assert evening.venue == "pitch"


def test_a_date_in_a_taken_hall_is_not_agreed_to(session: Session, hall: FallbackVenue, by: By, act: Act) -> None:
    """In a tour that needs its halls neither the answer to an option nor the desk confirms it; a refusal passes."""
    tour = make.make_tour(session, hall_required=True)
    evening = _evening(session, hall, tour=tour, state="proposed")
    options.send(session, evening, act)
    halls.book(session, hall, SATURDAY, "", by=by)
    with pytest.raises(Conflict, match="déjà prise"):
        options.answer(session, evening, act, accepted=True, answered_by="téléphone de Mme Petit")
    with pytest.raises(Conflict, match="déjà prise"):
        evenings.confirm(session, [evening], act)
    assert evening.state == "option"
    options.answer(session, evening, act, accepted=False, answered_by="téléphone de Mme Petit")
    assert evening.state == "cancelled"


@pytest.mark.parametrize(("required", "open_"), [(True, False), (False, True)])
def test_a_tour_that_needs_halls_is_not_offered_the_day(
    session: Session, hall: FallbackVenue, by: By, clock: FixedClock, required: bool, open_: bool
) -> None:
    """The season says no for that village alone; a summer tour, outdoors, keeps the day."""
    tour = make.make_tour(session, dates=[SATURDAY], vehicles=[make.make_vehicle(session)], hall_required=required)
    make.make_request(session, tour=tour, commune=hall.commune, fallback_venue=hall)
    make.make_request(session, tour=tour, fallback_venue=make.make_hall(session))
    halls.book(session, hall, SATURDAY, "", by=by)
    season = build_season(session, tour, clock)
    days = {each["id"]: SATURDAY.isoformat() in each["availability"] for each in season["communes"]}
    assert days.pop(hall.commune_insee) is open_
    assert list(days.values()) == [True]


def test_another_halls_booking_is_none(session: Session, hall: FallbackVenue, by: By) -> None:
    """A booking is asked for together with its hall."""
    halls.book(session, hall, SATURDAY, "", by=by)
    booking = session.scalars(select(HallBooking)).one()
    with pytest.raises(NotFound):
        halls.get(session, make.make_hall(session), booking.id)


def test_a_day_that_is_over_is_forgotten(session: Session, hall: FallbackVenue, by: By, clock: FixedClock) -> None:
    """What the hall was for, and who said so, serves nobody a month later."""
    halls.book(session, hall, SATURDAY, "Mariage", by=by)
    for days, left in ((31, 1), (11, 0)):
        clock.advance(days=days)
        retention.forget(session, clock)
        assert len(session.scalars(select(HallBooking)).all()) == left


def test_a_postponed_evening_is_not_agreed_into_a_taken_hall(
    session: Session, hall: FallbackVenue, by: By, act: Act
) -> None:
    """A tour with halls: the other date is refused too, and the evening stays as it was."""
    tour = make.make_tour(session, hall_required=True, dates=[SATURDAY, SATURDAY + dt.timedelta(days=7)])
    evening = _evening(session, hall, tour=tour, venue="hall")
    halls.book(session, hall, SATURDAY + dt.timedelta(days=7), "", by=by)
    with pytest.raises(Conflict, match="déjà prise le 26/06/2027"):
        evenings.postpone(session, evening, act, date=SATURDAY + dt.timedelta(days=7), reason="Gel.", agreed=True)
    assert evening.state == "confirmed"
