"""The ways out of an incident: each as defined, the least change equal to brute force, told and published once."""

import datetime as dt
import itertools
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

import routing
from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict
from guinguette.models import Availability, Commune, CommuneRequest, Message, Plan, SolverRun, Tour, Vehicle
from guinguette.publishing.tour import PublishedTour
from guinguette.services import demo, demo_tours, incidents, planning, replans
from guinguette.services.evening_queries import alive_evenings, of_tour
from guinguette.services.planning import replanning
from tests import factories as make
from tests.fakes import FixedClock
from tests.services.replan_stage import DAYS, ReplanStage, TourOracle


@pytest.fixture
def stage(session: Session, session_factory: sessionmaker[Session], clock: FixedClock, vault: Vault) -> ReplanStage:
    """An empty stage."""
    return ReplanStage(session, session_factory, clock, vault)


@pytest.fixture
def one_van(stage: ReplanStage) -> ReplanStage:
    """One van, three villages on the first three dates; a reader of the first village and one of the tour."""
    stage.open(vans=1, dates=DAYS, names=["Ancerville", "Bayard", "Chevillon"])
    [van] = stage.vans
    lines = list(zip(stage.villages, DAYS, [van] * 3, strict=False))
    for phone, scope in (("+33639980001", "commune:52000"), ("+33639980002", "tour:ete")):
        make.make_subscriber(stage.session, vault=stage.vault, phone=phone, scopes=[scope])
    stage.publish(*lines)
    return stage


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


def test_the_ways_wait_off_the_desk(one_van: ReplanStage) -> None:
    """What the desk shows stays the published plan until a way out is published."""
    before = planning.latest_plan(one_van.session, one_van.tour)
    run = one_van.replan(one_van.report())
    assert planning.latest_plan(one_van.session, one_van.tour) is before
    least = one_van.ways(run)["least"].plan
    one_van.clock.advance(minutes=1)
    one_van.carry_out(least)
    assert planning.latest_plan(one_van.session, one_van.tour) is least


def test_publishing_keeps_identities_and_says_why(one_van: ReplanStage) -> None:
    """What stays keeps id and SEQUENCE, what moves keeps its id, and people read the sentence that was typed."""
    before = {e.commune.name: (e.id, e.sequence) for e in alive_evenings(one_van.session, one_van.tour)}
    incident = one_van.report()
    least = one_van.ways(one_van.replan(incident))["least"].plan
    one_van.clock.advance(minutes=1)
    version = one_van.carry_out(least)
    after = {e.commune.name: e for e in alive_evenings(one_van.session, one_van.tour)}
    assert {name: e.id for name, e in after.items()} == {name: id_ for name, (id_, _) in before.items()}
    assert after["Chevillon"].sequence == before["Chevillon"][1]
    assert after["Chevillon"].change_note == ""
    for name in ("Ancerville", "Bayard"):
        assert after[name].sequence == before[name][1] + 1
        assert after[name].change_note == "Le camion est en panne."
        assert [c.why for c in after[name].history if c.what == "date"] == ["Le camion est en panne."]
    published = {e.commune: e.change_note for e in PublishedTour.from_json(version.payload).evenings}
    assert published["Ancerville"] == "Le camion est en panne."
    texts = [m.body for m in one_van.session.scalars(select(Message)) if m.kind == "changed"]
    assert len(texts) == 3  # two readers of Ancerville, one of Bayard
    assert all("(Le camion est en panne)" in text for text in texts)
    assert incident.settled_at == one_van.clock.now()


def test_cancelling_says_why_too(one_van: ReplanStage) -> None:
    """The evenings that fall keep their page, with the sentence."""
    ways = one_van.ways(one_van.replan(one_van.report()))
    one_van.carry_out(ways["cancel"].plan)
    gone = [e for e in of_tour(one_van.session, one_van.tour) if e.state == "cancelled"]
    assert {e.change_note for e in gone} == {"Le camion est en panne."}
    assert len(gone) == 2


