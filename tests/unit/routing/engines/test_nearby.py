"""Blocks of a plan that is too big to be proved, planned anew a few at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

import guinguette
import routing
from routing.bench.seasons import KINDS, communes_of, season_of
from routing.engines import by_tournees

_COMMUNES = Path(guinguette.__file__).parent / "data" / "communes.csv.gz"


@pytest.fixture(scope="module")
def season() -> routing.Season:
    """Forty real communes: enough blocks for two turns at once."""
    kind = KINDS["S"]
    return routing.parse_season(season_of(kind, communes_of(_COMMUNES, kind), seed=1))


def test_two_turns_at_once_never_break_a_rule_nor_lose_what_was_found(
    season: routing.Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both start from one plan and may want the same room: what is kept of them keeps the rules and is never dearer."""
    monkeypatch.setattr(by_tournees, "FEW_SLOTS", -1)  # as a season of three hundred communes
    seen: list[routing.Progress] = []
    plan = routing.solve(season, routing.Limits(8.0, workers=2), seen.append)
    assert not routing.check(season, plan)
    costs = [item.cost for item in seen if item.cost is not None]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == plan.cost
    assert plan.bound is not None
    assert plan.cost is not None
    assert plan.bound <= plan.cost
    assert any(item.phase == "combine" for item in seen)


def test_counted_turns_give_the_same_plan_again(season: routing.Season, monkeypatch: pytest.MonkeyPatch) -> None:
    """One turn after the other where iterations count, so that nothing depends on the clock."""
    monkeypatch.setattr(by_tournees, "FEW_SLOTS", -1)
    limits = routing.Limits(float("inf"), iterations=4, seed=3, workers=2)
    one, two = routing.solve(season, limits), routing.solve(season, limits)
    assert (one.cost, one.bound, one.evenings) == (two.cost, two.bound, two.evenings)
