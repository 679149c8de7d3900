"""The whole season as one CP-SAT model over dated slots: exact, and the judge of small seasons.

For each vehicle a path runs through its dates: from an evening either straight to one within `nights_out`
days, or home, and out again no earlier than the day after those. So a leg is driven directly exactly when the
format says so.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable

from ortools.sat.python import cp_model

from .instance import Instance, Slot
from .rows import SOME, USEFUL, Row, Rows

MOST_ARCS = 150_000  # legs; a model with more takes too long to begin with
_LARGEST_OBJECTIVE = 2**60  # CP-SAT counts in 64 bits

_Arc = tuple[cp_model.IntVar, Slot | None, Slot | None]  # driven or not, from, to; None is the depot


class Rowed:
    """A CP-SAT model of the rows: `var` per slot, `constant` of the cost, `priced` once it has an objective."""

    def __init__(self, rows: Rows) -> None:
        self.cp = cp_model.CpModel()
        self.rows = rows
        self.slots = rows.slots
        self.constant = rows.constant
        self.priced = False
        self._all = {
            key: self.cp.new_bool_var("") if most == 1 else self.cp.new_int_var(0, most, "")
            for key, most in rows.limit.items()
        }
        self.var = {slot: self._all[slot] for slot in self.slots}
        for row in rows.rows:
            self._add(row)

    def _add(self, row: Row) -> None:
        variables = [self._all[key] for key, _ in row.terms]
        if row.plain and row.upper == 1 and row.lower is None:
            self.cp.add_at_most_one(variables)
        elif row.plain and row.upper == 1 and row.lower == 1:
            self.cp.add_exactly_one(variables)
        else:
            total = cp_model.LinearExpr.weighted_sum(variables, [factor for _, factor in row.terms])
            least = cp_model.INT_MIN if row.lower is None else row.lower
            self.cp.add_linear_constraint(total, least, cp_model.INT_MAX if row.upper is None else row.upper)

    def minimize(self, driving: list[tuple[cp_model.IntVar, int]]) -> None:
        """Set the objective: the rows' prices and these metres. Left unpriced where 64 bits would not do."""
        prices = [(self._all[key], price) for key, price in self.rows.price.items()] + driving
        if sum(abs(price) for _, price in prices) > _LARGEST_OBJECTIVE:
            return
        self.priced = True
        variables, factors = zip(*prices, strict=True) if prices else ((), ())
        self.cp.minimize(cp_model.LinearExpr.weighted_sum(variables, factors))

    def hint_rows(self, slots: Iterable[Slot]) -> None:
        """Suggest these slots, and what they make of the communes' counts."""
        chosen = set(slots)
        served = {c for c, _, _ in chosen}
        for key, var in self._all.items():
            if key[0] in (SOME, USEFUL):
                self.cp.add_hint(var, key[1] in served if key[0] == SOME else 0)
            else:
                self.cp.add_hint(var, key in chosen)


