"""Slots for one more evening: none is forgotten, and none is thought worse than the rules find it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import routing
from routing.engines.instance import Instance
from routing.explain import unserved
from routing.ground import Ground, Scene
from routing.legs import metres_of
from routing.openings import Openings, rank_of
from routing.plan import Evening
from routing.rules import broken

from .seasons import FEW, season, seasons


@FEW
@given(seasons(), st.data())
def test_every_slot_once_ascending_and_never_worse_than_the_rules_say(
    value: dict[str, Any], data: st.DataObject
) -> None:
    """Whatever the plan holds, also one that breaks rules, or locks that waive them."""
    parsed = routing.parse_season(value)
    slots = [(d, v.id) for d in parsed.dates for v in parsed.vehicles]
    names = [item.id for item in parsed.communes]
    every = [(name, slot) for name in names for slot in slots]
    plan = data.draw(st.lists(st.sampled_from(every), max_size=4, unique=True)) if every else []
    scene = Scene(Ground(parsed), [Evening(name, *slot) for name, slot in plan])
    openings = Openings(scene)
    for name in names:
        seen = list(openings.of(name))
        assert seen == sorted(seen)
        assert [number for _, number, _ in sorted(seen, key=lambda item: item[1])] == [
            number for number, slot in enumerate(slots) if (name, slot) not in plan
        ]
        for least, number, evening in seen:
            assert (evening.commune, (evening.date, evening.vehicle)) == (name, slots[number])
            stop = scene.stop(evening)
            scene.add(stop)
            assert rank_of(item.rule for item in broken(scene, stop)) >= least
            scene.remove(stop)


@FEW
@given(seasons())
def test_the_count_is_that_of_the_engines(value: dict[str, Any]) -> None:
    """Where nothing is locked, as many slots as the engines see."""
    value.pop("locked", None)
    ground = Ground(routing.parse_season(value))
    assert Openings(Scene(ground)).count() == sum(map(len, Instance(ground).open))


def _valid(ground: Ground) -> Scene:
    """Evenings one by one wherever no rule is broken, of every other slot."""
    scene = Scene(ground)
    for day in ground.season.dates:
        for vehicle in ground.season.vehicles:
            for commune in ground.season.communes[::2]:
                stop = scene.stop(Evening(commune.id, day, vehicle.id))
                scene.add(stop)
                if broken(scene, stop):
                    scene.remove(stop)
    return scene


@FEW
@given(seasons())
def test_no_other_slot_would_have_been_a_better_reason(value: dict[str, Any]) -> None:
    """Few rules, telling ones, then few metres, then the first: each slot tried."""
    scene = _valid(Ground(routing.parse_season(value)))
    parsed = scene.ground.season
    for item in unserved(scene, others_move=False):
        ranks: list[tuple[Any, ...]] = []
        for number, (day, vehicle) in enumerate((d, v.id) for d in parsed.dates for v in parsed.vehicles):
            before, stop = metres_of(scene), scene.stop(Evening(item.commune, day, vehicle))
            if all((other.date, other.vehicle.id) != (day, vehicle) for other in scene.by_commune[item.commune]):
                scene.add(stop)
                found = rank_of(fault.rule for fault in broken(scene, stop))
                ranks.append((found, 0 if found[0] else metres_of(scene) - before, number, day, vehicle))
                scene.remove(stop)
        best = min(ranks, default=None)
        assert item.evening == (None if best is None else Evening(item.commune, *best[-2:]))


def test_an_evening_that_shortens_the_way_most_is_named() -> None:
    """Legs need not keep the triangle inequality: on the first date it saves 30 km, on the third 80."""
    value = season(communes=3, dates=4)
    value["travel"]["metres"] = [[0, 50_000, 10_000, 5], [5, 0, 10_000, 100_000], [5, 10_000, 0, 10_000], [5, 5, 5, 0]]
    value["vehicles"][0]["nights_out"] = 3
    parsed = routing.parse_season(value)
    d = parsed.dates
    scene = Scene(Ground(parsed), [Evening("c0", d[1], "v0"), Evening("c2", d[3], "v0")])
    (item,) = unserved(scene, others_move=False)
    assert item.evening == Evening("c1", d[2], "v0")
    assert " -80000 m" in item.reasons[0].sentence
