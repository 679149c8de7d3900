"""Nudges for a tour's dates: on their days, in permitted hours, until the village has answered."""

import datetime as dt

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Availability, Message, Tour
from guinguette.services import committees, dates_asked, dates_board, evenings, taking_over
from tests import factories as make
from tests.fakes import NOW, PUBLIC_URL, FixedClock
from tests.services.dates_stage import ANSWER_BY, FIRST, LAST, standings, village, written


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> evenings.Act:
    """An organiser at work, on Wednesday 9 June 2027."""
    return evenings.Act(actor="o@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL, phone="03 25 00 00 00")


@pytest.fixture
def tour(session: Session) -> Tour:
    """A tour of two dates in August; answers until Wednesday 7 July, nudges three weeks, one week, two days before."""
    return make.make_tour(session, dates=[FIRST, LAST], answer_by=ANSWER_BY, nudge_days=[21, 7, 2])


def nudge(session: Session, act: evenings.Act, at: str) -> int:
    """A worker's minute."""
    act.clock.set(dt.datetime.fromisoformat(at + ":00+00:00"))  # type: ignore[attr-defined]
    return dates_asked.nudge(session, clock=act.clock, vault=act.vault, public_url=act.public_url, phone=act.phone)


def test_nudges_come_on_their_days_in_permitted_hours_once_each(
    session: Session, tour: Tour, act: evenings.Act
) -> None:
    """16 June, 30 June, 5 July; not at night, not twice, not after the last day."""
    village(session, tour, "Allichamps", act.vault)
    dates_asked.ask(session, tour, act)
    session.execute(update(Message).values(state="delivered"))
    for at, expected in (
        ("2027-06-15T08:00", 0),
        ("2027-06-16T05:00", 0),  # seven in the morning
        ("2027-06-16T08:00", 1),
        ("2027-06-16T09:00", 0),  # in the outbox already
    ):
        assert nudge(session, act, at) == expected
    session.execute(update(Message).values(state="delivered"))
    assert [nudge(session, act, f"2027-{day}T08:00") for day in ("06-17", "06-29", "06-30")] == [0, 0, 1]
    session.execute(update(Message).values(state="delivered"))
    assert [nudge(session, act, f"2027-{day}T08:00") for day in ("07-03", "07-05", "07-06", "07-08")] == [0, 1, 0, 0]
    question, *nudges = written(session)
    assert [each.number for each in nudges] == [20270616, 20270630, 20270705]
    assert question.body != nudges[0].body
    assert "il nous manque vos soirs possibles à Allichamps, jusqu'au mercredi 7 juillet" in nudges[-1].body


def test_a_nudge_that_falls_on_a_sunday_waits_for_monday(session: Session, tour: Tour, act: evenings.Act) -> None:
    """It is that Sunday's still, so that Monday's worker does not write a second."""
    tour.nudge_days = [17]  # Sunday 20 June
    village(session, tour, "Allichamps", act.vault)
    dates_asked.ask(session, tour, act)
    session.execute(update(Message).values(state="delivered"))
    assert [nudge(session, act, f"2027-06-{day}T08:00") for day in (20, 21, 21)] == [0, 1, 0]
    assert written(session)[-1].number == 20270620


def test_nobody_is_nudged_who_was_asked_a_moment_ago_or_never(session: Session, tour: Tour, act: evenings.Act) -> None:
    """Two days are left to answer; whom nobody has asked is not in want of an answer."""
    tour.nudge_days = [27]  # 10 June, the day after the question
    village(session, tour, "Allichamps", act.vault)
    dates_asked.ask(session, tour, act)
    village(session, tour, "Bailly", act.vault, phone="+33639980002")
    session.execute(update(Message).values(state="delivered"))
    assert [nudge(session, act, f"2027-06-{day}T08:00") for day in (10, 11, 12)] == [0, 1, 0]


@pytest.mark.parametrize(
    ("how", "days", "nudged"),
    [("phone", [FIRST], 0), ("import", [], 0), ("link", [FIRST], 1), ("link", [FIRST, LAST], 0)],
)
def test_nudges_stop_once_the_answer_is_whole(
    session: Session, tour: Tour, act: evenings.Act, how: str, days: list[dt.date], nudged: int
) -> None:
    """By telephone or import it is; by link, once each day to come has its answer."""
    request, _ = village(session, tour, "Allichamps", act.vault)
    dates_asked.ask(session, tour, act)
    session.execute(update(Message).values(state="delivered"))
    request.answered_at, request.answered_how = NOW, how
    request.availabilities = [Availability(date=day, level="yes") for day in days]
    session.flush()
    [line] = dates_board.of_tour(session, tour, act.clock, act.vault)
    assert line.standing == ("begun" if nudged else "answered")
    assert line.levels == {"yes": len(days), "if_need_be": 0, "no": 0 if how == "link" else 2 - len(days)}
    assert nudge(session, act, "2027-06-16T08:00") == nudged


def test_an_address_that_failed_is_not_tried_again(
    session: Session, tour: Tour, act: evenings.Act, clock: FixedClock
) -> None:
    """The same words follow by e-mail, and so do the nudges; without one, somebody rings."""
    _, with_email = village(session, tour, "Allichamps", act.vault, email="jp@example.org")
    village(session, tour, "Bailly", act.vault, phone="+33639980002")
    dates_asked.ask(session, tour, act)
    session.execute(update(Message).values(state="failed"))
    assert standings(session, tour, act) == ["unasked", "to_ring"]
    assert taking_over.follow(session, clock=clock, vault=act.vault, public_url=PUBLIC_URL) == 1
    assert standings(session, tour, act) == ["asked", "to_ring"]
    session.execute(update(Message).where(Message.channel == "email").values(state="sent"))
    assert nudge(session, act, "2027-06-16T08:00") == 1
    last = written(session)[-1]
    assert (last.channel, last.contact_id, last.tour_id) == ("email", with_email.id, tour.id)


def test_a_number_put_right_is_tried_again(session: Session, tour: Tour, act: evenings.Act) -> None:
    """And goes on being nudged."""
    _, contact = village(session, tour, "Allichamps", act.vault)
    dates_asked.ask(session, tour, act)
    session.execute(update(Message).values(state="failed"))
    assert standings(session, tour, act) == ["to_ring"]
    assert nudge(session, act, "2027-06-16T08:00") == 0
    command = committees.ContactCommand(name="Jeanne Petit", phone="06 39 98 00 02")
    session.refresh(contact)
    committees.edit_contact(session, contact, command, contact.version, act.vault)
    assert nudge(session, act, "2027-06-16T08:01") == 1
    session.execute(update(Message).where(Message.state == "queued").values(state="sent"))
    assert nudge(session, act, "2027-06-30T08:00") == 1
