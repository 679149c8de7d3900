"""The benchmark's seasons: seeded, readable, and alike but for what the sets differ in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import routing
from routing.bench.run import program
from routing.bench.seasons import BASELINE, LOCKS, PLAIN, SETS, SMALL, communes_of, season_of


def test_only_villages_are_drawn(table: Path) -> None:
    """From 70 to 2,000 people."""
    assert len(communes_of(table, SMALL)) == 58


@pytest.mark.parametrize("variant", SETS)
def test_same_seed_same_season(table: Path, variant: str) -> None:
    """A season is its seed's, and the solver reads it."""
    rows = communes_of(table, SMALL)
    one, two = (season_of(SMALL, rows, seed=3, variant=variant) for _ in range(2))
    assert one == two
    parsed = routing.parse_season(one)
    assert len(parsed.communes) == 40
    assert len(parsed.locked) == (5 if variant == LOCKS else 0)
    assert bool(parsed.baseline) == (variant == BASELINE)


def test_other_programs_are_called_with_the_same_files(table: Path) -> None:
    """Their plan is priced by us; one that cannot start, fails or writes no plan has none."""
    file = season_of(SMALL, communes_of(table, SMALL), seed=3, variant=PLAIN)
    season = routing.parse_season(file)
    solve = f"{sys.executable} -m routing solve {{season}} --out {{plan}} --time-limit {{seconds}}"
    plan = program(solve)(file, season, 1.0)
    assert plan is not None
    assert not routing.check(season, plan)
    for command in ("/no/such/program {season}", f"{sys.executable} -c 1/0", f"{sys.executable} -c 1"):
        assert program(command)(file, season, 1.0) is None
