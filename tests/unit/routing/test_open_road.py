"""Seasons in which dates do not matter: which they are, and that the searches made for them keep to the rules."""

from __future__ import annotations

import itertools
import json
import math
import random
from typing import Any

import numpy as np
import pytest

import routing
from routing.engines.choose import choose
from routing.engines.instance import Instance
from routing.engines.open_road import OpenRoad, open_road
from routing.engines.roam import Roam
from routing.engines.routes import map_of
from routing.engines.ruin import Ruin
from routing.engines.tour import Tour
from routing.engines.watch import Watch
from routing.ground import Ground
from routing.plan import Limits

from .seasons import day, season


def road_of(**changes: Any) -> OpenRoad | None:
    """What is left of a season of six communes, four dates and two vehicles."""
    value = season(communes=6, dates=4, vehicles=2) | changes
    return open_road(Instance(Ground(routing.parse_season(value))))


def scattered(
    communes: int, dates: int, vehicles: list[dict[str, Any]], *, seed: int, skew: int = 0, **more: Any
) -> Any:
    """Communes and two depots at random on a square of 100 km; `skew` makes one way longer than the other."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    names = ["d", "e", *(f"c{k}" for k in range(communes))]
    at = [(dice.randrange(100_000), dice.randrange(100_000)) for _ in names]
    metres = [[round(math.dist(a, b)) + (skew if i > j else 0) for j, b in enumerate(at)] for i, a in enumerate(at)]
    value = season(communes=communes, dates=dates)
    value["locations"] = [{"id": name, "lat": 48.5, "lon": 5.0} for name in names]
    value |= {"travel": {"kind": "matrix", "metres": metres}, "vehicles": vehicles} | more
    return routing.parse_season(json.loads(json.dumps(value)))


def test_open() -> None:
    """Two vehicles of four dates in a row: two tournées of at most four stops from the one depot."""
    road = road_of()
    assert road is not None
    assert (road.room.tolist(), road.kind.tolist(), road.symmetric) == ([4, 4], [0, 0], True)


def test_blocks_and_weeks() -> None:
    """Dates too far apart are tournées of their own; a week's limit is the room where it holds for one alone."""
    vehicles = [{"id": "v0", "depot": "d", "dates": [day(0), day(1), day(3)], "max_evenings_per_week": 3}]
    road = road_of(vehicles=vehicles)
    assert road is not None
    assert road.room.tolist() == [2, 1]
    vehicles[0]["max_evenings_per_week"] = 1  # Thursday to Sunday: both blocks share it
    assert road_of(vehicles=vehicles) is None
    vehicles[0]["dates"] = [day(0), day(1)]
    road = road_of(vehicles=vehicles)
    assert road is not None
    assert road.room.tolist() == [1]


@pytest.mark.parametrize(
    "rule",
    [
        {"separation": {"metres": 10_000, "days": 2}},
        {"quotas": [{"id": "q", "communes": ["c0", "c1"], "max": 1}]},
        {"locked": [{"commune": "c0", "date": day(1)}]},
        {"baseline": [{"commune": "c0", "date": day(1)}]},
        {"communes": [{"id": "c0", "location": "c0", "evenings": 2}]},
        {"communes": [{"id": "c0", "location": "c0", "evenings": 1, "availability": {day(0): "yes"}}]},
        {
            "communes": [
                {"id": "c0", "location": "c0", "evenings": 1, "availability": {day(k): "if_need_be" for k in range(4)}}
            ]
        },
        {"vehicles": [{"id": "v0", "depot": "d", "max_days_in_row": 2}]},
        {"vehicles": [{"id": "v0", "depot": "d", "max_leg_metres": 30_000}]},
    ],
)
def test_any_rule_about_dates_closes_it(rule: dict[str, Any]) -> None:
    """Each by itself."""
    assert road_of(**rule) is None


