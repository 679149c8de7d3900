"""Season and plan files: what is refused, and at which place; what is read comes back as it was."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import routing
from routing.errors import SeasonError
from routing.io import load_json

from .seasons import FEW, day, season, seasons


def changed(path: str, value: Any) -> dict[str, Any]:
    """A season with the value at a dotted path replaced; a path ending in "-" removes."""
    result = copy.deepcopy(
        season(quotas=[{"id": "q", "communes": ["c0"], "max": 1}], locked=[{"commune": "c0", "date": day(0)}])
    )
    *way, last = [int(key) if key.isdigit() else key for key in path.removesuffix("-").split(".")]
    item: Any = result
    for key in way:
        item = item[key]
    if path.endswith("-"):
        del item[last]
    else:
        item[last] = value
    return result


REFUSED: list[tuple[str, Any, str, str]] = [
    ("format", "guinguette-season/2", "format", "guinguette-season/1"),
    ("name-", None, "name", "missing"),
    ("name", 3, "name", "string"),
    ("name", "\ud800", "name", "Unicode"),
    ("surprise", 1, "", "unknown key"),
    ("communes.0.surprise", 1, "communes[0]", "unknown key"),
    ("communes.0.evenings-", None, "communes[0].evenings", "missing"),
    ("communes.0.evenings", 0, "communes[0].evenings", "at least 1"),
    ("communes.0.evenings", True, "communes[0].evenings", "whole number"),
    ("communes.0.evenings", 1.0, "communes[0].evenings", "whole number"),
    ("communes.0.evenings", 10**30, "communes[0].evenings", "at most"),
    ("communes.0.priority", 101, "communes[0].priority", "at most 100"),
    ("communes.0.location", "nowhere", "communes[0].location", "no location"),
    ("communes.0.vehicles", ["none"], "communes[0].vehicles", "no vehicle"),
    ("communes.0.availability", {"2026-06-31": "yes"}, 'communes[0].availability["2026-06-31"]', "no such date"),
    ("communes.0.availability", {"20260507": "yes"}, 'communes[0].availability["20260507"]', "date"),
    ("communes.0.availability", {day(0): "maybe"}, f'communes[0].availability["{day(0)}"]', "if_need_be"),
    ("communes.0.availability", None, "communes[0].availability", "null"),
    ("communes.1.id", "c0", "communes[1].id", "twice"),
    ("vehicles.0.depot", "nowhere", "vehicles[0].depot", "no location"),
    ("vehicles.0.nights_out", -1, "vehicles[0].nights_out", "at least 0"),
    ("vehicles.0.max_leg_metres", 0, "vehicles[0].max_leg_metres", "at least 1"),
    ("vehicles.0.dates", [day(1), day(0)], "vehicles[0].dates[1]", "ascend"),
    ("vehicles", {}, "vehicles", "list"),
    ("dates", [day(0), day(0)], "dates[1]", "twice"),
    ("dates", [day(1), day(0)], "dates[1]", "ascend"),
    ("locations.0.lat", 90.5, "locations[0].lat", "from -90 to 90"),
    ("locations.0.lat", float("nan"), "locations[0].lat", "finite"),
    ("locations.0.lon", "5", "locations[0].lon", "number"),
    ("travel.kind", "crow", "travel.kind", "great_circle"),
    ("travel.metres.0.1", -1, "travel.metres[0][1]", "at least 0"),
    ("travel.metres.2.1", True, "travel.metres[2][1]", "whole number"),
    ("travel.metres.2.1", 0.5, "travel.metres[2][1]", "whole number"),
    ("travel.metres.2.1", 10**12 + 1, "travel.metres[2][1]", "at most"),
    ("travel.metres.1.1", 1, "travel.metres[1][1]", "must be 0"),
    ("travel.metres.0", [0, 1], "travel.metres[0]", "3 rows"),
    ("travel", {"kind": "great_circle", "detour": 0.9}, "travel.detour", "from 1"),
    ("travel", {"kind": "great_circle"}, "travel.detour", "missing"),
    ("quotas.0.communes", ["c9"], "quotas[0].communes", "no commune"),
    ("quotas.0.from", "never", "quotas[0].from", "date"),
    ("locked.0.commune", "c9", "locked[0].commune", "no commune"),
    ("locked.0.waived", ["leg"], "locked[0].waived", "cannot|can be waived"),
    ("separation", {"metres": 1}, "separation.days", "missing"),
    ("costs", {"moved": -1}, "costs.moved", "at least 0"),
    ("baseline", [{"commune": "gone"}], "baseline[0].date", "missing"),
]


@pytest.mark.parametrize(("path", "value", "place", "message"), REFUSED)
def test_refused_with_its_place(path: str, value: Any, place: str, message: str) -> None:
    """What the format forbids is refused, and the place is named."""
    with pytest.raises(routing.SeasonError, match=message) as caught:
        routing.parse_season(changed(path, value))
    assert caught.value.place == place


@pytest.mark.parametrize("value", [None, [], "season", 3, {}])
def test_not_a_season_at_all(value: Any) -> None:
    """Any JSON value gets an answer."""
    with pytest.raises(routing.SeasonError):
        routing.parse_season(value)


@FEW
@given(seasons())
def test_season_round_trip(value: dict[str, Any]) -> None:
    """Written and read again, a season is the same."""
    parsed = routing.parse_season(value)
    again = json.loads(json.dumps(routing.season_to_dict(parsed)))
    assert routing.parse_season(again) == parsed


def test_plan_round_trip() -> None:
    """Written and read again, a plan is the same, reasons included."""
    parsed = routing.parse_season(season(communes=3, dates=2))
    plan = routing.solve(parsed, routing.Limits(60.0, iterations=20))
    assert plan.unserved[0].reasons
    assert routing.parse_plan(json.loads(json.dumps(routing.plan_to_dict(plan)))) == plan


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1"),
        (b"{", "line 1"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"a": NaN}', "a: must be a finite"),
        (b'{"a": [1, 1e999]}', r"a\[1\]: must be a finite"),
        (b'{"a": {"b": 1, "b": 2}}', 'a: the key "b" stands twice'),
        (b"[" * 100_000, "deep|JSON"),
        (b"1" * 5_000, "digits"),
    ],
)
def test_files_that_are_not_strict_json(content: bytes, message: str, tmp_path: Path) -> None:
    """NaN, doubled keys, endless numbers and nesting are one clear error each."""
    path = tmp_path / "season.json"
    path.write_bytes(content)
    with pytest.raises(SeasonError, match=message):
        load_json(path, SeasonError)


def test_any_unicode_id() -> None:
    """Ids may be any text."""
    value = season(communes=1)
    value["communes"][0]["id"] = value["communes"][0]["id"] + "·l’Île {0} 🏮\n"
    parsed = routing.parse_season(value)
    plan = routing.solve(parsed, routing.Limits(60.0, iterations=5))
    assert not routing.check(parsed, routing.parse_plan(routing.plan_to_dict(plan)))
