"""One evening tried on every other date: what it breaks, what it costs, who stands in its way."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given

import routing
from routing.costing import cost_of
from routing.ground import Ground, Scene
from routing.legs import metres_of
from routing.plan import Evening
from routing.rules import broken

from .seasons import MANY, THURSDAY, day, season, seasons


def _evening(commune: str, offset: int, vehicle: str = "v0") -> Evening:
    return Evening(commune, THURSDAY.fromordinal(THURSDAY.toordinal() + offset), vehicle)


def _places(value: dict[str, Any], *evenings: Evening) -> dict[tuple[str, str], routing.Place]:
    """Return the places of the first of these evenings, by date and vehicle."""
    found = routing.places(routing.parse_season(value), evenings, evenings[0])
    return {(item.evening.date.isoformat(), item.evening.vehicle): item for item in found}


def test_every_date_and_vehicle_but_its_own_is_tried() -> None:
    """Three dates of two vehicles are five other places, in order."""
    found = _places(season(communes=1, dates=3, vehicles=2), _evening("c0", 1))
    assert list(found) == [(day(0), "v0"), (day(0), "v1"), (day(1), "v1"), (day(2), "v0"), (day(2), "v1")]
    assert all(not item.faults and item.exchanged is None for item in found.values())


def test_only_the_vehicles_that_are_asked_for_are_tried() -> None:
    """What is said of their dates is the same, whoever else is tried."""
    parsed = routing.parse_season(season(communes=2, dates=3, vehicles=3))
    evenings = [_evening("c0", 1), _evening("c1", 0, "v2")]
    every = routing.places(parsed, evenings, evenings[0])
    some = routing.places(parsed, evenings, evenings[0], {"v0", "v2"})
    assert list(some) == [item for item in every if item.evening.vehicle != "v1"]


def test_a_taken_slot_is_an_exchange() -> None:
    """Who moves to a taken date changes places with the evening there; that is what is priced."""
    there = _places(season(communes=2, dates=2), _evening("c0", 0), _evening("c1", 1))[day(1), "v0"]
    assert (there.exchanged, there.faults, there.in_the_way) == (_evening("c1", 0), (), ())


def test_a_locked_evening_does_not_give_way() -> None:
    """Its vehicle is taken, and the evening that stands in the way is named."""
    value = season(communes=2, dates=2, locked=[{"commune": "c1", "date": day(1)}])
    there = _places(value, _evening("c0", 0), _evening("c1", 1))[day(1), "v0"]
    assert [found.rule for found in there.faults] == ["one_per_vehicle"]
    assert (there.exchanged, there.in_the_way, there.waivable) == (None, (_evening("c1", 1),), False)


def test_neighbours_that_are_too_close_are_named() -> None:
    """Two neighbours a day apart: the rule may be waived, and the other evening is the one in the way."""
    value = season(communes=2, dates=6, separation={"metres": 10_000, "days": 3})
    there = _places(value, _evening("c0", 0), _evening("c1", 5))[day(4), "v0"]
    assert [found.rule for found in there.faults] == ["separation"]
    assert (there.in_the_way, there.waivable) == ((_evening("c1", 5),), True)


def test_a_vehicle_left_with_too_long_a_leg_is_no_exception() -> None:
    """c0 is the step on the way to c1: without it, its old vehicle drives too far, and nobody can allow it."""
    value = season(communes=2, dates=3, vehicles=2)
    value["vehicles"][0] |= {"max_leg_metres": 10_000, "nights_out": 3}
    value["travel"]["metres"][2][0] = 5_000
    there = _places(value, _evening("c0", 0), _evening("c1", 1))[day(0), "v1"]
    assert [(found.rule, found.detail) for found in there.faults] == [("leg", f"v0 d c1 {day(1)}")]
    assert not there.waivable


def test_what_is_broken_already_is_not_its_doing() -> None:
    """A quota that the plan exceeds forbids no move within it."""
    value = season(communes=2, dates=4, quotas=[{"id": "q", "communes": ["c0", "c1"], "max": 1}])
    assert not _places(value, _evening("c0", 0), _evening("c1", 1))[day(3), "v0"].faults


def test_its_own_exception_stays_behind() -> None:
    """An evening that may break a rule where it is locked must keep it elsewhere."""
    value = season(communes=1, dates=3)
    value["communes"][0]["availability"] = {day(1): "if_need_be"}
    value["locked"] = [{"commune": "c0", "date": day(0), "waived": ["open_date"]}]
    found = _places(value, _evening("c0", 0))
    assert not found[day(1), "v0"].faults
    assert found[day(1), "v0"].dearer == found[day(1), "v0"].metres + 20_000
    assert [item.rule for item in found[day(2), "v0"].faults] == ["open_date"]


@pytest.mark.parametrize("unknown", [("c9", "v0"), ("c0", "v9")])
def test_an_unknown_evening_is_an_error(unknown: tuple[str, str]) -> None:
    """A commune or a vehicle that the season does not have cannot be moved."""
    with pytest.raises(KeyError):
        _places(season(), _evening(unknown[0], 0, unknown[1]))


@MANY
@given(seasons())
def test_costs_and_faults_against_the_whole_plan_again(value: dict[str, Any]) -> None:
    """Each place, put into the plan: the costs differ as said, the rules broken are those named."""
    parsed = routing.parse_season(value)
    plan = routing.solve(parsed, routing.Limits(math.inf, iterations=30))
    before = Scene(Ground(parsed), plan.evenings)
    for evening in plan.evenings:
        others = tuple(k for k in parsed.locked if (k.commune, k.date) != (evening.commune, evening.date))
        free = Ground(dataclasses.replace(parsed, locked=others))
        for item in routing.places(parsed, plan.evenings, evening):
            slot = (item.evening.date, item.evening.vehicle) if item.exchanged else None
            kept = [other for other in plan.evenings if other != evening and (other.date, other.vehicle) != slot]
            after = Scene(free, [*kept, item.evening, *([item.exchanged] if item.exchanged else [])])
            assert item.dearer == cost_of(after) - cost_of(before)
            assert item.metres == metres_of(after) - metres_of(before)
            assert set(item.faults) == set(broken(after))
