"""A tour planned by road: asked of a real OSRM once, kept, told where it is missing, followed by all that counts km."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

import routing
from guinguette.domain import road_server
from guinguette.models import Plan, Road, RoadSurvey, SolverRun, Tour
from guinguette.services import planning, retention, rules
from routing.ground import Ground
from routing.road_servers import Osrm
from tests import factories as make
from tests.fakes import FixedClock
from tests.osrm import places, prepare_osrm, serve_osrm

pytestmark = pytest.mark.enable_socket

FRIDAY, SATURDAY = dt.date(2027, 6, 11), dt.date(2027, 6, 12)
NOBODY = "osrm+http://127.0.0.1:9"
FOUR = places(25)[[2, 9, 14, 21]]  # on streets that lead everywhere


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The map, prepared."""
    return prepare_osrm(tmp_path_factory.mktemp("osrm"))


@pytest.fixture
def osrm(city: Path, socket_enabled: None) -> Iterator[str]:
    """A real OSRM, as GUINGUETTE_ROADS_URL writes it."""
    with serve_osrm(city) as url:
        yield f"osrm+{url}"


@pytest.fixture
def tour(session: Session) -> Tour:
    """Two places in a town, two dates, a van that cruises at 50 km/h and sleeps at home."""
    rules.ensure_defaults(session)
    depot, *rest = FOUR.tolist()
    van = make.make_vehicle(
        session, depot_lat=depot[0], depot_lon=depot[1], cruise_km_per_hour=50, nights_out=0, slug="lucette"
    )
    tour = make.make_tour(session, dates=[FRIDAY, SATURDAY], vehicles=[van])
    for lat, lon in rest[:2]:
        make.make_request(session, tour=tour, commune=make.make_commune(session, lat=lat, lon=lon))
    session.commit()
    return tour


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two tries."""
    monkeypatch.setattr("routing.road_servers._FIRST_PAUSE_SECONDS", 0.0)


def planned(session: Session, factory: sessionmaker[Session], tour: Tour, clock: FixedClock, url: str) -> Plan:
    """Return the plan of a run that asks this server."""
    run = planning.start_run(session, tour, clock, seconds=5)
    session.commit()
    planning.execute_run(factory, run.id, clock, roads_url=url)
    session.expire_all()
    assert (run.state, run.error) == ("done", "")
    return run.plans[0]


@pytest.mark.osrm
def test_a_season_is_planned_by_road(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, clock: FixedClock, osrm: str
) -> None:
    """The run's season holds OSRM's metres, the plan's are theirs, and nothing is said of it."""
    plan = planned(session, session_factory, tour, clock, osrm)
    assert plan.run is not None
    season = plan.run.season
    assert season["travel"]["kind"] == "matrix"
    points = [(place["lat"], place["lon"]) for place in season["locations"]]
    assert points == [tuple(point) for point in FOUR[:3].tolist()]
    parsed = routing.parse_season(season)
    depot, one, two = (place.id for place in parsed.locations)
    ground = Ground(parsed)
    there_and_back = [ground.drive(depot, end) + ground.drive(end, depot) for end in (one, two)]
    assert plan.metres == sum(there_and_back)
    survey = planning.survey_of(session, plan)
    assert survey is not None
    assert (survey.drives, survey.estimated, survey.failure) == (6, 0, "")
    assert survey.server == road_server.parse(osrm).name
    assert planning.season_of(session, tour, clock)["travel"]["kind"] == "great_circle"
    by_road = planning.season_of(session, tour, clock, roads=planning.known_roads(session, tour))
    assert by_road["travel"] == season["travel"]


