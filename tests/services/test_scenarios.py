"""Variants from asked to published: beside the desk, on it, their settings taken over."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput
from guinguette.models import Commune, Evening, Incident, Plan, SolverRun, Tour, Vehicle
from guinguette.services import planning, publication, rules, scenarios
from guinguette.services.scenario_settings import Agreed, ScenarioSettings
from guinguette.services.scenario_takeover import still_different, take_over
from tests import factories as make
from tests.fakes import FixedClock

FRIDAY, SATURDAY, SUNDAY = (dt.date(2027, 7, day) for day in (2, 3, 4))


@pytest.fixture
def tour(session: Session) -> Tour:
    """Vignory and Poissons, one evening paid for, one van, Friday and Saturday; another van stands by."""
    rules.ensure_defaults(session)
    epci = make.make_epci(session, siren="200068666")
    van = make.make_vehicle(session, slug="lucette", name="Lucette", max_evenings_per_week=2)
    tour = make.make_tour(
        session, slug="ete", dates=[FRIDAY, SATURDAY], vehicles=[van], fundings={epci.siren: 1}, solver_seconds=30
    )
    for insee, name in (("10001", "Vignory"), ("10002", "Poissons")):
        make.make_request(session, tour=tour, commune=make.make_commune(session, insee=insee, name=name, epci=epci))
    make.make_vehicle(session, slug="firmin", name="Firmin")
    session.commit()
    return tour


@pytest.fixture
def desk(session: Session, tour: Tour, clock: FixedClock) -> Plan:
    """The plan on the desk: Vignory alone."""
    plan = make.make_plan(
        session, tour=tour, evenings=[(session.get_one(Commune, "10001"), FRIDAY, tour.vehicles[0].vehicle)]
    )
    session.commit()
    clock.advance(hours=1)
    return plan


def settings(**values: Any) -> ScenarioSettings:
    """Return settings."""
    return ScenarioSettings(**values)


def plan_under(session: Session, tour: Tour, **values: Any) -> Plan:
    """Return a plan of a variant with these settings, that serves both villages."""
    van = session.scalars(select(Vehicle).where(Vehicle.slug == "lucette")).one()
    communes = session.scalars(select(Commune).order_by(Commune.insee)).all()
    lines = [(communes[0], FRIDAY, van), (communes[1], SATURDAY, van)]
    return make.make_plan(session, tour=tour, evenings=lines, name="Essai", settings=settings(**values).to_json())


def test_a_variant_waits_beside_the_desk(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, desk: Plan, clock: FixedClock
) -> None:
    """It is solved under its own settings, keeps its name and where it comes from, and the desk is as it was."""
    more = settings(fundings={"200068666": 2})
    run = scenarios.start(session, desk, more, name=" Un de plus ", actor="anne", clock=clock)
    session.commit()
    planning.execute_run(session_factory, run.id, clock)
    session.expire_all()
    [plan] = run.plans
    assert (plan.name, plan.settings, plan.made_by) == ("Un de plus", more.to_json(), "anne")
    assert run.base_id == desk.id
    assert len(plan.evenings) == 2
    assert plan.shown_at is None
    assert planning.latest_plan(session, tour) is desk
    assert scenarios.listing(session, tour) == [desk, plan]

    clock.advance(minutes=1)
    scenarios.put_on_desk(session, plan, clock)
    assert planning.latest_plan(session, tour) is plan
    assert scenarios.listing(session, tour) == [plan, desk]  # the way back


def test_a_variant_starts_again_as_it_was(session: Session, tour: Tour, desk: Plan, clock: FixedClock) -> None:
    """After an interruption: same name, settings and base."""
    run = scenarios.start(session, desk, settings(villages="more"), name="Essai", actor="anne", clock=clock)
    run.state = "interrupted"
    again = planning.restart(session, run, clock)
    assert (again.name, again.settings, again.base_id) == ("Essai", {"villages": "more"}, desk.id)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_variant_has_a_name(session: Session, desk: Plan, clock: FixedClock, name: str) -> None:
    """Otherwise nobody could tell two apart."""
    with pytest.raises(InvalidInput):
        scenarios.start(session, desk, settings(), name=name, actor="anne", clock=clock)
    assert session.scalars(select(SolverRun).where(SolverRun.state == "queued")).all() == []


def test_an_archived_tour_has_no_variants(session: Session, desk: Plan, clock: FixedClock) -> None:
    """It is said before the solver works."""
    desk.tour.archived_at = clock.now()
    with pytest.raises(Conflict):
        scenarios.start(session, desk, settings(), name="Essai", actor="anne", clock=clock)


def test_a_plan_without_evenings_stays_off_the_desk(session: Session, tour: Tour, clock: FixedClock) -> None:
    """An infeasible one has nothing to show."""
    plan = make.make_plan(session, tour=tour, status="infeasible")
    with pytest.raises(InvalidInput):
        scenarios.put_on_desk(session, plan, clock)


def test_publishing_asks_for_the_settings_first(session: Session, tour: Tour, clock: FixedClock, vault: Vault) -> None:
    """A plan that the tour could not have made is refused until the tour has its settings."""
    plan = plan_under(session, tour, fundings={"200068666": 2})
    tools = {"actor": "anne", "clock": clock, "vault": vault, "public_url": "https://example.org"}
    with pytest.raises(Conflict, match="réglages"):
        publication.publish(session, plan, **tools)
    take_over(session, plan, tour.version)
    publication.publish(session, plan, **tools)
    assert tour.fundings[0].evenings == 2
    assert len(session.scalars(select(Evening)).all()) == 2


def test_taking_over_gives_the_tour_what_the_plan_supposes(session: Session, tour: Tour) -> None:
    """Dates, vans, garage, money, neighbours, limits, and what a village is to accept; nothing is different then."""
    tour.requests[1].answered_at = tour.created_at
    tour.requests[1].vehicles = [tour.vehicles[0].vehicle]
    session.flush()
    plan = plan_under(
        session,
        tour,
        dates_added=frozenset({SUNDAY}),
        dates_dropped=frozenset({SATURDAY}),
        vehicles_added=frozenset({"firmin"}),
        garage={"lucette": frozenset({FRIDAY})},
        fundings={"200068666": None},
        separation=(5000, 3),
        limits={"lucette": {"max_evenings_per_week": 3}},
        answers={"10002": frozenset({SUNDAY})},
        allowed={"10002": frozenset({"firmin"})},
        villages="more",
    )
    take_over(session, plan, tour.version)
    session.expire_all()
    assert [row.date for row in tour.dates] == [FRIDAY, SUNDAY]
    assert [(row.vehicle.slug, row.unavailable) for row in tour.vehicles] == [
        ("lucette", [FRIDAY.isoformat()]),
        ("firmin", []),
    ]
    assert tour.fundings == []
    assert (tour.separation_metres, tour.separation_days) == (5000, 3)
    assert tour.vehicles[0].vehicle.max_evenings_per_week == 3
    request = tour.requests[1]
    assert [(row.date, row.level) for row in request.availabilities] == [(SUNDAY, "if_need_be")]
    assert [van.slug for van in request.vehicles] == ["lucette", "firmin"]
    assert tour.cost_no_evening == 1_000_000  # what one looked for is not what the tour is
    assert still_different(tour, ScenarioSettings.from_json(plan.settings)) == ScenarioSettings()


def test_taking_over_less(session: Session, tour: Tour) -> None:
    """A van fewer, another limit, no rule between neighbours."""
    tour.separation_metres, tour.separation_days = 8000, 2
    plan = plan_under(
        session, tour, vehicles_dropped=frozenset({"lucette"}), fundings={"200068666": 4}, separation=(0, 0)
    )
    take_over(session, plan, tour.version)
    assert tour.vehicles == []
    assert [row.evenings for row in tour.fundings] == [4]
    assert tour.separation_metres is tour.separation_days is None


def test_taking_over_meets_another_organiser(session: Session, tour: Tour) -> None:
    """Where the tour was edited since the page was read, nothing is overwritten; where nothing differs, nothing is."""
    plan = plan_under(session, tour, fundings={"200068666": 2})
    with pytest.raises(Conflict):
        take_over(session, plan, tour.version - 1)
    before = tour.version
    take_over(session, plan_under(session, tour, preferences="more"), before - 1)
    assert tour.version == before


def test_an_exception_is_signed_on_its_line(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, desk: Plan, clock: FixedClock
) -> None:
    """Who, when and why stand on the planned evening; an evening held to without a waiver is pinned."""
    made = Agreed(insee="10001", date=SATURDAY, vehicle="lucette", waived=("quota",), why="La commune paie.")
    kept = Agreed(insee="10002", date=FRIDAY, vehicle="lucette")
    run = scenarios.start(session, desk, settings(exceptions=(made, kept)), name="Essai", actor="anne", clock=clock)
    session.commit()
    planning.execute_run(session_factory, run.id, clock)
    session.expire_all()
    second, first = run.plans[0].evenings
    assert (first.commune_insee, first.pinned, first.waived) == ("10001", True, "quota")
    assert (first.waived_why, first.waived_by, first.waived_at) == ("La commune paie.", "anne", run.created_at)
    assert (second.commune_insee, second.pinned, second.waived) == ("10002", True, "")


def test_what_is_put_on_the_desk_is_there_whatever_the_clock_says(
    session: Session, tour: Tour, desk: Plan, clock: FixedClock
) -> None:
    """The machine that showed the last plan is a second ahead: what was chosen goes on the desk all the same."""
    desk.shown_at = clock.now() + dt.timedelta(seconds=1)
    plan = plan_under(session, tour)
    plan.shown_at = None
    scenarios.put_on_desk(session, plan, clock)
    assert planning.latest_plan(session, tour) is plan


def test_started_again_it_is_the_same_variant(session: Session, desk: Plan, clock: FixedClock) -> None:
    """A worker that died changes nothing: what need not differ from the plan it comes from still does not."""
    run = scenarios.start(session, desk, settings(villages="more"), name="Essai", actor="a", clock=clock)
    run.state = "interrupted"
    session.commit()
    again = planning.restart(session, run, clock)
    assert (again.season, again.name, again.settings) == (run.season, run.name, run.settings)


def test_a_storm_over_all_is_over_the_vans_of_a_variant_too(session: Session, desk: Plan, clock: FixedClock) -> None:
    """A van that the variant adds does not drive into it."""
    storm = Incident(tour_id=desk.tour_id, kind="storm", first=FRIDAY, last=FRIDAY, reason="Orage", reported_by="a")
    storm.created_at = clock.now()
    session.add(storm)
    run = scenarios.start(
        session, desk, settings(vehicles_added=frozenset({"firmin"})), name="Deux vans", actor="a", clock=clock
    )
    assert {van["id"]: van["dates"] for van in run.season["vehicles"]} == {
        "lucette": [SATURDAY.isoformat()],
        "firmin": [SATURDAY.isoformat()],
    }


@pytest.mark.parametrize("named", [{}, {"commune_insee": "10001"}, {"vehicle": "lucette"}])
def test_an_incident_takes_what_a_variant_held_to(
    session: Session, tour: Tour, desk: Plan, clock: FixedClock, named: dict[str, str]
) -> None:
    """Started again after it, the variant holds to what is left, and to what is allowed to brave a day not offered."""
    lost = Agreed(insee="10001", date=SATURDAY, vehicle="lucette", waived=("quota",), why="La commune paie.")
    kept = Agreed(insee="10002", date=FRIDAY, vehicle="lucette")
    run = scenarios.start(session, desk, settings(exceptions=(lost, kept)), name="Essai", actor="a", clock=clock)
    run.state = "interrupted"
    brave = replace(lost, waived=("open_date", "quota"))
    values = {"vehicle_id": tour.vehicles[0].vehicle_id} if "vehicle" in named else named
    make.make_incident(session, tour=tour, first=SATURDAY, last=SATURDAY, **values)
    again = planning.restart(session, run, clock)
    assert [(lock["commune"], lock["date"]) for lock in again.season["locked"]] == [("10002", FRIDAY.isoformat())]
    season = planning.season_of(session, tour, clock, settings=settings(exceptions=(brave,)))
    assert [(lock["commune"], lock["waived"]) for lock in season["locked"]] == [("10001", ["open_date", "quota"])]


@pytest.mark.parametrize(
    "values",
    [
        {"limits": {"firmin": {"max_evenings_per_week": 3}}},
        {"garage": {"firmin": frozenset({FRIDAY})}},
        {"allowed": {"10001": frozenset({"firmin"})}},
        {"answers": {"10001": frozenset({SUNDAY})}},
        {"answers": {"99999": frozenset({SUNDAY})}},
    ],
)
def test_what_concerns_nobody_of_the_tour_stands_in_no_ones_way(
    session: Session, tour: Tour, values: dict[str, Any]
) -> None:
    """A van that does not drive, a village that is not asked: taken over, nothing is left that forbids publishing."""
    tour.requests[0].vehicles = [tour.vehicles[0].vehicle]
    session.commit()
    plan = plan_under(session, tour, **values)
    take_over(session, plan, tour.version)
    assert still_different(tour, settings(**values)) == ScenarioSettings()
