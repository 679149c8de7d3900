"""`solve`: valid, honest, repeatable; equal to brute force where it says so."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import routing

from .seasons import FEW, MANY, Oracle, day, season, seasons


def solved(value: dict[str, Any], **limits: Any) -> routing.Plan:
    """The plan for a season object, from a fixed number of iterations."""
    limits = {"seconds": math.inf, "iterations": 60, **limits}
    return routing.solve(routing.parse_season(value), routing.Limits(**limits))


@MANY
@given(seasons())
def test_tiny_seasons_against_brute_force(value: dict[str, Any]) -> None:
    """A plan passes check; no bound exceeds the optimum; optimal means equal to it; infeasible means none."""
    best = Oracle(value).best()
    plan = solved(value)
    found = routing.check(routing.parse_season(value), plan)
    assert not found, [item.said("en") for item in found]
    if best is None:
        assert plan.status in ("infeasible", "no_plan_found")
        return
    assert plan.status in ("optimal", "feasible")
    assert plan.cost is not None
    assert plan.bound is not None
    assert plan.bound <= best <= plan.cost
    if plan.status == "optimal":
        assert plan.cost == best


@FEW
@given(seasons(), st.integers(0, 30))
def test_check_agrees_with_the_oracle(value: dict[str, Any], choice: int) -> None:
    """On any set of evenings, valid or not, check names exactly the rules the oracle names, and the same cost."""
    oracle = Oracle(value)
    plans = oracle.plans()
    for number, found in enumerate(plans):
        if number % 31 != choice:
            continue
        if number > 1500:
            break
        cost = oracle.cost(found)
        plan = routing.Plan(
            "feasible",
            cost,
            None,
            None,
            0.0,
            1,
            evenings=tuple(routing.Evening(*item) for item in found),
            unserved=tuple(
                routing.Unserved(name, item["evenings"] - got)
                for name, item in oracle.communes.items()
                if (got := sum(who == name for who, _, _ in found)) < item["evenings"]
            ),
        )
        faults = routing.check(routing.parse_season(value), plan)
        assert {fault.rule for fault in faults} == oracle.broken(found)


@FEW
@given(seasons())
def test_same_numbers_same_plan(value: dict[str, Any]) -> None:
    """Season, seed, workers and iterations decide every byte but seconds_to_plan."""
    one, two = (routing.plan_to_dict(solved(value)) for _ in range(2))
    assert one | {"seconds_to_plan": 0} == two | {"seconds_to_plan": 0}


def test_two_workers_repeat_themselves() -> None:
    """More workers may find another plan, but the same one every time."""
    value = season(communes=5, dates=6, vehicles=2)
    one, two = (routing.plan_to_dict(solved(value, workers=2)) for _ in range(2))
    assert one | {"seconds_to_plan": 0} == two | {"seconds_to_plan": 0}


def test_optimum_of_a_line() -> None:
    """Two communes 10 and 20 km out, on two nights in a row, are one round trip."""
    plan = solved(season())
    assert (plan.status, plan.cost, plan.bound, plan.metres) == ("optimal", 40_000, 40_000, 40_000)


def test_empty_season() -> None:
    """No communes, no dates, no vehicles: the empty plan is optimal."""
    plan = solved(season(communes=0, dates=0, vehicles=0))
    assert (plan.status, plan.cost, plan.evenings) == ("optimal", 0, ())


def test_lock_outside_the_dates_is_infeasible() -> None:
    """Such a lock is no error of the file, and a waiver does not help it."""
    lock = {"commune": "c0", "date": day(50), "waived": ["open_date"]}
    plan = solved(season(locked=[lock]))
    assert plan.status == "infeasible"
    assert (plan.cost, plan.bound, plan.metres, plan.evenings) == (None, None, None, ())
    assert {item.rule for item in plan.conflicts} == {"locked", "open_date"}


def test_contradicting_locks_name_themselves() -> None:
    """Of three locks and many rules, the conflict is the two locks and the one rule between them."""
    value = season(communes=3, locked=[{"commune": f"c{k}", "date": day(k // 2), "vehicle": "v0"} for k in range(3)])
    plan = solved(value)
    assert plan.status == "infeasible"
    assert [(item.rule, item.detail) for item in plan.conflicts] == [
        ("locked", f"c0 {day(0)} v0"),
        ("locked", f"c1 {day(0)} v0"),
        ("one_per_vehicle", f"v0 {day(0)}"),
    ]


def test_far_lock_reached_through_another_evening() -> None:
    """A locked evening too far from the depot is reached from one on the way, which the solver must find."""
    value = season(dates=3, locked=[{"commune": "c1", "date": day(1)}])
    value["vehicles"][0]["max_leg_metres"] = 15_000
    value["communes"][0].update(evenings=2)
    plan = solved(value)
    assert [(item.commune, item.date.isoformat()) for item in plan.evenings] == [
        ("c0", day(0)),
        ("c1", day(1)),
        ("c0", day(2)),
    ]


def test_impossible_leg_is_infeasible() -> None:
    """A locked evening that no chain of legs reaches makes the season infeasible."""
    value = season(communes=1, locked=[{"commune": "c0", "date": day(1)}])
    value["vehicles"][0]["max_leg_metres"] = 5_000
    assert solved(value).status == "infeasible"


def test_stopping_at_once_still_gives_a_plan() -> None:
    """Whoever interrupts gets the best so far."""
    parsed = routing.parse_season(season(communes=6, dates=8))
    plan = routing.solve(parsed, routing.Limits(30.0), should_stop=lambda: True)
    assert plan.status == "feasible"
    assert len(plan.evenings) == 6
    assert not routing.check(parsed, plan)


def test_progress_only_improves() -> None:
    """Reported costs never rise, bounds never fall, and a bound never passes a cost."""
    seen: list[routing.Progress] = []
    parsed = routing.parse_season(season(communes=6, dates=8, vehicles=2))
    plan = routing.solve(parsed, routing.Limits(math.inf, iterations=50), seen.append)
    costs = [item.cost for item in seen if item.cost is not None]
    bounds = [item.bound for item in seen if item.bound is not None]
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds)
    assert costs[-1] == plan.cost
    assert max(bounds) <= min(costs)


@pytest.mark.parametrize(
    "wrong", [{"seconds": 0}, {"seconds": math.nan}, {"iterations": -1}, {"workers": 0}, {"seed": True}]
)
def test_limits_refuse_nonsense(wrong: dict[str, Any]) -> None:
    """Limits are validated at construction."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        routing.Limits(**{"seconds": 1.0, **wrong})


def test_two_full_quotas_of_one_commune() -> None:
    """Two evenings change places only where both quotas of a commune allow it, not as soon as the first one does."""
    quotas = [
        {"id": "q0", "communes": ["c0", "c1"], "max": 1, "from": day(1)},
        {"id": "q1", "communes": ["c1"], "max": 0, "from": day(1)},
    ]
    value = season(communes=2, dates=2, vehicles=2, quotas=quotas)
    value["communes"][1]["availability"] = {day(0): "if_need_be", day(1): "yes"}
    plan = solved(value, iterations=200)
    assert [(item.commune, item.date.isoformat()) for item in plan.evenings] == [("c1", day(0)), ("c0", day(1))]
