"""The engine for seasons in blocks, on seasons so small that brute force can judge it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given

import routing
from routing.engines import decide
from tests.unit.routing.seasons import MANY, Oracle, seasons


@pytest.fixture(autouse=True, scope="module")
def _tournees_for_all() -> Any:
    """Sends even the smallest season through the tournées."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decide, "SMALL_ARCS", -1)
        yield


@MANY
@given(seasons())
def test_against_brute_force(value: dict[str, Any]) -> None:
    """Every plan valid, no bound above the optimum, optimal only when equal to it."""
    best = Oracle(value).best()
    parsed = routing.parse_season(value)
    plan = routing.solve(parsed, routing.Limits(math.inf, iterations=20))
    assert not routing.check(parsed, plan)
    if best is None:
        assert plan.status in ("infeasible", "no_plan_found")
        return
    assert plan.bound is not None
    assert plan.cost is not None
    assert plan.bound <= best <= plan.cost
    if plan.status == "optimal":
        assert plan.cost == best
