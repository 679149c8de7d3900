"""Solves the benchmark's seasons, ours and peers at the same time limit, and writes the table."""

from __future__ import annotations

import json
import math
import multiprocessing
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from routing.check import check
from routing.costing import cost_of, missing
from routing.errors import PlanError
from routing.explain import explain
from routing.ground import Ground, Scene
from routing.io import load_json, parse_plan, parse_season
from routing.plan import OPTIMAL, Limits, Plan, Progress, Unserved
from routing.replan import replan
from routing.season import Season
from routing.solve import solve

from .page import machine
from .peers import PEERS
from .seasons import BASELINE, KINDS, PLAIN, SETS, communes_of, season_of

_SECONDS = {"S": 60.0, "M": 120.0}
_LOOKS = {"S": (5.0, 20.0, 60.0), "M": (60.0, 120.0)}
_PEER_SECONDS = {"S": 20.0, "M": 60.0}
_PEER_SEEDS = {"S": 5, "M": 2}  # each of the others takes as long as we do, and comes nowhere near
_PATIENCE = 5  # times the limit; PyVRP's search has been seen to turn for ever on a season it finds no way into
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


Peer = Callable[[dict[str, Any], Season, float], Plan | None]  # the season as a file and as read, seconds


def bench(
    communes: Path, out: Path, *, kinds: Sequence[str], seeds: int, peers: bool, beside: Mapping[str, str]
) -> None:
    """Run everything and write the table to `out`; a line per season goes to standard output meanwhile.

    `beside` names other programs that read and write the format: "{season}", "{plan}" and "{seconds}" in their
    commands stand for what they are called with.
    """
    lines = _head(seeds)
    others: dict[str, Peer] = {name: program(command) for name, command in beside.items()}
    others |= {name: _told(peer) for name, peer in PEERS.items() if peers}
    for kind in kinds:
        rows = communes_of(communes, KINDS[kind])
        for variant in SETS if kind == "S" else (PLAIN,):
            shown = others if variant == PLAIN else {}  # only here they can be told nearly everything
            lines += ["", f"## {kind}, {variant}", "", *_columns(kind, shown)]
            runs, replans, small = [], list[str](), Small()
            for seed in range(1, seeds + 1):
                file = season_of(KINDS[kind], rows, seed=seed, variant=variant)
                season = parse_season(file)
                run = _ours(season, _SECONDS[kind])
                runs.append(run)
                small.measure(file, season, run.plan)
                compared = shown.values() if seed <= _PEER_SEEDS[kind] else ()
                cells = _cells(run, kind) + [_peer(peer, file, season, kind, run) for peer in compared]
                cells += [""] * (len(shown) - len(compared))
                lines.append("| " + " | ".join([season.name, *cells]) + " |")
                sys.stdout.write(lines[-1] + "\n")
                sys.stdout.flush()
                if variant == BASELINE:
                    replans.append(_replanned(season))
            lines += ["", *_summary(kind, runs), *small.said(), *replans]
            out.write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass(slots=True)
