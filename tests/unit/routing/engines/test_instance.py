"""The season as numbers, against the season itself."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from tests.unit.routing.lands import instance_of
from tests.unit.routing.seasons import FEW, seasons


@FEW
@given(seasons())
def test_open_slots_are_those_the_season_leaves(value: dict[str, Any]) -> None:
    """`open`, `count`, `answers` and what the field says of dates and vehicles, from the file's own words."""
    instance = instance_of(value)
    locked = {(item["commune"], item["date"]) for item in value.get("locked", [])}
    everything = []
    for c, commune in enumerate(value["communes"]):
        said = commune.get("availability")
        yes = [
            (said is None or said.get(when, "no") != "no") and (commune["id"], when) not in locked
            for when in value["dates"]
        ]
        assert instance.answers[c].tolist() == yes
        here = [
            (v, i)
            for v, vehicle in enumerate(value["vehicles"])
            for i, when in enumerate(value["dates"])
            if yes[i]
            and when in vehicle.get("dates", value["dates"])
            and set(commune.get("needs", [])) <= set(vehicle["equipment"])
            and vehicle["id"] in commune.get("vehicles", [vehicle["id"]])
        ]
        assert instance.open[c] == here
        field = instance.field
        assert field.dates[field.dates_of[c] : field.dates_of[c + 1]].tolist() == sorted({i for _, i in here})
        assert field.vehicles[field.vehicles_of[c] : field.vehicles_of[c + 1]].tolist() == sorted({v for v, _ in here})
        everything += here
    assert instance.count == len(everything)
