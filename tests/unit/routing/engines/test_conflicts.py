"""Conflicts: a contradiction indeed, and none of it can be spared."""

from __future__ import annotations

import itertools
import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import routing
from tests.unit.routing.seasons import FEW, Oracle, day, season, seasons


def _conflicts(value: dict[str, Any], **limits: Any) -> list[tuple[str, str]]:
    limits = {"seconds": math.inf, "iterations": 20, **limits}
    plan = routing.solve(routing.parse_season(value), routing.Limits(**limits))
    assert plan.status == "infeasible"
    return [(item.rule, item.detail) for item in plan.conflicts]


def _detail(lock: dict[str, Any]) -> str:
    return " ".join([lock["commune"], lock["date"], *([lock["vehicle"]] if "vehicle" in lock else [])])


@st.composite
def _locked_seasons(draw: st.DrawFn) -> dict[str, Any]:
    """Seasons with two to four locks on different evenings, so that most have a contradiction."""
    value = draw(seasons())
    names, cars = [item["id"] for item in value["communes"]], [item["id"] for item in value["vehicles"]]
    if not names:
        return value
    pair = {"commune": st.sampled_from(names), "date": st.sampled_from(value["dates"])}
    lock = st.fixed_dictionaries(
        pair,
        optional={
            "vehicle": st.sampled_from(cars),
            "waived": st.lists(st.sampled_from(["open_date", "equipment", "quota", "wanted"]), unique=True),
        },
    )
    value["locked"] = draw(
        st.lists(lock, min_size=1, max_size=4, unique_by=lambda item: (item["commune"], item["date"]))
    )
    return value


@FEW
@given(_locked_seasons())
def test_irreducible_by_brute_force(value: dict[str, Any]) -> None:
    """The named locks alone leave no plan, any fewer of them do; each way to place them breaks a named instance."""
    if Oracle(value).best() is not None:
        return
    found = _conflicts(value)
    details = {detail for rule, detail in found if rule == "locked"}
    locks = [lock for lock in value["locked"] if _detail(lock) in details]
    assert Oracle({**value, "locked": locks}).best() is None
    instances = {item for item in found if item[0] != "locked"}
    apart = set() if any(rule == "leg" for rule, _ in instances) else {"leg"}  # what the set does not speak of
    for left_out in locks:
        fewer = Oracle({**value, "locked": [lock for lock in locks if lock is not left_out]})
        assert any(not fewer.broken(plan) - apart for plan in fewer.plans())
    parsed = routing.parse_season({**value, "locked": locks})
    cars = [item["id"] for item in value["vehicles"]]
    ways = []
    for way in itertools.product(*([lock["vehicle"]] if "vehicle" in lock else cars for lock in locks)):
        evenings = tuple(
            routing.Evening(lock["commune"], date.fromisoformat(lock["date"]), name)
            for lock, name in zip(locks, way, strict=True)
        )
        broken = routing.check(parsed, routing.Plan("feasible", 0, None, None, 0.0, 1, evenings))
        ways.append({(item.rule, item.detail) for item in broken} & instances)
    assert all(ways)
    assert all(any(way == {item} for way in ways) for item in instances)


def test_a_far_lock_names_itself_and_its_leg() -> None:
    """Of three locks only one cannot be reached: the others are not to blame."""
    value = season(communes=3, dates=3, locked=[{"commune": f"c{k}", "date": day(k)} for k in range(3)])
    value["vehicles"][0].update(max_leg_metres=25_000, nights_out=0)
    assert _conflicts(value) == [("locked", f"c2 {day(2)}"), ("leg", f"v0 d c2 {day(2)}")]


def test_a_far_lock_in_a_season_too_big_for_cp_sat() -> None:
    """Whether a chain of legs reaches an evening is known at once, whatever the size, within a second."""
    value = season(communes=60, dates=120, vehicles=2, locked=[{"commune": "c59", "date": day(9)}])
    value["travel"]["metres"][60] = [0 if k == 60 else 900_000 for k in range(61)]
    for vehicle in value["vehicles"]:
        vehicle.update(max_leg_metres=700_000, nights_out=3)
    assert [rule for rule, _ in _conflicts(value, seconds=1.0, iterations=None)] == ["locked", "leg", "leg"]


def test_legs_between_locks_name_those_locks() -> None:
    """Two far locks need the same way station on one night, which has but one evening to give."""
    value = season(communes=3, dates=4, locked=[{"commune": "c1", "date": day(1)}, {"commune": "c2", "date": day(3)}])
    value["vehicles"][0].update(max_leg_metres=15_000)
    value["communes"][0]["evenings"] = 1
    found = _conflicts(value)
    assert [item for item in found if item[0] == "locked"] == [("locked", f"c2 {day(3)}")]
    assert {rule for rule, _ in found} == {"locked", "leg"}


def test_more_locks_on_a_date_than_vehicles() -> None:
    """Eleven of twelve locks without a vehicle, ten vehicles: ten full dates, found without trying all ways."""
    value = season(communes=12, dates=1, vehicles=10, locked=[{"commune": f"c{k}", "date": day(0)} for k in range(12)])
    found = _conflicts(value)
    assert [rule for rule, _ in found] == ["locked"] * 11 + ["one_per_vehicle"] * 10


def test_no_vehicle_at_all() -> None:
    """The lock alone is the contradiction."""
    assert _conflicts(season(vehicles=0, locked=[{"commune": "c0", "date": day(0)}])) == [("locked", f"c0 {day(0)}")]


def test_a_replan_says_it_too() -> None:
    """The same contradiction, asked for a re-plan; it once had no plan and no reason."""
    value = season(communes=1, locked=[{"commune": "c0", "date": day(1)}])
    value["vehicles"][0]["max_leg_metres"] = 5_000
    plan = routing.replan(routing.parse_season(value), routing.Limits(math.inf, iterations=5)).plan
    assert plan.status == "infeasible"
    assert {item.rule for item in plan.conflicts} == {"locked", "leg"}


@pytest.mark.parametrize("vehicle", [{}, {"vehicle": "v0"}])
def test_stopped_at_once_locks_still_hold(vehicle: dict[str, str]) -> None:
    """Whoever interrupts at once gets a plan with the locked evenings, and is not told that there is none."""
    locks = [{"commune": f"c{k}", "date": day(k), **vehicle} for k in range(4)]
    parsed = routing.parse_season(season(communes=6, dates=8, vehicles=2, locked=locks))
    plan = routing.solve(parsed, routing.Limits(30.0), should_stop=lambda: True)
    assert plan.status == "feasible"
    assert not routing.check(parsed, plan)
