"""The best plan that can be put together from a pool of tournées, by CP-SAT under every rule's rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from ortools.sat.python import cp_model

from .instance import Instance, Slot
from .model import Rowed
from .rows import Rows
from .tournees import Tournee


class PoolModel(Rowed):
    """Chooses tournées; `block_of` says which block a slot is in, each block has at most one tournée."""

    def __init__(self, instance: Instance, pool: Mapping[Tournee, int], block_of: Mapping[Slot, int]) -> None:
        super().__init__(Rows(instance, {slot for tournee in pool for slot in tournee}))
        self._block_of = block_of
        self._chosen = {tournee: self.cp.new_bool_var("") for tournee in pool}
        using: dict[Slot, list[cp_model.IntVar]] = defaultdict(list)
        together: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for tournee, variable in self._chosen.items():
            together[block_of[tournee[0]]].append(variable)
            for slot in tournee:
                using[slot].append(variable)
        for variables in together.values():
            self.cp.add_at_most_one(variables)
        for slot, variables in using.items():
            self.cp.add(cp_model.LinearExpr.sum(variables) == self.var[slot])
        self.minimize([(self._chosen[tournee], metres) for tournee, metres in pool.items()])

    def hint(self, slots: list[Slot]) -> None:
        """Suggest a plan whose tournées are in the pool."""
        self.hint_rows(slots)
        days: dict[int, set[Slot]] = defaultdict(set)
        for slot in slots:
            days[self._block_of[slot]].add(slot)
        for tournee, variable in self._chosen.items():
            self.cp.add_hint(variable, set(tournee) == days[self._block_of[tournee[0]]])
