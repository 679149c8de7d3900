"""A part of a season: what is planned there holds in the whole, at the same difference in cost."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import routing
from routing.costing import cost_of
from routing.engines.instance import Instance, Slot
from routing.engines.parts import part_of
from routing.engines.start import place_locked
from routing.engines.tournees import in_blocks
from routing.ground import Ground, Scene
from routing.plan import Evening
from routing.rules import broken
from tests.unit.routing.lands import instance_of, land, watch_of
from tests.unit.routing.seasons import FEW, day, season


def _scene(value: routing.Season, evenings: list[Evening]) -> Scene:
    return Scene(Ground(value), evenings)


def _some_plan(instance: Instance, dice: random.Random) -> list[Slot] | None:
    """A plan that keeps every rule: the locked evenings and others by chance, or None where that is not to be had."""
    start = place_locked(instance, watch_of())
    if start.slots is None or instance.metres_of(start.slots) is None:
        return None
    scene, result = Scene(instance.ground, instance.evenings(start.slots)), list(start.slots)
    others = [slot for slot in instance.slots() if (slot[0], slot[2]) not in instance.fixed]
    for slot in dice.sample(others, k=min(30, len(others))):
        stop = scene.stop(instance.evenings([slot])[0])
        scene.add(stop)
        if broken(scene):
            scene.remove(stop)
        else:
            result.append(slot)
    return result


@FEW
@given(st.integers(0, 10**6))
def test_what_a_part_finds_holds_in_the_whole(seed: int) -> None:
    """Any vehicles with whom they serve and any others: rules, locks and cost differences are those of the whole."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    instance = instance_of(land(seed, communes=6, vehicles=4))
    whole = instance.season
    assume(not instance.outside)
    plan = _some_plan(instance, dice)
    assume(plan is not None)
    assert plan is not None
    own = {v for v in range(len(whole.vehicles)) if dice.random() < 0.5}
    communes = {c for c, v, _ in plan if v in own} | {c for c in range(len(whole.communes)) if dice.random() < 0.3}
    part = part_of(instance, plan, own, communes)

    named, cars = {item.id for item in part.communes}, {item.id for item in part.vehicles}
    evenings = instance.evenings(plan)
    before = _scene(part, [item for item in evenings if item.commune in named and item.vehicle in cars])
    assert not [fault.said("en") for fault in broken(before)]
    assert not in_blocks(instance) or in_blocks(Instance(Ground(part)))

    found = routing.solve(part, routing.Limits(math.inf, iterations=20))
    assert found.cost is not None
    assert found.cost <= cost_of(before) or found.status != "optimal"
    ids = {whole.vehicles[v].id for v in own}
    rest = [item for item in evenings if item.vehicle not in ids]
    after = _scene(whole, [*rest, *(item for item in found.evenings if item.vehicle in ids)])
    assert not [fault.said("en") for fault in broken(after)]
    assert cost_of(after) - cost_of(_scene(whole, evenings)) == found.cost - cost_of(before)


def test_a_commune_may_name_vehicles_of_elsewhere() -> None:
    """Of the vehicles that a commune lets come, those that are not in the part are left out."""
    value = season(vehicles=2)
    value["communes"][0]["vehicles"] = ["v0", "v1"]
    value["communes"][1]["vehicles"] = ["v1"]
    part = part_of(instance_of(value), [], {0}, {0, 1})
    assert [item.vehicles for item in part.communes] == [{"v0"}, frozenset()]


def test_a_lock_that_may_be_on_any_date_stays_on_its_vehicle() -> None:
    """A vehicle that only stands for what others do is not offered on that date, but the lock would not mind."""
    lock = {"commune": "c0", "date": day(0), "waived": ["open_date"]}
    value = season(vehicles=2, locked=[lock])
    part = part_of(instance_of(value), [(0, 0, 0), (1, 1, 1)], {0}, {0, 1})
    assert {(item.commune, item.vehicle) for item in part.locked} == {("c0", "v0"), ("c1", "v1")}


@pytest.mark.parametrize(("waived", "left"), [([], 1), (["quota"], 2)])
def test_a_quota_keeps_what_the_others_leave(waived: list[str], left: int) -> None:
    """Evenings outside the part use a quota up, unless the quota is waived for them."""
    value = season(
        communes=3,
        vehicles=2,
        quotas=[{"id": "q", "communes": ["c0", "c2"], "max": 2}],
        locked=[{"commune": "c2", "date": day(0), "vehicle": "v1", "waived": waived}],
    )
    part = part_of(instance_of(value), [(2, 1, 0)], {0}, {0, 1})
    assert [(item.communes, item.maximum) for item in part.quotas] == [({"c0"}, left)]
    assert [item.id for item in part.communes] == ["c0", "c1"]


def test_neighbours_across_the_border_stay_where_they_are() -> None:
    """Whoever separation ties to the part is in it, locked, and gets no other evening."""
    value = season(communes=3, vehicles=2, separation={"metres": 10_000, "days": 2})
    part = part_of(instance_of(value), [(1, 1, 1)], {0}, {0})
    assert [(item.commune, item.date.isoformat(), item.vehicle) for item in part.locked] == [("c1", day(1), "v1")]
    plan = routing.solve(part, routing.Limits(math.inf, iterations=20))
    assert [(item.commune, item.date.isoformat()) for item in plan.evenings] == [("c1", day(1))]
    assert [item.commune for item in plan.unserved] == ["c0"]
