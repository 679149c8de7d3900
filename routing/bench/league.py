"""Public instances: our distance to the best-known values beside that of other solvers, at equal time and threads."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from routing.check import check
from routing.engines.warm import warm
from routing.errors import SeasonError
from routing.plan import Limits
from routing.solve import solve

from .page import Table, digest, fill, machine
from .public import SUFFIXES, Public, read
from .rivals import Answer, Rival, ask, installed, processor_seconds

_WORKERS = 2
_ROUTES_WITHIN, _TOUR_WITHIN = 0.2, 2  # per cent above the best-known value: what we mean to reach


@dataclass(frozen=True, slots=True)
class Race:
    """How to compare: seconds and threads for each, our seeds (the others run with the first of them)."""

    seconds: float
    seeds: Sequence[int]
    rivals: Mapping[str, Rival]
    workers: int = _WORKERS


def league(folders: Sequence[Path], *, seconds: float, seeds: int, peers: bool) -> None:
    """Print the table of the folders' instances, a line as soon as it is known. Raises OSError."""
    warm()
    fill(
        "# Distance to best-known values",
        [table(folders, Race(seconds, range(1, seeds + 1), installed() if peers else {}))],
        None,
    )


def table(folders: Sequence[Path], race: Race) -> Table:
    """The table of the folders' instances; files left out are named below it, and why. Raises OSError."""
    found: dict[str, Public] = {}
    refused = []
    for path in sorted(item for folder in folders for item in folder.iterdir() if item.suffix in SUFFIXES):
        try:
            public = read(path)
        except SeasonError as error:
            refused.append(f"{path.name}: {error}")
            continue
        if public.season.name in found:
            refused.append(f"{path.name}: another file holds an instance of this name")
            continue
        found[public.season.name] = public
    names = ["instance", "stops", "best known", "routing", "worst", "CPU s"]
    for name in race.rivals:
        names += [name, "CPU s"]
    head = [
        f"## Public instances, {race.seconds:g} s",
        "",
        f"{machine()}; {race.seconds:g} s and {race.workers} threads each; routing {digest()}.",
        f"Above the best-known value, in per cent: ours the median and the worst of seeds 1 to {len(race.seeds)},",
        "the others' with seed 1 (one search a thread, the best of them; VROOM may end by itself, and where it has no",
        "plan it was ended at the limit). CPU s: of all threads, what the machine really gave.",
        "No plan: none that serves everybody, or none in time.",
        f"The reach is met where our median is within {_ROUTES_WITHIN} % of the best-known value; for a tour,",
        f"within {_TOUR_WITHIN} % and better than each of the others, or the best-known value itself.",
    ]
    return Table(head, [*names, "reach"], {name: partial(row, public, race) for name, public in found.items()}, refused)


def row(public: Public, race: Race) -> list[str]:
    """One instance's cells after its name. Raises AssertionError where a plan of ours breaks a rule."""
    ours = [_ours(public, race, seed) for seed in race.seeds]
    costs = sorted(answer.cost for answer in ours if answer.cost is not None)
    median = statistics.median_low(costs) if costs else None
    cells = [str(len(public.metres) - 1), "" if public.best is None else f"{public.best:,}", _above(public, median)]
    cells += [_above(public, costs[-1]) if costs else "", f"{statistics.median(one.cpu_seconds for one in ours):.0f}"]
    others: dict[str, int | None] = {}
    for name, rival in race.rivals.items():
        answer = ask(rival, public, seconds=race.seconds, seed=race.seeds[0], threads=race.workers)
        others[name] = answer.cost
        cells += [_above(public, answer.cost), f"{answer.cpu_seconds:.0f}"]
    return [*cells, reach(public, median, others)]


def reach(public: Public, median: int | None, others: Mapping[str, int | None]) -> str:
    """Whether the promise is kept: "met", or what is missed; empty where no best-known value says."""
    if public.best is None:
        return ""
    if median is None:
        return "missed: no plan"
    tour = public.vehicles == 1
    within = _TOUR_WITHIN if tour else _ROUTES_WITHIN
    missed = [f"not within {within} %"] if median > public.best * (1 + within / 100) else []
    if tour and median > public.best:
        missed += [f"not better than {name}" for name, cost in others.items() if cost is not None and cost <= median]
    return "missed: " + ", ".join(missed) if missed else "met"


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
