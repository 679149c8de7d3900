"""What hosts enter of places and of the bar reaches what the village asks of its tours, and its evenings to come."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Commune, Evening, EveningChange, Tour
from guinguette.services import agreements, host_wishes, planning, preparations, publication, rules, site_sheet
from guinguette.services.journal import By
from tests import factories as make
from tests.fakes import FixedClock

SATURDAY = dt.date(2027, 7, 17)
WEEK = dt.timedelta(days=7)


@pytest.fixture
def by(clock: FixedClock) -> By:
    """Jeanne Petit by her link."""
    return By(actor="Jeanne Petit", how="link", clock=clock)


@pytest.fixture
def commune(session: Session) -> Commune:
    """A village."""
    return make.make_commune(session)


@pytest.fixture
def tour(session: Session) -> Tour:
    """A tour of one Saturday with a hall for each evening."""
    return make.make_tour(session, dates=[SATURDAY], vehicles=[make.make_vehicle(session)], hall_required=True)


def test_a_place_that_is_shown_is_the_one_the_season_has(
    session: Session, commune: Commune, tour: Tour, by: By, clock: FixedClock
) -> None:
    """The desk wrote pitch and hall down after the village had joined: position and booked days count all the same."""
    request = make.make_request(session, tour=tour, commune=commune)
    pitch, hall = make.make_pitch(session, commune=commune), make.make_hall(session, commune=commune)
    site_sheet.answer(session, "emplacement", pitch, "place", {"lat": 48.9, "lon": 4.1}, pitch.version, by=by)
    assert (request.pitch, request.fallback_venue) == (pitch, None)
    site_sheet.answer(session, "salle", hall, "capacity", {"capacity": 80}, hall.version, by=by)
    assert request.fallback_venue is hall
    season = planning.season_of(session, tour, clock)
    assert [each["lat"] for each in season["locations"] if each["id"] == commune.insee] == [48.9]
    assert season["communes"][0]["availability"] == {SATURDAY.isoformat(): "yes"}


def test_a_booked_hall_closes_its_day(
    session: Session, commune: Commune, tour: Tour, by: By, clock: FixedClock
) -> None:
    """Also where the request had no hall: the one whose page the host is on is the village's."""
    request = make.make_request(session, tour=tour, commune=commune)
    hall = make.make_hall(session, commune=commune)
    evening = make.make_evening(session, tour=tour, commune=commune, date=SATURDAY, pitch=None, fallback_venue=None)
    assert site_sheet.book(session, hall, SATURDAY, "Loto", by=by) == [evening]
    assert (request.fallback_venue, evening.fallback_venue) == (hall, hall)
    session.delete(evening)
    assert planning.season_of(session, tour, clock)["communes"][0]["availability"] == {}


def test_a_new_place_is_that_of_the_evenings_to_come(
    session: Session, commune: Commune, tour: Tour, by: By, clock: FixedClock
) -> None:
    """Those that have none; what is past, called off, put aside or placed already stays as it is."""
    make.make_request(session, tour=tour, commune=commune)
    aside = make.make_tour(session, archived_at=clock.now())

    def evening(weeks: int, **values: object) -> Evening:
        values = {"tour": tour, "pitch": None, "fallback_venue": None} | values
        return make.make_evening(session, commune=commune, date=SATURDAY + weeks * WEEK, **values)

    bare = evening(0)
    own = evening(1, pitch=make.make_pitch(session, commune=commune, name="Stade"))
    others = [evening(-20, state="held"), evening(2, state="cancelled"), evening(3, tour=aside)]
    assert "pitch" in {task.kind for task in preparations.of(session, bare, clock).village}
    place = site_sheet.create(session, "emplacement", commune, "Place", by=by)
    assert bare.pitch is place
    assert own.pitch is not place
    assert [each.pitch for each in others] == [None] * 3
    assert "pitch" not in {task.kind for task in preparations.of(session, bare, clock).village}


def test_what_is_online_follows_and_says_who(
    session: Session, commune: Commune, tour: Tour, by: By, clock: FixedClock
) -> None:
    """As a correction does: a new version, calendars read it, nobody is told by SMS; the name can be forgotten."""
    make.make_request(session, tour=tour, commune=commune)
    evening = make.make_evening(session, tour=tour, commune=commune, date=SATURDAY, pitch=None, fallback_venue=None)
    online = publication.refresh(session, tour, actor="o@example.org", clock=clock)
    place = site_sheet.create(session, "emplacement", commune, "Place", by=by)
    latest = publication.latest(session, tour)
    assert latest is not None
    assert (latest.number, latest.payload["evenings"][0]["pitch"]["name"]) == (online.number + 1, place.name)
    assert evening.sequence == 1
    whose = {latest.published_by, *session.scalars(select(EveningChange.actor))}
    assert whose == {"Jeanne Petit (lien personnel)"}


def test_the_holder_is_that_of_the_evenings_to_come(session: Session, commune: Commune, tour: Tour, by: By) -> None:
    """The agreement names them; an evening beyond the year's five has none still, for the desk to settle."""
    rules.ensure_defaults(session)
    request = make.make_request(session, tour=tour, commune=commune)
    committee, other = (make.make_committee(session, commune=commune) for _ in range(2))
    for n in range(3):
        make.make_evening(session, date=dt.date(2027, 2, 5 + n), permit_holder=committee)
    settled = make.make_evening(session, tour=tour, commune=commune, date=SATURDAY - WEEK, permit_holder=other)
    first, second, third = (
        make.make_evening(session, tour=tour, commune=commune, date=SATURDAY + n * WEEK, state="option")
        for n in range(3)
    )
    host_wishes.write_holder(session, request, committee.id, request.version, by=by)
    assert [each.permit_holder for each in (settled, first, second, third)] == [other, committee, committee, None]
    assert agreements.terms_of(session, first).permit_holder == committee.name
