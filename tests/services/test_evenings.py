"""The life of one evening: legal moves only, history, a new published version, messages to those concerned."""

import datetime as dt
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.domain.states import TRANSITIONS, EveningState, Venue, check_move
from guinguette.models import Evening, Message, TourDate
from guinguette.publishing.calendar import title
from guinguette.publishing.tour import PublishedEvening, PublishedTour
from guinguette.services import evenings, options, publication, reminders
from tests import factories as make
from tests.fakes import FixedClock


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> evenings.Act:
    """An organiser at work."""
    return evenings.Act(
        actor="organisatrice@example.org", clock=clock, vault=vault, public_url="https://guinguette.example"
    )


@pytest.fixture
def evening(session: Session, act: evenings.Act) -> Evening:
    """A confirmed evening of a published tour, with one subscriber of its commune."""
    evening = make.make_evening(session)
    make.make_subscriber(session, vault=act.vault, scopes=[f"commune:{evening.commune_insee}"])
    publication.refresh(session, evening.tour, actor="x", clock=act.clock)
    return evening


def published(session: Session, evening: Evening) -> PublishedEvening:
    """Return the evening as the public sees it now."""
    version = publication.latest(session, evening.tour)
    assert version is not None
    return next(e for e in PublishedTour.from_json(version.payload).evenings if e.id == evening.id)


def messages(session: Session) -> list[str]:
    """Return the kinds of the queued messages."""
    return [message.kind for message in session.query(Message).all()]


def test_cancelling_is_seen_everywhere(session: Session, evening: Evening, act: evenings.Act) -> None:
    """The page and feed say cancelled and why, SEQUENCE is up, the subscriber is told, the history knows who."""
    assert evenings.cancel(session, evening, act, reason="Vigilance rouge canicule.") == 1
    seen = published(session, evening)
    assert (seen.state, seen.sequence, seen.change_note) == (EveningState.CANCELLED, 1, "Vigilance rouge canicule.")
    assert messages(session) == ["cancelled"]
    line = evening.history[-1]
    assert (line.actor, line.old, line.new, line.why) == (
        "organisatrice@example.org",
        "confirmed",
        "cancelled",
        "Vigilance rouge canicule.",
    )


def test_postponing_makes_the_evening_that_replaces_it(session: Session, evening: Evening, act: evenings.Act) -> None:
    """The old one points to the new one; the new one has an address of its own and the same programme."""
    evening.artists = "Les Souliers vernis"
    later = evenings.postpone(session, evening, act, date=dt.date(2027, 6, 26), reason="Orages.", agreed=True)
    seen = published(session, evening)
    assert (seen.state, seen.postponed_to, seen.postponed_to_date) == (
        EveningState.POSTPONED,
        later.id,
        dt.date(2027, 6, 26),
    )
    assert seen.postponed_to_sure
    assert published(session, later).artists == "Les Souliers vernis"
    assert later.state == "confirmed"
    assert messages(session) == ["postponed"]


def test_a_date_nobody_has_agreed_to_is_an_option(session: Session, evening: Evening, act: evenings.Act) -> None:
    """The page and the SMS say that the new date is not sure, until it is confirmed."""
    later = evenings.postpone(session, evening, act, date=dt.date(2027, 6, 26), reason="Orages.", agreed=False)
    assert (later.state, published(session, evening).postponed_to_sure) == ("option", False)
    assert "sans doute au samedi 26 juin" in session.query(Message).one().body
    evenings.confirm(session, [later], act)
    assert published(session, evening).postponed_to_sure


def test_a_dead_date_is_not_announced(session: Session, evening: Evening, act: evenings.Act) -> None:
    """A postponed evening names the one that is alive in the end, or no date, and calendars read it anew."""
    second = evenings.postpone(session, evening, act, date=dt.date(2027, 6, 26), reason="Orages.", agreed=True)
    third = evenings.postpone(session, second, act, date=dt.date(2027, 7, 2), reason="Canicule.", agreed=False)
    for old in (evening, second):
        seen = published(session, old)
        assert (seen.postponed_to, seen.postponed_to_date, seen.postponed_to_sure) == (third.id, third.date, False)
    before = evening.sequence
    evenings.cancel(session, third, act, reason="Plus de date libre.")
    seen = published(session, evening)
    assert (seen.state, seen.postponed_to, seen.postponed_to_date) == (EveningState.POSTPONED, None, None)
    assert seen.sequence == before + 1
    assert title(seen, translate=str, locale="fr").startswith("REPORTÉ – ")


def test_moving_to_the_hall_and_back(session: Session, evening: Evening, act: evenings.Act) -> None:
    """The venue changes, not the state; each change is told once."""
    evenings.move_to_hall(session, evening, act, reason="Orages prévus.")
    seen = published(session, evening)
    assert (seen.state, seen.venue, seen.place) == (EveningState.CONFIRMED, Venue.HALL, seen.hall)
    evenings.move_to_pitch(session, evening, act, reason="Le soleil revient.")
    assert published(session, evening).sequence == 2
    assert sorted(messages(session)) == ["changed", "moved_to_hall"]


