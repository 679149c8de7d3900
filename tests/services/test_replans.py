"""The ways out of an incident: each as defined, and the least change equal to brute force."""

import datetime as dt
import random

import pytest

from guinguette.models import Availability, Commune, CommuneRequest, Plan, Vehicle
from guinguette.services import planning, replans
from tests.services.replan_stage import DAYS, ReplanStage, TourOracle


def measure(oracle: TourOracle, plan: list[tuple[str, dt.date, str]]) -> tuple[int, int]:
    """Return what a plan leaves unserved, in the season's prices, and how many published pairs it loses."""
    missing = 0
    for name, commune in oracle.communes.items():
        got = sum(who == name for who, _, _ in plan)
        missing += oracle.costs["no_evening"] * commune["priority"] * (got == 0)
        missing += oracle.costs["missing"] * commune["priority"] * max(0, commune["evenings"] - max(1, got))
    had = {(who, when.isoformat()) for who, when, _ in plan}
    return missing, sum((pair["commune"], pair["date"]) not in had for pair in oracle.value["baseline"])


def lines_of(plan: Plan) -> list[tuple[str, dt.date, str]]:
    """Return a plan's lines as the oracle writes them."""
    return [(line.commune_insee, line.date, line.vehicle.slug) for line in plan.evenings]


@pytest.mark.solver
@pytest.mark.parametrize("seed", range(6))
def test_the_least_change_equals_brute_force(stage: ReplanStage, seed: int) -> None:
    """On tours small enough to try every plan: as many evenings as can be served, and the fewest moved of those."""
    dice = random.Random(seed)  # noqa: S311 - a tour by lot, the same each time
    days = DAYS[:3] if seed % 2 else DAYS[:5]
    stage.open(vans=2 if seed % 2 else 1, dates=days, names=["Ancerville", "Bayard", "Chevillon"])
    for request in stage.tour.requests:
        request.evenings, request.priority = dice.choice([1, 1, 2]), dice.choice([1, 2])
        free = [day for day in days if dice.random() < 0.75] or [days[0]]
        make_answer(stage, request, free)
    lines = published_lines(stage, dice)
    stage.publish(*lines)
    incident = stage.report(vehicle_id=dice.choice(lines)[2].id, first=lines[0][1], last=lines[0][1])
    hit = {line for line in lines if line[1] == lines[0][1] and line[2].id == incident.vehicle_id}
    run = replans.start(stage.session, incident, stage.clock)
    if run is None:
        assert not hit
        return
    stage.session.commit()
    planning.execute_run(stage.factory, run.id, stage.clock)
    stage.session.expire_all()
    oracle = TourOracle(run.season)
    best = min(measure(oracle, plan) for plan in oracle.plans() if not oracle.broken(plan))
    least = stage.ways(run)["least"].plan
    assert measure(oracle, lines_of(least)) == best
    assert not oracle.broken(lines_of(least))
    assert [(stage["name"], stage["value"]) for stage in least.proof[:2]] == [("missing", best[0]), ("moved", best[1])]
    assert all(stage["proved"] for stage in least.proof[:2])


def make_answer(stage: ReplanStage, request: CommuneRequest, free: list[dt.date]) -> None:
    """Let a village answer that it is free on these dates."""
    request.answered_at = stage.clock.now()
    request.availabilities = [Availability(date=day, level="yes") for day in free]
    stage.session.flush()


def published_lines(stage: ReplanStage, dice: random.Random) -> list[tuple[Commune, dt.date, Vehicle]]:
    """Return a plan that keeps the rules and serves somebody: one of the best of a few drawn by lot."""
    oracle = TourOracle(planning.season_of(stage.session, stage.tour, stage.clock))
    communes, vans = {c.insee: c for c in stage.villages}, {v.slug: v for v in stage.vans}
    valid = [plan for plan in oracle.plans() if plan and not oracle.broken(plan)]
    plan = max(dice.sample(valid, min(len(valid), 20)), key=len)
    return [(communes[who], when, vans[by]) for who, when, by in plan]


