"""The days that a host gives: later touches stand, nobody's is lost, and the season follows."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.errors import Conflict, InvalidInput, NotFound
from guinguette.models import CommuneRequest, JournalEntry
from guinguette.services import dates_board, host_answers, requests, season
from guinguette.services.journal import By
from tests import factories as make
from tests.fakes import NOW, FixedClock

FRIDAY, SATURDAY, SUNDAY = (dt.date(2027, 7, day) for day in (2, 3, 4))
PAST = dt.date(2027, 6, 5)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def request_(session: Session) -> CommuneRequest:
    """What Éclaron is asked: a weekend of July; one day of its tour is past."""
    tour = make.make_tour(
        session, slug="ete", dates=[PAST, FRIDAY, SATURDAY, SUNDAY], vehicles=[make.make_vehicle(session)]
    )
    row = make.make_request(session, tour=tour, commune=make.make_commune(session, name="Éclaron"))
    session.commit()
    return row


def levels_of(session: Session, row: CommuneRequest, clock: FixedClock) -> dict[dt.date, str]:
    """Return the level of each day to come that has one."""
    return {day: given.level for day, given in host_answers.standing(session, row, clock).given.items()}


def test_an_answer_says_who_gave_it_and_by_which_way(session: Session, request_: CommuneRequest, by: By) -> None:
    """The desk reads it on the request; past days and days of no tour are left out."""
    days = {PAST: "yes", FRIDAY: "yes", dt.date(2027, 8, 1): "yes"}
    assert host_answers.save(session, request_, days, {}, by) == {FRIDAY}
    assert (request_.answered_by, request_.answered_how) == ("lien de Jeanne Petit", "link")
    assert (request_.answered_at, request_.version, request_.saved_by) == (NOW, 2, "Jeanne Petit (lien personnel)")
    with pytest.raises(InvalidInput):
        host_answers.save(session, request_, {FRIDAY: "peut-être"}, {}, by)


def test_of_two_touches_the_later_one_stands(
    session: Session, request_: CommuneRequest, by: By, clock: FixedClock
) -> None:
    """Whichever arrives first; what arrives twice changes nothing the second time."""
    early, late = NOW - 5 * MINUTE, NOW - MINUTE
    assert host_answers.save(session, request_, {FRIDAY: "yes"}, {FRIDAY: late}, by) == {FRIDAY}
    assert host_answers.save(session, request_, {FRIDAY: "no"}, {FRIDAY: early}, by) == set()
    assert host_answers.save(session, request_, {FRIDAY: "yes"}, {FRIDAY: late}, by) == set()
    assert levels_of(session, request_, clock) == {FRIDAY: "yes"}
    assert request_.version == 2
    assert host_answers.save(session, request_, {FRIDAY: "no"}, {FRIDAY: late + MINUTE}, by) == {FRIDAY}
    assert levels_of(session, request_, clock) == {FRIDAY: "no"}


def test_a_phone_in_the_future_does_not_win_for_ever(
    session: Session, request_: CommuneRequest, by: By, clock: FixedClock
) -> None:
    """Its instant is taken for that of arrival, so that who answers a minute later is heard."""
    host_answers.save(session, request_, {FRIDAY: "yes"}, {FRIDAY: NOW + dt.timedelta(days=400)}, by)
    clock.advance(minutes=1)
    host_answers.save(session, request_, {FRIDAY: "no"}, {FRIDAY: clock.now()}, by)
    assert levels_of(session, request_, clock) == {FRIDAY: "no"}


def test_finished_fills_what_is_empty_and_nothing_else(
    session: Session, request_: CommuneRequest, by: By, clock: FixedClock
) -> None:
    """Even a touch made before, which arrives after, goes before a day that nobody touched."""
    host_answers.save(session, request_, {FRIDAY: "yes"}, {}, by)
    assert host_answers.finish(session, request_, by) == 2
    assert levels_of(session, request_, clock) == {FRIDAY: "yes", SATURDAY: "no", SUNDAY: "no"}
    assert host_answers.finish(session, request_, by) == 0
    host_answers.save(session, request_, {SATURDAY: "if_need_be"}, {SATURDAY: NOW - MINUTE}, by)
    assert levels_of(session, request_, clock)[SATURDAY] == "if_need_be"


def test_the_journal_has_a_line_a_day_and_one_at_the_end(
    session: Session, request_: CommuneRequest, by: By, clock: FixedClock
) -> None:
    """Not one a touch."""
    host_answers.save(session, request_, {FRIDAY: "yes"}, {}, by)
    session.flush()
    host_answers.save(session, request_, {SATURDAY: "yes"}, {}, by)
    clock.advance(days=1)
    host_answers.finish(session, request_, by)
    details = [line.detail for line in session.scalars(select(JournalEntry).order_by(JournalEntry.id))]
    assert details == ["", "tous les jours ont une réponse\u00a0: 2 oui, 0 si besoin, 1 non"]


def test_an_organiser_who_edits_meanwhile_is_told(
    session: Session, request_: CommuneRequest, by: By, clock: FixedClock
) -> None:
    """The usual conflict names the host; and what is typed at the desk is a later touch than one that was under way."""
    opened = request_.version
    host_answers.save(session, request_, {FRIDAY: "yes"}, {}, by)
    call = requests.AnswerCommand(levels={FRIDAY: "no"}, answered_by="téléphone de Mme Petit")
    with pytest.raises(Conflict, match="Jeanne Petit") as refused:
        requests.record_answer(session, request_, call, opened, clock)
    assert refused.value.values["who"] == "Jeanne Petit (lien personnel)"
    clock.advance(minutes=10)
    requests.record_answer(session, request_, call, request_.version, clock)
    assert request_.answered_how == "phone"
    host_answers.save(session, request_, {FRIDAY: "yes"}, {FRIDAY: NOW + MINUTE}, by)
    assert levels_of(session, request_, clock)[FRIDAY] == "no"


def test_what_is_asked_of_a_village(session: Session, request_: CommuneRequest, by: By, clock: FixedClock) -> None:
    """Tours with a day to come; there is something to do until every day has an answer, or the telephone had it."""
    request_.tour.answer_by = dt.date(2027, 6, 20)
    make.make_request(session, tour=make.make_tour(session, dates=[PAST]), commune=request_.commune)
    make.make_request(session, tour=request_.tour)
    session.flush()
    assert host_answers.asked_of(session, request_.commune, clock) == [request_]
    (todo,) = host_answers.todos(session, request_.commune, clock)
    assert (todo.arguments, todo.due_on) == ({"slug": "ete"}, dt.date(2027, 6, 20))
    with pytest.raises(NotFound):
        host_answers.get(session, request_.commune, "autre", clock)
    host_answers.save(session, request_, {FRIDAY: "yes"}, {}, by)
    assert host_answers.todos(session, request_.commune, clock)[0].values["left"] == 2
    call = requests.AnswerCommand(levels={FRIDAY: "no"}, answered_by="téléphone de Mme Petit")
    requests.record_answer(session, request_, call, request_.version, clock)
    assert host_answers.todos(session, request_.commune, clock) == []


def test_the_season_follows(session: Session, request_: CommuneRequest, by: By, clock: FixedClock) -> None:
    """What the solver is given: every day that the host has not touched, until they have finished."""

    def availability() -> dict[str, str]:
        session.expire_all()
        (commune,) = season.build_season(session, request_.tour, clock)["communes"]
        given: dict[str, str] = commune["availability"]
        return given

    assert set(availability().values()) == {"yes"}
    host_answers.save(session, request_, {SATURDAY: "no"}, {}, by)
    assert availability() == {"2027-07-02": "yes", "2027-07-04": "yes"}
    host_answers.save(session, request_, {FRIDAY: "if_need_be"}, {}, by)
    assert availability() == {"2027-07-02": "if_need_be", "2027-07-04": "yes"}
    host_answers.finish(session, request_, by)
    assert availability() == {"2027-07-02": "if_need_be"}


def test_what_the_telephone_left_out_stays_no(
    session: Session, request_: CommuneRequest, by: By, clock: FixedClock
) -> None:
    """One touch by link after a whole answer: the other days are "no" still, and nothing more is asked."""
    call = requests.AnswerCommand(levels={FRIDAY: "yes"}, answered_by="téléphone de Mme Petit")
    requests.record_answer(session, request_, call, request_.version, clock)
    clock.advance(minutes=10)
    assert host_answers.save(session, request_, {SATURDAY: "if_need_be"}, {}, by) == {SATURDAY}
    assert levels_of(session, request_, clock) == {FRIDAY: "yes", SATURDAY: "if_need_be", SUNDAY: "no"}
    assert host_answers.todos(session, request_.commune, clock) == []
    assert dates_board.has_answered(request_, [FRIDAY, SATURDAY, SUNDAY])
    # a phone that finds its network: a touch of before the call is over, one of after it stands
    for at, level in ((NOW - MINUTE, "no"), (NOW + MINUTE, "yes")):
        host_answers.save(session, request_, {SUNDAY: "yes"}, {SUNDAY: at}, by)
        assert levels_of(session, request_, clock)[SUNDAY] == level
