"""Compiles every compiled function at set-up, so that no plan ever waits for it."""

from __future__ import annotations

import json
import math
import time
from importlib.resources import files

from routing.ground import Ground
from routing.io import parse_season
from routing.plan import Limits

from .by_tournees import Driver
from .improve import Search
from .instance import Instance
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
    return time.monotonic() - begun
