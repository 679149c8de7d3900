"""The command line: exit codes, one line per error, what is written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from routing.__main__ import main

from .seasons import day, season


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of one call."""
    code = main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A season file, and where its plan goes."""
    path = tmp_path / "season.json"
    path.write_text(json.dumps(season(communes=3, dates=2)), encoding="utf-8")
    return path, tmp_path / "plan.json"


def test_solve_check_explain(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """The whole way: 0, 0, 0, and a reason for the one who is left out."""
    assert call(capsys, "solve", files[0], "--out", files[1], "--iterations", 10) == (0, "", "")
    assert call(capsys, "check", *files) == (0, "", "")
    code, out, _ = call(capsys, "explain", *files, "--language", "en")
    assert code == 0
    assert "one_per_vehicle" in out


def test_check_says_what_is_wrong(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """One line a fault, exit 1."""
    call(capsys, "solve", files[0], "--out", files[1], "--iterations", 10)
    plan: dict[str, Any] = json.loads(files[1].read_text(encoding="utf-8"))
    plan["evenings"][0]["date"] = plan["evenings"][1]["date"]
    files[1].write_text(json.dumps(plan), encoding="utf-8")
    code, out, err = call(capsys, "check", *files)
    assert (code, err) == (1, "")
    assert out.splitlines()[0].startswith("one_per_vehicle: ")


def test_infeasible_is_written_and_exits_1(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """The plan file says so; check has nothing to add."""
    value = season(locked=[{"commune": "c0", "date": day(77)}])
    files[0].write_text(json.dumps(value), encoding="utf-8")
    assert call(capsys, "solve", files[0], "--out", files[1])[0] == 1
    plan = json.loads(files[1].read_text(encoding="utf-8"))
    assert (plan["status"], plan["evenings"], plan["cost"]) == ("infeasible", [], None)
    assert call(capsys, "check", *files)[0] == 0
    assert call(capsys, "explain", *files)[1].startswith("locked")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required"),
        (["solve", "missing.json", "--out", "plan.json"], "missing.json: No such file"),
        (["solve", ".", "--out", "plan.json"], "directory"),
        (["solve", "SEASON"], "--out"),
        (["solve", "SEASON", "--out", "no/where/plan.json"], "cannot be written|file that can be written"),
        (["solve", "SEASON", "--out", "plan.json", "--time-limit", "nan"], "seconds"),
        (["solve", "SEASON", "--out", "plan.json", "--seed", "-1"], "seed"),
        (["solve", "SEASON", "--out", "plan.json", "--workers", "0"], "workers"),
        (["bench", "--communes", "SEASON", "--beside", "no command"], "NAME=COMMAND"),
        (["check", "SEASON", "SEASON"], "unknown key|format|missing"),
    ],
)
def test_wrong_calls(
    arguments: list[str],
    said: str,
    files: tuple[Path, Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit 2 and one line on standard error."""
    monkeypatch.chdir(files[0].parent)
    code, out, err = call(capsys, *[str(files[0]) if word == "SEASON" else word for word in arguments])
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert any(part in err for part in said.split("|"))


def test_json_progress(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """One object a line, on standard error."""
    _, _, err = call(capsys, "solve", files[0], "--out", files[1], "--iterations", 10, "--progress", "json")
    lines = [json.loads(line) for line in err.splitlines()]
    assert lines
    assert all(line.keys() == {"seconds", "phase", "cost", "bound"} for line in lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_keeps_the_best_so_far(number: int, tmp_path: Path) -> None:
    """An interrupted solve writes its plan and exits 0."""
    path, out = tmp_path / "season.json", tmp_path / "plan.json"
    path.write_text(json.dumps(season(communes=30, dates=60, vehicles=2)), encoding="utf-8")
    command = [sys.executable, "-m", "routing", "solve", str(path), "--out", str(out), "--progress", "json"]
    with subprocess.Popen(
        [*command, "--time-limit", "600"], stderr=subprocess.PIPE, env=os.environ, text=True
    ) as process:
        assert process.stderr is not None
        while '"cost": null' in process.stderr.readline():
            pass
        time.sleep(0.5)
        process.send_signal(number)
        process.stderr.read()
        assert process.wait(30) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["status"] in ("feasible", "optimal")
