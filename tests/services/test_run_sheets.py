"""A van's day: the legs are the solver's own, the hours leave time to set up and to sleep, nothing is invented."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from sqlalchemy.orm import Session

import routing
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS
from guinguette.domain.errors import NotFound
from guinguette.models import DoneTask, Evening, HallBooking, Tour
from guinguette.services import planning, run_sheets
from guinguette.services.run_sheets import Day
from routing.ground import Ground, Scene
from routing.legs import legs_of
from tests import factories as make
from tests.fakes import NOW, FixedClock

FRIDAY = dt.date(2027, 6, 11)

#: For each van: nights out, longest leg in metres, and of each evening the day and where it is (tenths of a degree).
VANS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.none() | st.integers(5_000, 80_000),
        st.lists(
            st.tuples(st.integers(0, 9), st.integers(-6, 6), st.integers(-6, 6)),
            min_size=1,
            max_size=6,
            unique_by=lambda evening: evening[0],
        ),
    ),
    min_size=1,
    max_size=3,
)


def _hour(at: dt.datetime | None) -> str:
    return f"{at.astimezone(PARIS):%d %H:%M}" if at else ""


@pytest.fixture
def tour(session: Session) -> Tour:
    """Friday at Vignory, Saturday at Droyes by the same van, which stays out; whoever opens at Vignory is known."""
    van = make.make_vehicle(session, name="Lucette", slug="lucette", cruise_km_per_hour=60, depot_name="Saint-Dizier")
    days = [FRIDAY, FRIDAY + dt.timedelta(days=1)]
    tour = make.make_tour(session, slug="ete", name="Été 2027", dates=days, vehicles=[van], published_version=1)
    for name, day, lat in (("Vignory", days[0], 48.3), ("Droyes", days[1], 48.5)):
        commune = make.make_commune(session, name=name, lat=lat, lon=4.8)
        make.make_request(session, tour=tour, commune=commune, needs=["covered"])
        make.make_evening(session, id=f"{name.lower():x<8}", tour=tour, commune=commune, vehicle=van, date=day)
    session.commit()
    return tour


def _evening(session: Session, name: str) -> Evening:
    return session.get_one(Evening, f"{name.lower():x<8}")


@limits(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VANS)
def test_the_days_are_the_solvers_legs(
    session: Session, clock: FixedClock, vans: list[tuple[int, int | None, list[tuple[int, int, int]]]]
) -> None:
    """Whatever the vans and their weeks: the same drives in the same order, and a van wakes up where it was left."""
    garage = [make.make_vehicle(session, nights_out=nights, max_leg_metres=longest) for nights, longest, _ in vans]
    dates = [FRIDAY + dt.timedelta(days=more) for more in range(10)]
    tour = make.make_tour(session, dates=dates, vehicles=garage, published_version=1)
    for van, (_, _, week) in zip(garage, vans, strict=True):
        for day, north, east in week:
            commune = make.make_commune(session, lat=48.6 + north / 10, lon=4.9 + east / 10)
            make.make_request(session, tour=tour, commune=commune)
            places = {"pitch": None, "fallback_venue": None}
            make.make_evening(session, tour=tour, commune=commune, vehicle=van, date=dates[day], **places)
    session.refresh(tour, ["requests"])
    season = routing.parse_season(planning.season_of(session, tour, clock))
    days = run_sheets.days(session, tour)
    evenings = [
        routing.Evening(each.evening.commune_insee, each.evening.date, each.evening.vehicle.slug) for each in days
    ]
    scene = Scene(Ground(season), evenings)
    for van in season.vehicles:
        ours = [each for each in days if each.evening.vehicle.slug == van.id]
        driven = [(drive.origin, drive.destination, drive.metres) for each in ours for drive in each.drives]
        legs = legs_of(scene.ground, van, scene.by_vehicle[van.id])
        at_home = {van.depot: ""}
        assert driven == [
            (at_home.get(leg.origin, leg.origin), at_home.get(leg.destination, leg.destination), leg.metres)
            for leg in legs
        ]
        _wakes_where_it_was_left(ours)
    session.rollback()


def _wakes_where_it_was_left(days: list[Day]) -> None:
    for here, there in pairwise(days):
        assert (here.stays_for is there) == (here.home is None) == (there.wakes_at == here.evening.commune.name)
    assert days[0].wakes_at == days[-1].evening.vehicle.depot_name
    assert days[-1].home is not None


def test_a_van_leaves_in_time_and_its_crew_sleeps(
    session: Session, tour: Tour, clock: FixedClock, vault: Vault
) -> None:
    """Two hours to set up, an hour and a half to pack, eleven hours until the next start; on the next five minutes."""
    first = run_sheets.sheet(session, tour, FRIDAY, "lucette", clock=clock, vault=vault)
    assert first.way is not None
    assert (first.way.origin, first.way.by_road) == ("Saint-Dizier", False)
    assert first.way.seconds == round(first.way.metres / (60 / 3.6))
    assert (_hour(first.leaves_at), _hour(first.sets_up_at), _hour(first.packed_at)) == (
        "11 15:05",
        "11 16:00",
        "11 23:30",
    )
    assert (_hour(first.decides_at), _hour(first.rested_at)) == ("11 15:00", "12 10:30")
    assert first.home is None
    assert first.onward is not None
    assert (first.onward.way.origin, first.onward.way.destination) == ("Vignory", "Droyes")
    second = run_sheets.sheet(session, tour, FRIDAY + dt.timedelta(days=1), "lucette", clock=clock, vault=vault)
    assert second.way == first.onward.way
    assert second.leaves_at == first.onward.leaves_at
    assert second.home is not None
    assert second.home.destination == "Saint-Dizier"
    assert (_hour(second.back_at), _hour(second.rested_at)) == ("12 23:55", "13 10:55")
    both = run_sheets.week(session, tour, FRIDAY, "lucette", clock=clock, vault=vault)
    assert both == [first, second]


def test_an_evening_past_midnight_and_in_a_hall(session: Session, tour: Tour, clock: FixedClock, vault: Vault) -> None:
    """It closes on the next day, nobody decides about the weather, and the hall that is taken is said."""
    evening = _evening(session, "Vignory")
    evening.venue, evening.starts_at, evening.ends_at = "hall", dt.time(20), dt.time(1)
    session.add(HallBooking(hall=evening.fallback_venue, date=FRIDAY, what="mariage", noted_at=NOW, noted_by="x"))
    session.commit()
    shown = run_sheets.sheet(session, tour, FRIDAY, "lucette", clock=clock, vault=vault)
    assert (_hour(shown.closes_at), _hour(shown.packed_at), shown.decides_at) == ("12 01:00", "12 02:30", None)
    assert shown.place is not None
    assert (shown.place.name, shown.hall_taken) == ("Salle des fêtes", "mariage")


def test_what_is_known_is_said_and_the_rest_is_to_be_asked(
    session: Session, tour: Tour, clock: FixedClock, vault: Vault
) -> None:
    """The keys with their number, the permit once asked; who has left is not named; what nobody has said is listed."""
    evening = _evening(session, "Vignory")
    committee = make.make_committee(session, commune=evening.commune)
    number = {"phone_encrypted": vault.encrypt("+33639980012")}
    keeper = make.make_contact(session, committee=committee, name="Boulangerie Collin", role="clés", **number)
    make.make_contact(session, committee=committee, name="Jeanne Petit", role="présidente", **number)
    gone = make.make_contact(session, committee=committee, name="Parti", archived_at=NOW)
    assert evening.pitch is not None
    assert evening.fallback_venue is not None
    evening.pitch.keys_contact, evening.fallback_venue.keys_contact = keeper, gone
    evening.pitch.water, evening.pitch.lat, evening.pitch.lon = "yes", 48.3, 4.8
    evening.permit_holder = committee
    session.add(DoneTask(evening=evening, kind="permit", done_at=NOW, done_by="x"))
    session.commit()
    shown = run_sheets.sheet(session, tour, FRIDAY, "lucette", clock=clock, vault=vault)
    assert shown.keys is not None
    assert (shown.keys.name, shown.keys.phone) == ("Boulangerie Collin", "+33639980012")
    assert shown.keys.spoken == "06\u00a039\u00a098\u00a000\u00a012"
    assert shown.hall_keys is None
    assert [each.name for each in shown.people] == ["Jeanne Petit", "Boulangerie Collin"]
    assert shown.to_ring == shown.people[0]
    assert shown.unknown == ("les toilettes", "le réseau mobile", "qui a les clés de la salle")
    assert (shown.point, shown.permit_asked) == ((48.3, 4.8), True)
    assert "Demander le débit de boissons" not in shown.left
    assert "Prévoir les clés" in shown.left
    assert shown.terms.ours[-1] == "covered"


def test_a_village_of_which_nothing_is_known(session: Session, tour: Tour, clock: FixedClock, vault: Vault) -> None:
    """No drive where it is on no map, no place, nobody to ring: that is what the sheet says."""
    evening = _evening(session, "Vignory")
    evening.commune.lat = evening.commune.lon = None
    evening.pitch = evening.fallback_venue = None
    session.commit()
    shown = run_sheets.sheet(session, tour, FRIDAY, "lucette", clock=clock, vault=vault)
    assert (shown.way, shown.leaves_at, shown.home, shown.onward, shown.place) == (None, None, None, None, None)
    assert shown.unknown == ("l’emplacement", "la salle s’il pleut")
    assert shown.to_ring is None
    after = run_sheets.sheet(session, tour, FRIDAY + dt.timedelta(days=1), "lucette", clock=clock, vault=vault)
    assert after.way is not None
    assert after.way.origin == "Saint-Dizier"


def test_only_what_takes_place_has_a_sheet(session: Session, tour: Tour, clock: FixedClock, vault: Vault) -> None:
    """Not a tour that nobody has published, a day without an evening, or one that was called off."""
    for day, van in ((FRIDAY - dt.timedelta(days=1), "lucette"), (FRIDAY, "firmin")):
        with pytest.raises(NotFound, match="pas de soirée ce jour-là"):
            run_sheets.sheet(session, tour, day, van, clock=clock, vault=vault)
    _evening(session, "Vignory").state = "cancelled"
    session.flush()
    assert [day.evening.commune.name for day in run_sheets.days(session, tour)] == ["Droyes"]
    tour.published_version = 0
    with pytest.raises(NotFound, match="pas encore publiée"):
        run_sheets.days(session, tour)
