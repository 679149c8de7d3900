"""The page of the country's season and of public instances: written row by row, and taken up again."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from routing.bench import country as module
from routing.bench.country import country, memory_of
from routing.bench.page import Table, digest, fill
from routing.bench.seasons import SMALL

_HELD = 50_000_000


def _table(*names: str, head: str = "## Five", fails: str = "") -> Table:
    """A table whose rows say their name twice; the job named by `fails` does not come back."""

    def job(name: str) -> list[str]:
        if name == fails:
            raise KeyboardInterrupt
        return [name]

    return Table([head], ["name", "again"], {name: lambda name=name: job(name) for name in names}, ["below"])


def test_a_page_is_written_row_by_row_and_taken_up_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What an interrupted run has written is on the page and not made again; nothing else is."""
    out = tmp_path / "page.md"
    with pytest.raises(KeyboardInterrupt):
        fill("# Page", [_table("a", "b", "c", fails="b"), _table("a", head="## Six")], out)
    assert "| a | a |" in out.read_text(encoding="utf-8")
    fill("# Page", [_table("a", "b", "c", fails="a"), _table("a", head="## Six")], out)
    page = out.read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line] == [
        *("# Page", "## Five", "| name | again |", "|---|---|", "| a | a |", "| b | b |", "| c | c |", "below"),
        *("## Six", "| name | again |", "|---|---|", "| a | a |", "below"),
    ]
    capsys.readouterr()
    fill("# Page", [_table("a", "b", "c", fails="a"), _table("a", head="## Six", fails="a")], out)
    assert capsys.readouterr().out == page == out.read_text(encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        fill("# Page", [_table("a", head="## Seven", fails="a")], out)


def test_the_digest_changes_with_the_solver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of another solver are not taken over; the benchmark's own sources are not the solver's."""
    monkeypatch.setattr("routing.bench.page._SOLVER", tmp_path)
    (tmp_path / "bench").mkdir()
    (tmp_path / "solve.py").write_text("1", encoding="utf-8")
    before = digest()
    (tmp_path / "bench" / "page.py").write_text("2", encoding="utf-8")
    assert digest() == before
    (tmp_path / "solve.py").write_text("2", encoding="utf-8")
    assert digest() != before


def test_memory_is_that_of_all_processes() -> None:
    """A child that holds so much counts for who started it; one that has ended holds nothing."""
    code = f"held = b'1' * {_HELD}; print(flush=True); input()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert memory_of(process.pid) > _HELD
        process.communicate("\n")
    assert memory_of(process.pid) == 0


def test_a_season_from_its_file_to_a_checked_plan(tmp_path: Path, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command solves it within the time; the row says what was reached, and what was missed."""
    monkeypatch.setattr(module, "_READING", -1.0)
    out, kind = tmp_path / "country.md", replace(SMALL, communes=5)
    country(table, [], out, seconds=60.0, instance_seconds=1.0, seeds=1, peers=False, kind=kind)
    names, _, cells = out.read_text(encoding="utf-8").splitlines()[-3:]
    found = dict(zip(*([cell.strip() for cell in line.split("|")] for line in (names, cells)), strict=True))
    assert (found["season"], found["status"], found["gap"]) == ("S-plain-1", "optimal", "0.00 %")
    assert found["reach"] == "missed: reading"
    assert 0 < float(found["memory"].removesuffix(" GiB")) < 4