class Model(Rowed):
    """The model of `slots` (candidates, locked ones included) with the locked evenings required.

    `with_legs` False leaves routes and metres out: then only feasibility under the other rules is asked.
    `cheapest` False asks for any plan rather than for the cheapest.
    `too_big` is set, and the model not to be used, when it would have more than `most_arcs` legs or sums
    beyond 64 bits.
    """

    def __init__(
        self,
        instance: Instance,
        slots: Iterable[Slot],
        *,
        with_legs: bool = True,
        most_arcs: int = MOST_ARCS,
        cheapest: bool = True,
    ) -> None:
        super().__init__(Rows(instance, slots))
        self.instance = instance
        self.too_big = False
        self._arcs: list[_Arc] = []
        self._metres: list[tuple[cp_model.IntVar, int]] = []
        if with_legs:
            self._legs(most_arcs)
            if cheapest and not self.too_big:
                self.minimize(self._metres)
                self.too_big = not self.priced

    def _legs(self, most_arcs: int) -> None:
        per_vehicle: dict[int, list[Slot]] = defaultdict(list)
        for slot in self.slots:
            per_vehicle[slot[1]].append(slot)
        count = self.count_arcs(self.instance, self.slots, most=most_arcs)
        if count > most_arcs:
            self.too_big = True
            return
        for v, found in per_vehicle.items():
            self._path(v, found)

    @staticmethod
    def count_arcs(instance: Instance, slots: Iterable[Slot], *, most: int) -> int:
        """How many legs the model would have; counting ends once there are more than `most`."""
        per_vehicle: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        total = 0
        for _, v, i in slots:
            per_vehicle[v][i] += 1
            total += 2
        for v, count in per_vehicle.items():
            days, nights = instance.days, instance.season.vehicles[v].nights_out
            indices = sorted(count)
            for k, i in enumerate(indices):
                if total > most:
                    return total
                for j in indices[k + 1 :]:
                    if days[j] - days[i] > nights:
                        break
                    total += count[i] * count[j]
        return total

    def _path(self, v: int, slots: list[Slot]) -> None:
        """The vehicle's path: `coming` to and `going` from each slot, `arriving` home and `leaving` it.

        `arriving[k]` come home in time to leave for the k-th date; between dates the vehicle may stay there.
        """
        instance, days = self.instance, self.instance.days
        by_day: dict[int, list[Slot]] = defaultdict(list)
        for slot in sorted(slots, key=lambda slot: slot[2]):
            by_day[slot[2]].append(slot)
        indices = list(by_day)
        nights = instance.season.vehicles[v].nights_out
        coming: dict[Slot, list[cp_model.IntVar]] = defaultdict(list)
        going: dict[Slot, list[cp_model.IntVar]] = defaultdict(list)
        arriving: list[list[cp_model.IntVar]] = [[] for _ in range(len(indices) + 1)]
        leaving: list[list[cp_model.IntVar]] = [[] for _ in range(len(indices) + 1)]
        for k, i in enumerate(indices):
            after = bisect_right(indices, days[i] + nights, key=lambda j: days[j])
            for here in by_day[i]:
                for var in self._arc(instance.depot_leg(v, here[0], out=True), None, here):
                    leaving[k].append(var)
                    coming[here].append(var)
                for var in self._arc(instance.depot_leg(v, here[0], out=False), here, None):
                    arriving[after].append(var)
                    going[here].append(var)
                for there in (slot for j in indices[k + 1 : after] for slot in by_day[j]):
                    for var in self._arc(instance.link(here, there), here, there):
                        going[here].append(var)
                        coming[there].append(var)
        for slot in slots:
            self.cp.add(cp_model.LinearExpr.sum(coming[slot]) == self.var[slot])
            self.cp.add(cp_model.LinearExpr.sum(going[slot]) == self.var[slot])
        at_home = self.cp.new_constant(1)  # the vehicle starts at home
        for k in range(len(indices)):
            stays = self.cp.new_bool_var("")
            self.cp.add(
                cp_model.LinearExpr.sum([at_home, *arriving[k]]) == cp_model.LinearExpr.sum([stays, *leaving[k]])
            )
            at_home = stays
        self.cp.add_exactly_one([at_home, *arriving[len(indices)]])

    def _arc(self, metres: int | None, here: Slot | None, there: Slot | None) -> list[cp_model.IntVar]:
        """A leg that may be driven, none where it would be too long."""
        if metres is None:
            return []
        var = self.cp.new_bool_var("")
        self._metres.append((var, metres))
        self._arcs.append((var, here, there))
        return [var]

    def hint(self, slots: Iterable[Slot]) -> None:
        """Suggest a plan to start from, legs included."""
        chosen = set(slots)
        self.hint_rows(chosen)
        paths: dict[int, list[Slot]] = defaultdict(list)
        for slot in sorted(chosen, key=lambda slot: slot[2]):
            paths[slot[1]].append(slot)
        driven: set[tuple[Slot | None, Slot | None]] = set()
        days = self.instance.days
        for v, path in paths.items():
            nights = self.instance.season.vehicles[v].nights_out
            driven |= {(None, path[0]), (path[-1], None)}
            for one, two in itertools.pairwise(path):
                near = days[two[2]] - days[one[2]] <= nights
                driven |= {(one, two)} if near else {(one, None), (None, two)}
        for var, here, there in self._arcs:
            self.cp.add_hint(var, (here, there) in driven)


class Callback(cp_model.CpSolverSolutionCallback):
    """Hands each new plan on."""

    def __init__(self, model: Rowed, found: Callable[[list[Slot]], None]) -> None:
        super().__init__()
        self._model, self._found = model, found

    def on_solution_callback(self) -> None:
        """Called by the solver at each improvement."""
        self._found([slot for slot, var in self._model.var.items() if self.boolean_value(var)])
