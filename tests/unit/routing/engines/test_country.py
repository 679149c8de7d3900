"""A season in territories, from end to end: small ones, with the threshold lowered and workers that are threads."""

from __future__ import annotations

import math
import pickle
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

import routing
from routing.engines import country, decide, territories
from routing.engines.errand import run_errand
from routing.engines.instance import Slot
from routing.engines.market import Market
from routing.engines.neighbourhoods import Neighbourhood, Neighbourhoods
from tests.unit.routing.lands import instance_of, land, watch_of
from tests.unit.routing.seasons import FEW, day, season

_T = TypeVar("_T")
_LAND = 37  # a season without locks, in blocks, with three territories


class _Far(ThreadPoolExecutor):
    """Workers as far away as another machine: whatever they get or bring is pickled. `sent` is what they were asked."""

    def __init__(self, workers: int = 2) -> None:
        super().__init__(workers)
        self.sent: list[Callable[..., Any]] = []

    def submit(self, function: Callable[..., _T], /, *arguments: Any, **named: Any) -> Future[_T]:
        """Take an errand."""
        self.sent.append(function)
        packed = pickle.dumps((function, arguments, named))

        def work() -> _T:
            there, what, how = pickle.loads(packed)  # noqa: S301 - packed above
            result: _T = pickle.loads(pickle.dumps(there(*what, **how)))  # noqa: S301 - likewise
            return result

        return super().submit(work)


@pytest.fixture(autouse=True)
def _as_a_country(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "COUNTRY_SLOTS", -1)
    monkeypatch.setattr(territories, "_LEAST", 1)
    monkeypatch.setattr(territories, "_MOST", 8)


