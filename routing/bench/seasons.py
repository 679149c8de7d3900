"""The seasons of the benchmark: seeded, from a table of real communes, Thursday to Sunday, May to September.

The table is a CSV file (gzipped or not) with the columns insee, department, epci, population, lat and lon; which
file that is, the command says, so that the solver knows nothing of whose communes they are.
"""

from __future__ import annotations

import csv
import gzip
import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from routing.ground import Ground, Scene
from routing.io import parse_season
from routing.plan import Evening
from routing.rules import broken

PLAIN, LOCKS, BASELINE = "plain", "locks", "baseline"
SETS = (PLAIN, LOCKS, BASELINE)
_FIRST, _LAST, _THURSDAY = date(2026, 5, 1), date(2026, 9, 30), 3
_WINDOW_WEEKS = 8
_LOCKS = 5
_PLENTY = 1.1  # vehicle weeks for so many times the wishes


@dataclass(frozen=True, slots=True)
class Kind:
    """A size of season: which communes, how many, how many vehicles and from which depots (lat, lon)."""

    name: str
    column: str
    values: frozenset[str]
    communes: int
    vehicles: tuple[int, int]
    depots: tuple[tuple[str, float, float], ...]


SAINT_DIZIER, CHAUMONT = ("saint-dizier", 48.6375, 4.9475), ("chaumont", 48.1113, 5.1392)
SMALL = Kind(
    "S",
    "epci",
    frozenset({"200068666", "200068658", "200066892"}),
    40,
    (1, 3),
    (SAINT_DIZIER, CHAUMONT),
)
MEDIUM = Kind(
    "M",
    "department",
    frozenset({"10", "51", "52", "55"}),
    300,
    (10, 10),
    (SAINT_DIZIER, CHAUMONT, ("troyes", 48.2973, 4.0744), ("chalons", 48.9566, 4.3631), ("verdun", 49.1599, 5.3829)),
)
#: From the Ardennes to the Loire: departments that touch, each with a depot at its prefecture.
LARGE = Kind(
    "L",
    "department",
    frozenset(
        [
            "02",
            "08",
            "10",
            "18",
            "21",
            "25",
            "39",
            "45",
            "51",
            "52",
            "54",
            "55",
            "57",
            "58",
            "67",
            "68",
            "70",
            "71",
            "77",
            "88",
            "89",
        ]
    ),
    3000,
    (90, 90),
    (
        ("laon", 49.5641, 3.6199),
        ("charleville-mezieres", 49.7735, 4.7206),
        ("troyes", 48.2973, 4.0744),
        ("bourges", 47.0810, 2.3988),
        ("dijon", 47.3220, 5.0415),
        ("besancon", 47.2378, 6.0241),
        ("lons-le-saunier", 46.6742, 5.5539),
        ("orleans", 47.9030, 1.9093),
        ("chalons", 48.9566, 4.3631),
        CHAUMONT,
        ("nancy", 48.6921, 6.1844),
        ("bar-le-duc", 48.7727, 5.1611),
        ("metz", 49.1193, 6.1757),
        ("nevers", 46.9896, 3.1590),
        ("strasbourg", 48.5734, 7.7521),
        ("colmar", 48.0794, 7.3585),
        ("vesoul", 47.6235, 6.1555),
        ("macon", 46.3069, 4.8287),
        ("melun", 48.5421, 2.6554),
        ("epinal", 48.1744, 6.4496),
        ("auxerre", 47.7982, 3.5738),
    ),
)
KINDS = {kind.name: kind for kind in (SMALL, MEDIUM, LARGE)}


def communes_of(path: Path, kind: Kind) -> list[dict[str, str]]:
    """The rows of 70 to 2,000 people that the kind draws from, by code. Raises OSError, KeyError or ValueError."""
    packed = path.read_bytes()
    text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row[kind.column] in kind.values]
    return sorted((row for row in rows if 70 <= int(row["population"]) <= 2000), key=lambda row: row["insee"])  # noqa: PLR2004


def season_of(kind: Kind, rows: list[dict[str, str]], *, seed: int, variant: str = PLAIN) -> dict[str, Any]:
    """The season object of that seed; the variants differ from the plain one in their locks or baseline only."""
    rng = random.Random(f"{kind.name} {seed}")  # noqa: S311 - repeatable, not secret
    chosen = sorted(rng.sample(rows, kind.communes), key=lambda row: row["insee"])
    days = [_FIRST + timedelta(days=k) for k in range((_LAST - _FIRST).days + 1)]
    days = [day for day in days if day.weekday() >= _THURSDAY]
    communes = [_commune(rng, row, days) for row in chosen]
    value: dict[str, Any] = {
        "format": "guinguette-season/1",
        "name": f"{kind.name}-{variant}-{seed}",
        "dates": [day.isoformat() for day in days],
        "locations": [{"id": name, "lat": lat, "lon": lon} for name, lat, lon in kind.depots]
        + [{"id": row["insee"], "lat": float(row["lat"]), "lon": float(row["lon"])} for row in chosen],
        "travel": {"kind": "great_circle", "detour": 1.3},
        "vehicles": _vehicles(rng, kind, days, sum(item["evenings"] for item in communes)),
        "communes": communes,
        "separation": {"metres": 9000, "days": 2},
        "quotas": _quotas(rng, chosen, communes),
    }
    if variant == LOCKS:
        value["locked"] = [_pair(item) for item in sorted(rng.sample(_published(rng, value), _LOCKS))]
    elif variant == BASELINE:
        _lose_a_week(rng, value)
    return value