class Small:
    """What should take no time, in seconds: a first plan in a cold process, holding a plan to the rules, explaining."""

    first: list[float] = field(default_factory=list)
    check: list[float] = field(default_factory=list)
    explain: list[float] = field(default_factory=list)

    def measure(self, file: dict[str, Any], season: Season, plan: Plan) -> None:
        """Take each once for this season and its plan."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "season.json"
            path.write_text(json.dumps(file), encoding="utf-8")
            command = [sys.executable, "-m", "routing", "solve", str(path), "--out", str(path.with_suffix(".plan"))]
            begun = time.monotonic()
            with subprocess.Popen(  # noqa: S603 - our own command
                [*command, "--time-limit", "2", "--progress", "json"], stderr=subprocess.PIPE, text=True
            ) as process:
                for line in process.stderr or ():
                    if json.loads(line).get("cost") is not None:
                        self.first.append(time.monotonic() - begun)
                        break
                process.communicate()
        for seconds, work in ((self.check, check), (self.explain, explain)):
            begun = time.monotonic()
            work(season, plan)
            seconds.append(time.monotonic() - begun)

    def said(self) -> list[str]:
        """One sentence a measure, its worst."""
        worst = [max(seconds, default=math.nan) for seconds in (self.first, self.check, self.explain)]
        said = f"Worst: first plan of a cold process {worst[0]:.1f} s, a plan held to the rules {worst[1]:.3f} s,"
        return ["", f"{said} all that is unserved explained {worst[2]:.1f} s."]


def _summary(kind: str, runs: Sequence[Run]) -> list[str]:
    """How many were proved and when, and how many were close at each look; open ones count as the time limit."""
    proved = sum(run.plan.status == OPTIMAL for run in runs)
    seconds = [run.plan.seconds_to_plan if run.plan.status == OPTIMAL else _SECONDS[kind] for run in runs]
    said = f"Proved: {proved} of {len(runs)}; median {statistics.median(seconds):.1f} s, worst {max(seconds):.1f} s."
    for look in _LOOKS[kind]:
        gaps = [gap for run in runs if (gap := run.gap(look, final_bound=True)) is not None]
        close = sum(gap <= 1 for gap in gaps)
        said += f" At {look:.0f} s the plan was within 1 % of the last bound in {close} of {len(runs)}"
        said += f", median {statistics.median(gaps):.2f} %, worst {max(gaps):.2f} %." if gaps else "."
    return [said]


def _head(seeds: int) -> list[str]:
    return [
        "# The solver, measured",
        "",
        f"Written by `python -m routing bench`; {machine()}; {_WORKERS} workers; seeds 1 to {seeds}.",
        "Gap = (cost - bound) / metres of the plan. Others: cost of their plan above ours, in per cent of our metres,",
        "and what they leave unserved, after what breaks a rule they could not be told is taken out; on the plain set,",
        "for the first seeds.",
    ]


def _columns(kind: str, others: Iterable[str]) -> list[str]:
    names = ["season", "status", "cost", "bound", "gap", "seconds", "within 1 %"]
    names += [f"gap at {seconds:.0f} s" for seconds in _LOOKS[kind]]
    names += [f"{name}, {_PEER_SECONDS[kind]:.0f} s" for name in others]
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


def _told(peer: Callable[[Season, float], Plan | None]) -> Peer:
    """The peer in a process of its own, so that one that does not come back can be ended."""

    def solved(_: dict[str, Any], season: Season, seconds: float) -> Plan | None:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            try:
                return pool.apply_async(peer, (season, seconds)).get(_PATIENCE * seconds)
            except multiprocessing.TimeoutError:
                return None

    return solved


def program(command: str) -> Peer:
    """Another program as a peer: its plan priced by us, or None where it writes none in time that can be read."""

    def solved(file: dict[str, Any], season: Season, seconds: float) -> Plan | None:
        with tempfile.TemporaryDirectory() as folder:
            path, out = Path(folder) / "season.json", Path(folder) / "plan.json"
            path.write_text(json.dumps(file), encoding="utf-8")
            named = {"{season}": str(path), "{plan}": str(out), "{seconds}": f"{seconds:g}"}
            words = [named.get(word, word) for word in shlex.split(command)]
            try:
                subprocess.run(  # noqa: S603 - the caller's own command
                    words, check=False, capture_output=True, timeout=_PATIENCE * seconds
                )
                plan = parse_plan(load_json(out, PlanError))
            except (OSError, PlanError, subprocess.TimeoutExpired):
                return None
        scene = Scene(Ground(season), plan.evenings)
        unserved = tuple(Unserved(name, count) for name, count in missing(scene).items())
        return replace(plan, cost=cost_of(scene), unserved=unserved)

    return solved


def _peer(peer: Peer, file: dict[str, Any], season: Season, kind: str, run: Run) -> str:
    plan = peer(file, season, _PEER_SECONDS[kind])
    if plan is None or plan.cost is None or run.plan.cost is None or not run.plan.metres:
        return "no plan"
    if faults := check(season, plan):
        return f"breaks {faults[0].rule}"
    above = 100 * (plan.cost - run.plan.cost) / run.plan.metres
    proved = f", {plan.status} in {plan.seconds_to_plan:.0f} s" if plan.bound is not None else ""
    return f"{above:+.2f} %, {sum(item.missing for item in plan.unserved)} unserved{proved}"


def _replanned(season: Season) -> str:
    again = replan(season, Limits(_REPLAN_SECONDS, workers=_WORKERS))
    said = "; ".join(f"{item.name} {item.value}{' proved' if item.proved else ''}" for item in again.stages)
    return f"\nReplan of {season.name} in {again.plan.seconds_to_plan:.1f} s: {said}."
