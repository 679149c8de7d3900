"""`replan`: missing first, then published pairs, then the rest; proved where it says so."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

from hypothesis import given

import routing

from .seasons import FEW, Oracle, day, season, seasons


def _measure(oracle: Oracle, plan: list[tuple[str, date, str]]) -> tuple[int, int, int]:
    """The three parts of the order, from the oracle's own cost."""
    costs = dict(oracle.costs)
    total = oracle.cost(plan)
    oracle.costs = {**costs, "no_evening": 0, "missing": 0}
    without_missing = oracle.cost(plan)
    oracle.costs = {**oracle.costs, "moved": 0}
    rest = oracle.cost(plan)
    oracle.costs = costs
    held = {(who, when.isoformat()) for who, when, _ in plan}
    lost = sum((item["commune"], item["date"]) not in held for item in oracle.value.get("baseline", []))
    return total - without_missing, lost, rest


@FEW
@given(seasons())
def test_the_order_against_brute_force(value: dict[str, Any]) -> None:
    """No plan is better in the order than a proved re-plan, and none is proved that is not the best."""
    oracle = Oracle(value)
    parsed = routing.parse_season(value)
    again = routing.replan(parsed, routing.Limits(math.inf, iterations=20))
    assert not routing.check(parsed, again.plan)
    valid = [_measure(oracle, plan) for plan in oracle.plans() if not oracle.broken(plan)]
    if not valid:
        assert again.plan.status in ("infeasible", "no_plan_found")
        return
    found = _measure(oracle, [(item.commune, item.date, item.vehicle) for item in again.plan.evenings])
    assert tuple(stage.value for stage in again.stages) == found
    proved = sum(stage.proved for stage in again.stages)
    assert found[:proved] == min(valid)[:proved]


def test_a_published_evening_outweighs_its_kilometres() -> None:
    """The nearest commune would be cheaper on the one date, but another one was promised it."""
    value = season(communes=2, dates=1, baseline=[{"commune": "c1", "date": day(0)}])
    again = routing.replan(routing.parse_season(value), routing.Limits(math.inf, iterations=20))
    assert [item.commune for item in again.plan.evenings] == ["c1"]
    assert [stage.proved for stage in again.stages] == [True, True, True]
