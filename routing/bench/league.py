"""Public instances: our distance to the best-known values beside that of other solvers, at equal time and threads."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from routing.check import check
from routing.engines.warm import warm
from routing.errors import SeasonError
from routing.plan import Limits
from routing.solve import solve

from .public import SUFFIXES, Public, read
from .rivals import Answer, Rival, ask, installed, processor_seconds

_WORKERS = 2


@dataclass(frozen=True, slots=True)
class Race:
    """How to compare: seconds and threads for each, our seeds (the others run with the first of them)."""

    seconds: float
    seeds: Sequence[int]
    rivals: Mapping[str, Rival]
    workers: int = _WORKERS


def league(folder: Path, *, seconds: float, seeds: int, peers: bool, out: Path | None) -> None:
    """Print the table of the folder's instances, a line as soon as it is known; write it to `out` too.

    Raises OSError; files that are no season are named below the table with the reason.
    """
    race = Race(seconds, range(1, seeds + 1), installed() if peers else {})
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        if out is not None:
            out.write_text("\n".join(lines) + "\n", encoding="utf-8")

    warm()
    for line in _head(race):
        say(line)
    skipped = []
    for path in sorted(item for item in folder.iterdir() if item.suffix in SUFFIXES):
        try:
            public = read(path)
        except SeasonError as error:
            skipped.append(f"{path.name}: {error}")
            continue
        say(row(public, race))
    for line in skipped:
        say("")
        say(line)


def _head(race: Race) -> list[str]:
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    names = ["instance", "stops", "best known", "routing", "worst", "CPU s"]
    for name in race.rivals:
        names += [name, "CPU s"]
    return [
        "# Public instances",
        "",
        f"Written by `python -m routing bench DIR`; {machine}; {race.seconds:g} s and {race.workers} threads each.",
        f"Above the best-known value, in per cent; ours the median and the worst of seeds 1 to {len(race.seeds)}, the",
        "others' with seed 1 (one search a thread, the best of them; VROOM may end by itself). CPU s: of all threads,",
        "what the machine really gave. No plan: none that serves everybody, or none in time.",
        "",
        "| " + " | ".join(names) + " |",
        "|" + "---|" * len(names),
    ]


def row(public: Public, race: Race) -> str:
    """One instance, ours and the others'. Raises AssertionError where a plan of ours breaks a rule."""
    ours = [_ours(public, race, seed) for seed in race.seeds]
    costs = sorted(answer.cost for answer in ours if answer.cost is not None)
    cells = [public.season.name, str(len(public.metres) - 1), "" if public.best is None else f"{public.best:,}"]
    if costs:
        cells += [_above(public, statistics.median_low(costs)), _above(public, costs[-1])]
    else:
        cells += ["no plan", ""]
    cells.append(f"{statistics.median(answer.cpu_seconds for answer in ours):.0f}")
    for rival in race.rivals.values():
        answer = ask(rival, public, seconds=race.seconds, seed=race.seeds[0], threads=race.workers)
        cells += [_above(public, answer.cost), f"{answer.cpu_seconds:.0f}"]
    return "| " + " | ".join(cells) + " |"


def _ours(public: Public, race: Race, seed: int) -> Answer:
    before = processor_seconds()
    plan = solve(public.season, Limits(race.seconds, workers=race.workers, seed=seed))
    spent = processor_seconds() - before
    for fault in check(public.season, plan):
        raise AssertionError(f"{public.season.name}: {fault.said('en')}")
    return Answer(None if plan.unserved else plan.cost, spent)


def _above(public: Public, cost: int | None) -> str:
    if cost is None:
        return "no plan"
    return f"{cost:,}" if public.best is None else f"{100 * (cost / public.best - 1):+.2f} %"
