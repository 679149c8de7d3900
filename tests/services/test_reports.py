"""What a village tells once its evening is over: not before, held once, corrected as often as needed."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.models import DoneTask, Evening, EveningReport, JournalEntry
from guinguette.services import evenings, reports, retention
from guinguette.services.evenings import Act
from guinguette.services.journal import By
from guinguette.services.reports import Told
from tests import factories as make
from tests.fakes import FixedClock

AFTER = dt.datetime(2027, 6, 19, 20, 0, tzinfo=dt.UTC)  # 22 h in Paris, when it ends
GOOD = Told(attendance=180, incidents="Une panne de courant.", word="Très belle soirée.")


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> Act:
    """Jeanne Petit, by her link."""
    return Act(actor="Jeanne Petit (lien personnel)", clock=clock, vault=vault, public_url="https://g.example")


@pytest.fixture
def evening(session: Session, clock: FixedClock) -> Evening:
    """An evening that has just ended."""
    clock.set(AFTER)
    return make.make_evening(session)


def test_the_first_word_marks_it_as_held(session: Session, evening: Evening, act: Act, by: By) -> None:
    """Its number is the evening's; the journal and the history say who."""
    report = reports.tell(session, evening, GOOD, act, by, version=0)
    assert (report.attendance, report.incidents, report.reported_by, report.how) == (
        180,
        "Une panne de courant.",
        "Jeanne Petit",
        "link",
    )
    assert (evening.state, evening.attendance) == ("held", 180)
    assert [(line.what, line.new) for line in evening.history] == [("state", "held")]
    assert [(line.what, line.detail) for line in session.scalars(select(JournalEntry))] == [("report", "180 personnes")]


def test_it_is_corrected_and_held_once(session: Session, evening: Evening, act: Act, by: By) -> None:
    """The evening follows; a number that somebody else counted stays where none is given."""
    evenings.mark_held(session, evening, act, attendance=150)
    report = reports.tell(session, evening, Told(attendance=None, word="Merci."), act, by, version=0)
    assert evening.attendance == 150
    reports.tell(session, evening, GOOD, act, by, version=report.version)
    assert evening.attendance == 180
    assert [(line.what, line.old, line.new) for line in evening.history] == [
        ("state", "confirmed", "held"),
        ("attendance", "150", "180"),
    ]


def test_the_second_of_two_reads_the_first(session: Session, evening: Evening, act: Act, by: By) -> None:
    """Two telephones of one village: neither writes over the other unread."""
    reports.tell(session, evening, GOOD, act, by, version=0)
    with pytest.raises(Conflict, match="Jeanne Petit"):
        reports.tell(session, evening, Told(attendance=3), act, by, version=0)
    assert session.get_one(EveningReport, evening.id).attendance == 180


def test_nothing_is_told_before_the_end(
    session: Session, evening: Evening, clock: FixedClock, act: Act, by: By
) -> None:
    """Not a minute before; an evening that ends after midnight ends the next day."""
    clock.set(AFTER - dt.timedelta(minutes=1))
    with pytest.raises(Conflict):
        reports.tell(session, evening, GOOD, act, by, version=0)
    evening.ends_at = dt.time(1)
    assert reports.ended_at(evening) == dt.datetime(2027, 6, 19, 23, tzinfo=dt.UTC)


@pytest.mark.parametrize("state", ["cancelled", "postponed"])
def test_what_did_not_take_place_has_no_story(
    session: Session, clock: FixedClock, act: Act, by: By, state: str
) -> None:
    """Called off, whatever the day."""
    clock.set(AFTER)
    with pytest.raises(Conflict):
        reports.tell(session, make.make_evening(session, state=state), GOOD, act, by, version=0)


@pytest.mark.parametrize("attendance", [-1, 20_001])
def test_an_impossible_number_is_refused(session: Session, evening: Evening, act: Act, by: By, attendance: int) -> None:
    """Beside its field."""
    with pytest.raises(InvalidInput) as refused:
        reports.tell(session, evening, Told(attendance=attendance), act, by, version=0)
    assert refused.value.field == "attendance"


def test_the_first_page_asks_until_it_is_told(
    session: Session, evening: Evening, clock: FixedClock, act: Act, by: By
) -> None:
    """From the end of the evening on, for two months, whoever has counted meanwhile."""
    commune = evening.commune
    clock.set(AFTER - dt.timedelta(minutes=1))
    assert reports.todos(session, commune, clock) == []
    clock.set(AFTER)
    (todo,) = reports.todos(session, commune, clock)
    assert (todo.endpoint, todo.arguments) == ("host.after", {"evening_id": evening.id})
    evenings.mark_held(session, evening, act, attendance=None)
    assert reports.todos(session, commune, clock)
    reports.tell(session, evening, GOOD, act, by, version=0)
    assert reports.todos(session, commune, clock) == []


def test_the_name_is_forgotten_and_what_was_told_stays(
    session: Session, evening: Evening, clock: FixedClock, act: Act, by: By
) -> None:
    """Three years later nobody is named beside a report, a tick or a photograph; what went wrong goes too."""
    done = make.make_evening(session, date=evening.date + dt.timedelta(days=7))
    tick = DoneTask(evening=done, kind="keys", done_by=act.actor, done_at=clock.now())
    desk = DoneTask(evening=done, kind="road", done_by="o@example.org", done_at=clock.now())
    session.add_all([tick, desk])
    report = reports.tell(session, evening, GOOD, act, by, version=0)
    photo = make.make_photo(session, evening_id=evening.id, added_at=clock.now())
    clock.advance(days=3 * 365 - 1)
    retention.forget(session, clock)
    session.expire_all()
    assert report.reported_by == "Jeanne Petit"
    clock.advance(days=2)
    retention.forget(session, clock)
    session.expire_all()
    assert report.reported_by == photo.added_by == tick.done_by == retention.SOMEBODY
    assert desk.done_by == "o@example.org"
    assert (report.word, report.incidents, report.attendance) == ("Très belle soirée.", "", 180)


@pytest.mark.parametrize("state", ["proposed", "option"])
def test_what_nobody_had_agreed_to_is_not_told(
    session: Session, clock: FixedClock, act: Act, by: By, state: str
) -> None:
    """Until the desk says that it took place."""
    evening = make.make_evening(session, state=state)
    clock.set(AFTER)
    assert reports.todos(session, evening.commune, clock) == []
    with pytest.raises(Conflict, match="confirmée"):
        reports.tell(session, evening, GOOD, act, by, version=0)
    assert evening.state == state
    evenings.mark_held(session, evening, act, attendance=None)
    assert len(reports.todos(session, evening.commune, clock)) == 1
    reports.tell(session, evening, GOOD, act, by, version=0)
    assert evening.attendance == 180
