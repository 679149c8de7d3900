"""On which dates an evening could take place instead, and which rules it would break there."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import InvalidInput
from guinguette.models import Evening
from guinguette.services import evenings
from guinguette.services.free_dates import free_dates
from tests import factories as make
from tests.fakes import FixedClock

PAST, ITS_OWN, FIRST, SECOND = (dt.date(2027, 6, day) for day in (5, 19, 25, 26))


@pytest.fixture
def evening(session: Session) -> Evening:
    """An evening of a tour with one van and two dates to come besides its own."""
    van = make.make_vehicle(session, name="Lucette")
    tour = make.make_tour(session, dates=[PAST, ITS_OWN, FIRST, SECOND], vehicles=[van])
    return make.make_evening(session, tour=tour, vehicle=van, date=ITS_OWN)


def dates(session: Session, evening: Evening, clock: FixedClock) -> list[dt.date]:
    """Return the free dates alone."""
    return [found.date for found in free_dates(session, evening, clock)]


def test_dates_to_come_besides_its_own(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Neither the past nor the date it has now."""
    assert dates(session, evening, clock) == [FIRST, SECOND]


def test_a_van_is_taken_by_any_tour(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Another tour's evening takes the van; a cancelled one gives it back."""
    other = make.make_evening(session, vehicle=evening.vehicle, date=FIRST)
    assert dates(session, evening, clock) == [SECOND]
    other.state = "cancelled"
    session.flush()
    assert dates(session, evening, clock) == [FIRST, SECOND]


def test_a_village_has_one_evening_a_day(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Another van cannot come either where the village already has its evening."""
    make.make_evening(session, commune=evening.commune, date=FIRST)
    assert dates(session, evening, clock) == [SECOND]


def test_a_van_at_the_garage_does_not_come(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Its unavailable dates are left out."""
    evening.tour.vehicles[0].unavailable = [SECOND.isoformat()]
    session.flush()
    assert dates(session, evening, clock) == [FIRST]


def test_an_incident_takes_its_dates(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Neither a van that is broken down nor a village that cannot, even reported on another tour, is free."""
    elsewhere = make.make_tour(session)
    make.make_incident(session, tour=elsewhere, vehicle_id=evening.vehicle_id, first=FIRST, last=FIRST)
    assert dates(session, evening, clock) == [SECOND]
    storm = make.make_incident(session, tour=evening.tour, first=SECOND, last=SECOND)
    assert dates(session, evening, clock) == []
    storm.withdrawn_at = clock.now()
    make.make_incident(session, tour=elsewhere, commune_insee=evening.commune_insee, first=SECOND, last=SECOND)
    assert dates(session, evening, clock) == []


@pytest.mark.parametrize("taken", ["all", "van", "village", "today"])
def test_an_incident_takes_them_from_who_types_a_date_too(
    session: Session, evening: Evening, clock: FixedClock, vault: Vault, taken: str
) -> None:
    """Taken from all, the van or the village it is refused beside the field; once the incident is lifted, it is not."""
    act = evenings.Act(actor="tests", clock=clock, vault=vault, public_url="https://g.example")
    date = clock.now().date() if taken == "today" else FIRST
    named = {"van": {"vehicle_id": evening.vehicle_id}, "village": {"commune_insee": evening.commune_insee}}
    incident = make.make_incident(session, tour=evening.tour, first=date, last=date, **named.get(taken, {}))
    others = make.make_vehicle(session)
    make.make_incident(session, tour=evening.tour, vehicle_id=others.id, first=date, last=date)
    with pytest.raises(InvalidInput, match="imprévu") as refusal:
        evenings.postpone(session, evening, act, date=date, reason="Orages.", agreed=True)
    assert refusal.value.field == "date"
    incident.withdrawn_at = clock.now()
    assert evenings.postpone(session, evening, act, date=date, reason="Orages.", agreed=True)


def test_the_village_has_the_last_word(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Once it has answered, a date without an answer is a no; "if need be" is said."""
    row = make.make_request(session, tour=evening.tour, commune=evening.commune, availabilities={SECOND: "if_need_be"})
    assert [(f.date, f.level) for f in free_dates(session, evening, clock)] == [(SECOND, "if_need_be")]
    row.answered_how = "link"  # day after day: it has not come to the others yet
    assert [(f.date, f.level) for f in free_dates(session, evening, clock)] == [(FIRST, ""), (SECOND, "if_need_be")]


def test_its_own_van_comes_first(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Of two vans free on a date, the one people expect is offered first."""
    second = make.make_tour(session, vehicles=[make.make_vehicle(session, name="Firmin")]).vehicles[0].vehicle
    evening.tour.vehicles.append(type(evening.tour.vehicles[0])(vehicle=second))
    session.flush()
    evening.vehicle = second
    session.flush()
    assert [f.vehicle.name for f in free_dates(session, evening, clock)] == ["Firmin", "Lucette"] * 2


def broken(session: Session, evening: Evening, clock: FixedClock) -> dict[dt.date, list[str]]:
    """Return the names of the rules that each free date would break."""
    return {f.date: [reason["rule"] for reason in f.reasons] for f in free_dates(session, evening, clock)}


def test_spacing_rest_and_funding_are_looked_at(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Each date bears the rules that the evening would break there while all others stay."""
    tour, van = evening.tour, evening.vehicle
    request = make.make_request(session, tour=tour, commune=evening.commune, evenings=2, min_days_between=10)
    make.make_evening(session, tour=tour, commune=evening.commune, vehicle=van, date=dt.date(2027, 7, 5))
    other = make.make_request(session, tour=tour)
    make.make_evening(session, tour=tour, commune=other.commune, vehicle=van, date=dt.date(2027, 6, 24))
    session.commit()
    assert broken(session, evening, clock) == {FIRST: [], SECOND: ["spacing"]}
    van.max_days_in_row, request.min_days_between = 1, 1
    session.commit()
    assert broken(session, evening, clock) == {FIRST: ["days_in_row"], SECOND: []}
    van.max_days_in_row, van.max_evenings_per_week = None, 1
    session.commit()
    assert broken(session, evening, clock) == {FIRST: ["weekly_rest"], SECOND: ["weekly_rest"]}


def test_an_evening_frees_its_own_money(session: Session, evening: Evening, clock: FixedClock) -> None:
    """The evening that moves is not counted twice; what others have overspent is not its doing."""
    make.make_request(session, tour=evening.tour, commune=evening.commune)
    evening.tour.fundings = [make.Funding(epci_siren=evening.commune.epci_siren, evenings=1)]
    session.commit()
    assert broken(session, evening, clock) == {FIRST: [], SECOND: []}


def test_tonight_is_too_late(session: Session, evening: Evening, clock: FixedClock) -> None:
    """Nobody is told in time, and no plan gives tonight away."""
    clock.set(dt.datetime(2027, 6, 25, 8, tzinfo=dt.UTC))
    evening.date = SECOND
    session.flush()
    assert dates(session, evening, clock) == []
