"""Long tournées under rules, measured: against the annealing of single evenings alone, and against the rules off."""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

from routing.check import check
from routing.engines.improve import Search
from routing.engines.instance import Instance
from routing.engines.start import place_locked
from routing.engines.warm import warm
from routing.engines.watch import Watch
from routing.errors import SeasonError
from routing.ground import Ground
from routing.io import parse_season
from routing.plan import Limits, Plan
from routing.season import NO, YES, Season
from routing.solve import solve

from .everyday import EVERY_DAY, every_day
from .page import machine
from .public import SUFFIXES, read
from .rivals import processor_seconds
from .seasons import communes_of

_WORKERS = 2


def long(communes: Path, folders: Sequence[Path], out: Path, *, seconds: float, seeds: int) -> None:
    """Write the table of seasons of every day to `out`, and of the folders' instances with one date barred each.

    Raises OSError; files that are no season are left out.
    """
    warm()
    lines = _head(seconds)
    rows = communes_of(communes, EVERY_DAY)

    def say(line: str) -> None:
        lines.append(line)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        out.write_text("\n".join(lines) + "\n", encoding="utf-8")

    ratios: list[float] = []
    for seed in range(1, seeds + 1):
        season = parse_season(every_day(rows, seed=seed))
        say(_against_single(season, seconds, seed, ratios))
    say("")
    say(f"Now / before: median {statistics.median(ratios):.3f}, worst {max(ratios):.3f}.")
    if not folders:
        return
    for line in _public_head():
        say(line)
    for path in sorted(item for folder in folders for item in folder.iterdir() if item.suffix in SUFFIXES):
        try:
            season = read(path).season
        except SeasonError:
            continue
        say(_against_rules_off(season, seconds))


def _head(seconds: float) -> list[str]:
    return [
        "# Long tournées under rules, measured",
        "",
        f"Written by `python -m routing bench --kinds E`; {machine()}; {seconds:g} s and {_WORKERS} workers each,",
        "one after the other. CPU s: of all threads, what the machine really gave.",
        "",
        "## Every day from May to August",
        "",
        "200 communes, 3 vehicles, 112 dates of which a fifth are barred; separation, weekly rest, a quota and locks",
        "(`routing/bench/everyday.py`). Single evenings: the annealing alone, all that there was before, here on",
        "each worker with a seed of its own; the better of them.",
        "",
        "| season | evenings | single evenings | CPU s | now | CPU s | now / before |",
        "|---|---|---|---|---|---|---|",
    ]


def _public_head() -> Sequence[str]:
    return [
        "",
        "## Public instances, each commune away on one date",
        "",
        "| instance | stops | rules off | CPU s | one date barred | CPU s | above rules off |",
        "|---|---|---|---|---|---|---|",
    ]


def _solved(season: Season, seconds: float, seed: int) -> tuple[Plan, float]:
    before = processor_seconds()
    plan = solve(season, Limits(seconds, workers=_WORKERS, seed=seed))
    for fault in check(season, plan):
        raise AssertionError(f"{season.name}: {fault.said('en')}")
    return plan, processor_seconds() - before


def _against_single(season: Season, seconds: float, seed: int, ratios: list[float]) -> str:
    single, spent = _single(season, seconds, seed)
    plan, own = _solved(season, seconds, seed)
    cost = plan.cost or 0
    ratios.append(cost / single)
    cells = [season.name, str(len(plan.evenings)), f"{single:,}", f"{spent:.0f}", f"{cost:,}", f"{own:.0f}"]
    return "| " + " | ".join([*cells, f"{cost / single:.3f}"]) + " |"


def _single(season: Season, seconds: float, seed: int) -> tuple[int, float]:
    """The best cost of annealing single evenings alone, on as many threads as the plan has workers."""
    before = processor_seconds()
    with ThreadPoolExecutor(_WORKERS) as pool:
        seeds = [seed + 7919 * worker for worker in range(_WORKERS)]
        costs = list(pool.map(lambda one: _annealed(season, seconds, one), seeds))
    return min(costs), processor_seconds() - before


def _annealed(season: Season, seconds: float, seed: int) -> int:
    instance = Instance(Ground(season))
    watch = Watch(Limits(seconds, seed=seed), None, None, time.monotonic())
    search = Search(instance, place_locked(instance, watch).slots or [], seed=seed)
    search.construct(watch.over)
    begun = watch.seconds
    search.run(lambda: (watch.seconds - begun) / max(1e-9, watch.search_seconds - begun), watch.over)
    return search.best_cost or 0


def _against_rules_off(season: Season, seconds: float) -> str:
    free, spent = _solved(season, seconds, 1)
    held, own = _solved(one_date_barred(season), seconds, 1)
    above = "no plan" if held.unserved else f"{100 * ((held.cost or 0) / (free.cost or 1) - 1):+.2f} %"
    cells = [season.name, str(len(season.communes)), f"{free.cost:,}", f"{spent:.0f}", f"{held.cost:,}", f"{own:.0f}"]
    return "| " + " | ".join([*cells, above]) + " |"


def one_date_barred(season: Season) -> Season:
    """The season with each commune away on one date of its own."""
    dice = random.Random(season.name)  # noqa: S311 - repeatable, not secret

    def answers() -> dict[date, str]:
        away = dice.choice(season.dates)
        return {day: NO if day == away else YES for day in season.dates}

    return replace(season, communes=tuple(replace(item, availability=answers()) for item in season.communes))
