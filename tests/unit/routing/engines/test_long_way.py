"""Long tournées under rules: every move of stretches keeps every rule, and says truly what it costs."""

from __future__ import annotations

import math
import random
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import routing
from routing.engines.instance import Instance, Slot
from routing.engines.long_way import LongWay, Wanderer
from routing.engines.relaxed import RulesOff, rules_off
from routing.engines.start import in_turn
from routing.engines.stretches import unroll
from routing.engines.watch import Watch
from routing.ground import Ground, Scene
from routing.plan import Limits
from routing.rules import broken
from tests.unit.routing.seasons import FEW, day, season

_WAIVABLE = ["wanted", "spacing", "separation", "weekly_rest", "days_in_row", "quota", "open_date"]


@st.composite
def long_seasons(draw: st.DrawFn) -> dict[str, Any]:
    """Up to 16 dates that follow one another and as many wishes as fit: every rule, distances that differ by way."""
    dice = random.Random(draw(st.integers(0, 10**6)))  # noqa: S311 - repeatable, not secret
    communes, dates, cars = dice.randint(2, 14), dice.randint(6, 16), dice.randint(1, 3)
    names, days = [f"c{k}" for k in range(communes)], [day(k) for k in range(dates)]
    value = season(communes=communes, dates=dates, vehicles=cars)
    at = [(dice.randrange(60_000), dice.randrange(60_000)) for _ in range(communes + 1)]
    value["travel"]["metres"] = [
        [0 if a == b else round(math.dist(a, b)) + dice.randrange(500) for b in at] for a in at
    ]
    for vehicle in value["vehicles"]:
        vehicle["nights_out"] = dice.choice([1, 2, 30])
        limits = {"max_evenings_per_week": dice.randint(3, 6), "max_days_in_row": dice.randint(2, 6)}
        limits["max_leg_metres"] = 70_000
        vehicle.update({key: limit for key, limit in limits.items() if dice.random() < 0.4})
    for item in value["communes"]:
        item.update(evenings=dice.choice([1, 1, 2]), min_days_between=dice.choice([1, 3, 7]))
        if dice.random() < 0.6:
            item["availability"] = {when: dice.choice(["yes", "yes", "if_need_be", "no"]) for when in days}
    value["separation"] = {"metres": dice.choice([0, 10_000, 30_000]), "days": dice.choice([1, 2])}
    value["quotas"] = [{"id": "q", "communes": names[::2], "max": dice.randint(1, communes), "from": days[1]}]
    value["locked"] = [
        {"commune": dice.choice(names), "date": dice.choice(days), "waived": dice.sample(_WAIVABLE, dice.randint(0, 7))}
        | ({"vehicle": "v0"} if dice.random() < 0.5 else {})
        for _ in range(dice.randint(0, 3))
    ]
    value["baseline"] = [{"commune": names[0], "date": days[-1]}] if dice.random() < 0.3 else []
    return value


def _instance(value: dict[str, Any]) -> Instance:
    return Instance(Ground(routing.parse_season(value)))


def _broken(instance: Instance, slots: list[Slot]) -> set[str]:
    return {fault.rule for fault in broken(Scene(instance.ground, instance.evenings(slots)))}


@FEW
@given(long_seasons(), st.sampled_from([1.0, 3_000.0]))
def test_every_round_keeps_the_rules_and_the_count(value: dict[str, Any], heat: float) -> None:
    """Whatever moves were taken and undone: no rule but `leg` is broken, locks stay, and costs are those recomputed."""
    instance = _instance(value)
    fixed = in_turn(instance)
    if fixed is None:  # these locks contradict each other
        return
    search = Wanderer(instance, fixed, seed=1)
    search.construct(lambda: False)
    before, offset = instance.cost_of(search.current()), search.running_cost()
    for _ in range(3):
        search.turn(heat, 100)
        slots = search.current()
        assert _broken(instance, slots) <= {"leg"}
        assert {(c, i) for c, _, i in fixed} <= {(c, i) for c, _, i in slots}
        after = instance.cost_of(slots)
        if before is not None and after is not None:
            assert search.running_cost() - offset == pytest.approx(after - before, abs=1e-3)


