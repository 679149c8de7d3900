"""Seasons that nobody should write, but somebody will: a plan that holds, a contradiction, or one line."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import routing
from routing.__main__ import main

from .seasons import day, season

UGLY = [
    "🎪👩‍🚀🇫🇷",
    "قرية",
    "e\u0301té",
    "a\"b'c\n\t\u0000{x}",
    "\u202eabc\u202c",
    " ",
    "",
    "%s {} \\ud800",
    "名前",
    "\u2028\ufeff",
]


def _many(communes: int, dates: int, vehicles: int, **changes: Any) -> dict[str, Any]:
    """A season of communes around Vitry-le-François, by great circle."""
    value = season(communes=communes, dates=dates, vehicles=vehicles, **changes)
    for k, place in enumerate(value["locations"]):
        place.update(lat=48.7 + (k * 37 % 101) / 100, lon=4.6 + (k * 61 % 89) / 100)
    return value | {"travel": {"kind": "great_circle", "detour": 1.3}}


def _changed(value: dict[str, Any], places: dict[str, Any]) -> dict[str, Any]:
    """The season with `list` -> fields set in each of its items."""
    for name, fields in places.items():
        for item in value[name]:
            item.update(fields)
    return value


def _ugly(**changes: Any) -> dict[str, Any]:
    """Every id of the season is one that some program would stumble over."""
    value = season(communes=len(UGLY), dates=6)
    for name, commune, place in zip(UGLY, value["communes"], value["locations"][1:], strict=True):
        commune.update(id=name, location="L" + name)
        place["id"] = "L" + name
    value["locations"][0]["id"] = "\u0301"
    value["vehicles"] = [{"id": "🚚\n{v}", "depot": "\u0301", "equipment": ["\u202e"]}]
    value["communes"][0]["needs"], value["communes"][1]["needs"] = ["\u202e"], ["{n}"]
    value["quotas"] = [{"id": "{q}\n", "communes": UGLY, "max": 4}]
    return value | {"name": "{x}\n🎉"} | changes


_HUGE = 10**12
SERVED = {  # seasons that have a plan
    "one commune": lambda: season(communes=1),
    "no commune": lambda: season(communes=0),
    "no vehicle": lambda: season(vehicles=0),
    "no date": lambda: season(dates=0),
    "nothing at all": lambda: season(communes=0, dates=0, vehicles=0),
    "no open date": lambda: _changed(season(communes=3), {"communes": {"availability": {}}}),
    "open on other dates only": lambda: _changed(season(), {"communes": {"availability": {day(99): "yes"}}}),
    "no vehicle for a need": lambda: _changed(season(communes=3), {"communes": {"needs": ["scène"]}}),
    "no vehicle allowed": lambda: _changed(season(communes=3), {"communes": {"vehicles": []}}),
    "vehicles never run": lambda: _changed(season(vehicles=2), {"vehicles": {"dates": []}}),
    "a depot at the other end of the world": lambda: (
        _many(5, 6, 1) | {"locations": [{"id": "d", "lat": -48.7, "lon": -175.4}, *_many(5, 6, 1)["locations"][1:]]}
    ),
    "a depot that no leg may reach": lambda: _changed(_many(5, 6, 2), {"vehicles": {"max_leg_metres": 1}}),
    "all distances 0": lambda: season(communes=3, travel={"kind": "matrix", "metres": [[0] * 4] * 4}),
    "everything in one place": lambda: _changed(_many(6, 6, 2), {"locations": {"lat": 48.7, "lon": 4.6}}),
    "neighbours everywhere": lambda: _many(6, 9, 2, separation={"metres": _HUGE, "days": _HUGE}),
    "largest limits": lambda: _changed(
        season(communes=3, dates=5, quotas=[{"id": "q", "communes": ["c0"], "max": _HUGE}]),
        {
            "communes": {"evenings": _HUGE, "min_days_between": 2},
            "vehicles": dict.fromkeys(
                ["nights_out", "max_leg_metres", "max_evenings_per_week", "max_days_in_row"], _HUGE
            ),
        },
    ),
    "largest prices": lambda: _changed(
        season(communes=3, dates=4, costs=dict.fromkeys(["no_evening", "missing", "if_need_be", "moved"], _HUGE)),
        {"communes": {"priority": 100, "evenings": _HUGE}},
    ),
    "largest distances": lambda: season(
        communes=2, travel={"kind": "matrix", "metres": [[0 if a == b else _HUGE for a in range(3)] for b in range(3)]}
    ),
    "first and last days of the calendar": lambda: (
        season(dates=0, communes=3, baseline=[{"commune": "gone", "date": "9999-12-31"}])
        | {"dates": ["0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31"]}
    ),
    "any ids": _ugly,
}
CONTRADICTED = {  # and seasons that have none
    "two locks, one vehicle": lambda: season(locked=[{"commune": f"c{k}", "date": day(0)} for k in range(2)]),
    "a lock outside the dates": lambda: season(locked=[{"commune": "c0", "date": day(77)}]),
    "a lock without vehicles": lambda: season(vehicles=0, locked=[{"commune": "c0", "date": day(0)}]),
    "a lock on a closed date": lambda: _changed(
        season(communes=1, locked=[{"commune": "c0", "date": day(0)}]), {"communes": {"availability": {}}}
    ),
    "a lock without what it needs": lambda: _changed(
        season(communes=1, locked=[{"commune": "c0", "date": day(0)}]), {"communes": {"needs": ["scène"]}}
    ),
    "a lock out of reach": lambda: _changed(
        season(communes=1, locked=[{"commune": "c0", "date": day(0)}]), {"vehicles": {"max_leg_metres": 1}}
    ),
    "the same lock on two vehicles": lambda: season(
        vehicles=2, locked=[{"commune": "c0", "date": day(0), "vehicle": f"v{k}"} for k in range(2)]
    ),
    "locks with any ids": lambda: _ugly(locked=[{"commune": UGLY[k], "date": day(0)} for k in (0, 3)]),
}


def _said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, captured.out, captured.err


@pytest.mark.parametrize("command", ["solve", "replan"])
@pytest.mark.parametrize("name", SERVED)
def test_a_plan_that_holds(name: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is solved, checked and explained by the commands, within a second each."""
    path, out = tmp_path / "season.json", tmp_path / "plan.json"
    path.write_text(json.dumps(SERVED[name]()), encoding="utf-8")
    begun = time.monotonic()
    assert _said(capsys, command, path, "--out", out, "--time-limit", 1)[::2] == (0, "")
    assert time.monotonic() - begun < 3  # a busy machine's second
    assert _said(capsys, "check", path, out) == (0, "", "")
    code, said, wrong = _said(capsys, "explain", path, out)
    assert (code, wrong) == (0, "")
    assert bool(said) == bool(json.loads(out.read_text(encoding="utf-8"))["unserved"])


