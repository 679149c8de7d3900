"""Seasons of some weekends and several depots, made from a number: small, with every rule of the format in play."""

from __future__ import annotations

import math
import random
import time
from typing import Any

import routing
from routing.engines.instance import Instance, Slot
from routing.engines.watch import Watch
from routing.ground import Ground
from tests.unit.routing.seasons import day

_WAIVABLE = sorted(routing.season.WAIVABLE)
_MATRIX_ODDS = 0.5


def land(seed: int, *, communes: int = 6, vehicles: int = 3, weeks: int = 2, locks: bool = True) -> dict[str, Any]:
    """A season object: at most so many communes, vehicles, and weekends of three days (from Thursday 7 May 2026)."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    names = [f"c{k}" for k in range(dice.randint(1, communes))]
    cars = [f"v{k}" for k in range(dice.randint(1, vehicles))]
    dates = [day(7 * week + k) for week in range(weeks) for k in range(3) if dice.random() < 0.9] or [day(0)]
    places = [*(f"d{k}" for k in range(dice.randint(1, 3))), *names]
    return {
        "format": "guinguette-season/1",
        "name": "Pays",
        "dates": dates,
        "locations": [{"id": name, "lat": dice.uniform(47, 48), "lon": dice.uniform(4, 5)} for name in places],
        "travel": _travel(dice, len(places)),
        "vehicles": [_vehicle(dice, name, places, dates) for name in cars],
        "communes": [_commune(dice, name, dates, cars) for name in names],
        **_rules(dice, names, cars, dates, locks=locks),
    }


def _travel(dice: random.Random, size: int) -> dict[str, Any]:
    """The great circle, or distances that differ by direction and break the triangle inequality."""
    if dice.random() < _MATRIX_ODDS:
        return {"kind": "great_circle", "detour": 1.3}
    metres = [[0 if a == b else dice.randint(0, 60_000) for b in range(size)] for a in range(size)]
    return {"kind": "matrix", "metres": metres}


def _some(dice: random.Random, odds: float, **items: Any) -> dict[str, Any]:
    return {name: value for name, value in items.items() if dice.random() < odds}


def _part(dice: random.Random, values: list[str]) -> list[str]:
    return [value for value in values if dice.random() < 0.6]


def _vehicle(dice: random.Random, name: str, places: list[str], dates: list[str]) -> dict[str, Any]:
    depots = [place for place in places if place.startswith("d")]
    return {
        "id": name,
        "depot": dice.choice(depots),
        "nights_out": dice.randint(0, 3),
        "equipment": _part(dice, ["covered", "stage"]),
        **_some(dice, 0.2, dates=_part(dice, dates)),
        **_some(dice, 0.3, max_leg_metres=dice.choice([40_000, 90_000])),
        **_some(dice, 0.4, max_evenings_per_week=dice.randint(1, 3), max_days_in_row=dice.randint(1, 3)),
    }


def _commune(dice: random.Random, name: str, dates: list[str], cars: list[str]) -> dict[str, Any]:
    answers = {when: dice.choice(["yes", "yes", "yes", "if_need_be", "no"]) for when in dates}
    return {
        "id": name,
        "location": name,
        "evenings": dice.choice([1, 1, 2, 3, 9]),
        "min_days_between": dice.choice([1, 2, 7]),
        "priority": dice.randint(1, 3),
        **_some(dice, 0.2, needs=["covered"]),
        **_some(dice, 0.2, vehicles=_part(dice, cars)),
        **_some(dice, 0.7, availability=answers),
    }


def _rules(dice: random.Random, names: list[str], cars: list[str], dates: list[str], *, locks: bool) -> dict[str, Any]:
    result: dict[str, Any] = {
        "costs": {
            "no_evening": dice.choice([0, 50_000, 1_000_000, 1_000_000, 1_000_000]),
            "missing": dice.choice([0, 30_000, 300_000, 300_000, 10**9]),
            "if_need_be": dice.choice([0, 20_000]),
            "moved": dice.choice([0, 1, 100_000]),
        },
        **_some(dice, 0.5, separation={"metres": dice.choice([0, 15_000, 40_000, 80_000]), "days": dice.randint(0, 3)}),
        **_some(dice, 0.3, baseline=[{"commune": dice.choice(names), "date": dice.choice(dates)} for _ in range(3)]),
        "quotas": [
            {
                "id": f"q{k}",
                "communes": _part(dice, names),
                "max": dice.randint(0, 4),
                **_some(dice, 0.3, **{"from": dates[len(dates) // 3]}),
                **_some(dice, 0.3, to=dates[-1 - len(dates) // 3]),
            }
            for k in range(dice.choice([0, 0, 1, 2]))
        ],
    }
    if locks and dice.random() < 0.6:
        result["locked"] = [
            {
                "commune": dice.choice(names),
                "date": dice.choice(dates),
                "waived": [rule for rule in _WAIVABLE if dice.random() < 0.3],
                **_some(dice, 0.5, vehicle=dice.choice(cars)),
            }
            for _ in range(dice.randint(1, 3))
        ]
    return result


def instance_of(value: dict[str, Any]) -> Instance:
    """The season object as numbers."""
    return Instance(Ground(routing.parse_season(value)))


def watch_of(iterations: int = 1, workers: int = 1) -> Watch:
    """A clock that never ends."""
    return Watch(routing.Limits(math.inf, iterations=iterations, workers=workers), None, None, time.monotonic())


def slots_of(instance: Instance, plan: routing.Plan) -> list[Slot]:
    """The plan's evenings as indices."""
    day_of = {date: i for i, date in enumerate(instance.season.dates)}
    return [
        (instance.commune_index[item.commune], instance.vehicle_index[item.vehicle], day_of[item.date])
        for item in plan.evenings
    ]
