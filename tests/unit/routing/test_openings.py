"""Slots for one more evening: none is forgotten, and none is thought worse than the rules find it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import routing
from routing.engines.instance import Instance
from routing.ground import Ground, Scene
from routing.openings import Openings, rank_of
from routing.plan import Evening
from routing.rules import broken

from .seasons import FEW, seasons


@FEW
@given(seasons(), st.data())
def test_every_slot_once_ascending_and_never_worse_than_the_rules_say(
    value: dict[str, Any], data: st.DataObject
) -> None:
    """Whatever the plan holds, also one that breaks rules, or locks that waive them."""
    season = routing.parse_season(value)
    slots = [(d, v.id) for d in season.dates for v in season.vehicles]
    names = [item.id for item in season.communes]
    every = [(name, slot) for name in names for slot in slots]
    plan = data.draw(st.lists(st.sampled_from(every), max_size=4, unique=True)) if every else []
    scene = Scene(Ground(season), [Evening(name, *slot) for name, slot in plan])
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