def test_each_way_does_what_it_says(one_van: ReplanStage) -> None:
    """The least change moves the two that are hit; cancelling moves nobody; the third is there or is nothing new."""
    incident = one_van.report()
    run = one_van.replan(incident)
    ways = one_van.ways(run)
    assert (run.kind, run.state, run.incident_id) == ("replan", "done", incident.id)
    least, cancel = ways["least"], ways["cancel"]
    assert (least.kept, len(least.moved), len(least.cancelled), len(least.created)) == (1, 2, 0, 0)
    assert (cancel.kept, len(cancel.moved), len(cancel.cancelled)) == (1, 0, 2)
    assert least.plan.status == cancel.plan.status == "feasible"
    assert {line.date for line in least.plan.evenings}.isdisjoint(DAYS[:2])
    assert len(ways) <= 3


def test_what_is_spared_keeps_its_van_among_equals(stage: ReplanStage) -> None:
    """A van's lost evening goes to another date; no crew but that one hears of it."""
    fridays = DAYS[::2]  # no two evenings share a trip: either van would do
    stage.open(vans=2, dates=fridays, names=["Ancerville", "Bayard", "Chevillon"])
    a, b, c = stage.villages
    one, two = stage.vans
    stage.publish((a, fridays[0], one), (b, fridays[1], two), (c, fridays[2], one))
    make_answer(stage, stage.tour.requests[0], list(fridays[1:]))
    ways = stage.ways(stage.replan(stage.report()))
    assert ways["least"].other_van == []
    assert len(ways["least"].moved) == 1


def test_others_stay_is_offered_where_the_least_change_touches_them(stage: ReplanStage) -> None:
    """To serve both, the spared village would have to give its date away: it may also keep it, at a price."""
    stage.open(vans=1, dates=DAYS[:3], names=["Ancerville", "Bayard"])
    first, second = stage.tour.requests
    make_answer(stage, first, [DAYS[0], DAYS[1]])
    make_answer(stage, second, [DAYS[1], DAYS[2]])
    a, b = stage.villages
    [van] = stage.vans
    stage.publish((a, DAYS[0], van), (b, DAYS[1], van))
    ways = stage.ways(stage.replan(stage.report(last=DAYS[0])))
    assert (len(ways["least"].moved), len(ways["least"].cancelled)) == (2, 0)
    assert {(e.commune.name, line.date) for e, line in ways["least"].moved} == {
        ("Ancerville", DAYS[1]),
        ("Bayard", DAYS[2]),
    }
    others_stay = ways["others_stay"]
    assert (others_stay.kept, len(others_stay.moved), len(others_stay.cancelled)) == (1, 0, 1)
    assert "cancel" not in ways  # it would be the same plan


def test_a_shorter_drive_is_offered_where_it_pays(stage: ReplanStage) -> None:
    """Two neighbours far away could share a trip, if one more date changed: fewer kilometres, as many evenings."""
    dates = [dt.date(2027, 6, 18), dt.date(2027, 6, 25), dt.date(2027, 7, 2), dt.date(2027, 7, 3)]
    stage.open(vans=1, dates=dates, names=["Ancerville", "Bayard"])
    for commune in stage.villages:
        for request in stage.tour.requests:
            if request.commune_insee == commune.insee:
                request.pitch.lat, request.pitch.lon = 49.3, 5.9
    a, b = stage.villages
    [van] = stage.vans
    make_answer(stage, stage.tour.requests[0], [dates[0], dates[1], dates[2]])
    make_answer(stage, stage.tour.requests[1], [dates[1], dates[3]])
    stage.publish((a, dates[0], van), (b, dates[1], van))
    ways = stage.ways(stage.replan(stage.report(first=dates[0], last=dates[0])))
    least, shorter = ways["least"], ways["kilometres"]
    assert len(least.moved) == 1
    assert len(shorter.moved) == 2
    assert shorter.plan.metres is not None
    assert least.plan.metres is not None
    assert shorter.plan.metres < least.plan.metres
