"""Seasons of long tournées for the benchmark: every day from May to August, many nights out, all rules in play."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from .seasons import MEDIUM, Kind

_FIRST, _DAYS = date(2026, 5, 4), 112
_NO, _IF_NEED_BE = 0.2, 0.05  # of the dates
_TWICE = 0.2  # of the communes want two evenings
_LOCKS = 4
#: Three vehicles that are out for up to three months, in the departments of the middle size.
EVERY_DAY = Kind("E", MEDIUM.column, MEDIUM.values, 200, (3, 3), MEDIUM.depots)


def every_day(rows: list[dict[str, str]], *, seed: int) -> dict[str, Any]:
    """The season object of that seed, from the rows of `communes_of`."""
    rng = random.Random(f"{EVERY_DAY.name} {seed}")  # noqa: S311 - repeatable, not secret
    chosen = sorted(rng.sample(rows, EVERY_DAY.communes), key=lambda row: row["insee"])
    days = [(_FIRST + timedelta(days=k)).isoformat() for k in range(_DAYS)]
    communes = [
        {
            "id": row["insee"],
            "location": row["insee"],
            "evenings": 2 if rng.random() < _TWICE else 1,
            "min_days_between": 28,
            "availability": _answers(rng, days),
        }
        for row in chosen
    ]
    some = sorted(rng.sample([row["insee"] for row in chosen], 40))
    return {
        "format": "guinguette-season/1",
        "name": f"E-{seed}",
        "dates": days,
        "locations": [{"id": name, "lat": lat, "lon": lon} for name, lat, lon in EVERY_DAY.depots]
        + [{"id": row["insee"], "lat": float(row["lat"]), "lon": float(row["lon"])} for row in chosen],
        "travel": {"kind": "great_circle", "detour": 1.3},
        "vehicles": [
            {
                "id": f"v{k + 1}",
                "depot": EVERY_DAY.depots[k][0],
                "nights_out": rng.randint(5, 90),
                "max_evenings_per_week": 6,
            }
            for k in range(EVERY_DAY.vehicles[0])
        ],
        "communes": communes,
        "separation": {"metres": 9000, "days": 2},
        "quotas": [{"id": "july", "communes": some, "max": 12, "from": "2026-07-01", "to": "2026-07-31"}],
        "locked": _locks(rng, communes, days),
    }


def _answers(rng: random.Random, days: list[str]) -> dict[str, str]:
    draws = {day: rng.random() for day in days}
    return {day: "if_need_be" if draw < _NO + _IF_NEED_BE else "yes" for day, draw in draws.items() if draw >= _NO}


def _locks(rng: random.Random, communes: list[dict[str, Any]], days: list[str]) -> list[dict[str, str]]:
    """Some evenings that are promised, weeks apart, on dates that their communes take."""
    apart = len(days) // _LOCKS
    result = []
    for k, item in enumerate(rng.sample(communes, _LOCKS)):
        offered = [day for day in days[k * apart : k * apart + 7] if day in item["availability"]]
        result.append({"commune": item["id"], "date": rng.choice(offered), "vehicle": f"v{1 + k % 3}"})
    return result
