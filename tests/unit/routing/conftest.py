"""What several tests of the solver read."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from routing.bench.seasons import SMALL


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Sixty invented communes, two of them too big or too small."""
    path = tmp_path / "communes.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["insee", "department", "epci", "population", "lat", "lon"])
        for k in range(60):
            people = {0: 69, 1: 2001}.get(k, 500)
            writer.writerow([f"52{k:03d}", "52", sorted(SMALL.values)[k % 3], people, 48.1 + k / 100, 4.9 + k % 7 / 20])
    return path
