"""A country in one plan: the seasons of the kind L, measured from their file to a plan that is checked.

What is measured is the command, in a process of its own: reading the season with its matrix counts, and its memory is
that of all its processes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from routing.check import check
from routing.engines.warm import warm
from routing.errors import PlanError, SeasonError
from routing.ground import Ground
from routing.io import load_json, parse_plan, parse_season
from routing.plan import Plan, Progress

from . import league
from .page import Table, digest, fill, machine
from .rivals import installed
from .run import Run
from .seasons import LARGE, Kind, communes_of, season_of

_WORKERS = 2
_BETWEEN_SAMPLES = 0.5  # seconds
_GIB = 2**30
# what we mean to reach: per cent of the metres, bytes, seconds to read and to check
_GAP, _MEMORY, _READING, _CHECKING = 5.0, 4 * _GIB, 5.0, 3.0


def country(
    communes: Path,
    folders: Sequence[Path],
    out: Path,
    *,
    seconds: float,
    instance_seconds: float,
    seeds: int,
    peers: bool,
    kind: Kind = LARGE,
) -> None:
    """Write the page to `out`, row by row; rows that it has already, of the same solver and seconds, are kept.

    Raises OSError.
    """
    warm()
    tables = [_seasons(communes, kind, seconds, seeds)]
    if folders:
        race = league.Race(instance_seconds, range(1, seeds + 1), installed() if peers else {})
        tables.append(league.table(folders, race))
    fill(
        "# A country in one plan, and public instances\n\nWritten by `python -m routing bench --country DIR`.",
        tables,
        out,
    )


def _looks(seconds: float) -> list[float]:
    return [seconds / 5, 2 * seconds / 5]


def _seasons(communes: Path, kind: Kind, seconds: float, seeds: int) -> Table:
    rows = communes_of(communes, kind)
    reach = f"{_GAP:g} %, {_MEMORY / _GIB:g} GiB, {_READING:g} s and {_CHECKING:g} s"
    head = [
        f"## {kind.name}: {kind.communes:,} communes, {seconds:g} s",
        "",
        f"{machine()}; {_WORKERS} workers; routing {digest()}.",
        "`python -m routing solve` on the season with its matrix, in a process of its own, reading and reasons",
        "within the time. Gap = (cost - bound) / metres of the plan. CPU s: of all its processes, what the machine",
        "really gave. Memory: the most that they held at once, pages that they share counted once.",
        "Reading: the file, the season, its distances. Checking: its plan against the rules.",
        "The command: `python -m routing check`, which does both.",
        f"The reach is met with a gap, memory, reading and checking of at most {reach}.",
    ]
    columns = [
        "season",
        "status",
        "cost",
        "bound",
        *(f"gap at {look:g} s" for look in _looks(seconds)),
        "gap",
        "metres",
    ]
    columns += ["unserved", "seconds", "CPU s", "memory", "reading", "checking", "the command", "reach"]
    return Table(
        head,
        columns,
        {f"{kind.name}-plain-{seed}": partial(_row, kind, rows, seed, seconds) for seed in range(1, seeds + 1)},
    )


def _row(kind: Kind, rows: list[dict[str, str]], seed: int, seconds: float) -> list[str]:
    file = season_of(kind, rows, seed=seed)
    file["travel"] = {"kind": "matrix", "metres": Ground(parse_season(file)).metres.tolist()}
    with tempfile.TemporaryDirectory() as folder:
        season, plan = Path(folder) / "season.json", Path(folder) / "plan.json"
        season.write_text(json.dumps(file), encoding="utf-8")
        seen, cpu, memory = _solved(season, plan, seconds)
        return _measured(season, plan, seen, cpu, memory, _looks(seconds))


def _solved(season: Path, plan: Path, seconds: float) -> tuple[list[Progress], float, int]:
    """Run the command: its progress, the processor seconds and the most bytes of all its processes."""
    command = [sys.executable, "-m", "routing", "solve", str(season), "--out", str(plan)]
    command += ["--time-limit", f"{seconds:g}", "--workers", f"{_WORKERS}", "--progress", "json"]
    before, seen, most = os.times(), list[Progress](), [0]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        ended = threading.Event()

        def sample() -> None:
            while not ended.wait(_BETWEEN_SAMPLES):
                most[0] = max(most[0], memory_of(process.pid))

        sampling = threading.Thread(target=sample)
        sampling.start()
        try:
            for line in process.stderr or ():
                if line.startswith("{"):
                    state: dict[str, Any] = json.loads(line)
                    seen.append(Progress(state["seconds"], state["cost"], state["bound"], state["phase"]))
                else:
                    sys.stderr.write(line)
        finally:
            ended.set()
            sampling.join()
    if process.returncode not in (0, 1):
        raise AssertionError(f"{season}: solve ended with {process.returncode}")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return seen, cpu, most[0]


def memory_of(process: int) -> int:
    """Bytes that a process and its descendants hold; of pages that several share, each has its part (Linux's PSS)."""
    total, waiting = 0, [process]
    while waiting:
        folder = Path("/proc", str(waiting.pop()))
        try:
            held = (folder / "smaps_rollup").read_text(encoding="ascii").splitlines()
            total += sum(1024 * int(line.split()[1]) for line in held if line.startswith("Pss:"))
            waiting += [int(child) for path in folder.glob("task/*/children") for child in path.read_text().split()]
        except OSError:  # it has ended meanwhile
            continue
    return total


def _measured(
    season_file: Path, plan_file: Path, seen: list[Progress], cpu: float, memory: int, looks: list[float]
) -> list[str]:
    """The cells of a season's row. Raises AssertionError where the plan breaks a rule."""
    begun = time.monotonic()
    season = parse_season(load_json(season_file, SeasonError))
    Ground(season)
    reading = time.monotonic() - begun
    plan: Plan = parse_plan(load_json(plan_file, PlanError))
    begun = time.monotonic()
    faults = check(season, plan)
    checking = time.monotonic() - begun
    for fault in faults:
        raise AssertionError(f"{season.name}: {fault.said('en')}")
    begun = time.monotonic()
    command = [sys.executable, "-m", "routing", "check", str(season_file), str(plan_file)]
    subprocess.run(command, check=True)  # noqa: S603 - our own command
    whole = time.monotonic() - begun
    run = Run(season.name, plan, seen)
    gaps = [*(run.gap(look) for look in looks), run.gap(plan.seconds_to_plan + 1)]
    reach = {
        "gap": gaps[-1] is not None and gaps[-1] <= _GAP,
        "memory": memory <= _MEMORY,
        "reading": reading <= _READING,
        "checking": checking <= _CHECKING,
    }
    missed = ", ".join(name for name, kept in reach.items() if not kept)
    return [
        plan.status,
        *("" if value is None else f"{value:,}" for value in (plan.cost, plan.bound)),
        *("" if gap is None else f"{gap:.2f} %" for gap in gaps),
        "" if plan.metres is None else f"{plan.metres:,}",
        f"{sum(item.missing for item in plan.unserved)}",
        f"{plan.seconds_to_plan:.1f}",
        f"{cpu:.0f}",
        f"{memory / _GIB:.2f} GiB",
        f"{reading:.1f} s",
        f"{checking:.1f} s",
        f"{whole:.1f} s",
        f"missed: {missed}" if missed else "met",
    ]
