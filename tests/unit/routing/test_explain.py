"""Reasons when other evenings may move, and the next best date of each evening."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from hypothesis import assume, given

import routing
from routing.costing import cost_of
from routing.ground import Ground, Scene
from routing.plan import Evening
from routing.rules import broken
from routing.season import NO

from .seasons import FEW, day, season, seasons

_MOST_SLOTS = 9  # all sets of them are tried


def _solved(value: dict[str, object]) -> tuple[routing.Season, routing.Plan]:
    parsed = routing.parse_season(value)
    return parsed, routing.solve(parsed, routing.Limits(math.inf, iterations=30))


def test_a_full_vehicle_names_its_dates() -> None:
    """Three wishes, two dates, one vehicle: one taken date stands in the way, whoever moves."""
    parsed, plan = _solved(season(communes=3, dates=2))
    (item,) = routing.explain(parsed, plan, language="en")
    assert [reason.rule for reason in item.reasons] == ["one_per_vehicle"]
    assert "already taken" in item.reasons[0].sentence


def test_a_quota_is_named_where_it_alone_forbids() -> None:
    """Dates are free; only the quota is used up."""
    value = season(communes=2, dates=4, quotas=[{"id": "q", "communes": ["c0", "c1"], "max": 1}])
    parsed, plan = _solved(value)
    (item,) = routing.explain(parsed, plan)
    assert [(reason.rule, reason.detail) for reason in item.reasons] == [("quota", "q")]


def test_a_reason_names_the_evening_it_stands_in_the_way_of() -> None:
    """Added to the plan, that evening breaks what is named; a season without a slot has none; no file holds it."""
    value = season(communes=2, dates=4, quotas=[{"id": "q", "communes": ["c0", "c1"], "max": 1}])
    parsed, plan = _solved(value)
    (item,) = plan.unserved
    assert item.evening is not None
    assert item.evening.commune == item.commune
    wrong = broken(Scene(Ground(parsed), [*plan.evenings, item.evening]))
    assert [(found.rule, found.detail) for found in wrong] == [("quota", "q")]
    assert "evening" not in routing.plan_to_dict(plan)["unserved"][0]
    (nowhere,) = _solved(season(communes=1, dates=0))[1].unserved
    assert nowhere.evening is None


def test_not_worth_its_kilometres() -> None:
    """It would fit, so the reason is its cost."""
    value = season(communes=1, dates=1, costs={"no_evening": 5, "missing": 5})
    parsed, plan = _solved(value)
    (item,) = routing.explain(parsed, plan)
    assert [reason.rule for reason in item.reasons] == ["cost"]


def test_what_would_fit_if_a_lesser_wish_gave_way_is_a_matter_of_cost() -> None:
    """The far commune of high priority could take the near one's date, but it is not worth the way."""
    value = season(communes=2, dates=1, costs={"no_evening": 30_000, "missing": 0})
    value["locations"], value["travel"]["metres"][0][2], value["travel"]["metres"][2][0] = (
        value["locations"],
        90_000,
        90_000,
    )
    value["communes"][1]["priority"] = 2
    parsed, plan = _solved(value)
    by_commune = {item.commune: item for item in routing.explain(parsed, plan)}
    assert [reason.rule for reason in by_commune["c1"].reasons] == ["cost"]


def test_the_next_best_date_and_its_price() -> None:
    """An evening alone on its two-date season could be on the other date for nothing."""
    parsed, plan = _solved(season(communes=1, dates=2))
    (item,) = routing.alternatives(parsed, plan)
    assert item.instead is not None
    assert {item.evening.date.isoformat(), item.instead.date.isoformat()} == {day(0), day(1)}
    assert item.dearer == 0