@pytest.mark.osrm
def test_what_is_known_is_not_asked_again(
    session: Session,
    session_factory: sessionmaker[Session],
    tour: Tour,
    clock: FixedClock,
    osrm: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second run asks nothing; a third place costs its row and its column; a year later all is asked anew."""
    planned(session, session_factory, tour, clock, osrm)
    tables: list[tuple[int, int]] = []
    table = Osrm.table

    def counted(self, sources, targets):  # type: ignore[no-untyped-def]
        tables.append((len(sources), len(targets)))
        return table(self, sources, targets)

    monkeypatch.setattr(Osrm, "table", counted)
    planned(session, session_factory, tour, clock, osrm)
    assert tables == []
    lat, lon = FOUR[3].tolist()
    make.make_request(session, tour=tour, commune=make.make_commune(session, lat=lat, lon=lon))
    planned(session, session_factory, tour, clock, osrm)
    assert sorted(tables) == [(1, 4), (3, 1)]
    assert session.scalar(select(func.count()).select_from(Road)) == 16
    retention.forget(session, FixedClock(clock.now() + dt.timedelta(days=366)))
    assert session.scalar(select(func.count()).select_from(Road)) == 0


def test_a_server_that_fails_is_told(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, clock: FixedClock
) -> None:
    """The plan is made as the crow flies, and says that it is and why."""
    plan = planned(session, session_factory, tour, clock, NOBODY)
    assert plan.run is not None
    assert plan.run.season["travel"] == {"kind": "great_circle", "detour": 1.3}
    survey = planning.survey_of(session, plan)
    assert survey is not None
    assert (survey.drives, survey.estimated) == (6, 6)
    assert "no connection" in survey.failure
    assert planning.known_roads(session, tour) is None


@pytest.mark.osrm
def test_a_server_that_fails_leaves_what_is_known(
    session: Session,
    session_factory: sessionmaker[Session],
    tour: Tour,
    clock: FixedClock,
    osrm: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Old places by road, the new one as the crow flies, and their number."""
    before = planned(session, session_factory, tour, clock, osrm)
    lat, lon = FOUR[3].tolist()
    make.make_request(session, tour=tour, commune=make.make_commune(session, lat=lat, lon=lon))
    monkeypatch.setattr(Osrm, "__init__", _unreachable(Osrm.__init__))
    after = planned(session, session_factory, tour, clock, osrm)
    survey = planning.survey_of(session, after)
    assert survey is not None
    assert (survey.drives, survey.estimated) == (12, 6)
    assert before.run is not None
    assert after.run is not None
    known = [row[:3] for row in after.run.season["travel"]["metres"][:3]]
    assert known == before.run.season["travel"]["metres"]


def _unreachable(init):  # type: ignore[no-untyped-def]
    """Return a constructor that talks to a closed port, whatever the address."""

    def constructor(self, url, *args, **kwargs):  # type: ignore[no-untyped-def]
        init(self, "http://127.0.0.1:9", *args, **kwargs)

    return constructor


@pytest.mark.osrm
def test_without_an_address_nobody_is_asked(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, clock: FixedClock, osrm: str
) -> None:
    """An installation that takes the address away is back at the great circle with its next run."""
    planned(session, session_factory, tour, clock, osrm)
    plan = planned(session, session_factory, tour, clock, "")
    assert plan.run is not None
    assert plan.run.season["travel"]["kind"] == "great_circle"
    assert planning.survey_of(session, plan) is None
    assert planning.known_roads(session, tour) is None


@pytest.mark.osrm
def test_a_past_evening_that_is_too_far_by_road_is_counted_not_locked(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, clock: FixedClock, osrm: str
) -> None:
    """Within the van's limit as the crow flies, beyond it by road: the season is made anew with what roads say."""
    van = tour.vehicles[0].vehicle
    plan = planned(session, session_factory, tour, clock, osrm)
    assert plan.run is not None
    depot = plan.run.season["travel"]["metres"][0]
    farther = max((1, 2), key=lambda place: depot[place])
    insee = plan.run.season["locations"][farther]["id"]
    [request] = [each for each in tour.requests if each.commune_insee == insee]
    request.evenings = 2
    van.max_leg_metres = depot[farther] - 1
    past = dt.date(2027, 6, 4)
    make.make_evening(session, tour=tour, commune=request.commune, vehicle=van, date=past, state="held")
    assert [lock["commune"] for lock in planning.season_of(session, tour, clock)["locked"]] == [insee]
    again = planned(session, session_factory, tour, clock, osrm)
    assert again.run is not None
    assert again.run.season["locked"] == []
    assert again.status == "optimal"


@pytest.mark.osrm
def test_a_days_driving_is_by_road_and_as_slow_as_its_van(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, clock: FixedClock, osrm: str
) -> None:
    """OSRM's metres, its seconds times 80 / 50; without it, metres at 50 km/h."""
    plan = planned(session, session_factory, tour, clock, osrm)
    line = plan.evenings[0]
    key = (line.commune_insee, line.date, line.vehicle_id)
    out, home = planning.day_drives(session, tour, plan.evenings)[key]
    assert (out.origin, out.destination) == ("", line.commune_insee) == (home.destination, home.origin)
    car = {
        (row.from_lat, row.to_lat): row.seconds
        for row in session.scalars(select(Road).where(Road.from_lat != Road.to_lat))
    }
    depot, there = (round(degrees * 100_000) for degrees in (line.vehicle.depot_lat, line.commune.lat))
    assert out.by_road
    assert (out.seconds, home.seconds) == (round(car[depot, there] * 1.6), round(car[there, depot] * 1.6))
    assert sum(drive.metres for day in planning.day_drives(session, tour, plan.evenings).values() for drive in day) == (
        plan.metres
    )
    planned(session, session_factory, tour, clock, "")
    flown, _ = planning.day_drives(session, tour, plan.evenings)[key]
    assert not flown.by_road
    assert flown.seconds == round(flown.metres / (50 / 3.6))


@pytest.mark.parametrize(("cruise", "factor"), [(40, 2.0), (70, 8 / 7), (80, 1.0), (110, 1.0)])
def test_a_van_is_never_faster_than_the_car(session: Session, cruise: int, factor: float) -> None:
    """The law holds for both."""
    assert planning.slowness(make.make_vehicle(session, cruise_km_per_hour=cruise)) == pytest.approx(factor)


def test_a_run_that_polls_does_not_read_its_season(session: Session, tour: Tour, queries: list[str]) -> None:
    """A country's matrix is tens of megabytes: it is read where it is looked at."""
    make.make_run(session, tour=tour)
    session.commit()
    session.expunge_all()
    queries.clear()
    run = session.scalars(select(SolverRun)).one()
    assert "season" not in queries[-1]
    assert run.season == {}


def test_surveys_go_with_their_run(session: Session, tour: Tour, clock: FixedClock) -> None:
    """A plan changed by hand says what the plan that it comes from says."""
    run = make.make_run(session, tour=tour)
    session.add(RoadSurvey(run_id=run.id, server="osrm x/y", drives=2, estimated=1, asked_at=clock.now()))
    parent = make.make_plan(session, tour=tour, run=run)
    child = make.make_plan(session, tour=tour, run=None, parent=parent)
    survey = planning.survey_of(session, child)
    assert survey is not None
    assert survey.run_id == run.id