@pytest.fixture(autouse=True)
def _no_worker_fails(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker breaks is a failed test, not a plan that was found without it."""

    def fail(*said: object) -> None:
        raise AssertionError(said)

    if "caplog" not in request.fixturenames:
        monkeypatch.setattr(country, "_log", SimpleNamespace(warning=fail))


def _solved(value: dict[str, Any], *, iterations: int = 4, workers: int = 2, seed: int = 1) -> routing.Plan:
    limits = routing.Limits(math.inf, iterations=iterations, workers=workers, seed=seed)
    with _Far() as executor:
        return routing.solve(routing.parse_season(value), limits, executor=executor)


@FEW
@given(st.integers(0, 10**6))
def test_any_country_gets_a_plan_that_keeps_the_rules(seed: int) -> None:
    """Rules, locks, cost and bound hold whatever the structure; where there is a plan without it, there is one here."""
    value = land(seed, communes=8, vehicles=5, weeks=3)
    parsed, plan = routing.parse_season(value), _solved(value)
    if plan.status in ("infeasible", "no_plan_found"):
        return
    assert not [fault.said("en") for fault in routing.check(parsed, plan)]
    assert plan.cost is not None
    assert plan.bound is not None
    assert plan.bound <= plan.cost
    for lock in parsed.locked:
        assert any((item.commune, item.date) == (lock.commune, lock.date) for item in plan.evenings)


def test_numbers_decide_the_plan() -> None:
    """Same season, seed, workers and iterations, same plan, whichever worker is back first."""
    one, two = (routing.plan_to_dict(_solved(land(_LAND, locks=False), iterations=9)) for _ in range(2))
    assert one | {"seconds_to_plan": 0} == two | {"seconds_to_plan": 0}


def test_looks_at_the_clock_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the search looks whether a worker is back, dice are rolled as often, and the plan is the same."""
    outcomes = []
    rolls: list[object] = []
    following = Neighbourhoods.next

    def rolled(self: Neighbourhoods, plan: Sequence[Slot], busy: Sequence[Neighbourhood]) -> Neighbourhood | None:
        rolls.append(busy)
        return following(self, plan, busy)

    monkeypatch.setattr(Neighbourhoods, "next", rolled)
    for look in (10.0, 0.0):
        rolls.clear()
        monkeypatch.setattr(country, "_LOOK", look)
        plan = _solved(land(_LAND, locks=False), iterations=12)
        outcomes.append((len(rolls), plan.evenings))
    assert outcomes[0] == outcomes[1]


def test_the_executor_that_is_passed_gets_every_part() -> None:
    """Each territory goes once, then as many parts as iterations leave; the caller hears of their turns."""
    seen: list[routing.Progress] = []
    limits = routing.Limits(math.inf, iterations=9, workers=2)
    with _Far() as executor:
        routing.solve(routing.parse_season(land(_LAND, locks=False)), limits, seen.append, executor=executor)
    assert len(executor.sent) == 9
    assert set(executor.sent) == {run_errand}
    assert [len(item.territories) for item in seen][-1] == 3
    assert sum(item.turns for item in seen[-1].territories) == 9


def test_a_lock_across_a_border_stays() -> None:
    """A commune of one territory, locked on the vehicle of another, keeps that evening in the turns of both."""
    value = _two_depots(locked=[{"commune": "c0", "date": day(0), "vehicle": "v1"}])
    plan = _solved(value)
    assert ("c0", day(0), "v1") in {(item.commune, item.date.isoformat(), item.vehicle) for item in plan.evenings}
    assert not routing.check(routing.parse_season(value), plan)


def test_what_a_lock_waives_opens_nothing_else() -> None:
    """The vehicle that a lock lets come without the equipment does not come to other evenings from prices."""
    lock = {"commune": "c0", "date": day(0), "vehicle": "v0", "waived": ["equipment"]}
    value = season(communes=3, vehicles=2, locked=[lock]) | {"dates": [day(0), day(7), day(14)]}
    del value["communes"][1:]
    value["communes"][0].update(evenings=3, needs=["stage"])
    value["vehicles"][1].update(depot="c2", equipment=["stage"])
    plan = _solved(value)
    assert [item.vehicle for item in plan.evenings] == ["v0", "v1", "v1"]


def _two_depots(**changes: Any) -> dict[str, Any]:
    value = season(communes=4, dates=3, vehicles=2, **changes)
    value["vehicles"][1]["depot"] = "c3"
    return value


class _Asked(Executor):
    """Workers that never come back; `sent` is what they were asked for."""

    def __init__(self, asked: Callable[[Future[Any]], None]) -> None:
        self.sent: list[Future[Any]] = []
        self._asked = asked

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        """Take an errand."""
        future: Future[Any] = Future()
        self.sent.append(future)
        self._asked(future)
        return future


def test_a_worker_that_fails_costs_no_plan(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, what waits for workers is called off, and the search goes on without them, to its bound."""

    def fail_first(future: Future[Any]) -> None:
        if len(executor.sent) == 1:
            future.set_exception(OSError("the machine is gone"))

    executor = _Asked(fail_first)
    parsed = routing.parse_season(_two_depots())
    plan = routing.solve(parsed, routing.Limits(math.inf, iterations=4, workers=2), executor=executor)
    assert "a worker failed: OSError: the machine is gone" in caplog.text
    assert len(plan.evenings) == 4
    assert not routing.check(parsed, plan)
    assert [future.cancelled() for future in executor.sent] == [False, True]


def test_no_worker_to_send_costs_no_plan(caplog: pytest.LogCaptureFixture) -> None:
    """An executor that takes nothing is asked once; prices need none."""
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    phases: list[str] = []
    parsed = routing.parse_season(_two_depots())
    limits = routing.Limits(math.inf, iterations=4, workers=2)
    plan = routing.solve(parsed, limits, lambda seen: phases.append(seen.phase), executor=executor)
    assert caplog.text.count("no worker to send: RuntimeError") == 1
    assert {"prices", "improve"} <= set(phases)
    assert len(plan.evenings) == 4
    assert not routing.check(parsed, plan)


def test_a_wish_to_stop_is_heard_while_workers_are_out() -> None:
    """Whoever stops gets the plan so far, without waiting for workers that are not back."""
    parsed, stop = routing.parse_season(_two_depots()), threading.Event()
    executor = _Asked(lambda _: threading.Timer(0.01, stop.set).start())
    plan = routing.solve(parsed, routing.Limits(1e9, workers=2), should_stop=stop.is_set, executor=executor)
    assert executor.sent
    assert all(future.cancelled() for future in executor.sent)
    assert len(plan.evenings) == 4
    assert not routing.check(parsed, plan)


def test_dates_that_form_no_blocks() -> None:
    """Ten dates in a row have no tournées, so no prices: however big, that is for the search for long tournées."""
    parsed = routing.parse_season(season(communes=6, dates=10, vehicles=2))
    with _Far() as executor:
        plan = routing.solve(parsed, routing.Limits(math.inf, iterations=4, workers=2), executor=executor)
    assert not executor.sent
    assert not routing.check(parsed, plan)
    assert len(plan.evenings) == 6
    assert plan.bound is not None


@pytest.mark.parametrize("empty", ["communes", "vehicles", "dates"])
def test_a_country_of_nothing(empty: str) -> None:
    """Without communes, vehicles or dates there is an empty plan."""
    plan = _solved(season(**{empty: 0}))
    assert plan.evenings == ()
    assert plan.cost == (0 if empty == "communes" else 2_000_000)


def test_a_vehicle_without_dates() -> None:
    """It is in a territory and serves nobody; the other one serves all."""
    value = _two_depots()
    value["vehicles"][1]["dates"] = []
    plan = _solved(value)
    assert {item.vehicle for item in plan.evenings} == {"v0"}
    assert len(plan.evenings) == 3


def test_processes_of_its_own() -> None:
    """Without an executor two processes do the work, and are gone when the plan is there."""
    before = threading.active_count()
    value = land(_LAND, locks=False)
    limits = routing.Limits(math.inf, iterations=4, workers=2)
    plan = routing.solve(routing.parse_season(value), limits)
    assert not routing.check(routing.parse_season(value), plan)
    assert (plan.cost, plan.evenings) == ((far := _solved(value)).cost, far.evenings)
    assert threading.active_count() <= before


def test_prices_end_when_the_search_does() -> None:
    """Somebody who stops does not wait for rounds of prices."""
    instance, watch = instance_of(_two_depots()), watch_of()
    watch.limits = routing.Limits(math.inf)
    looks: list[int] = []
    watch.over = lambda: bool(looks.append(1)) or len(looks) > 2  # type: ignore[method-assign,func-returns-value] # a stop at the third look
    Market(instance, [], workers=1).run(watch, until=math.inf, rounds=100)
    assert len(looks) == 3
