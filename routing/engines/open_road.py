"""Seasons in which dates do not tell one evening from another: what is left of them is pure routing.

Every commune wants one evening and takes any date of any vehicle that may come, and no rule looks at which evenings
fall when. A block (a vehicle's dates without a gap longer than `nights_out`) is then a tournée of at most so many
stops, and a tournée of k stops takes the block's first k dates: all its legs are direct ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .field import Bools, Floats, Ints
from .instance import Instance, Slot


@dataclass(frozen=True, slots=True)
class OpenRoad:
    """Routing and nothing else. Nodes are the communes, then the depots; blocks of one kind are alike.

    `metres` (nodes, nodes); of each block its `vehicle`, `dates` (indices), `depot` (node), `room` (stops) and
    `kind`; `fits` (communes, kinds); `worth` (communes) is what an evening saves beside its metres.
    """

    metres: Floats
    vehicle: list[int]
    dates: list[Sequence[int]]
    depot: Ints
    room: Ints
    kind: Ints
    fits: Bools
    worth: Floats
    constant: int  # of every plan's cost

    def floor(self) -> int:
        """No plan costs less: a commune is left out, or has a leg to it and one from it, each shared with another."""
        size = len(self.worth)
        apart = self.metres.copy()
        np.fill_diagonal(apart, np.inf)
        legs = (apart[:size].min(axis=1) + apart[:, :size].min(axis=0)) / 2
        return self.constant + math.ceil(float(np.minimum(legs, self.worth).sum()) - 1e-6)

    @property
    def symmetric(self) -> bool:
        """Whether both directions are as long between any two nodes."""
        return bool((self.metres == self.metres.T).all())

    def slots(self, tournees: Sequence[Sequence[int]]) -> list[Slot]:
        """The tournées, one for each block (perhaps empty), as dated evenings."""
        return [
            (int(c), self.vehicle[b], self.dates[b][k])
            for b, tournee in enumerate(tournees)
            for k, c in enumerate(tournee)
        ]


def open_road(instance: Instance) -> OpenRoad | None:
    """The season as pure routing; None where some rule or wish of it looks at dates."""
    season = instance.season
    if (
        instance.budget is not None
        or season.locked
        or season.baseline
        or any(instance.near)
        or any(most < len(members) for members, _, most in instance.quotas)
        or any(item.evenings > 1 for item in season.communes)
        or any(any(row) for row in instance.preference)
        or not _always_open(instance)
    ):
        return None
    blocks = [(v, dates) for v in range(len(season.vehicles)) for dates in instance.stretches(v, instance.dates_of[v])]
    rooms = [_room(instance, v, dates) for v, dates in blocks]
    if not blocks or None in rooms or not _short_legs(instance):
        return None
    homes = sorted({vehicle.depot for vehicle in season.vehicles})
    size = len(season.communes)
    node = {home: size + k for k, home in enumerate(homes)}
    places = [instance.ground.place[name] for name in [*(item.location for item in season.communes), *homes]]
    kinds: dict[object, int] = {}
    kind, fits = [], []
    for (v, _), room in zip(blocks, rooms, strict=True):
        able = tuple(instance.compatible[c][v] for c in range(size))
        key = season.vehicles[v].depot, room, able
        if key not in kinds:
            kinds[key] = len(kinds)
            fits.append(able)
        kind.append(kinds[key])
    return OpenRoad(
        metres=instance.ground.metres[np.ix_(places, places)].astype(np.float64),
        vehicle=[v for v, _ in blocks],
        dates=[dates for _, dates in blocks],
        depot=np.array([node[season.vehicles[v].depot] for v, _ in blocks], dtype=np.int64),
        room=np.array(rooms, dtype=np.int64),
        kind=np.array(kind, dtype=np.int64),
        fits=np.array(fits, dtype=np.bool_).T.copy(),
        worth=np.array([instance.worth(c, 0) for c in range(size)], dtype=np.float64),
        constant=instance.constant,
    )


def _always_open(instance: Instance) -> bool:
    """Whether each commune takes every date of every vehicle that may come."""
    able, offered = instance.compatible, instance.runs.sum(axis=1)
    return bool(np.all((instance.answers.astype(np.int64) @ instance.runs.T == offered) | ~able))


def _room(instance: Instance, v: int, dates: list[int]) -> int | None:
    """How many of the block's dates can be used, from the first on; None where that is not the whole rule."""
    vehicle, room = instance.season.vehicles[v], len(dates)
    week, row = vehicle.max_evenings_per_week, vehicle.max_days_in_row
    weeks = {instance.weeks[i] for i in dates}
    if week is not None and week < min(room, 7):
        shared = any(instance.weeks[i] in weeks for i, runs in enumerate(instance.runs[v]) if runs and i not in dates)
        if len(weeks) > 1 or shared:
            return None
        room = week
    return None if row is not None and row < room else room


def _short_legs(instance: Instance) -> bool:
    """Whether no vehicle has a limit that some leg between two places of the season is longer than."""
    longest = int(instance.ground.metres.max(initial=0))
    limits = [v.max_leg_metres for v in instance.season.vehicles if v.max_leg_metres is not None]
    return all(limit >= longest for limit in limits)
