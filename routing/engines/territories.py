"""A big season in territories: some vehicles that are based together, and the communes they are likely to serve.

Communes go to depots as the cheapest transport would have it (each evening from the depot that serves it, to a place
at twice the way there), so that a territory with many wishes and few vehicles leaves some to its neighbours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from .field import Floats, Ints
from .instance import Instance

_MOST = 400  # evenings that a territory's vehicles have time for: with more a linear program takes too long
_LEAST = 120  # with fewer it is joined with the nearest
_YARD = 500  # metres between depots that are as good as one
_NEAREST = 8  # depots that a commune may go to
_FAR = 10**7  # metres: what an evening costs that no vehicle has time for


@dataclass(frozen=True, slots=True)
class Land:
    """A territory (see `routing.Territory`): indices of its vehicles and of the communes that look to it."""

    depots: tuple[str, ...]
    sector: int
    vehicles: tuple[int, ...]
    communes: tuple[int, ...]


def territories(instance: Instance) -> list[Land]:
    """Every vehicle and every commune in one territory; none where there is no vehicle."""
    if not instance.season.vehicles:
        return []
    bases = _joined(instance, _bases(instance))
    depot_of = _assigned(instance, bases)
    result = []
    for k, vehicles in enumerate(bases):
        result += _split(instance, vehicles, np.flatnonzero(depot_of == k))
    return result


def evenings_of(instance: Instance, v: int) -> int:
    """How many evenings a vehicle has time for, by its weeks."""
    limit = instance.season.vehicles[v].max_evenings_per_week or 7
    weeks = np.bincount(np.array(instance.weeks, dtype=np.int64)[instance.runs[v]] - min(instance.weeks, default=0))
    return int(np.minimum(weeks, limit).sum())


def _bases(instance: Instance) -> list[list[int]]:
    """The vehicles by depot, in the order of the season; depots of one yard are one."""
    metres, at = instance.ground.metres, [instance.ground.place[item.depot] for item in instance.season.vehicles]
    by_yard: dict[int, list[int]] = {}
    for v, here in enumerate(at):
        yard = next((there for there in by_yard if max(metres[here, there], metres[there, here]) <= _YARD), here)
        by_yard.setdefault(yard, []).append(v)
    return list(by_yard.values())


def _joined(instance: Instance, bases: list[list[int]]) -> list[list[int]]:
    """Small bases together with the nearest, until none is too small or all are one."""
    room = [sum(evenings_of(instance, v) for v in vehicles) for vehicles in bases]
    metres, place = instance.ground.metres, instance.ground.place
    at = [place[instance.season.vehicles[vehicles[0]].depot] for vehicles in bases]
    while len(bases) > 1 and min(room) < _LEAST:
        small = room.index(min(room))
        others = [k for k in range(len(bases)) if k != small]
        near = min(others, key=lambda k: (metres[at[small], at[k]], k))
        bases[near] = bases[near] + bases[small]
        room[near] += room[small]
        for items in (bases, room, at):
            del items[small]
    return bases


def _assigned(instance: Instance, bases: list[list[int]]) -> Ints:
    """Shape (communes,): the base that serves most of the commune's evenings in the cheapest transport."""
    wanted = np.array([item.evenings for item in instance.season.communes], dtype=np.int64)
    room = [sum(evenings_of(instance, v) for v in vehicles) for vehicles in bases]
    ways = np.array([(instance.out[b] + instance.back[b]).min(axis=0) for b in bases])
    fits = np.array([instance.compatible[:, b].any(axis=1) for b in bases])
    ways = np.where(fits, ways, _FAR // 2)
    size, flow = len(wanted), min_cost_flow.SimpleMinCostFlow()
    nearest = np.argsort(ways, axis=0, kind="stable")[:_NEAREST]  # (depots, communes)
    for c in range(size):
        for k in nearest[:, c].tolist():
            flow.add_arc_with_capacity_and_unit_cost(c, size + k, int(wanted[c]), int(ways[k, c]))
        flow.add_arc_with_capacity_and_unit_cost(c, size + len(bases), int(wanted[c]), _FAR)
        flow.set_node_supply(c, int(wanted[c]))
    end = size + len(bases) + 1
    for k, evenings in enumerate(room):
        flow.add_arc_with_capacity_and_unit_cost(size + k, end, evenings, 0)
    flow.add_arc_with_capacity_and_unit_cost(size + len(bases), end, int(wanted.sum()), 0)
    flow.set_node_supply(end, -int(wanted.sum()))
    result: Ints = nearest[0].copy()
    if flow.solve() != flow.OPTIMAL:
        return result
    served = np.zeros((size, len(bases)), np.int64)
    for arc in range(flow.num_arcs()):
        c, k = flow.tail(arc), flow.head(arc) - size
        if c < size and k < len(bases):
            served[c, k] = flow.flow(arc)
    some = served.any(axis=1)
    result[some] = served[some].argmax(axis=1)
    return result


def _split(instance: Instance, vehicles: list[int], communes: Ints) -> list[Land]:
    """A base with many vehicles in sectors around it, each with its part of vehicles of every equipment."""
    season = instance.season
    room = sum(evenings_of(instance, v) for v in vehicles)
    parts = max(1, min(len(vehicles), math.ceil(room / _MOST)))
    depots = tuple(dict.fromkeys(season.vehicles[v].depot for v in vehicles))
    order = sorted(vehicles, key=lambda v: (sorted(season.vehicles[v].equipment), v))
    turned = communes[np.argsort(_bearings(instance, vehicles[0], communes), kind="stable")]
    wanted = np.cumsum([season.communes[c].evenings for c in turned])
    sector = ((wanted - 1) * parts // max(1, int(wanted[-1]) if len(wanted) else 1)).astype(np.int64)
    return [
        Land(
            depots,
            k + 1 if parts > 1 else 0,
            tuple(sorted(order[k::parts])),
            tuple(sorted(turned[sector == k].tolist())),
        )
        for k in range(parts)
    ]


def _bearings(instance: Instance, v: int, communes: Ints) -> Floats:
    """In which direction from the vehicle's depot each commune lies, in radians."""
    ground, season = instance.ground, instance.season
    home = season.locations[ground.place[season.vehicles[v].depot]]
    places = [season.locations[ground.place[season.communes[c].location]] for c in communes]
    north = np.array([place.lat - home.lat for place in places])
    east = np.array([(place.lon - home.lon) * math.cos(math.radians(home.lat)) for place in places])
    result: Floats = np.arctan2(north, east)
    return result
