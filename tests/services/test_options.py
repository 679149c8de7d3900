"""Options on dates: sent, answered by telephone, lapsed once, withdrawn when the evening is moved or called off."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.models import Agreement, DateOption, Evening, JournalEntry, Message, Publication, RuleSetting
from guinguette.publishing.tour import PublishedTour
from guinguette.services import evenings, open_options, options, publication
from guinguette.services.season import build_season
from tests import factories as make
from tests.fakes import NOW, FixedClock

SATURDAY = dt.date(2027, 7, 17)
TODAY = dt.date(2027, 6, 9)


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> evenings.Act:
    """An organiser at work."""
    return evenings.Act(actor="o@example.org", clock=clock, vault=vault, public_url="https://guinguette.example")


@pytest.fixture
def evening(session: Session, act: evenings.Act) -> Evening:
    """A proposed evening on 17 July, online, with one subscriber of its village."""
    van = make.make_vehicle(session)
    tour = make.make_tour(session, dates=[SATURDAY, SATURDAY + dt.timedelta(days=7)], vehicles=[van])
    commune = make.make_commune(session)
    make.make_request(session, tour=tour, commune=commune)
    evening = make.make_evening(
        session, tour=tour, commune=commune, vehicle=van, date=SATURDAY, state="proposed", artists="Les Zinzins"
    )
    make.make_subscriber(session, vault=act.vault, scopes=[f"commune:{commune.insee}"])
    publication.refresh(session, tour, actor="x", clock=act.clock)
    return evening


def expire(session: Session, act: evenings.Act) -> int:
    """Let lapse what is due."""
    return options.expire(session, clock=act.clock, vault=act.vault, public_url=act.public_url)


def lines(evening: Evening) -> list[tuple[str, str, str, str]]:
    """Return the history as (what, old, new, why)."""
    return [(line.what, line.old, line.new, line.why) for line in evening.history]


def test_an_option_is_open_for_the_days_of_the_rule(session: Session, evening: Evening, act: evenings.Act) -> None:
    """Fifteen days where nothing else is said; another value of the rule counts from its day on."""
    assert options.send(session, evening, act).expires_on == TODAY + dt.timedelta(days=15)
    assert evening.state == "option"
    assert lines(evening) == [("state", "proposed", "option", ""), ("option", "", "2027-06-24", "")]
    session.add(RuleSetting(key="option_days", valid_from=TODAY, value=10, source="Bureau du 9 juin"))
    other = make.make_evening(session, tour=evening.tour, state="proposed", date=SATURDAY)
    assert options.send(session, other, act).expires_on == TODAY + dt.timedelta(days=10)


@pytest.mark.parametrize(("days", "expected"), [(3, 2), (1, 0), (60, 15)])
def test_an_answer_is_expected_before_the_evening(
    session: Session, evening: Evening, act: evenings.Act, days: int, expected: int
) -> None:
    """However near it is: the day before at the latest."""
    near = make.make_evening(session, tour=evening.tour, state="proposed", date=TODAY + dt.timedelta(days=days))
    assert options.send(session, near, act).expires_on == TODAY + dt.timedelta(days=expected)


@pytest.mark.parametrize("until", [TODAY - dt.timedelta(days=1), SATURDAY])
def test_an_expiry_that_makes_no_sense_is_refused(
    session: Session, evening: Evening, act: evenings.Act, until: dt.date
) -> None:
    """Yesterday, or the evening itself: the field is named and nothing has changed."""
    with pytest.raises(InvalidInput) as refused:
        options.send(session, evening, act, expires_on=until)
    assert refused.value.field == "expires_on"
    assert evening.state == "proposed"


def test_one_question_at_a_time(session: Session, evening: Evening, act: evenings.Act) -> None:
    """The service says so in a sentence; the database holds it whatever the code does."""
    option = options.send(session, evening, act)
    with pytest.raises(Conflict, match="déjà"):
        options.send(session, evening, act)
    values = {"date": SATURDAY, "expires_on": TODAY, "sent_at": NOW, "sent_by": "x"}
    session.add(DateOption(evening_id=option.evening_id, state="sent", **values))
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_database_wants_to_know_who_has_answered(session: Session, evening: Evening, act: evenings.Act) -> None:
    """An answer without a name is refused below the service too."""
    option = options.send(session, evening, act)
    session.flush()
    option.state = "accepted"
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize("state", ["confirmed", "cancelled", "postponed", "held"])
def test_only_what_is_not_agreed_can_be_asked_for(session: Session, act: evenings.Act, state: str) -> None:
    """Who has agreed, or is not visited any more, is not asked."""
    with pytest.raises(Conflict):
        options.send(session, make.make_evening(session, state=state, date=SATURDAY), act)


def test_many_at_once_are_one_version(session: Session, evening: Evening, act: evenings.Act) -> None:
    """What somebody changed meanwhile is named with why; the rest is sent."""
    other = make.make_evening(session, tour=evening.tour, state="proposed", date=SATURDAY)
    gone = make.make_evening(session, tour=evening.tour, state="cancelled", date=SATURDAY)
    number = evening.tour.published_version
    ticked = [(evening, evening.version), (other, other.version + 1), (gone, gone.version)]
    done, refused = options.send_ticked(session, ticked, act, expires_on=None)
    assert done == [evening]
    assert [each for each, _ in refused] == [other, gone]
    assert evening.tour.published_version == number + 1
    board = options.board(session, evening.tour, act.clock)
    assert [option.evening for option in board.options] == [evening]
    assert board.unasked == (other,)


def test_a_yes_on_the_telephone_confirms(session: Session, evening: Evening, act: evenings.Act) -> None:
    """The evening is confirmed, nobody is told, and the history says who answered and how."""
    option = options.send(session, evening, act)
    assert options.answer(session, evening, act, accepted=True, answered_by="téléphone de  Mme Petit ") == 0
    assert (evening.state, option.state, option.closed_at) == ("confirmed", "accepted", NOW)
    assert option.answered_by == "téléphone de Mme Petit"
    assert ("option", "2027-06-24", "accepted", "téléphone de Mme Petit") in lines(evening)
    assert session.scalars(select(Message)).all() == []
    with pytest.raises(Conflict, match="Aucune option"):
        options.answer(session, evening, act, accepted=True, answered_by="téléphone")


def test_a_no_frees_the_date_and_tells_people(session: Session, evening: Evening, act: evenings.Act) -> None:
    """Called off with the reason; subscribers hear of it; the next plan does not offer the village that date again."""
    option = options.send(session, evening, act)
    assert options.answer(session, evening, act, accepted=False, answered_by="téléphone de Mme Petit") == 1
    assert (evening.state, option.state) == ("cancelled", "refused")
    assert "pas libre" in evening.change_note
    assert session.scalars(select(Message.kind)).all() == ["cancelled"]
    [commune] = build_season(session, evening.tour, act.clock)["communes"]
    assert list(commune["availability"]) == ["2027-07-24"]
    make.make_evening(session, vehicle=evening.vehicle, date=SATURDAY)  # the van is free


@pytest.mark.parametrize(("by", "limit"), [(" ", "qui a répondu"), ("x" * 201, "200")])
def test_an_answer_has_an_author(session: Session, evening: Evening, act: evenings.Act, by: str, limit: str) -> None:
    """Nobody, or a novel, is refused beside the field."""
    options.send(session, evening, act)
    with pytest.raises(InvalidInput, match=limit) as refused:
        options.answer(session, evening, act, accepted=True, answered_by=by)
    assert refused.value.field == "answered_by"


def test_what_nobody_answers_lapses_once(
    session: Session, evening: Evening, act: evenings.Act, clock: FixedClock
) -> None:
    """Not on its last day; the day after the date is free, people are told once, a second round changes nothing."""
    option = options.send(session, evening, act)
    session.commit()
    clock.set(dt.datetime(2027, 6, 24, 21, tzinfo=dt.UTC))
    assert expire(session, act) == 0
    clock.set(dt.datetime(2027, 6, 24, 22, 1, tzinfo=dt.UTC))  # past midnight in Paris: nobody is woken
    assert expire(session, act) == 0
    clock.set(dt.datetime(2027, 6, 25, 7, tzinfo=dt.UTC))
    assert expire(session, act) == 1
    session.commit()
    assert (option.state, evening.state) == ("expired", "cancelled")
    assert evening.change_note == "La date n’a pas été confirmée à temps."
    assert lines(evening)[-2:] == [
        ("option", "2027-06-24", "expired", ""),
        ("state", "option", "cancelled", "La date n’a pas été confirmée à temps."),
    ]
    assert evening.history[-1].actor == options.LAPSE
    version = publication.latest(session, evening.tour)
    assert version is not None
    assert [e.state for e in PublishedTour.from_json(version.payload).evenings] == ["cancelled"]
    assert expire(session, act) == 0
    assert session.scalars(select(Message.kind)).all() == ["cancelled"]


def test_two_workers_call_an_evening_off_once(
    session: Session, session_factory: sessionmaker[Session], evening: Evening, act: evenings.Act, clock: FixedClock
) -> None:
    """The second finds the option claimed: one message, one version."""
    options.send(session, evening, act)
    session.commit()
    clock.advance(days=20)
    for _ in range(2):
        with session_factory.begin() as worker:
            expire(worker, act)
    assert len(session.scalars(select(Message)).all()) == 1
    assert len(session.scalars(select(Publication)).all()) == 3


def test_what_lapses_in_one_tour_is_one_version(
    session: Session, evening: Evening, act: evenings.Act, clock: FixedClock
) -> None:
    """Two dates, one new version; another tour that is not online has none, and nobody is told."""
    other = make.make_evening(session, tour=evening.tour, state="proposed", date=SATURDAY)
    offline = make.make_evening(session, state="proposed", date=SATURDAY)
    for each in (evening, other, offline):
        options.send(session, each, act)
    number = evening.tour.published_version
    clock.advance(days=20)
    assert expire(session, act) == 3
    assert evening.tour.published_version == number + 1
    assert (offline.state, offline.tour.published_version) == ("cancelled", 0)


def test_what_has_taken_place_meanwhile_is_not_called_off(
    session: Session, evening: Evening, act: evenings.Act, clock: FixedClock
) -> None:
    """The worker slept for a month: the option lapses, the evening may have been held."""
    options.send(session, evening, act)
    clock.set(dt.datetime(2027, 7, 20, 8, tzinfo=dt.UTC))
    assert expire(session, act) == 1
    assert evening.state == "option"
    evenings.mark_held(session, evening, act, attendance=120)
    assert evening.state == "held"


def test_a_move_withdraws_the_question(session: Session, evening: Evening, act: evenings.Act) -> None:
    """A plan that gives another date asks anew; the old question lapses no more."""
    option = options.send(session, evening, act)
    there = [(evening.commune, SATURDAY + dt.timedelta(days=7), evening.vehicle)]
    plan = make.make_plan(session, tour=evening.tour, evenings=there)
    publication.publish(
        session, plan, actor="o@example.org", clock=act.clock, vault=act.vault, public_url=act.public_url
    )
    assert (option.state, evening.state) == ("withdrawn", "option")
    again = options.send(session, evening, act)
    assert again.date == evening.date == SATURDAY + dt.timedelta(days=7)
    assert open_options.of(evening) is again


def test_whatever_ends_an_evening_ends_its_question(session: Session, evening: Evening, act: evenings.Act) -> None:
    """Called off by hand, or left out of a plan: withdrawn, and it lapses no more."""
    option = options.send(session, evening, act)
    evenings.cancel(session, evening, act, reason="Canicule.")
    assert option.state == "withdrawn"
    assert ("option", "2027-06-24", "withdrawn", "") in lines(evening)


def test_confirming_by_hand_answers_the_question(session: Session, evening: Evening, act: evenings.Act) -> None:
    """Ticked in the list of evenings: accepted, by whoever ticked."""
    option = options.send(session, evening, act)
    evenings.confirm(session, [evening], act)
    assert (option.state, option.answered_by) == ("accepted", "o@example.org")


def test_no_village_is_woken_by_an_option_that_lapses(
    session: Session, evening: Evening, act: evenings.Act, clock: FixedClock
) -> None:
    """The last day to answer is the eve: the evening falls in the morning, for its news leaves at once."""
    options.send(session, evening, act, expires_on=SATURDAY - dt.timedelta(days=1))
    clock.set(dt.datetime(2027, 7, 16, 22, 1, tzinfo=dt.UTC))
    assert expire(session, act) == 0
    assert not session.scalars(select(Message)).all()
    clock.set(dt.datetime(2027, 7, 17, 7, tzinfo=dt.UTC))
    assert expire(session, act) == 1
    [message] = session.scalars(select(Message))
    assert (message.kind, message.urgent, message.due_at) == ("cancelled", True, clock.now())


def test_of_two_answers_at_once_one_stands(
    session: Session, session_factory: sessionmaker[Session], evening: Evening, act: evenings.Act
) -> None:
    """Two people of a village, one says yes and the other no: the second is refused, nothing is half written."""
    options.send(session, evening, act)
    session.commit()
    with session_factory() as one, session_factory() as two:
        first, second = one.get_one(Evening, evening.id), two.get_one(Evening, evening.id)
        assert open_options.of(second) is not None  # both have read that the question is open
        options.answer(one, first, act, accepted=True, answered_by="Jeanne Petit", how="link")
        one.commit()
        with pytest.raises(StaleDataError):
            options.answer(two, second, act, accepted=False, answered_by="Luc Noël", how="sms")
    session.expire_all()
    assert (evening.state, evening.options[0].answered_by) == ("confirmed", "Jeanne Petit")
    assert [row.agreed_by for row in session.scalars(select(Agreement))] == ["Jeanne Petit"]


def test_the_journal_of_the_village_has_what_was_said(session: Session, evening: Evening, act: evenings.Act) -> None:
    """By whom, by which way, in words that its next president understands."""
    options.send(session, evening, act)
    options.answer(session, evening, act, accepted=False, answered_by="téléphone de Mme Petit", note="Brocante.")
    [line] = session.scalars(select(JournalEntry))
    assert (line.what, line.how, line.actor) == ("option", "phone", "téléphone de Mme Petit")
    assert line.detail == "samedi 17\u00a0juillet\u00a02027\u00a0: non, Brocante."
    assert line.evening_id == evening.id
