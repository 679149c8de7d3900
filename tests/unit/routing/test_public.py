"""Public instances as seasons: distances to the last unit, and what is no season is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from routing.__main__ import main
from routing.bench.league import Race, reach, row
from routing.bench.public import read
from routing.bench.rivals import Answer
from routing.engines.tour import Tour
from routing.errors import SeasonError

# TSPLIB's burma14: its optimal tour is 3,323 long
BURMA = (
    *("16.47 96.10", "16.47 94.44", "20.09 92.54", "22.39 93.37", "25.23 97.24", "22.00 96.05", "20.47 97.02"),
    *("17.20 96.29", "16.30 97.38", "14.05 98.12", "16.53 97.38", "21.52 95.59", "19.41 97.13", "20.09 94.55"),
)
SQUARE = ("0 0", "0 3", "4 3", "4 0", "10 10")


def write(path: Path, places: tuple[str, ...], kind: str, *more: str) -> Path:
    """An instance file."""
    lines = [f"NAME: {path.stem}", f"DIMENSION: {len(places)}", f"EDGE_WEIGHT_TYPE: {kind}"]
    tail = [line for line in more if ":" not in line]
    lines += [line for line in more if ":" in line] + ["NODE_COORD_SECTION"]
    lines += [f"{k + 1} {place}" for k, place in enumerate(places)] + tail + ["EOF"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def loads(*demands: int) -> list[str]:
    """The sections of a capacitated instance."""
    return [
        "DEMAND_SECTION",
        "1 0",
        *(f"{k + 2} {demand}" for k, demand in enumerate(demands)),
        "DEPOT_SECTION",
        "1",
        "-1",
    ]


def test_globe(tmp_path: Path) -> None:
    """TSPLIB's own distances on the globe: only with its pi and its way of cutting is the best tour 3,323 long."""
    public = read(write(tmp_path / "burma14.tsp", BURMA, "GEO", "TYPE: TSP"))
    tour = Tour(public.metres.astype(float), list(range(14)), seed=1)
    tour.run(0.0, 300)
    assert tour.cost == 3323


@pytest.mark.parametrize(("kind", "apart"), [("EUC_2D", 14), ("CEIL_2D", 15), ("ATT", 5)])
def test_plane(tmp_path: Path, kind: str, apart: int) -> None:
    """The diagonal of (10, 10), 14.14 long, in each of TSPLIB's roundings."""
    public = read(write(tmp_path / "square.tsp", SQUARE, kind, "TYPE: TSP"))
    assert public.metres[0, 4] == public.metres[4, 0] == apart
    assert (public.vehicles, public.room, public.best) == (1, 4, None)


def test_a_tour_is_one_vehicle_that_sleeps_out(tmp_path: Path) -> None:
    """A date for each other city; the best-known value is read from the solution beside it."""
    path = write(tmp_path / "square.tsp", SQUARE, "EUC_2D", "TYPE: TSP")
    path.with_suffix(".sol").write_text("Cost: 38\n", encoding="utf-8")
    public = read(path)
    assert public.best == 38
    assert [vehicle.nights_out for vehicle in public.season.vehicles] == [4]
    assert len(public.season.dates) == len(public.season.communes) == 4


def test_loads_are_dates(tmp_path: Path) -> None:
    """Six of load two on trucks of four: routes of two stops, as many as the best-known solution has."""
    path = write(tmp_path / "few-k2.vrp", SQUARE, "EUC_2D", "TYPE: CVRP", "CAPACITY: 4", *loads(2, 2, 2, 2))
    assert (read(path).room, read(path).vehicles) == (2, 2)
    path.with_suffix(".sol").write_text("Route #1: 1\nRoute #2: 2 3\nRoute #3: 4\nCost: 50\n", encoding="utf-8")
    assert read(path).vehicles == 3


@pytest.mark.parametrize(
    ("kind", "demands", "said"),
    [("EUC_2D", (1, 1, 2, 1), "different demands"), ("XRAY1", (1, 1, 1, 1), "XRAY1"), ("EUC_2D", (1, 1), "depot")],
)
def test_what_is_no_season(tmp_path: Path, kind: str, demands: tuple[int, ...], said: str) -> None:
    """Different loads, unknown distances, a file that contradicts itself."""
    path = write(tmp_path / "odd.vrp", SQUARE, kind, "TYPE: CVRP", "CAPACITY: 4", *loads(*demands))
    with pytest.raises(SeasonError, match=said):
        read(path)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A row for what is a season, a line for what is not, or is there twice; a folder that is not there is said."""
    square = write(tmp_path / "square.tsp", SQUARE, "EUC_2D", "TYPE: TSP")
    square.with_suffix(".sol").write_text("Cost: 31\n", encoding="utf-8")
    write(tmp_path / "odd.vrp", SQUARE, "EUC_2D", "TYPE: CVRP", "CAPACITY: 4", *loads(1, 2, 1, 1))
    (tmp_path / "twin.tsp").write_text(square.with_suffix(".tsp").read_text(encoding="utf-8"), encoding="utf-8")
    assert main(["bench", str(tmp_path), "--no-peers", "--seeds=1", "--seconds=2"]) == 0
    said = capsys.readouterr().out
    assert "| square | 4 | 31 | +0.00 % | +0.00 % |" in said
    assert said.count("| square |") == 1
    assert "twin.tsp: another file holds an instance of this name" in said
    assert "odd.vrp: has customers of different demands" in said
    assert main(["bench", str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err
    assert main(["bench", str(tmp_path), "--out", str(tmp_path / "page.md")]) == 2
    assert "--country" in capsys.readouterr().err


def test_a_row_of_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Distances to the best-known value in per cent; who serves not everybody has no plan."""
    path = write(tmp_path / "square.tsp", SQUARE, "EUC_2D", "TYPE: TSP")
    path.with_suffix(".sol").write_text("Cost: 31\n", encoding="utf-8")
    answers = {"a": Answer(45, 2.0), "b": Answer(None, 0.0)}
    monkeypatch.setattr("routing.bench.league.ask", lambda rival, *_, **__: answers[rival])
    cells = row(read(path), Race(2.0, [1], {"A": "a", "B": "b"}, workers=1))  # type: ignore[dict-item]
    assert cells[:4] == ["4", "31", "+0.00 %", "+0.00 %"]
    assert cells[5:] == ["+45.16 %", "2", "no plan", "0", "met"]


@pytest.mark.parametrize(
    ("vehicles", "cost", "other", "said"),
    [
        (1, 10_000, 10_000, "met"),  # nobody is better than the best
        (1, 10_001, 10_001, "missed: not better than A"),
        (1, 10_200, 10_201, "met"),
        (1, 10_201, None, "missed: not within 2 %"),
        (2, 10_020, 10_000, "met"),  # routes need not be better
        (2, 10_021, None, "missed: not within 0.2 %"),
        (2, None, None, "missed: no plan"),
    ],
)
def test_what_is_to_be_reached(tmp_path: Path, vehicles: int, cost: int | None, other: int | None, said: str) -> None:
    """Close to the best-known value, and for a tour ahead of each other solver."""
    public = replace(read(write(tmp_path / "square.tsp", SQUARE, "EUC_2D", "TYPE: TSP")), vehicles=vehicles)
    assert reach(public, cost, {"A": other}) == ""
    assert reach(replace(public, best=10_000), cost, {"A": other}) == said
