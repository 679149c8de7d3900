"""The bound of a whole season from prices: never above the optimum, and not far below it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import guinguette
import routing
from routing.bench.seasons import KINDS, communes_of, season_of
from routing.engines.generate import Generator
from routing.engines.instance import Instance
from routing.engines.market import Market
from routing.engines.rows import Rows
from routing.engines.tournees import blocks_of, in_blocks
from routing.ground import Ground
from tests.unit.routing.lands import instance_of, land, slots_of, watch_of
from tests.unit.routing.seasons import FEW, Oracle, season, seasons

_COMMUNES = Path(guinguette.__file__).parent / "data" / "communes.csv.gz"


def _bound(instance: Instance, plan: routing.Plan | None = None, *, workers: int = 1, rounds: int = 12) -> int:
    market = Market(instance, [] if plan is None else slots_of(instance, plan), workers=workers)
    market.run(watch_of(), until=math.inf, rounds=rounds)
    return market.bound


def _solved(value: routing.Season, iterations: int = 200) -> routing.Plan:
    return routing.solve(value, routing.Limits(math.inf, iterations=iterations))


@FEW
@given(seasons())
def test_never_above_the_best_of_all_plans(value: dict[str, Any]) -> None:
    """Whatever the rules, waivers, prices and distances, no plan at all is cheaper than the bound says."""
    instance = instance_of(value)
    assume(not instance.outside and in_blocks(instance))
    bound = _bound(instance)
    best = Oracle(value).best()
    assert best is None or bound <= best


@FEW
@given(st.integers(0, 10**6))
def test_never_above_what_is_proved(seed: int) -> None:
    """On seasons of several weeks and depots neither: the exact solver says what the optimum is."""
    value = routing.parse_season(land(seed, communes=5, vehicles=2))
    plan = _solved(value, iterations=60)
    instance = Instance(Ground(value))
    assume(plan.status == "optimal" and in_blocks(instance))
    assert plan.cost is not None
    assert _bound(instance, plan, workers=2) <= plan.cost


def test_close_to_what_a_linear_program_proves() -> None:
    """Sixteen communes around two vehicles: within a hundredth of what all tournées prove under all rows."""
    kind = replace(KINDS["S"], communes=16, vehicles=(2, 2))
    value = routing.parse_season(season_of(kind, communes_of(_COMMUNES, kind), seed=1))
    plan, instance = _solved(value, iterations=20), Instance(Ground(value))
    slots = instance.slots()
    generator = Generator(instance, blocks_of(instance, slots) or [], Rows(instance, slots), workers=1)
    generator.add_plan(slots_of(instance, plan))
    assert generator.run(watch_of(), until=math.inf, rounds=500, cut_rounds=0)
    assert plan.cost is not None
    assert 0.99 * generator.bound <= _bound(instance, plan, rounds=60) <= plan.cost


def test_quota_pays_a_price_of_its_own() -> None:
    """Two communes of which a quota lets in one: the bound counts the other one's missing evening."""
    quota = {"id": "q", "communes": ["c0", "c1"], "max": 1}
    value = routing.parse_season(season(dates=2, vehicles=2, quotas=[quota]))
    plan = _solved(value)
    assert plan.cost == 1_020_000
    assert _bound(Instance(Ground(value)), plan, rounds=100) > 1_000_000


def test_neighbours_pay_a_price_of_their_own() -> None:
    """Two neighbours, one date, two vehicles: separation leaves one without, and the bound says so."""
    value = routing.parse_season(season(dates=1, vehicles=2, separation={"metres": 10_000, "days": 1}))
    plan = _solved(value)
    assert plan.cost == 1_020_000
    assert _bound(Instance(Ground(value)), plan, rounds=100) > 1_000_000


@pytest.mark.parametrize("empty", ["communes", "vehicles", "dates"])
def test_nothing_to_price(empty: str) -> None:
    """Without communes, vehicles or dates the bound is what everybody's missing evenings cost, or nothing."""
    value = routing.parse_season(season(**{empty: 0}))
    plan = _solved(value)
    assert plan.cost is not None
    assert plan.cost - 1 <= _bound(Instance(Ground(value)), rounds=2) <= plan.cost


def test_huge_prices_round_to_the_safe_side() -> None:
    """Where prices of a thousand billion cancel each other out, what floats lose does not lift the bound."""
    value = routing.parse_season(season(costs={"no_evening": 10**12, "missing": 10**12}))
    plan = _solved(value)
    assert plan.cost == 40_000
    assert _bound(Instance(Ground(value)), plan) <= 40_000