@pytest.mark.parametrize("command", ["solve", "replan"])
@pytest.mark.parametrize("name", CONTRADICTED)
def test_a_contradiction(name: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is answered with the lock, and what is in its way."""
    path, out = tmp_path / "season.json", tmp_path / "plan.json"
    path.write_text(json.dumps(CONTRADICTED[name]()), encoding="utf-8")
    assert _said(capsys, command, path, "--out", out, "--time-limit", 1)[::2] == (1, "")
    plan = json.loads(out.read_text(encoding="utf-8"))
    assert plan["status"] == "infeasible"
    assert plan["conflicts"][0]["rule"] == "locked"
    assert _said(capsys, "check", path, out) == (0, "", "")
    code, said, wrong = _said(capsys, "explain", path, out)
    assert (code, wrong) == (0, "")
    assert said.startswith("locked ")


@pytest.mark.parametrize("changes", [{}, {"locked": [{"commune": UGLY[3], "date": day(1)}], "travel": {"kind": "?"}}])
@pytest.mark.parametrize("name", ["\x00", "a\nb", "🎪", "\u202e", ""])
def test_wrong_files_say_one_line(
    name: str, changes: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever an unknown id or key holds, the message is one line with its place."""
    value = _ugly(**{"locked": [{"commune": "no such " + name, "date": day(0)}], **changes})
    value["communes"][0][name + "key"] = 1
    path = tmp_path / "season.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    for command in (["solve", path, "--out", tmp_path / "plan.json"], ["check", path, path], ["explain", path, path]):
        code, out, err = _said(capsys, *command)
        assert (code, out) == (2, "")
        assert len(err.splitlines()) == 1
        assert ": communes[0]" in err or ": travel" in err


def test_lines_stay_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An id with a line break in it makes no second line of what the commands print."""
    path, out = tmp_path / "season.json", tmp_path / "plan.json"
    path.write_text(json.dumps(_ugly()), encoding="utf-8")
    _said(capsys, "solve", path, "--out", out, "--iterations", 5)
    plan = json.loads(out.read_text(encoding="utf-8"))
    rules = {reason["rule"] for item in plan["unserved"] for reason in item["reasons"]}
    said = _said(capsys, "explain", path, out)[1].splitlines()
    assert len(said) >= len(plan["unserved"])
    assert all(any(f") {rule} " in line for rule in rules | {"cost"}) for line in said)
    plan["evenings"] = plan["evenings"][:-1]
    out.write_text(json.dumps(plan), encoding="utf-8")
    code, faults, _ = _said(capsys, "check", path, out)
    assert code == 1
    assert all(line.split(":")[0].isidentifier() for line in faults.splitlines())


def test_two_thousand_dates() -> None:
    """Forty communes on 2,000 dates: a valid plan within the second, and every wish served."""
    parsed = routing.parse_season(_many(40, 2_000, 3))
    begun = time.monotonic()
    plan = routing.solve(parsed, routing.Limits(1.0))
    assert time.monotonic() - begun < 3  # a busy machine's second
    assert not routing.check(parsed, plan)
    assert len(plan.evenings) == 40


@pytest.mark.parametrize("value", [season(), _many(40, 2_000, 3)], ids=["two communes", "2,000 dates"])
def test_a_second_in_a_new_process(value: dict[str, Any], tmp_path: Path) -> None:
    """The plan is written within the limit, loading included, give or take what a busy machine takes."""
    path, out = tmp_path / "season.json", tmp_path / "plan.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    command = [sys.executable, "-m", "routing", "solve", str(path), "--out", str(out), "--time-limit", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    plan = json.loads(out.read_text(encoding="utf-8"))
    assert plan["seconds_to_plan"] < 5
    assert not routing.check(routing.parse_season(value), routing.parse_plan(plan))


@pytest.mark.parametrize("iterations", [0, 40])
def test_the_same_bytes_with_unserved_wishes(iterations: int) -> None:
    """Reasons included, the answer depends on season, seed and iterations alone."""
    value = _many(
        14, 9, 2, separation={"metres": 20_000, "days": 3}, quotas=[{"id": "q", "communes": ["c3"], "max": 0}]
    )
    value["communes"][5]["needs"] = ["scène"]
    parsed = routing.parse_season(_changed(value, {"vehicles": {"max_evenings_per_week": 3}}))
    limits = routing.Limits(math.inf, iterations=iterations, seed=7)
    one, two = (routing.plan_to_dict(routing.solve(parsed, limits)) for _ in range(2))
    assert one["unserved"]
    assert json.dumps(one | {"seconds_to_plan": 0}) == json.dumps(two | {"seconds_to_plan": 0})
