"""Solves the benchmark's seasons, ours and peers at the same time limit, and writes the table."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from routing.check import check
from routing.io import parse_season
from routing.plan import OPTIMAL, Limits, Plan, Progress
from routing.replan import replan
from routing.season import Season
from routing.solve import solve

from .peers import PEERS
from .seasons import BASELINE, KINDS, PLAIN, SETS, communes_of, season_of

_SECONDS = {"S": 60.0, "M": 120.0}
_LOOKS = {"S": (5.0, 20.0, 60.0), "M": (60.0, 120.0)}
_PEER_SECONDS = {"S": 20.0, "M": 60.0}
_REPLAN_SECONDS = 5.0
_WORKERS = 2


@dataclass(slots=True)
class Run:
    """One season solved by us: the plan and every change of cost and bound on the way."""

    name: str
    plan: Plan
    seen: list[Progress] = field(default_factory=list)

    def gap(self, seconds: float, *, final_bound: bool = False) -> float | None:
        """(cost - bound) / metres of the plan, in per cent, as it stood then; or against the last bound."""
        at = [item for item in self.seen if item.seconds <= seconds and item.cost is not None]
        if not at or self.plan.bound is None or not self.plan.metres:
            return None
        cost, bound = at[-1].cost, self.plan.bound if final_bound else at[-1].bound
        return None if cost is None or bound is None else 100 * (cost - bound) / self.plan.metres

    def seconds_to_within(self, percent: float) -> float | None:
        """Seconds until the plan was, and stayed, that close to the last bound."""
        for item in self.seen:
            gap = self.gap(item.seconds, final_bound=True)
            if gap is not None and gap <= percent:
                return item.seconds
        return None


def bench(communes: Path, out: Path, *, kinds: Sequence[str], seeds: int, peers: bool) -> None:
    """Run everything and write the table to `out`; a line per season goes to standard output meanwhile."""
    lines = _head(seeds)
    for kind in kinds:
        rows = communes_of(communes, KINDS[kind])
        for variant in SETS if kind == "S" else (PLAIN,):
            lines += ["", f"## {kind}, {variant}", "", *_columns(kind, peers=peers)]
            runs, replans = [], list[str]()
            for seed in range(1, seeds + 1):
                season = parse_season(season_of(KINDS[kind], rows, seed=seed, variant=variant))
                run = _ours(season, _SECONDS[kind])
                runs.append(run)
                cells = _cells(run, kind) + [_peer(peer, season, kind, run) for peer in PEERS.values() if peers]
                lines.append("| " + " | ".join([season.name, *cells]) + " |")
                sys.stdout.write(lines[-1] + "\n")
                sys.stdout.flush()
                if variant == BASELINE:
                    replans.append(_replanned(season))
            proved = [run.plan.seconds_to_plan for run in runs if run.plan.status == OPTIMAL]
            median = f", median {statistics.median(proved):.1f} s" if proved else ""
            lines += ["", f"Proved: {len(proved)} of {len(runs)}{median}.", *replans]
            out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _head(seeds: int) -> list[str]:
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return [
        "# The solver, measured",
        "",
        f"Written by `python -m routing bench`; {machine}; {_WORKERS} workers; seeds 1 to {seeds}.",
        "Gap = (cost - bound) / metres of the plan. Peers: cost of their plan above ours, in per cent of our metres,",
        "and what they leave unserved, after what breaks a rule they could not be told is taken out.",
    ]


def _columns(kind: str, *, peers: bool) -> list[str]:
    names = ["season", "status", "cost", "bound", "gap", "seconds", "within 1 %"]
    names += [f"gap at {seconds:.0f} s" for seconds in _LOOKS[kind]]
    names += [f"{name}, {_PEER_SECONDS[kind]:.0f} s" for name in PEERS if peers]
    return ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]


def _ours(season: Season, seconds: float) -> Run:
    seen: list[Progress] = []
    plan = solve(season, Limits(seconds, workers=_WORKERS), seen.append)
    for fault in check(season, plan):
        raise AssertionError(f"{season.name}: {fault.said('en')}")
    return Run(season.name, plan, seen)


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} %"


def _cells(run: Run, kind: str) -> list[str]:
    plan, soon = run.plan, run.seconds_to_within(1.0)
    looks = [_percent(run.gap(seconds)) for seconds in _LOOKS[kind]]
    last = run.gap(plan.seconds_to_plan + 1)
    return [
        plan.status,
        f"{plan.cost:,}",
        f"{plan.bound:,}",
        _percent(last),
        f"{plan.seconds_to_plan:.1f}",
        "" if soon is None else f"{soon:.1f} s",
        *looks,
    ]


def _peer(peer: Callable[[Season, float], Plan | None], season: Season, kind: str, run: Run) -> str:
    plan = peer(season, _PEER_SECONDS[kind])
    if plan is None or plan.cost is None or run.plan.cost is None or not run.plan.metres:
        return "not installed"
    for fault in check(season, plan):
        raise AssertionError(f"{season.name}: {fault.said('en')}")
    above = 100 * (plan.cost - run.plan.cost) / run.plan.metres
    return f"+{above:.0f} %, {sum(item.missing for item in plan.unserved)} unserved"


def _replanned(season: Season) -> str:
    again = replan(season, Limits(_REPLAN_SECONDS, workers=_WORKERS))
    said = "; ".join(f"{item.name} {item.value}{' proved' if item.proved else ''}" for item in again.stages)
    return f"\nReplan of {season.name} in {again.plan.seconds_to_plan:.1f} s: {said}."
