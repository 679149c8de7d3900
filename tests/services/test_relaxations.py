"""What could be relaxed for a wish: each rule has its ways, the law and other tours have none."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from guinguette.models import Commune, Plan, Tour, UnservedWish, Vehicle
from guinguette.services import planning, rules, scenarios
from guinguette.services.relaxations import Relaxer, Way
from guinguette.services.scenario_settings import ScenarioSettings
from tests import factories as make
from tests.fakes import FixedClock

THURSDAY, FRIDAY, SATURDAY = (dt.date(2027, 7, day) for day in (1, 2, 3))


@pytest.fixture
def van(session: Session) -> Vehicle:
    """Lucette, two evenings a week, two days in a row, legs of a hundred kilometres."""
    return make.make_vehicle(
        session, slug="lucette", max_evenings_per_week=2, max_days_in_row=2, max_leg_metres=100_000
    )


@pytest.fixture
def tour(session: Session, van: Vehicle) -> Tour:
    """Vignory asks; Friday and Saturday; its EPCI pays for one evening."""
    rules.ensure_defaults(session)
    epci = make.make_epci(session, siren="200068666")
    tour = make.make_tour(
        session, dates=[FRIDAY, SATURDAY], vehicles=[van], fundings={epci.siren: 1}, solver_seconds=300
    )
    commune = make.make_commune(session, insee="10001", name="Vignory", epci=epci)
    make.make_request(session, tour=tour, commune=commune)
    session.commit()
    return tour


def ways(session: Session, tour: Tour, clock: FixedClock, *reasons: tuple[str, str], **plan: Any) -> list[Way]:
    """Return the ways around these (rule, detail) for Vignory, on Friday with Lucette."""
    wish = UnservedWish(
        commune_insee="10001",
        missing=1,
        date=FRIDAY,
        vehicle=tour.vehicles[0].vehicle,
        reasons=[{"rule": rule, "detail": detail, "sentence": "…"} for rule, detail in reasons],
    )
    made = make.make_plan(session, tour=tour, **plan)
    made.unserved = [wish]
    session.flush()
    return Relaxer(session, made, clock).ways(wish, lambda reason: f"Parce que {reason['rule']}.")


@pytest.mark.parametrize(
    ("rule", "detail", "relaxed"),
    [
        ("quota", "epci-200068666", {"fundings": {"200068666": 2}}),
        ("weekly_rest", "lucette 2027-W26", {"limits": {"lucette": {"max_evenings_per_week": 3}}}),
        ("days_in_row", "lucette 2027-07-01 2027-07-03", {"limits": {"lucette": {"max_days_in_row": 3}}}),
        ("open_date", "10001 2027-07-02", {"answers": {"10001": ["2027-07-02"]}}),
        ("allowed_vehicle", "10001 lucette", {"allowed": {"10001": ["lucette"]}}),
    ],
)
def test_each_rule_has_its_way(
    session: Session, tour: Tour, clock: FixedClock, rule: str, detail: str, relaxed: dict[str, Any]
) -> None:
    """Exactly that is relaxed, and nothing else."""
    [way] = ways(session, tour, clock, (rule, detail))
    assert way.added_to(ScenarioSettings()).to_json() == relaxed


@pytest.mark.parametrize(
    ("rule", "detail"),
    [
        ("separation", "10001 2027-07-02 10002 2027-07-03"),
        ("spacing", "10001 2027-07-02 2027-07-03"),
        ("equipment", "10001 lucette"),
    ],
)
def test_some_rules_are_broken_by_an_exception(
    session: Session, tour: Tour, clock: FixedClock, rule: str, detail: str
) -> None:
    """On that evening alone, signed with the sentence that the button stood under."""
    [way] = ways(session, tour, clock, (rule, detail))
    [made] = way.added_to(ScenarioSettings()).exceptions
    assert (made.insee, made.date, made.vehicle, made.waived) == ("10001", FRIDAY, "lucette", (rule,))
    assert made.why == f"Parce que {rule}."


def test_not_worth_its_kilometres(session: Session, tour: Tour, clock: FixedClock) -> None:
    """The evening is held to, no rule waived."""
    [way] = ways(session, tour, clock, ("cost", "10001 2027-07-02 lucette"))
    [made] = way.added_to(ScenarioSettings()).exceptions
    assert made.waived == ()


def test_another_van_or_another_date(session: Session, tour: Tour, clock: FixedClock) -> None:
    """Where the van is taken: the ones that stand by, and the nearest closed day of that week."""
    make.make_vehicle(session, slug="firmin")
    make.make_vehicle(session, slug="old", archived_at=clock.now())
    busy = make.make_vehicle(session, slug="busy")
    make.make_evening(session, vehicle=busy, date=FRIDAY)
    found = ways(session, tour, clock, ("one_per_vehicle", "lucette 2027-07-02"))
    assert [way.added_to(ScenarioSettings()).to_json() for way in found] == [
        {"vehicles_added": ["firmin"]},
        {"dates_added": ["2027-07-01"], "answers": {"10001": ["2027-07-01"]}},
    ]


def test_a_van_comes_back_from_the_garage(session: Session, tour: Tour, clock: FixedClock) -> None:
    """For that day; the others stay as they were. Not where it serves another tour."""
    tour.vehicles[0].unavailable = ["2027-07-02", "2027-07-03"]
    [way] = ways(session, tour, clock, ("open_date", "lucette 2027-07-02"))
    assert way.added_to(ScenarioSettings()).to_json() == {"garage": {"lucette": ["2027-07-03"]}}
    make.make_evening(session, vehicle=tour.vehicles[0].vehicle, date=FRIDAY)
    assert ways(session, tour, clock, ("open_date", "lucette 2027-07-02")) == []


@pytest.mark.parametrize(
    ("travel", "metres"),
    [
        ({"kind": "great_circle", "detour": 1.3}, 145_000),
        ({"kind": "matrix", "metres": [[0, 163_001], [170_000, 0]]}, 164_000),
    ],
)
def test_a_longer_leg(session: Session, tour: Tour, clock: FixedClock, travel: dict[str, object], metres: int) -> None:
    """As long as this one has to be, by road where the run knew it, rounded up to a kilometre."""
    made = make.make_plan(session, tour=tour)
    assert made.run is not None
    places = [{"id": "a", "lat": 48.0, "lon": 4.0}, {"id": "b", "lat": 49.0, "lon": 4.0}]
    made.run.season = {"locations": places, "travel": travel}
    wish = UnservedWish(plan=made, commune_insee="10001", missing=1, reasons=[{"rule": "leg", "detail": "lucette a b"}])
    [way] = Relaxer(session, made, clock).ways(wish, lambda _: "")
    assert way.added_to(ScenarioSettings()).to_json() == {"limits": {"lucette": {"max_leg_metres": metres}}}


@pytest.mark.parametrize(
    ("rule", "detail"),
    [
        ("quota", "permis-3-2027"),  # five temporary bars a year: the law
        ("one_per_commune", "10001 2027-07-02"),
        ("open_date", "10001"),  # no date at all
        ("wanted", "10001"),
    ],
)
def test_what_cannot_be_relaxed(session: Session, tour: Tour, clock: FixedClock, rule: str, detail: str) -> None:
    """No button is better than one that does something else; nor does one of two reasons help."""
    assert ways(session, tour, clock, (rule, detail)) == []
    assert ways(session, tour, clock, ("quota", "epci-200068666"), (rule, detail)) == []


def test_labour_law_is_the_limit(session: Session, tour: Tour, van: Vehicle, clock: FixedClock) -> None:
    """Six days a week, whoever asks."""
    van.max_evenings_per_week = 6
    assert ways(session, tour, clock, ("weekly_rest", "lucette 2027-W26")) == []


def test_a_past_evening_is_not_made_up_for(session: Session, tour: Tour, clock: FixedClock) -> None:
    """What stood in the way of an evening yesterday is no button today."""
    clock.set(dt.datetime(2027, 7, 3, 10, tzinfo=dt.UTC))
    assert ways(session, tour, clock, ("spacing", "10001 2027-07-02 2027-07-03")) == []


def test_several_reasons_are_relaxed_together(session: Session, tour: Tour, clock: FixedClock) -> None:
    """One button for the set, one for each way of it, on top of what the variant has relaxed already."""
    make.make_vehicle(session, slug="firmin")
    both = ("quota", "epci-200068666"), ("one_per_vehicle", "lucette 2027-07-02")
    found = ways(session, tour, clock, *both, settings={"fundings": {"200068666": 4}})
    assert [len(way.steps) for way in found] == [2, 2]
    assert len({way.key for way in found}) == 2
    assert found[0].added_to(ScenarioSettings()).to_json() == {
        "vehicles_added": ["firmin"],
        "fundings": {"200068666": 5},
    }


def test_the_solver_names_the_evening_and_the_way_serves_the_wish(
    session: Session, session_factory: sessionmaker[Session], tour: Tour, clock: FixedClock
) -> None:
    """From a plan of the solver's with a neighbour too near, through the exception, to both villages served."""
    tour.separation_metres, tour.separation_days = 50_000, 7
    tour.fundings = []
    make.make_request(session, tour=tour, commune=make.make_commune(session, insee="10002"))
    session.commit()
    plan = solved(session, session_factory, planning.start_run(session, tour, clock).id, clock)
    [wish] = plan.unserved
    assert [reason["rule"] for reason in wish.reasons] == ["separation"]
    assert wish.date in (FRIDAY, SATURDAY)
    assert wish.vehicle is not None
    [way] = Relaxer(session, plan, clock).ways(wish, lambda reason: str(reason["sentence"]))
    settings = way.added_to(ScenarioSettings())
    run = scenarios.start(session, plan, settings, name="Exception", actor="anne", clock=clock)
    better = solved(session, session_factory, run.id, clock)
    assert better.unserved == []
    [exception] = [line for line in better.evenings if line.waived]
    assert (exception.commune_insee, exception.waived, exception.waived_by) == (
        wish.commune_insee,
        "separation",
        "anne",
    )
    assert session.get_one(Commune, exception.commune_insee).name


def solved(session: Session, factory: sessionmaker[Session], run_id: int, clock: FixedClock) -> Plan:
    """Return the plan of a run."""
    session.commit()
    planning.execute_run(factory, run_id, clock)
    session.expire_all()
    return planning.get_run(session, run_id).plans[0]