def test_in_winter_a_moved_evening_is_not_sent_to_the_hall(stage: ReplanStage) -> None:
    """The hall is the place from the start: the SMS says why, and no note claims that people were moved there."""
    stage.open(vans=1, dates=DAYS, names=["Ancerville"], hall_required=True)
    stage.tour.requests[0].fallback_venue = make.make_hall(stage.session, commune=stage.villages[0])
    make.make_subscriber(stage.session, vault=stage.vault, scopes=["tour:ete"])
    stage.publish((stage.villages[0], DAYS[0], stage.vans[0]))
    stage.carry_out(stage.ways(stage.replan(stage.report()))["least"].plan)
    [evening] = alive_evenings(stage.session, stage.tour)
    assert (evening.venue, evening.change_note) == ("hall", "")
    assert "(Le camion est en panne)" in stage.session.scalars(select(Message.body)).one()


def test_two_incidents_are_settled_by_one_plan_each_with_its_sentence(stage: ReplanStage) -> None:
    """A van broken and a village that cannot: the plan made for one copes with both."""
    stage.open(vans=2, dates=DAYS, names=["Ancerville", "Bayard"])
    a, b = stage.villages
    one, two = stage.vans
    stage.publish((a, DAYS[0], one), (b, DAYS[0], two))
    committee = stage.report(
        kind="committee", vehicle_id=None, commune_insee=b.insee, last=DAYS[0], reason="Le comité a un empêchement."
    )
    breakdown = stage.report(vehicle_id=one.id, last=DAYS[5])
    stage.carry_out(stage.ways(stage.replan(breakdown))["least"].plan)
    notes = {e.commune.name: e.change_note for e in alive_evenings(stage.session, stage.tour) if e.change_note}
    assert notes["Bayard"] == "Le comité a un empêchement."
    stage.session.expire_all()
    assert committee.settled_at is not None
    assert breakdown.settled_at is not None


def test_a_second_organiser_comes_too_late(one_van: ReplanStage) -> None:
    """Another way out of the same incident is refused once one is published, and nothing is written."""
    ways = one_van.ways(one_van.replan(one_van.report()))
    one_van.clock.advance(minutes=1)
    one_van.carry_out(ways["least"].plan)
    version = one_van.tour.published_version
    with pytest.raises(Conflict, match="a changé depuis ce calcul"):
        one_van.carry_out(ways["cancel"].plan)
    assert one_van.tour.published_version == version


def test_a_way_out_of_what_is_over_is_refused(one_van: ReplanStage) -> None:
    """Repaired before somebody published: no village needs to move."""
    incident = one_van.report()
    ways = one_van.ways(one_van.replan(incident))
    incidents.withdraw(one_van.session, incident, one_van.clock)
    with pytest.raises(Conflict, match="levé"):
        one_van.carry_out(ways["least"].plan)
    with pytest.raises(Conflict, match="levé"):
        replans.start(one_van.session, incident, one_van.clock)


def test_an_older_plan_cannot_put_an_evening_on_a_lost_date(one_van: ReplanStage) -> None:
    """A plan made before the incident is refused, unless its line is an exception that somebody signed."""
    [van] = one_van.vans
    plan = make.make_plan(
        one_van.session,
        tour=one_van.tour,
        evenings=list(zip(one_van.villages, DAYS, [van] * 3, strict=False)),
        created_at=one_van.clock.now(),
    )
    one_van.report()
    with pytest.raises(Conflict, match="Un imprévu empêche la soirée du 18/06/2027 à Ancerville"):
        one_van.carry_out(plan)
    for line in plan.evenings:
        line.pinned, line.waived, line.waived_why, line.waived_by = True, "open_date", "prêté", "x"
        line.waived_at = one_van.clock.now()
    one_van.carry_out(plan)


