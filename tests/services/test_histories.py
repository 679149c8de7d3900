"""The history of a tour: every change with who, when, from, to and why, corrections of texts included."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Evening
from guinguette.services import corrections, evenings, histories, publication
from tests import factories as make
from tests.fakes import NOW, FixedClock


@pytest.fixture
def evening(session: Session, clock: FixedClock) -> Evening:
    """A confirmed evening, online."""
    evening = make.make_evening(session)
    publication.refresh(session, evening.tour, actor="x", clock=clock)
    return evening


def lines(evening: Evening) -> list[tuple[str, str, str]]:
    """Return the evening's history as (what, old, new)."""
    return [(line.what, line.old, line.new) for line in evening.history]


def test_a_correction_of_a_place_is_written_down(session: Session, evening: Evening, clock: FixedClock) -> None:
    """The address that people's calendars show: from what to what, by whom; SEQUENCE is up once."""
    evening.pitch.address = "12 place de l’Église"
    corrections.follow(session, evening.pitch, actor="o@example.org", clock=clock)
    assert lines(evening) == [
        ("pitch", "Place de l’Église, place de l’Église", "Place de l’Église, 12 place de l’Église")
    ]
    assert (evening.history[-1].actor, evening.history[-1].at, evening.sequence) == ("o@example.org", NOW, 1)


def test_a_correction_that_calendars_do_not_show_is_written_down_too(
    session: Session, evening: Evening, clock: FixedClock
) -> None:
    """How to get there stands on the page alone: a line of history, and no calendar is disturbed."""
    clock.advance(hours=1)
    evening.pitch.access = "Par la rue du Lac."
    corrections.follow(session, evening.pitch, actor="o@example.org", clock=clock)
    assert [what for what, _, _ in lines(evening)] == ["pitch"]
    assert (evening.sequence, evening.updated_at) == (0, NOW)


def test_a_correction_of_the_van_reaches_each_of_its_evenings(
    session: Session, evening: Evening, clock: FixedClock
) -> None:
    """One line each; correcting nothing writes nothing."""
    evening.vehicle.name = "Lucette"
    corrections.follow(session, evening.vehicle, actor="o@example.org", clock=clock)
    corrections.follow(session, evening.vehicle, actor="o@example.org", clock=clock)
    assert [(what, new) for what, _, new in lines(evening)] == [("vehicle", "Lucette")]


def test_a_change_of_the_evening_itself_is_written_once(
    session: Session, evening: Evening, clock: FixedClock, vault: Vault
) -> None:
    """What has its own line gets no second one from the version that follows."""
    act = evenings.Act(actor="o@example.org", clock=clock, vault=vault, public_url="https://guinguette.example")
    evenings.move_to_hall(session, evening, act, reason="Orages.")
    evenings.cancel(session, evening, act, reason="Canicule.")
    assert [(line.what, line.old, line.new, line.why) for line in evening.history] == [
        ("venue", "pitch", "hall", "Orages."),
        ("state", "confirmed", "cancelled", "Canicule."),
    ]


def test_a_tours_history_is_read_page_by_page(
    session: Session, evening: Evening, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The latest first; of one village where asked; a page too far is the last."""
    monkeypatch.setattr(histories, "PAGE", 2)
    other = make.make_evening(session, tour=evening.tour, date=dt.date(2027, 6, 20))
    for number, each in enumerate((evening, other, evening)):
        each.history.append(histories.EveningChange(at=NOW, actor="o", what="artists", new=str(number)))
    elsewhere = make.make_evening(session)
    elsewhere.history.append(histories.EveningChange(at=NOW, actor="o", what="artists", new="x"))
    session.flush()
    pages = [histories.of_tour(session, evening.tour, number=number) for number in (1, 2, 9)]
    assert [([line.new for line in page.lines], page.number, page.pages) for page in pages] == [
        (["2", "1"], 1, 2),
        (["0"], 2, 2),
        (["0"], 2, 2),
    ]
    own = histories.of_tour(session, evening.tour, insee=other.commune_insee)
    assert [line.new for line in own.lines] == ["1"]
    assert {c.insee for c in histories.communes_of(session, evening.tour)} == {
        evening.commune_insee,
        other.commune_insee,
    }
