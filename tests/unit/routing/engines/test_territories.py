"""Territories: every vehicle and every commune in one, with as many wishes as its vehicles have time for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.engines import territories as module
from routing.engines.territories import Land, evenings_of, territories
from tests.unit.routing.lands import instance_of, land
from tests.unit.routing.seasons import FEW, season


def _spread(depots: int, per_depot: int, *, communes: int, dates: int = 4) -> dict[str, Any]:
    """Depots 100 km apart on a line, each with its vehicles and, 5 km around it, communes."""
    places: list[dict[str, Any]] = [{"id": f"d{k}", "lat": 44.0, "lon": 1.25 * k} for k in range(depots)]
    for k in range(communes):
        home = places[k % depots]
        turn = k // depots % 4
        lat, lon = home["lat"] + (0.05, 0.0, -0.05, 0.0)[turn], home["lon"] + (0.0, 0.05, 0.0, -0.05)[turn]
        places.append({"id": f"c{k}", "lat": lat, "lon": lon})
    vehicles = [{"id": f"v{k}-{n}", "depot": f"d{k}"} for k in range(depots) for n in range(per_depot)]
    travel = {"kind": "great_circle", "detour": 1.0}
    return season(communes=communes, dates=dates, locations=places, travel=travel) | {"vehicles": vehicles}


def _each_once(lands: list[Land], vehicles: int, communes: int) -> None:
    assert sorted(v for item in lands for v in item.vehicles) == list(range(vehicles))
    assert sorted(c for item in lands for c in item.communes) == list(range(communes))


@FEW
@given(st.integers(0, 10**6), st.sampled_from([(1, 4), (8, 12), (120, 400)]))
def test_every_vehicle_and_every_commune_once(seed: int, sizes: tuple[int, int]) -> None:
    """Whatever the season and the sizes, the territories are a partition."""
    instance = instance_of(land(seed, communes=12, vehicles=6))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_LEAST", sizes[0])
        patched.setattr(module, "_MOST", sizes[1])
        _each_once(territories(instance), len(instance.season.vehicles), len(instance.season.communes))


def test_communes_go_to_the_depot_beside_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every depot has time for all around it, nobody is sent away."""
    monkeypatch.setattr(module, "_LEAST", 1)
    lands = territories(instance_of(_spread(3, 1, communes=9)))
    assert [(item.depots, item.communes) for item in lands] == [
        (("d0",), (0, 3, 6)),
        (("d1",), (1, 4, 7)),
        (("d2",), (2, 5, 8)),
    ]


def test_what_a_depot_has_no_time_for_goes_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six communes around one depot whose vehicle has three evenings: three look to the other depot."""
    monkeypatch.setattr(module, "_LEAST", 1)
    value = _spread(2, 1, communes=12, dates=3)
    value["communes"] = [item for item in value["communes"] if int(item["id"][1:]) % 2 == 0]
    lands = territories(instance_of(value))
    assert [len(item.communes) for item in lands] == [3, 3]


def test_ninety_depots_of_one_vehicle_are_joined() -> None:
    """Ninety vehicles with two evenings each are too little for themselves: neighbours go together."""
    lands = territories(instance_of(_spread(90, 1, communes=90, dates=2)))
    assert 1 <= len(lands) <= 2
    _each_once(lands, 90, 90)


def test_many_vehicles_at_one_depot_are_parted_by_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four vehicles of four evenings, eight evenings a territory: two sectors, each with half of each kind."""
    monkeypatch.setattr(module, "_MOST", 8)
    value = _spread(1, 4, communes=16)
    for vehicle in value["vehicles"][:2]:
        vehicle["equipment"] = ["stage"]
    lands = territories(instance_of(value))
    assert [(item.depots, item.sector) for item in lands] == [(("d0",), 1), (("d0",), 2)]
    assert [item.vehicles for item in lands] == [(0, 2), (1, 3)]
    sides = [{k % 4 for k in item.communes} for item in lands]
    assert all(len(side) == 2 for side in sides)
    assert sides[0].isdisjoint(sides[1])


def test_evenings_of_a_vehicle_count_its_weeks() -> None:
    """Thursday to Sunday and the Monday after: two a week at most make three, and without a limit all five count."""
    value = season(dates=5, vehicles=3)
    value["vehicles"][0]["max_evenings_per_week"] = 2
    value["vehicles"][2]["dates"] = []
    instance = instance_of(value)
    assert [evenings_of(instance, v) for v in range(3)] == [3, 5, 0]


def test_vehicles_without_dates_are_in_a_territory_all_the_same() -> None:
    """Where no vehicle has a date there is still one territory, and none where there is no vehicle."""
    value = season(communes=2)
    value["vehicles"][0]["dates"] = []
    assert territories(instance_of(value)) == [Land(("d",), 0, (0,), (0, 1))]
    assert territories(instance_of(season(vehicles=0))) == []