def test_a_step_on_the_way_is_not_taken_off_it() -> None:
    """c0 lies on the way to c1: on the other vehicle it would leave its own with too long a leg."""
    value = season(communes=2, dates=3, vehicles=2, locked=[{"commune": "c1", "date": day(1), "vehicle": "v0"}])
    value["vehicles"][0] |= {"max_leg_metres": 10_000, "nights_out": 1}
    value["vehicles"][1] |= {"dates": [day(2)]}
    value["communes"][0]["availability"] = {day(0): "yes", day(2): "yes"}
    value["travel"]["metres"][2][0], value["travel"]["metres"][2][1] = 5_000, 60_000
    evenings = (Evening("c0", date.fromisoformat(day(0)), "v0"), Evening("c1", date.fromisoformat(day(1)), "v0"))
    plan = routing.Plan("feasible", 0, None, None, 0.0, 0, evenings=evenings)
    first, _ = routing.alternatives(routing.parse_season(value), plan)
    assert first.instead is None


def test_a_locked_evening_has_no_other_date() -> None:
    """Nothing is offered for what is locked."""
    parsed, plan = _solved(season(communes=1, dates=2, locked=[{"commune": "c0", "date": day(0)}]))
    (item,) = routing.alternatives(parsed, plan)
    assert (item.instead, item.dearer) == (None, None)


@FEW
@given(seasons())
def test_reasons_are_the_fewest_and_hold_when_tried(value: dict[str, Any]) -> None:
    """Of all plans that give the wish its evening and nobody as important less, none breaks fewer rule instances.

    Only the new evening may break some: the others keep every rule among themselves.
    """
    parsed, plan = _solved(value)
    if plan.cost is None:
        return
    ground, has = Ground(parsed), Counter(item.commune for item in plan.evenings)
    slots = list(itertools.product(ground.communes, parsed.dates, ground.vehicles))
    assume(len(slots) <= _MOST_SLOTS)

    def found_wrong(evenings: Iterable[Evening]) -> set[tuple[str, str]]:
        return {(item.rule, item.detail) for item in broken(Scene(ground, evenings))}

    sound = [
        evenings
        for size in range(len(slots))
        for found in itertools.combinations(slots, size)
        for evenings in [[Evening(*item) for item in found]]
        if not found_wrong(evenings)
    ]
    tried = [
        (new.commune, Counter(item.commune for item in [*evenings, new]), found_wrong([*evenings, new]))
        for evenings in sound
        for new in itertools.starmap(Evening, slots)
        if new not in evenings
    ]
    for item in routing.explain(parsed, plan):
        rank = ground.communes[item.commune].priority
        kept = [name for name, other in ground.communes.items() if other.priority >= rank]
        sets = [
            faults
            for new, got, faults in tried
            if new == item.commune
            and all(got[name] >= has[name] + (name == item.commune) for name in kept)
            and got[item.commune] == has[item.commune] + 1
        ]
        said = {(reason.rule, reason.detail) for reason in item.reasons if reason.rule != "cost"}
        if not sets:  # all its dates are taken by itself
            assert [reason.rule for reason in item.reasons] == ["open_date"]
            continue
        assert len(said) == min(len(faults) for faults in sets)
        assert any(faults <= said for faults in sets)


@FEW
@given(seasons())
def test_next_best_dates_against_pricing_the_whole_plan_again(value: dict[str, Any]) -> None:
    """Each evening taken to each other date: the cheapest that keeps the rules, at the difference of the two costs."""
    parsed, plan = _solved(value)
    if plan.cost is None:
        return
    locked = {(lock.commune, lock.date) for lock in parsed.locked}
    for item in routing.alternatives(parsed, plan):
        others = [evening for evening in plan.evenings if evening != item.evening]
        prices = [
            cost_of(scene) - plan.cost
            for date in parsed.dates
            for vehicle in parsed.vehicles
            if date != item.evening.date and (item.evening.commune, item.evening.date) not in locked
            for scene in [Scene(Ground(parsed), [*others, Evening(item.evening.commune, date, vehicle.id)])]
            if scene.ground.communes[item.evening.commune].answer(date) != NO and not broken(scene)
        ]
        assert item.dearer == min(prices, default=None)
