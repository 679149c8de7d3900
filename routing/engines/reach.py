"""Whether a vehicle gets to a locked evening and home again at all, when no leg may be too long."""

from __future__ import annotations

import numpy as np

from routing.season import Lock

from .field import Bools, Ints
from .instance import Instance


def cut_off(instance: Instance) -> Lock | None:
    """A lock that no chain of allowed legs reaches or leaves on any of its vehicles, over any evenings on the way.

    Only legs and open dates are looked at, so there may be other reasons why a lock cannot be reached.
    """
    slots = instance.fixed_slots()
    reached = {v: _reached(instance, v) for v in {v for _, v, _ in slots}}
    for lock in instance.season.locked:
        c, i = instance.commune_index[lock.commune], instance.days.index(lock.date.toordinal())
        if not any(reached[v][j, d] for d, v, j in slots if (d, j) == (c, i)):
            return lock
    return None


def _reached(instance: Instance, v: int) -> Bools:
    """Shape (dates, communes): where the vehicle can be on a way from its depot and back to it."""
    vehicle = instance.season.vehicles[v]
    most = np.inf if vehicle.max_leg_metres is None else vehicle.max_leg_metres
    there = (instance.answers & instance.compatible[:, v, None] & instance.runs[v]).T
    for c, w, i in instance.fixed_slots():
        there[i, c] |= w == v
    direct = instance.direct <= most
    days = np.array(instance.days)
    come = _sweep(there, instance.out[v] <= most, direct, days, vehicle.nights_out)
    leave = _sweep(there[::-1], instance.back[v] <= most, direct.T, -days[::-1], vehicle.nights_out)
    return come & leave[::-1]


def _sweep(there: Bools, from_depot: Bools, direct: Bools, days: Ints, nights: int) -> Bools:
    """Date by date, where it can be: from the depot, or directly from where it was at most `nights` days before."""
    result = np.zeros_like(there)
    counts = np.zeros((len(days) + 1, there.shape[1]), np.int64)  # of `result` up to each date
    first = 0
    for i in range(len(days)):
        while days[i] - days[first] > nights:
            first += 1
        recent = counts[i] > counts[first]
        result[i] = there[i] & (from_depot | direct[recent].any(axis=0))
        counts[i + 1] = counts[i] + result[i]
    return result
