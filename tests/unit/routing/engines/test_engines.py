"""Each engine forced upon seasons so small that brute force can judge it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given

import routing
from routing.engines import by_tournees, decide, model, tournees
from tests.unit.routing.seasons import MANY, Oracle, seasons

_SMALL: dict[str, int] = {"tournées": -1, "tournées nearby": -1, "CP-SAT": 10**9, "annealing": -1}


def _plan(parsed: routing.Season, engine: str) -> routing.Plan:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decide, "SMALL_ARCS", _SMALL[engine])
        if engine == "tournées nearby":
            patch.setattr(by_tournees, "FEW_SLOTS", -1)
        if engine == "annealing":
            patch.setattr(tournees, "blocks_of", lambda instance, slots: None)
            patch.setattr(model, "MOST_ARCS", -1)
        return routing.solve(parsed, routing.Limits(math.inf, iterations=20))


@MANY
@given(seasons())
def test_against_brute_force(value: dict[str, Any]) -> None:
    """Every plan valid and never below the optimum, no bound above it, optimal only when equal; CP-SAT always is."""
    best = Oracle(value).best()
    parsed = routing.parse_season(value)
    for engine in _SMALL:
        plan = _plan(parsed, engine)
        assert not routing.check(parsed, plan), engine
        if best is None:
            assert plan.status == "infeasible" if engine == "CP-SAT" else plan.status in ("infeasible", "no_plan_found")
            continue
        if plan.cost is None:  # the annealing alone may miss the only way to a far lock
            assert (engine, plan.status) == ("annealing", "no_plan_found")
            continue
        assert plan.bound is not None, engine
        assert plan.bound <= best <= plan.cost, engine
        assert plan.status == "feasible" or plan.cost == best, engine
        assert engine != "CP-SAT" or plan.status == "optimal"