def test_no_hall_no_move(session: Session, evening: Evening, act: evenings.Act) -> None:
    """Without a known hall there is nowhere to go."""
    evening.fallback_venue = None
    with pytest.raises(InvalidInput):
        evenings.move_to_hall(session, evening, act, reason="Orages.")


def test_a_change_of_hours_is_told_a_change_of_menu_is_only_published(
    session: Session, evening: Evening, act: evenings.Act
) -> None:
    """An SMS costs money: it leaves for what would make people come at the wrong time or place."""
    programme = {name: getattr(evening, name) for name in evenings.Programme.__dataclass_fields__}
    assert evenings.edit_programme(session, evening, act, evenings.Programme(**programme)) == 0
    assert evenings.edit_programme(session, evening, act, evenings.Programme(**programme | {"food": "Crêpes"})) == 0
    assert published(session, evening).food == "Crêpes"
    told = evenings.edit_programme(
        session, evening, act, evenings.Programme(**programme | {"food": "Crêpes", "starts_at": dt.time(19)})
    )
    assert told == 1
    assert messages(session) == ["changed"]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_calling_off_wants_a_reason_people_can_read(
    session: Session, evening: Evening, act: evenings.Act, reason: str
) -> None:
    """No reason, or a novel, is refused beside its field."""
    with pytest.raises(InvalidInput) as refusal:
        evenings.cancel(session, evening, act, reason=reason)
    assert refusal.value.field == "reason"


def test_a_second_organiser_is_told_what_changed_meanwhile(
    session: Session, evening: Evening, act: evenings.Act
) -> None:
    """A form opened before somebody else's change cannot overwrite it."""
    stale = evenings.Act(
        actor="b@example.org", clock=act.clock, vault=act.vault, public_url=act.public_url, version=evening.version
    )
    evenings.move_to_hall(session, evening, act, reason="Orages.")
    with pytest.raises(Conflict):
        evenings.cancel(session, evening, stale, reason="Orages.")


@pytest.mark.parametrize("old", list(EveningState))
@pytest.mark.parametrize("new", list(EveningState))
def test_only_legal_moves(old: EveningState, new: EveningState) -> None:
    """Every pair of states is either in the table or refused."""
    if new in TRANSITIONS[old]:
        check_move(old, new)
    else:
        with pytest.raises(Conflict):
            check_move(old, new)


def test_a_past_evening_does_not_change(
    session: Session, evening: Evening, act: evenings.Act, clock: FixedClock
) -> None:
    """The day after, nothing can be called off or moved; it can be marked held, with its attendance."""
    clock.set(dt.datetime(2027, 6, 20, 8, tzinfo=dt.UTC))
    for change in (evenings.cancel, evenings.move_to_hall):
        with pytest.raises(Conflict):
            change(session, evening, act, reason="Orages.")
    with pytest.raises(Conflict, match="passée"):
        evenings.postpone(session, evening, act, date=dt.date(2027, 6, 26), reason="Orages.", agreed=True)
    evenings.mark_held(session, evening, act, attendance=180)
    assert (evening.state, evening.attendance) == ("held", 180)


@pytest.mark.parametrize("state", ["proposed", "option"])
def test_what_was_never_confirmed_can_only_have_been_held(
    session: Session, act: evenings.Act, clock: FixedClock, state: str
) -> None:
    """The day after nobody is asked any more; that it took place can still be written down."""
    evening = make.make_evening(session, state=state)
    clock.set(dt.datetime(2027, 6, 20, 8, tzinfo=dt.UTC))
    for late in (evenings.confirm, lambda session, some, act: options.send(session, some[0], act)):
        with pytest.raises(Conflict, match="passée"):
            late(session, [evening], act)
    evenings.mark_held(session, evening, act, attendance=None)
    assert evening.state == "held"


def test_one_conflict_does_not_stop_the_other_confirmations(
    session: Session, evening: Evening, act: evenings.Act
) -> None:
    """What somebody changed meanwhile, or called off, is named with why; the rest is one new version."""
    waiting = [make.make_evening(session, tour=evening.tour, state="proposed") for _ in range(3)]
    waiting[1].state = "cancelled"
    session.flush()
    read = [(each, each.version) for each in waiting]
    waiting[0].description = "Lampions."
    evenings.record(waiting[0], "description", "", "Lampions.", act)
    session.flush()
    number = evening.tour.published_version
    done, refused = evenings.confirm_ticked(session, read, act)
    assert done == waiting[2:]
    assert [each for each, _ in refused] == waiting[:2]
    assert [str(why).split()[0] for _, why in refused] == ["organisatrice@example.org", "Une"]
    assert [each.state for each in waiting] == ["proposed", "cancelled", "confirmed"]
    assert evening.tour.published_version == number + 1


