"""The benchmark of long tournées: its seasons are their seeds', and its table names every season once."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import routing
from routing.__main__ import main
from routing.bench import long as bench_long
from routing.bench.everyday import EVERY_DAY, every_day
from routing.bench.seasons import communes_of

from .seasons import season


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """As many invented communes as a season takes."""
    path = tmp_path / "communes.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["insee", "department", "epci", "population", "lat", "lon"])
        for k in range(EVERY_DAY.communes):
            writer.writerow([f"52{k:03d}", "52", "1", 500, 48.1 + k % 14 / 10, 4.5 + k // 14 / 10])
    return path


def test_a_season_of_every_day(table: Path) -> None:
    """The same seed gives the same season, which the solver reads: about as many wishes as the crews have evenings."""
    one, two = (every_day(communes_of(table, EVERY_DAY), seed=2) for _ in range(2))
    assert one == two
    parsed = routing.parse_season(one)
    assert len(parsed.locked) == 4
    assert 200 < sum(item.evenings for item in parsed.communes) < 3 * 112 * 6 / 7


def test_one_date_is_barred_and_no_other() -> None:
    """Each commune is away once."""
    held = bench_long.one_date_barred(routing.parse_season(season(communes=3, dates=5)))
    assert [[item.answer(when) for when in held.dates].count("no") for item in held.communes] == [1, 1, 1]


def test_the_table(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line a season, with what it cost before and now; the file is written."""
    monkeypatch.setattr(bench_long, "every_day", lambda rows, seed: season(communes=12, dates=14, name=f"E-{seed}"))
    out = tmp_path / "long.md"
    command = ["bench", "--kinds", "E", "--communes", str(table), "--seeds", "1", "--seconds", "0.4", "--out", str(out)]
    assert main(command) == 0
    assert [line.split(" | ")[:2] for line in out.read_text().splitlines() if "E-1" in line] == [["| E-1", "12"]]


def test_it_goes_alone(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its table is another than that of the short blocks."""
    for others in (["S"], ["--country"]):
        assert main(["bench", "--communes", str(table), "--kinds", "E", *others]) == 2
        assert "E goes alone" in capsys.readouterr().err


def test_what_cannot_be_read_or_written_is_said_before_hours_of_measuring(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its own path: a folder of instances that is not there, a page in a folder that is not."""
    monkeypatch.setattr(bench_long, "long", lambda *_, **__: pytest.fail("measured"))
    command = ["bench", "--communes", str(table), "--kinds", "E"]
    assert main(["bench", str(tmp_path / "nowhere"), *command[1:]]) == 2
    assert str(tmp_path / "nowhere") in capsys.readouterr().err
    assert main([*command, "--out", str(tmp_path / "gone" / "long.md")]) == 2
    assert "long.md: is not a file that can be written" in capsys.readouterr().err
