"""What there is to know of a day, and the village's own fêtes."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.errors import InvalidInput, NotFound
from guinguette.domain.states import EveningState
from guinguette.models import Commune, Fete, HallBooking, JournalEntry
from guinguette.services import day_notes, fetes
from guinguette.services.day_notes import Note, Span
from guinguette.services.journal import By
from tests import factories as make
from tests.fakes import NOW

JULY = [dt.date(2027, 7, day) for day in range(1, 32)]


@pytest.fixture
def commune(session: Session) -> Commune:
    """Éclaron, zone B."""
    return make.make_commune(session, name="Éclaron", lat=48.57, lon=4.84)


def test_a_day_tells_what_is_on(session: Session, commune: Commune, by: By) -> None:
    """Holiday, fête, hall taken, own evening, a living one near by; not one called off, nor one far."""
    tour = make.make_tour(session)

    def evening(day: int, name: str, lat: float, **values: str) -> None:
        place = make.make_commune(session, name=name, lat=lat, lon=4.84)
        evenings.append(make.make_evening(session, tour=tour, commune=place, date=dt.date(2027, 7, day), **values))

    evenings = [make.make_evening(session, tour=tour, commune=commune, date=dt.date(2027, 7, 24))]
    evening(9, "Allichamps", 48.63)
    evening(10, "Vignory", 48.2)
    evening(16, "Valcourt", 48.6, state=EveningState.CANCELLED.value)
    make.make_publication(session, tour=tour, evenings=evenings)
    fetes.add(session, commune, "Fête patronale", dt.date(2027, 7, 13), dt.date(2027, 7, 15), by)
    hall = make.make_hall(session, commune=commune, name="Salle des fêtes")
    session.add(HallBooking(hall=hall, date=dt.date(2027, 7, 14), what="Noces", noted_at=NOW, noted_by="tests"))
    session.flush()
    notes = day_notes.of(session, commune, JULY)
    fete = Note("fete", "Fête patronale")
    assert notes.spans(JULY) == [
        Span(dt.date(2027, 7, 9), dt.date(2027, 7, 9), Note("near", "Allichamps", 7)),
        Span(dt.date(2027, 7, 13), dt.date(2027, 7, 15), fete),
        Span(dt.date(2027, 7, 14), dt.date(2027, 7, 14), Note("holiday")),
        Span(dt.date(2027, 7, 14), dt.date(2027, 7, 14), Note("hall", "Salle des fêtes")),
        Span(dt.date(2027, 7, 24), dt.date(2027, 7, 24), Note("own")),
    ]


def test_school_holidays_are_those_of_the_department(session: Session, commune: Commune) -> None:
    """Whole, for each month they reach into; none where the department has a calendar of its own."""
    notes = day_notes.of(session, commune, JULY)
    ((first, last),) = notes.school_in(JULY[0])
    assert first.month == 7
    assert last.month in (8, 9)
    assert notes.school_in(dt.date(2027, 6, 1)) == []
    assert day_notes.of(session, make.make_commune(session, department="2A"), JULY).school == []
    assert day_notes.of(session, commune, []).school == []


def test_a_fete_is_noted_and_taken_out(session: Session, commune: Commune, by: By) -> None:
    """By its own village alone; the journal tells both."""
    fete = fetes.add(session, commune, " Brocante ", JULY[3], None, by)
    assert (fete.name, fete.last) == ("Brocante", JULY[3])
    assert list(fetes.coming(session, commune, JULY[4])) == []
    with pytest.raises(NotFound):
        fetes.remove(session, make.make_commune(session), fete.id, by)
    fetes.remove(session, commune, fete.id, by)
    session.flush()
    assert session.scalars(select(Fete)).all() == []
    lines = [line.detail for line in session.scalars(select(JournalEntry).order_by(JournalEntry.id))]
    day = "dimanche 4\u00a0juillet\u00a02027"
    assert lines == [f"Brocante, {day}", f"retirée\u00a0: Brocante, {day}"]


@pytest.mark.parametrize(
    ("name", "last", "field"),
    [("", None, "name"), ("Fête", dt.date(2027, 6, 30), "last"), ("Fête", dt.date(2028, 7, 1), "last")],
)
def test_what_is_no_fete(
    session: Session, commune: Commune, by: By, name: str, last: dt.date | None, field: str
) -> None:
    """Nameless, ending before it begins, or a year long."""
    with pytest.raises(InvalidInput) as refused:
        fetes.add(session, commune, name, JULY[0], last, by)
    assert refused.value.field == field


def test_a_village_has_only_so_many(session: Session, commune: Commune, by: By) -> None:
    """A machine that fills the list is stopped."""
    session.add_all(Fete(commune_insee=commune.insee, name="F", first=JULY[0], last=JULY[0]) for _ in range(30))
    session.flush()
    with pytest.raises(InvalidInput):
        fetes.add(session, commune, "Une de plus", JULY[0], None, by)