def test_an_evening_to_come_is_not_held(session: Session, evening: Evening, act: evenings.Act) -> None:
    """Attendance is not guessed in advance."""
    with pytest.raises(Conflict):
        evenings.mark_held(session, evening, act, attendance=200)


@pytest.mark.parametrize("date", [dt.date(2027, 6, 1), dt.date(2027, 6, 19), dt.date(2027, 7, 3)])
def test_postponing_to_an_impossible_date(session: Session, evening: Evening, act: evenings.Act, date: dt.date) -> None:
    """A past date, the same date, and a date on which the van is elsewhere are refused beside the field."""
    make.make_evening(session, vehicle=evening.vehicle, date=dt.date(2027, 7, 3))
    with pytest.raises(InvalidInput) as refusal:
        evenings.postpone(session, evening, act, date=date, reason="Orages.", agreed=True)
    assert refusal.value.field == "date"


def test_a_mistyped_year_is_refused(session: Session, evening: Evening, act: evenings.Act) -> None:
    """A year after the tour's last date is far enough: no calendar can hold the year 9999."""
    evening.tour.dates = [TourDate(date=dt.date(2027, 8, 31))]
    for date in (dt.date(2028, 8, 31), dt.date(9999, 12, 31)):
        with pytest.raises(InvalidInput, match="plus d’un an") as refusal:
            evenings.postpone(session, evening, act, date=date, reason="Orages.", agreed=True)
        assert refusal.value.field == "date"
    assert evenings.postpone(session, evening, act, date=dt.date(2028, 8, 30), reason="Orages.", agreed=True)


@pytest.mark.parametrize(("venue", "note"), [("pitch", ""), ("hall", "Orages prévus.")])
def test_news_of_before_is_not_said_of_new_hours(
    session: Session, evening: Evening, act: evenings.Act, venue: str, note: str
) -> None:
    """« Le soleil revient » explains no change of hours; the reason for the hall stays while people must go there."""
    evening.venue, evening.change_note = venue, "Orages prévus."
    programme = {name: getattr(evening, name) for name in evenings.Programme.__dataclass_fields__}
    evenings.edit_programme(session, evening, act, evenings.Programme(**programme | {"food": "Crêpes"}))
    assert evening.change_note == "Orages prévus."
    late = programme | {"food": "Crêpes", "starts_at": dt.time(19)}
    evenings.edit_programme(session, evening, act, evenings.Programme(**late))
    assert published(session, evening).change_note == note
    assert ("(Orages" in session.query(Message).one().body) is bool(note)


def test_a_called_off_evening_keeps_its_reason(session: Session, evening: Evening, act: evenings.Act) -> None:
    """Whatever is corrected in it afterwards."""
    evenings.cancel(session, evening, act, reason="Canicule.")
    programme = {name: getattr(evening, name) for name in evenings.Programme.__dataclass_fields__}
    evenings.edit_programme(session, evening, act, evenings.Programme(**programme | {"ends_at": dt.time(23)}))
    assert published(session, evening).change_note == "Canicule."


@pytest.mark.parametrize("ticked", [True, False])
def test_confirming_takes_the_doubt_out_of_reminders(
    session: Session, act: evenings.Act, clock: FixedClock, ticked: bool
) -> None:
    """What waits to leave is written anew, once a person; what has been claimed is left to whoever claimed it."""
    evening = make.make_evening(session, state="option")
    for phone in ("+33639980001", "+33639980002"):
        make.make_subscriber(session, vault=act.vault, phone=phone, scopes=[f"commune:{evening.commune_insee}"])
    publication.refresh(session, evening.tour, actor="x", clock=clock)
    clock.set(dt.datetime(2027, 6, 18, 15, tzinfo=dt.UTC))
    prepare = partial(reminders.prepare, session, clock=clock, vault=act.vault, public_url=act.public_url)
    assert prepare() == 2
    claimed, waiting = session.query(Message).order_by(Message.subscriber_id).all()
    assert "A confirmer." in waiting.body
    claimed.state = "sending"
    if ticked:
        evenings.confirm_ticked(session, [(evening, evening.version)], act)
    else:
        evenings.confirm(session, [evening], act)
    assert prepare() == 1
    again = session.query(Message).filter_by(state="queued").one()
    assert again.subscriber_id != claimed.subscriber_id
    assert "A confirmer." not in again.body


def test_the_database_refuses_two_evenings_of_a_van_on_one_date(session: Session, evening: Evening) -> None:
    """The rule holds in the database too, whatever the code does."""
    with pytest.raises(IntegrityError):
        make.make_evening(session, vehicle=evening.vehicle, date=evening.date)


def test_the_database_refuses_an_unknown_state(session: Session, evening: Evening) -> None:
    """No evening can be in a state that the pages do not know."""
    evening.state = "perhaps"
    with pytest.raises(IntegrityError):
        session.flush()