def _commune(rng: random.Random, row: dict[str, str], days: list[date]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "id": row["insee"],
        "location": row["insee"],
        "evenings": rng.randint(1, 3),
        "min_days_between": rng.choice((14, 21, 28)),
        "priority": rng.randint(1, 3),
    }
    if rng.random() < 0.15:  # noqa: PLR2004 - the issue's shares
        result["needs"] = ["covered"]
    if rng.random() < 0.8:  # noqa: PLR2004
        offered = days
        if rng.random() < 0.5:  # noqa: PLR2004
            weeks = (days[-1] - days[0]).days // 7
            first = days[0] + timedelta(weeks=rng.randint(0, weeks - _WINDOW_WEEKS))
            offered = [day for day in days if first <= day < first + timedelta(weeks=_WINDOW_WEEKS)]
        result["availability"] = _answers(rng, offered)
    return result


def _answers(rng: random.Random, days: list[date]) -> dict[str, str]:
    answers = {}
    for day in days:
        yes, if_need_be = (0.40, 0.15) if day.weekday() in (4, 5) else (0.12, 0.33)
        draw = rng.random()
        if draw < yes + if_need_be:
            answers[day.isoformat()] = "yes" if draw < yes else "if_need_be"
    return answers


def _vehicles(rng: random.Random, kind: Kind, days: list[date], wishes: int) -> list[dict[str, Any]]:
    vehicles: list[dict[str, Any]] = [
        {
            "id": f"v{k + 1}",
            "depot": kind.depots[k % len(kind.depots)][0],
            "equipment": ["covered"] if k % 2 == 0 else [],
            "nights_out": rng.randint(1, 2),
            "max_leg_metres": 150_000,
            "max_evenings_per_week": rng.randint(3, 4),
            "max_days_in_row": 4,
        }
        for k in range(rng.randint(*kind.vehicles))
    ]
    weeks: dict[tuple[int, int], list[date]] = defaultdict(list)
    for day in days:
        weeks[day.isocalendar()[:2]].append(day)
    offers = [(k, week) for k in range(len(vehicles)) for week in weeks]
    rng.shuffle(offers)
    offered: list[list[date]] = [[] for _ in vehicles]
    left = _PLENTY * wishes
    for k, week in offers:
        if left <= 0:
            break
        offered[k] += weeks[week]
        left -= min(len(weeks[week]), vehicles[k]["max_evenings_per_week"])
    for vehicle, dates in zip(vehicles, offered, strict=True):
        vehicle["dates"] = [day.isoformat() for day in sorted(dates)]
    return vehicles


def _quotas(rng: random.Random, rows: list[dict[str, str]], communes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    members: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row, commune in zip(rows, communes, strict=True):
        members[row["epci"]].append(commune)
    return [
        {
            "id": f"epci-{name}",
            "communes": [item["id"] for item in found],
            "max": round(rng.uniform(0.9, 1.2) * sum(item["evenings"] for item in found)),
        }
        for name, found in sorted(members.items())
    ]


def _pair(evening: Evening) -> dict[str, str]:
    return {"commune": evening.commune, "date": evening.date.isoformat(), "vehicle": evening.vehicle}


def _published(rng: random.Random, value: dict[str, Any]) -> list[Evening]:
    """A valid plan by hand, as it were: each wish in turn where it is closest to what its vehicle does that week.

    Not our solver's, so that a better solver leaves the benchmark's seasons as they are.
    """
    season = parse_season(value)
    scene = Scene(Ground(season))
    wishes = [item for item in season.communes for _ in range(item.evenings)]
    rng.shuffle(wishes)
    for commune in wishes:
        best: tuple[int, Evening] | None = None
        for vehicle in season.vehicles:
            for day in vehicle.dates or season.dates:
                if commune.answer(day) == "no" or any(stop.date == day for stop in scene.by_vehicle[vehicle.id]):
                    continue
                beside = [stop for stop in scene.by_vehicle[vehicle.id] if abs((stop.date - day).days) <= 1]
                origins = [stop.commune.location for stop in beside] or [vehicle.depot]
                far = min(scene.ground.drive(origin, commune.location) for origin in origins)
                if best is None or far < best[0]:
                    stop = scene.stop(Evening(commune.id, day, vehicle.id))
                    scene.add(stop)
                    if not broken(scene, stop):
                        best = far, Evening(commune.id, day, vehicle.id)
                    scene.remove(stop)
        if best is not None:
            scene.add(scene.stop(best[1]))
    return sorted(Evening(stop.commune.id, stop.date, stop.vehicle.id) for stop in scene.stops)


def _lose_a_week(rng: random.Random, value: dict[str, Any]) -> None:
    """Publish a plan, then take a week with evenings away from one of its vehicles."""
    evenings = _published(rng, value)
    value["baseline"] = [{"commune": item.commune, "date": item.date.isoformat()} for item in evenings]
    lost = rng.choice(evenings)
    week = lost.date.isocalendar()[:2]
    for vehicle in value["vehicles"]:
        if vehicle["id"] == lost.vehicle:
            vehicle["dates"] = [day for day in vehicle["dates"] if date.fromisoformat(day).isocalendar()[:2] != week]