@FEW
@given(long_seasons())
def test_a_tournee_is_dated_under_the_rules(value: dict[str, Any]) -> None:
    """The plan with the rules off, dated: nothing is broken, and what was locked is there."""
    instance = _instance(value)
    fixed = in_turn(instance)
    if fixed is None:
        return
    slots = RulesOff(instance).plan(fixed, Limits(math.inf, iterations=1), lambda: False)
    assert not _broken(instance, slots)
    assert not slots or set(fixed) <= set(slots)


def _solved(value: dict[str, Any], **limits: Any) -> tuple[Instance, Watch, LongWay]:
    """The search from an empty plan, as far as so many iterations take it."""
    instance = _instance(value)
    watch = Watch(Limits(math.inf, **limits), None, None, 0.0)
    first = Wanderer(instance, [], seed=1)
    watch.found(instance.cost_of(first.current()) or 0, first.current())
    way = LongWay(instance, [], watch)
    way.run(math.inf)
    return instance, watch, way


def _row_of(communes: int, **of_each: Any) -> dict[str, Any]:
    value = season(communes=communes, dates=communes)
    value["vehicles"][0]["nights_out"] = communes
    for item in value["communes"]:
        item.update(of_each)
    return value


def test_rules_that_hardly_bind_leave_the_tour() -> None:
    """Thirty communes in a row, one of them away one evening: still up the row and home, 30 places there and back."""
    value = _row_of(30)
    value["communes"][4]["availability"] = {day(k): "yes" for k in range(30) if k != 4}
    instance, watch, way = _solved(value, iterations=40)
    assert way.loose
    assert instance.metres_of(watch.slots or []) == 2 * 30 * 10_000


def test_rules_that_bind_are_searched_from_the_start() -> None:
    """Neighbours that may not follow each other make the tour with the rules off worth nothing."""
    value = _row_of(12) | {"separation": {"metres": 10_000, "days": 2}}
    instance, watch, way = _solved(value, iterations=200)
    assert not way.loose
    assert len(watch.slots or []) == 12
    assert not _broken(instance, watch.slots or [])


def test_the_same_iterations_give_the_same_plan() -> None:
    """Two workers, twice."""
    value = _row_of(15) | {"separation": {"metres": 10_000, "days": 2}}
    plans = [_solved(value, iterations=30, workers=2)[1].slots for _ in range(2)]
    assert plans[0] == plans[1]


def test_rules_off() -> None:
    """One evening anywhere for each commune; the crew's rest has become fixed dates."""
    value = season(communes=3, dates=14, locked=[{"commune": "c0", "date": day(0)}])
    value["vehicles"][0] |= {"max_evenings_per_week": 4, "max_days_in_row": 3}
    free = rules_off(routing.parse_season(value))
    offsets = [(when - date.fromisoformat(day(0))).days for when in free.vehicles[0].dates or ()]
    assert offsets == [0, 1, 2, 4, 5, 6, 8, 11, 12, 13]  # Thursday on; 4 of a week, never 4 in a row
    assert (free.locked, [item.evenings for item in free.communes]) == ((), [1, 1, 1])


@pytest.mark.parametrize(("dates", "laid"), [(3, [1, 0, 2]), (4, [-1, 0, 1, 2])])
def test_who_cannot_come_waits_or_lets_pass(dates: int, laid: list[int]) -> None:
    """c0 is away the first evening: with a date to spare it is waited for, without one c1 passes it."""
    value = season(communes=3, dates=dates)
    value["vehicles"][0]["nights_out"] = 5
    value["communes"][0]["availability"] = {day(k): "yes" for k in range(1, dates)}
    instance = _instance(value)
    search = Wanderer(instance, [], seed=1)
    unroll(instance.field, search._table, 0, np.arange(dates), np.arange(3), dates - 3)
    assert search._table.slot[0].tolist() == laid
