"""Compiles every compiled function at set-up, so that no plan ever waits for it."""

from __future__ import annotations

import json
import math
import time
from importlib.resources import files

import numpy as np

from routing.ground import Ground
from routing.io import parse_season
from routing.plan import Limits

from .bind import bind
from .by_tournees import Driver
from .improve import Search
from .instance import Instance, Slot
from .long_way import LongWay
from .market import Market
from .open_road import OpenRoad
from .routes import map_of
from .ruin import Ruin
from .tour import Tour
from .tournees import blocks_of
from .watch import Watch


def warm() -> float:
    """Run each engine once on a season of three communes; the seconds it took."""
    begun = time.monotonic()
    season = parse_season(json.loads(files("routing.engines").joinpath("warm.json").read_text(encoding="utf-8")))
    instance = Instance(Ground(season))
    watch = Watch(Limits(math.inf, iterations=2), None, None, begun)
    search = Search(instance, [], seed=1)
    search.listener = watch.found
    search.construct(watch.over)
    search.run(lambda: search.iterations / 20, watch.over)
    slots = [(c, v, i) for c, here in enumerate(instance.open) for v, i in here]
    driver = Driver(instance, blocks_of(instance, slots) or [], slots, search, watch)
    driver.run()
    driver.generator.within(1.0, most=10)
    driver.generator.compile_cuts()
    _warm_country(instance, begun)
    _warm_open_road()
    _warm_long_way(instance, search.best)
    return time.monotonic() - begun


def _warm_long_way(instance: Instance, slots: list[Slot]) -> None:
    """The search for long tournées, from a plan of the same season."""
    watch = Watch(Limits(math.inf, iterations=2), None, None, time.monotonic())
    watch.found(instance.cost_of(slots) or 0, slots)
    LongWay(instance, [], watch).run(math.inf)


def _warm_country(instance: Instance, begun: float) -> None:
    """Prices, and a plan from them."""
    watch = Watch(Limits(math.inf, iterations=2), None, None, begun)
    market = Market(instance, [], workers=1)
    market.run(watch, until=math.inf, rounds=2)
    bind(market, watch, until=math.inf)


def _warm_open_road() -> None:
    """The searches for pure routing, on ten places in a row."""
    size = 10
    places = np.arange(size + 1, dtype=np.float64)
    road = OpenRoad(
        metres=np.abs(np.subtract.outer(places, places)),
        vehicle=[0],
        dates=[range(size)],
        depot=np.array([size], dtype=np.int64),
        room=np.array([size], dtype=np.int64),
        kind=np.zeros(1, np.int64),
        fits=np.ones((size, 1), np.bool_),
        worth=np.full(size, 1e6),
        constant=0,
    )
    Ruin(road, map_of(road), [[]], seed=1).run(0.0, 1, pooled=False)
    Tour(road.metres, list(range(size + 1)), seed=1).run(0.0, 1)
