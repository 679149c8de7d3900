"""Blocks of a plan that is too big to be proved, planned anew a few at a time."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

import guinguette
import routing
from routing.bench.seasons import KINDS, communes_of, season_of
from routing.engines import by_tournees, decide

_COMMUNES = Path(guinguette.__file__).parent / "data" / "communes.csv.gz"


@pytest.fixture(scope="module")
def season() -> routing.Season:
    """Sixteen real communes and two vehicles: enough blocks for two turns at once."""
    kind = replace(KINDS["S"], communes=16, vehicles=(2, 2))
    return routing.parse_season(season_of(kind, communes_of(_COMMUNES, kind), seed=1))


@pytest.fixture(autouse=True)
def _as_three_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_tournees, "FEW_SLOTS", -1)
    monkeypatch.setattr(decide, "SMALL_ARCS", -1)


def test_two_turns_at_once_never_break_a_rule_nor_lose_what_was_found(season: routing.Season) -> None:
    """Both start from one plan and may want the same room: what is kept of them keeps the rules and is never dearer."""
    costs: list[int] = []
    looks = [0]

    def told(progress: routing.Progress) -> None:
        looks[0] += progress.phase == "combine"
        if progress.cost is not None:
            costs.append(progress.cost)

    plan = routing.solve(season, routing.Limits(math.inf, workers=2), told, should_stop=lambda: looks[0] > 20)
    assert not routing.check(season, plan)
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == plan.cost
    assert plan.bound is not None
    assert plan.cost is not None
    assert plan.bound <= plan.cost
    assert looks[0] or plan.status == "optimal"


def test_counted_turns_give_the_same_plan_again(season: routing.Season) -> None:
    """One turn after the other where iterations count, so that nothing depends on the clock."""
    limits = routing.Limits(math.inf, iterations=4, seed=3, workers=2)
    one, two = routing.solve(season, limits), routing.solve(season, limits)
    assert (one.cost, one.bound, one.evenings) == (two.cost, two.bound, two.evenings)
