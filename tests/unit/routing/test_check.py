"""`check`: every rule by hand, on both sides of its boundary, and what a plan claims about itself."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

import routing

from .seasons import THURSDAY, Oracle, day, season


def rules(value: dict[str, Any], *evenings: tuple[str, int, str]) -> set[str]:
    """The rules that check names for these (commune, day offset, vehicle) in an otherwise honest plan."""
    oracle = Oracle(value)
    found = [(who, THURSDAY.fromordinal(THURSDAY.toordinal() + when), by) for who, when, by in evenings]
    counts = {name: sum(who == name for who, _, _ in found) for name in oracle.communes}
    plan = {
        "format": "guinguette-plan/1",
        "status": "feasible",
        "cost": oracle.cost(found),
        "evenings": [{"commune": who, "date": when.isoformat(), "vehicle": by} for who, when, by in found],
        "unserved": [
            {"commune": name, "missing": item["evenings"] - counts[name]}
            for name, item in oracle.communes.items()
            if counts[name] < item["evenings"]
        ],
    }
    return {fault.rule for fault in routing.check(routing.parse_season(value), routing.parse_plan(plan))}


def wide(**changes: Any) -> dict[str, Any]:
    """Three communes that want many evenings, two vehicles, 14 dates from Thursday 7 May 2026."""
    value = season(communes=3, dates=14, vehicles=2, **changes)
    for commune in value["communes"]:
        commune["evenings"] = 9
    return value


def with_vehicle(**limits: Any) -> dict[str, Any]:
    """As `wide`, with limits on v0."""
    value = wide()
    value["vehicles"][0].update(limits)
    return value


def with_commune(**changes: Any) -> dict[str, Any]:
    """As `wide`, with changes to c0."""
    value = wide()
    value["communes"][0].update(changes)
    return value


def locked(value: dict[str, Any], *offsets: int, waived: list[str], vehicle: str | None = None) -> dict[str, Any]:
    """The season with c0 locked on these days under a waiver."""
    lock = {"commune": "c0", "waived": waived} | ({"vehicle": vehicle} if vehicle else {})
    return value | {"locked": [lock | {"date": day(offset)} for offset in offsets]}


A, B, C = ("c0", 0, "v0"), ("c0", 1, "v0"), ("c0", 2, "v0")
CASES: list[tuple[str, dict[str, Any], list[tuple[str, int, str]], set[str]]] = [
    ("one vehicle, two communes", wide(), [A, ("c1", 0, "v0")], {"one_per_vehicle"}),
    ("two vehicles, two communes", wide(), [A, ("c1", 0, "v1")], set()),
    ("one commune, two vehicles", wide(), [A, ("c0", 0, "v1")], {"one_per_commune", "spacing"}),
    ("the same evening twice", wide(), [A, A], {"one_per_commune", "one_per_vehicle", "spacing"}),
    ("outside the season", wide(), [("c0", 14, "v0")], {"open_date"}),
    ("last date", wide(), [("c0", 13, "v0")], set()),
    ("vehicle off", with_vehicle(dates=[day(1)]), [A], {"open_date"}),
    ("vehicle on", with_vehicle(dates=[day(1)]), [B], set()),
    ("commune unnamed date", with_commune(availability={day(1): "yes"}), [A], {"open_date"}),
    ("commune no", with_commune(availability={day(0): "no"}), [A], {"open_date"}),
    ("commune if need be", with_commune(availability={day(0): "if_need_be"}), [A], set()),
    ("closed but waived", locked(with_commune(availability={}), 0, waived=["open_date"]), [A], set()),
    ("outside though waived", locked(wide(), 14, waived=["open_date"]), [("c0", 14, "v0")], {"open_date"}),
    ("need unmet", with_commune(needs=["covered"]), [A], {"equipment"}),
    ("need waived", locked(with_commune(needs=["covered"]), 0, waived=["equipment"]), [A], set()),
    ("vehicle refused", with_commune(vehicles=["v1"]), [A], {"allowed_vehicle"}),
    ("vehicle taken", with_commune(vehicles=["v0"]), [A], set()),
    ("no vehicle at all", with_commune(vehicles=[]), [A], {"allowed_vehicle"}),
    ("refused, waived", locked(with_commune(vehicles=[]), 0, waived=["allowed_vehicle"]), [A], set()),
    ("too many", with_commune(evenings=1), [A, B], {"wanted"}),
    ("just enough", with_commune(evenings=2), [A, B], set()),
    ("a waived one is not counted", locked(with_commune(evenings=2), 0, waived=["wanted"]), [A, B, C], set()),
    ("too close", with_commune(min_days_between=3), [A, C], {"spacing"}),
    ("far enough", with_commune(min_days_between=2), [A, C], set()),
    ("close but waived", locked(with_commune(min_days_between=3), 0, waived=["spacing"]), [A, C], set()),
    (
        "the others keep their spacing",
        locked(with_commune(min_days_between=3), 1, waived=["spacing"]),
        [A, B, C],
        {"spacing"},
    ),
    ("near", wide(separation={"metres": 10_000, "days": 2}), [A, ("c1", 1, "v0")], {"separation"}),
    ("near, later", wide(separation={"metres": 10_000, "days": 2}), [A, ("c1", 2, "v0")], set()),
    ("a metre too far", wide(separation={"metres": 9_999, "days": 2}), [A, ("c1", 1, "v0")], set()),
    ("same date", wide(separation={"metres": 10_000, "days": 1}), [A, ("c1", 0, "v1")], {"separation"}),
    ("no days no rule", wide(separation={"metres": 10_000, "days": 0}), [A, ("c1", 0, "v1")], set()),
    ("a commune is not its neighbour", wide(separation={"metres": 10_000, "days": 9}), [A, B], set()),
    (
        "near but waived",
        locked(wide(separation={"metres": 10_000, "days": 2}), 0, waived=["separation"]),
        [A, ("c1", 1, "v0")],
        set(),
    ),
    ("week full", with_vehicle(max_evenings_per_week=2), [A, B, C], {"weekly_rest"}),
    ("Sunday and Monday", with_vehicle(max_evenings_per_week=1), [("c0", 3, "v0"), ("c0", 4, "v0")], set()),
    ("Monday and Sunday", with_vehicle(max_evenings_per_week=1), [("c0", 4, "v0"), ("c0", 10, "v0")], {"weekly_rest"}),
    ("the other vehicle rests", with_vehicle(max_evenings_per_week=1), [A, ("c1", 1, "v1")], set()),
    ("week waived", locked(with_vehicle(max_evenings_per_week=2), 1, waived=["weekly_rest"]), [A, B, C], set()),
    ("row too long", with_vehicle(max_days_in_row=2), [A, B, C], {"days_in_row"}),
    ("row broken", with_vehicle(max_days_in_row=2), [A, B, ("c0", 3, "v0")], set()),
    ("row over a Sunday", with_vehicle(max_days_in_row=1), [("c0", 3, "v0"), ("c0", 4, "v0")], {"days_in_row"}),
    ("row waived", locked(with_vehicle(max_days_in_row=2), 1, waived=["days_in_row"]), [A, B, C], set()),
    ("leg just right", with_vehicle(max_leg_metres=20_000), [("c1", 0, "v0")], set()),
    ("leg too long", with_vehicle(max_leg_metres=19_999), [("c1", 0, "v0")], {"leg"}),
    ("direct too long, home instead", with_vehicle(max_leg_metres=30_000, nights_out=1), [A, ("c2", 1, "v0")], set()),
    (
        "reached through another",
        with_vehicle(max_leg_metres=10_000),
        [A, ("c1", 1, "v0"), C],
        set(),
    ),
    ("no night out, no way", with_vehicle(max_leg_metres=10_000, nights_out=0), [A, ("c1", 1, "v0"), C], {"leg"}),
    ("quota exceeded", wide(quotas=[{"id": "q", "communes": ["c0"], "max": 1}]), [A, B], {"quota"}),
    ("quota of others", wide(quotas=[{"id": "q", "communes": ["c1"], "max": 0}]), [A], set()),
    (
        "quota from a day, included",
        wide(quotas=[{"id": "q", "communes": ["c0"], "max": 0, "from": day(1)}]),
        [B],
        {"quota"},
    ),
    ("quota from later", wide(quotas=[{"id": "q", "communes": ["c0"], "max": 0, "from": day(1)}]), [A], set()),
    (
        "quota to a day, included",
        wide(quotas=[{"id": "q", "communes": ["c0"], "max": 0, "to": day(0)}]),
        [A],
        {"quota"},
    ),
    ("quota until before", wide(quotas=[{"id": "q", "communes": ["c0"], "max": 0, "to": day(0)}]), [B], set()),
    (
        "quota waived",
        locked(wide(quotas=[{"id": "q", "communes": ["c0"], "max": 1}]), 0, waived=["quota"]),
        [A, B],
        set(),
    ),
    ("lock kept", locked(wide(), 0, waived=[]), [("c0", 0, "v1")], set()),
    ("lock lost", locked(wide(), 0, waived=[]), [B], {"locked"}),
    ("lock on another vehicle", locked(wide(), 0, waived=[], vehicle="v0"), [("c0", 0, "v1")], {"locked"}),
    (
        "a waiver is for the named vehicle",
        locked(with_commune(vehicles=[]), 0, waived=["allowed_vehicle"], vehicle="v0"),
        [("c0", 0, "v1")],
        {"locked", "allowed_vehicle"},
    ),
]


@pytest.mark.parametrize(
    ("value", "evenings", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_rule(value: dict[str, Any], evenings: list[tuple[str, int, str]], expected: set[str]) -> None:
    """The rules broken are exactly these, and the oracle agrees (it has no word on a lock outside the dates)."""
    assert rules(value, *evenings) == expected


def honest() -> dict[str, Any]:
    """A right plan for the small season."""
    return {
        "format": "guinguette-plan/1",
        "status": "optimal",
        "cost": 40_000,
        "bound": 40_000,
        "metres": 40_000,
        "seconds_to_plan": 0.1,
        "seed": 1,
        "unserved": [],
        "conflicts": [],
        "evenings": [
            {"commune": "c0", "date": day(0), "vehicle": "v0"},
            {"commune": "c1", "date": day(1), "vehicle": "v0"},
        ],
    }


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"cost": 40_001}, "cost"),
        ({"cost": None}, "cost"),
        ({"metres": 39_999}, "metres"),
        ({"bound": 39_999}, "status"),
        ({"bound": None}, "status"),
        ({"status": "feasible", "bound": 40_001}, "bound"),
        ({"unserved": [{"commune": "c0", "missing": 1}]}, "unserved"),
        ({"unserved": [{"commune": "nobody", "missing": 1}]}, "reference"),
        ({"evenings": [{"commune": "c0", "date": day(0), "vehicle": "nothing"}]}, "reference"),
        ({"status": "infeasible"}, "status"),
    ],
)
def test_claims(change: dict[str, Any], rule: str) -> None:
    """A plan that says something wrong of itself is told what."""
    parsed = routing.parse_season(season())
    assert not routing.check(parsed, routing.parse_plan(honest()))
    faults = routing.check(parsed, routing.parse_plan(honest() | change))
    assert rule in {fault.rule for fault in faults}


def test_check_stands_without_or_tools() -> None:
    """Reading and checking load no part of OR-Tools."""
    code = "import sys, routing; sys.exit(any(name.startswith('ortools') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_sentence_in_two_languages() -> None:
    """Each rule says its fault in French and in English, with its ids in both."""
    seen = set()
    for _, value, evenings, expected in CASES:
        if not expected:
            continue
        plan = routing.Plan(
            "feasible",
            0,
            None,
            None,
            0.0,
            1,
            evenings=tuple(
                routing.Evening(who, THURSDAY.fromordinal(THURSDAY.toordinal() + when), by)
                for who, when, by in evenings
            ),
        )
        for fault in routing.check(routing.parse_season(value), plan):
            french, english = fault.sentence, fault.said("en")
            assert french != english
            assert "{" not in french + english
            seen.add(fault.rule)
    assert len(seen - {"cost", "unserved"}) == 13


def test_neighbours_on_one_date_have_one_name() -> None:
    """Which of two evenings the plan names first makes no other instance of the rule."""
    parsed = routing.parse_season(wide(separation={"metres": 10_000, "days": 1}))
    one, two = (routing.Evening(f"c{k}", THURSDAY, f"v{k}") for k in range(2))
    named = [
        routing.check(parsed, routing.Plan("feasible", 0, None, None, 0.0, 1, evenings))[0].detail
        for evenings in ((one, two), (two, one))
    ]
    assert named == [f"c0 {day(0)} c1 {day(0)}"] * 2
