"""The search for long tournées under rules, compiled: an annealing of moves that change whole stretches."""

from __future__ import annotations

import math

from .anneal import note
from .compiled import compiled
from .exchanges import rearrange
from .field import Field, Floats, Ints, Table
from .picks import Pick, draw
from .recreate import ruin
from .trail import Trail

_REARRANGED = 5  # tries at one stretch for each round of ruin


@compiled
def wander(
    field: Field, table: Table, pick: Pick, trail: Trail, best: Ints, costs: Floats, heat: float, rounds: int
) -> None:
    """So many rounds at one temperature (metres); `best` and `costs` as for `anneal`."""
    for _ in range(rounds):
        for k in range(_REARRANGED + 1):
            allowance = -heat * math.log(1.0 - draw(pick))
            if k == 0:
                costs[0] += ruin(field, table, pick, trail, allowance)
            else:
                costs[0] += rearrange(field, table, pick, trail, allowance)
            if costs[0] < costs[1] - 1e-3:
                costs[1] = costs[0]
                note(table, best)