def test_nothing_hit_is_settled_at_once(one_van: ReplanStage) -> None:
    """A van that drives nobody that week: noted, and nothing to choose."""
    incident = one_van.report(first=DAYS[4], last=DAYS[5])
    assert replans.start(one_van.session, incident, one_van.clock) is None
    assert incident.settled_at is not None


def test_later_plans_respect_it(one_van: ReplanStage) -> None:
    """An ordinary run after the incident is settled leaves its dates alone."""
    one_van.carry_out(one_van.ways(one_van.replan(one_van.report()))["least"].plan)
    one_van.session.commit()
    run = planning.start_run(one_van.session, one_van.tour, one_van.clock, seconds=5)
    one_van.session.commit()
    planning.execute_run(one_van.factory, run.id, one_van.clock)
    one_van.session.expire_all()
    assert {line.date for line in run.plans[0].evenings}.isdisjoint(DAYS[:2])


def test_stopping_keeps_the_first_answer(one_van: ReplanStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop while it works: the way out that is there is kept, and no other is looked for."""
    replan = routing.replan

    def stopped_meanwhile(season, limits, progress=None, *, should_stop=None, started=None):  # type: ignore[no-untyped-def]
        with one_van.factory() as other:
            planning.request_stop(other, other.scalars(select(SolverRun).where(SolverRun.state == "running")).one())
            other.commit()
        while not should_stop():
            time.sleep(0.05)
        return replan(season, limits, progress, should_stop=should_stop)

    monkeypatch.setattr(routing, "replan", stopped_meanwhile)
    run = one_van.replan(one_van.report())
    assert run.state == "stopped"
    assert list(one_van.ways(run)) in (["least"], ["least", "cancel"])


def test_a_search_that_dies_leaves_what_it_had(one_van: ReplanStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each way is stored as it comes: an error in the second leaves the first, and says so."""

    def broken(*_: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(replanning, "_cancelling", broken)
    run = one_van.replan(one_van.report())
    assert (run.state, run.error) == ("failed", "MemoryError: no room")
    assert "least" in one_van.ways(run)
    again = planning.restart(one_van.session, run, one_van.clock)
    assert (again.kind, again.incident_id, again.state) == ("replan", run.incident_id, "queued")


def test_a_worker_killed_between_two_ways_leaves_the_first(one_van: ReplanStage, engine: Engine) -> None:
    """kill -9 after the first answer: it is kept, the run is marked interrupted, and can be started again."""
    run = replans.start(one_van.session, one_van.report(), one_van.clock)
    assert run is not None
    one_van.session.commit()
    url = engine.url.render_as_string(hide_password=False)
    worker = subprocess.Popen([sys.executable, "-c", _WORKER, url, str(run.id)], cwd=Path(__file__).parents[2])
    try:
        for _ in range(600):
            one_van.session.rollback()
            if run.plans and run.heartbeat_at != run.started_at:
                break
            time.sleep(0.1)
    finally:
        worker.kill()
        worker.wait()
    one_van.session.expire_all()
    assert run.state == "running"
    assert run.heartbeat_at is not None
    one_van.clock.set(run.heartbeat_at + planning.SILENCE + dt.timedelta(seconds=1))
    assert planning.mark_interrupted(one_van.session, one_van.clock) == 1
    one_van.session.expire_all()
    assert (run.state, list(one_van.ways(run))) == ("interrupted", ["least"])
    assert planning.restart(one_van.session, run, one_van.clock).kind == "replan"


_WORKER = """
import sys, time
from guinguette.domain.clock import SystemClock
from guinguette.models.engine import session_factory
from guinguette.services.planning import execute_run, replanning
replanning._cancelling = lambda *_: time.sleep(600)
execute_run(session_factory(sys.argv[1]), int(sys.argv[2]), SystemClock())
"""


def test_a_way_that_breaks_a_rule_is_never_stored(one_van: ReplanStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the solver wrong, the independent check would stop it here."""
    incident = one_van.report()
    run = replans.start(one_van.session, incident, one_van.clock)
    assert run is not None
    one_van.session.commit()
    monkeypatch.setattr(routing, "check", lambda *_: ("spacing: too near",))
    planning.execute_run(one_van.factory, run.id, one_van.clock)
    one_van.session.expire_all()
    assert run.state == "failed"
    assert not run.plans


def test_more_time_replaces_an_answer_that_was_not_proved(
    one_van: ReplanStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer comes early; where it was not proved, the time that is left goes into proving it."""
    replan, asked = routing.replan, itertools.count()

    def hasty_at_first(*args: Any, **kwargs: Any) -> routing.Replanned:
        found = replan(*args, **kwargs)
        if next(asked):
            return found
        return replace(found, stages=tuple(replace(stage, proved=False) for stage in found.stages))

    monkeypatch.setattr(routing, "replan", hasty_at_first)
    run = one_van.replan(one_van.report())
    assert [plan.approach for plan in run.plans].count("least") == 2
    assert all(stage["proved"] for stage in one_van.ways(run)["least"].plan.proof)


def test_a_contradiction_is_said_and_cancelling_remains(one_van: ReplanStage) -> None:
    """Where no plan holds, the run keeps why."""
    incident = one_van.report()
    run = replans.start(one_van.session, incident, one_van.clock)
    assert run is not None
    lock = {"commune": "52000", "date": DAYS[0].isoformat(), "vehicle": "van-0"}
    run.season = {**run.season, "locked": [lock]}
    one_van.session.commit()
    planning.execute_run(one_van.factory, run.id, one_van.clock)
    one_van.session.expire_all()
    [way] = [way for way in replans.ways_out(one_van.session, run, one_van.clock) if not way.solved]
    assert way.plan.status == "infeasible"
    assert way.plan.conflicts


def test_the_demo_answers_within_ten_seconds(
    session: Session, session_factory: sessionmaker[Session], vault: Vault, engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """One van of the published summer lost for its busiest week: the first answer in time, all served, proved."""
    clock = FixedClock(dt.datetime(2026, 11, 23, 11, tzinfo=dt.UTC))
    monkeypatch.setattr(demo_tours, "winter_tour", demo_tours.summer_tour)  # the winter tour is not needed here
    shop = demo.Workshop(
        factory=session_factory, clock=clock, vault=vault, public_url="https://g.example", report=lambda _: None
    )
    demo.build(shop)
    tour = session.scalars(select(Tour).where(Tour.season == "summer")).one()
    clock.advance(minutes=1)
    stage = ReplanStage(session, session_factory, clock, vault)
    stage.tour = tour
    busy = [e for e in alive_evenings(session, tour) if e.vehicle.slug == "firmin"]
    monday = max({e.date - dt.timedelta(days=e.date.weekday()) for e in busy}, key=lambda m: _in_week(busy, m))
    answers: list[float] = []
    ways_out = replanning.ways_out

    def timed(*args: Any) -> Iterator[replanning.Way]:
        for way in ways_out(*args):
            answers.append(time.monotonic())
            yield way

    monkeypatch.setattr(replanning, "ways_out", timed)
    asked = time.monotonic()
    incident = stage.report(vehicle_id=busy[0].vehicle_id, first=monday, last=monday + dt.timedelta(days=6))
    run = stage.replan(incident)
    assert answers[0] - asked < 10
    ways = stage.ways(run)
    least = ways["least"]
    assert len(ways) >= 2
    assert least.cancelled == []
    assert [stage["proved"] for stage in least.plan.proof[:2]] == [True, True]
    assert len(least.moved) <= _in_week(busy, monday)


def _in_week(evenings: list[Any], monday: dt.date) -> int:
    return sum(monday <= e.date < monday + dt.timedelta(days=7) for e in evenings)
