"""The command line: `python -m routing solve | replan | check | explain | bench | compile`.

Exit codes: 0 done, 1 the answer is no, 2 the call or the file is wrong. Errors are one line on standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import math
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from .check import check
from .errors import FormatError, PlanError, SeasonError
from .explain import explain
from .io import load_json, parse_plan, parse_season
from .meter import meter
from .plan import FEASIBLE, OPTIMAL, Limits, Plan
from .replan import replan
from .rules import ENGLISH, FRENCH
from .season import Season
from .solve import solve
from .write import write_plan

DONE, NO, WRONG = 0, 1, 2
_DEFAULT_SECONDS = 60.0
_TABLE, _COUNTRY = Path("benchmarks/solver.md"), Path("benchmarks/country.md")
_INSTANCE_SECONDS, _COUNTRY_SECONDS = 30.0, 300.0
_EVERY_DAY, _LONG_TABLE = "E", Path("benchmarks/long.md")
_COMMUNES = Path("guinguette/data/communes.csv.gz")  # seen from the root of the project


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a call in one line; the usage is there for who asks for --help."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG, f"{self.prog}: {message}\n")


def _arguments() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m routing", description="Solve, check and explain seasons.", allow_abbrev=False)
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="solve | replan | check | explain | bench | compile"
    )
    searches = (
        ("solve", "find a plan for a season"),
        ("replan", "plan anew with the least change to the season's baseline"),
    )
    for name, does in searches:
        one = commands.add_parser(name, help=does, allow_abbrev=False)
        one.add_argument("season", type=Path, metavar="SEASON")
        one.add_argument("--out", type=Path, required=True, metavar="PLAN")
        one.add_argument(
            "--time-limit", type=float, metavar="S", help=f"seconds ({_DEFAULT_SECONDS:g}; none with --iterations)"
        )
        one.add_argument("--iterations", type=int, metavar="N", help="rounds of the search, for repeatable plans")
        one.add_argument("--seed", type=int, default=1, metavar="N")
        one.add_argument("--workers", type=int, default=1, metavar="N")
        one.add_argument("--progress", choices=["json"], help="one JSON object a line on standard error")
    for name, does in (("check", "hold a plan against its season"), ("explain", "say why wishes are not served")):
        one = commands.add_parser(name, help=does, allow_abbrev=False)
        one.add_argument("season", type=Path, metavar="SEASON")
        one.add_argument("plan", type=Path, metavar="PLAN")
    one.add_argument("--language", choices=[FRENCH, ENGLISH], default=FRENCH)
    one = commands.add_parser("bench", help="solve the benchmark's seasons, or a folder's", allow_abbrev=False)
    one.add_argument(
        "folders",
        type=Path,
        nargs="*",
        metavar="DIR",
        help="folders of TSPLIB and CVRPLIB files, to print the distance to best-known values (.sol) of",
    )
    one.add_argument(
        "--country", action="store_true", help=f"season L and the files of each DIR, written to {_COUNTRY}"
    )
    one.add_argument(
        "--seconds",
        type=float,
        metavar="S",
        help=f"for each file of DIR ({_INSTANCE_SECONDS:g}) and each season L ({_COUNTRY_SECONDS:g})",
    )
    one.add_argument("--communes", type=Path, default=_COMMUNES, metavar="CSV", help=f"table of communes ({_COMMUNES})")
    one.add_argument(
        "--out", type=Path, metavar="FILE", help=f"where the table goes ({_TABLE}, {_COUNTRY}, {_LONG_TABLE})"
    )
    one.add_argument("--kinds", nargs="+", choices=["S", "M", _EVERY_DAY], default=["S", "M"])
    one.add_argument("--seeds", type=int, metavar="N", help="seasons of each set (10; L: 3), runs of each file (3)")
    one.add_argument("--no-peers", action="store_true", help="no other engine")
    one.add_argument(
        "--beside",
        nargs="+",
        default=[],
        metavar="NAME=COMMAND",
        help="other programs for the same files, called with {season} {plan} {seconds}",
    )
    commands.add_parser("compile", help="compile the engines now rather than at the first plan", allow_abbrev=False)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    started = time.monotonic()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # ids hold any letter, terminals do not
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        call = _arguments().parse_args(arguments)
    except SystemExit as leaving:  # argparse has said why
        return int(leaving.code or 0)
    try:
        commands = {
            "solve": _solve,
            "replan": _solve,
            "check": _check,
            "explain": _explain,
            "bench": _bench,
            "compile": _compile,
        }
        return commands[call.command](call, started)
    except _WrongError as wrong:
        return _say(wrong)
    except KeyboardInterrupt:
        return _say("interrupted")
    except (BrokenPipeError, MemoryError, RecursionError) as error:
        return _say(f"gave up: {type(error).__name__}")


def _say(what: object) -> int:
    sys.stderr.write(f"python -m routing: {_line(what)}")
    return WRONG


def _line(what: object) -> str:
    """On one line: ids hold line breaks too."""
    return " ".join(str(what).splitlines()) + "\n"


class _WrongError(Exception):
    """The call or a file is wrong; the text is the one line to say."""


@contextlib.contextmanager
def _file(path: Path) -> Iterator[None]:
    try:
        yield
    except FormatError as error:
        raise _WrongError(f"{path}: {error}") from None
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        raise _WrongError(f"{path}: {getattr(error, 'strerror', None) or error}") from None


def _season(path: Path) -> Season:
    with _file(path):
        return parse_season(load_json(path, SeasonError))


def _plan(path: Path) -> Plan:
    with _file(path):
        return parse_plan(load_json(path, PlanError))


def _writable(path: Path) -> None:
    """Say at once, before anything is measured or planned, that the result could not be written."""
    with _file(path):
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise _WrongError(f"{path}: is not a file that can be written")


def _solve(call: argparse.Namespace, started: float) -> int:
    endless = math.inf if call.iterations is not None else _DEFAULT_SECONDS
    try:
        limits = Limits(
            seconds=endless if call.time_limit is None else call.time_limit,
            iterations=call.iterations,
            workers=call.workers,
            seed=call.seed,
        )
    except ValueError as error:
        raise _WrongError(error) from None
    _writable(call.out)
    with _stopping() as should_stop:
        season = _season(call.season)
        with meter(as_json=call.progress == "json") as progress:
            if call.command == "replan":
                again = replan(season, limits, progress, should_stop=should_stop, started=started)
                plan = again.plan
                said = [f"{item.name} {item.value}{' proved' if item.proved else ''}\n" for item in again.stages]
                sys.stdout.write("".join(said))
            else:
                plan = solve(season, limits, progress, should_stop=should_stop, started=started)
    with _file(call.out):
        write_plan(plan, call.out)
    return DONE if plan.status in (OPTIMAL, FEASIBLE) else NO


class _Flag:
    """Becomes true at the first SIGINT or SIGTERM: the best plan so far is then written."""

    def __init__(self) -> None:
        self.raised = False

    def __call__(self) -> bool:
        return self.raised


@contextlib.contextmanager
def _stopping() -> Iterator[_Flag]:
    flag = _Flag()

    def stop(number: int, frame: FrameType | None) -> None:
        flag.raised = True

    before = {}
    with contextlib.suppress(ValueError):  # signals belong to the main thread
        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield flag
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _check(call: argparse.Namespace, _: float) -> int:
    season, plan = _season(call.season), _plan(call.plan)
    faults = check(season, plan)
    for fault in faults:
        sys.stdout.write(_line(f"{fault.rule}: {fault.said(ENGLISH)}"))
    return NO if faults else DONE


def _explain(call: argparse.Namespace, _: float) -> int:
    season, plan = _season(call.season), _plan(call.plan)
    if plan.status not in (OPTIMAL, FEASIBLE):
        for conflict in plan.conflicts:
            sys.stdout.write(_line(f"{conflict.rule} {conflict.detail}: {conflict.sentence}"))
        return DONE if plan.conflicts else NO
    for found in check(season, plan):
        raise _WrongError(f"{call.plan}: {found.rule}: {found.said(ENGLISH)}")
    for item in explain(season, plan, language=call.language):
        for reason in item.reasons:
            why = f"{reason.rule} {reason.detail}: {reason.sentence}"
            sys.stdout.write(_line(f"{item.commune} ({item.missing}) {why}"))
    return DONE


def _bench(call: argparse.Namespace, _: float) -> int:
    if _EVERY_DAY in call.kinds:
        return _long(call)
    if call.folders or call.country:
        return _league(call)
    from .bench.run import bench  # noqa: PLC0415 - only here are the engines needed at once

    beside = dict(item.split("=", 1) for item in call.beside if "=" in item)
    if len(beside) != len(call.beside):
        raise _WrongError("--beside: must be NAME=COMMAND, each name once")
    out = call.out or _TABLE
    with _file(call.communes):
        call.communes.open("rb").close()
    with _file(out):
        seeds = 10 if call.seeds is None else call.seeds
        bench(call.communes, out, kinds=call.kinds, seeds=seeds, peers=not call.no_peers, beside=beside)
    return DONE


def _long(call: argparse.Namespace) -> int:
    from .bench.long import long  # noqa: PLC0415 - as above

    seeds = 3 if call.seeds is None else call.seeds
    seconds = _INSTANCE_SECONDS if call.seconds is None else call.seconds
    if call.kinds != [_EVERY_DAY] or call.country or seeds < 1 or not 0 < seconds < math.inf:
        raise _WrongError("bench: E goes alone; --seconds must be above 0 and --seeds at least 1")
    _instances(call.folders)
    with _file(call.communes):
        call.communes.open("rb").close()
    out = call.out or _LONG_TABLE
    _writable(out)
    with _file(out):
        long(call.communes, call.folders, out, seconds=seconds, seeds=seeds)
    return DONE


def _instances(folders: Sequence[Path]) -> None:
    """Say at once that these folders cannot be read."""
    if folders and importlib.util.find_spec("vrplib") is None:
        raise _WrongError("bench: vrplib is not installed (pip install guinguette-mobile[peers])")
    for folder in folders:
        with _file(folder):
            next(folder.iterdir(), None)


def _league(call: argparse.Namespace) -> int:
    from .bench.country import country  # noqa: PLC0415 - as above
    from .bench.league import league  # noqa: PLC0415

    seeds = 3 if call.seeds is None else call.seeds
    seconds = _INSTANCE_SECONDS if call.seconds is None else call.seconds
    if seeds < 1 or not 0 < seconds < math.inf:
        raise _WrongError("bench: --seconds must be above 0 and --seeds at least 1")
    if call.out is not None and not call.country:
        raise _WrongError("bench: --out goes with --country, the table of DIR alone is printed")
    _instances(call.folders)
    if not call.country:
        league(call.folders, seconds=seconds, seeds=seeds, peers=not call.no_peers)
        return DONE
    out = call.out or _COUNTRY
    with _file(call.communes):
        call.communes.open("rb").close()
    _writable(out)
    with _file(out):
        country(
            call.communes,
            call.folders,
            out,
            seconds=_COUNTRY_SECONDS if call.seconds is None else call.seconds,
            instance_seconds=seconds,
            seeds=seeds,
            peers=not call.no_peers,
        )
    return DONE


def _compile(_: argparse.Namespace, __: float) -> int:
    from .engines.warm import warm  # noqa: PLC0415 - it loads the compiler

    sys.stdout.write(f"compiled in {warm():.0f} s\n")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