def test_tours_are_as_long_as_they_say() -> None:
    """After every kick, kept or undone; on eight places the shortest of all orders is found."""
    for size in (8, 9, 40):
        at = np.random.default_rng(size).random((size, 2)) * 1000
        metres = np.rint(np.hypot(*(np.subtract.outer(axis, axis) for axis in at.T)))
        tour = Tour(metres, list(range(size)), seed=size)
        for heat in (200.0, 20.0, 0.0):
            tour.run(heat, 20)
            assert sorted(tour.order.tolist()) == list(range(size))
            assert tour.cost == metres[tour.order, np.roll(tour.order, -1)].sum()
        if size == 8:
            ways = itertools.permutations(range(1, size))
            assert tour.cost == min(metres[[0, *way], [*way, 0]].sum() for way in ways)


def _price(road: OpenRoad, tournees: list[list[int]]) -> float:
    """Of a plan, by the matrix."""
    ways = [[int(road.depot[b]), *way, int(road.depot[b])] for b, way in enumerate(tournees) if way]
    served = {c for way in tournees for c in way}
    return sum(road.metres[way[:-1], way[1:]].sum() for way in ways) + sum(
        worth for c, worth in enumerate(road.worth) if c not in served
    )


def test_strings_are_as_long_as_they_say_and_the_pool_has_their_best() -> None:
    """Two kinds of vehicles, one way longer than the other: no room is overrun, and choosing never makes it worse."""
    vehicles = [{"id": "v0", "depot": "d"}, {"id": "v1", "depot": "e"}, {"id": "v2", "depot": "e"}]
    value = scattered(11, 4, vehicles, seed=2, skew=700)
    road = open_road(Instance(Ground(value)))
    assert road is not None
    ruin = Ruin(road, map_of(road), [[], [], []], seed=1)
    for heat in (30_000.0, 3_000.0, 1.0):
        ruin.run(heat, 300, pooled=True)
        tournees = ruin.tournees()
        assert ruin.cost == pytest.approx(_price(road, tournees))
        assert sorted(c for way in tournees for c in way) == list(range(11))
        assert all(len(way) <= 4 for way in tournees)
    worse = Ruin(road, map_of(road), [[], [], []], seed=1)
    worse.run(30_000.0, 20, pooled=False)
    limits = {"seconds": math.inf, "seed": 1, "nodes": 1000, "alive": lambda: True}
    found = choose(road, [ruin.pool], worse.tournees(), worse.cost, **limits)
    assert found is not None
    assert _price(road, found) <= ruin.cost
    assert choose(road, [ruin.pool], found, _price(road, found), **limits) is None


def test_nobody_is_served_at_more_than_it_is_worth() -> None:
    """Where an evening is worth less than the drive, it is left out."""
    costs = {"no_evening": 50_000, "missing": 0}
    value = scattered(30, 30, [{"id": "v0", "depot": "d", "nights_out": 30}], seed=4, costs=costs)
    instance = Instance(Ground(value))
    road = open_road(instance)
    assert road is not None
    watch = Watch(Limits(math.inf, iterations=20), None, None, 0.0)
    Roam(instance, road, watch).run()
    plan = [c for c, _, _ in watch.slots or []]
    assert watch.cost is not None
    assert 0 < len(plan) <= 30
    ways = [_price(road, [[c for c in plan if c != left]]) for left in plan]
    assert watch.cost <= min(ways)


@pytest.mark.parametrize(
    ("vehicles", "skew"),
    [
        ([{"id": "v0", "depot": "d", "nights_out": 40}], 0),
        ([{"id": "v0", "depot": "d", "nights_out": 40}], 500),
        ([{"id": f"v{k}", "depot": "de"[k % 2], "nights_out": 40} for k in range(3)], 0),
    ],
)
def test_solved_and_repeatable(vehicles: list[dict[str, Any]], skew: int) -> None:
    """The same plan twice with two workers, valid, and within the floor."""
    value = scattered(40, 40, vehicles, seed=5, skew=skew)
    limits = Limits(math.inf, iterations=40, workers=2)
    one, two = routing.solve(value, limits), routing.solve(value, limits)
    assert one.evenings == two.evenings
    assert not routing.check(value, one)
    assert not one.unserved
    assert one.bound is not None
    assert one.cost is not None
    assert 0 < one.bound <= one.cost
