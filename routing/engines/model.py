"""The whole season as one CP-SAT model over dated slots: exact, and the judge of small seasons.

For each vehicle a path runs through its dates: from an evening either straight to one within `nights_out`
days, or home, and out again no earlier than the day after those. So a leg is driven directly exactly when the
format says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable

from ortools.sat.python import cp_model

from .instance import Instance, Slot

class Model:
    """The model of `slots` (candidates, locked ones included) with the locked evenings required.

    `with_legs` False leaves routes and metres out: then only feasibility under the other rules is asked.
    `too_big` is set, and nothing built, when there would be more than `most_arcs` legs.
    """

    def __init__(
        self,
        instance: Instance,
        slots: Iterable[Slot],
        *,
        with_legs: bool = True,
        most_arcs: int = 400_000,
    ) -> None:
        self.instance = instance
        self.cp = cp_model.CpModel()
        self.slots = sorted(set(slots))
        self.var = {slot: self.cp.new_bool_var("") for slot in self.slots}
        self.terms: list[tuple[cp_model.IntVar, int]] = []
        self.constant = instance.constant
        self.too_big = self.priced = False
        self._some: dict[int, cp_model.IntVar] = {}
        self.arcs: list[tuple[cp_model.IntVar, int, Slot | None, Slot | None]] = []
        self._of_commune: dict[int, dict[int, list[cp_model.IntVar]]] = defaultdict(lambda: defaultdict(list))
        for c, v, i in self.slots:
            self._of_commune[c][i].append(self.var[c, v, i])
        self._locked()
        self._spacing()
        self._separation()
        self._vehicle_limits()
        self._quotas()
        if with_legs:
            self._shortfalls()
            self._legs(most_arcs)
            if sum(abs(factor) for _, factor in self.terms) > 2**60:  # CP-SAT counts in 64 bits
                self.too_big = True
            if not self.too_big:
                self.priced = True
                for slot, var in self.var.items():
                    self.terms.append((var, instance.preference[slot[0]][slot[2]]))
                self.cp.minimize(
                    cp_model.LinearExpr.weighted_sum(*zip(*self.terms, strict=True)) if self.terms else 0
                )

    def _held(self, rule: str, c: int) -> dict[int, list[cp_model.IntVar]]:
        """The commune's variables by date, without those that the rule is waived for."""
        found = self._of_commune.get(c, {})
        return {i: found[i] for i in sorted(found) if rule not in self.instance.waived(c, i)}

    def _locked(self) -> None:
        for c, i in self.instance.fixed:
            self.cp.add_exactly_one(self._of_commune.get(c, {}).get(i, []))

    def _spacing(self) -> None:
        days = self.instance.days
        for c, by_day in self._of_commune.items():
            commune = self.instance.season.communes[c]
            for found in by_day.values():
                self.cp.add_at_most_one(found)  # one_per_commune, which nothing waives
            wanted = [var for found in self._held("wanted", c).values() for var in found]
            if len(wanted) > commune.evenings:
                self.cp.add(sum(wanted) <= commune.evenings)
            held = self._held("spacing", c)
            indices = list(held)
            before = -1
            for k, i in enumerate(indices):
                end = bisect_right(indices, days[i] + commune.min_days_between - 1, key=lambda j: days[j])
                if end - k > 1 and end > before:
                    self.cp.add_at_most_one(var for j in indices[k:end] for var in held[j])
                before = max(before, end)

    def _separation(self) -> None:
        rule = self.instance.season.separation
        if rule is None or rule.days == 0:
            return
        days = self.instance.days
        for a in sorted(self._of_commune):
            first = self._held("separation", a)
            for b in self.instance.near[a]:
                if b <= a or b not in self._of_commune:
                    continue
                second = self._held("separation", b)
                for i, here in first.items():
                    for j, there in second.items():
                        if abs(days[i] - days[j]) < rule.days:
                            self.cp.add_at_most_one(here + there)

    def _vehicle_limits(self) -> None:
        instance = self.instance
        taken: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
        weeks: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
        rows: dict[int, dict[int, list[cp_model.IntVar]]] = defaultdict(lambda: defaultdict(list))
        for slot, var in self.var.items():
            c, v, i = slot
            taken[v, i].append(var)
            waived = instance.waived(c, i)
            if "weekly_rest" not in waived:
                weeks[v, instance.weeks[i]].append(var)
            if "days_in_row" not in waived:
                rows[v][instance.days[i]].append(var)
        for found in taken.values():
            self.cp.add_at_most_one(found)
        for (v, _), found in weeks.items():
            most = instance.season.vehicles[v].max_evenings_per_week
            if most is not None and len(found) > most:
                self.cp.add(sum(found) <= most)
        for v, by_day in rows.items():
            most = instance.season.vehicles[v].max_days_in_row
            if most is None or most >= len(by_day):
                continue
            for day in by_day:
                window = [by_day.get(day + k, []) for k in range(most + 1)]
                if all(window):
                    self.cp.add(sum(var for found in window for var in found) <= most)

    def _quotas(self) -> None:
        for members, covers, most in self.instance.quotas:
            found = [
                var
                for c in members
                for i, here in self._held("quota", c).items()
                if covers[i]
                for var in here
            ]
            if len(found) > most:
                self.cp.add(sum(found) <= most)

    def _shortfalls(self) -> None:
        instance, costs = self.instance, self.instance.season.costs
        for c, commune in enumerate(instance.season.communes):
            found = [var for here in self._of_commune.get(c, {}).values() for var in here]
            self.constant += (commune.evenings * costs.missing + costs.no_evening - costs.missing) * commune.priority
            if not found:
                continue
            some = self.cp.new_bool_var("")
            self._some[c] = some
            self.cp.add_bool_or(found).only_enforce_if(some)
            for var in found:
                self.cp.add_implication(var, some)
            self.terms.append((some, -(costs.no_evening - costs.missing) * commune.priority))
            further = -costs.missing * commune.priority
            if len(found) <= commune.evenings or not any(
                "wanted" in instance.waived(c, i) for i in self._of_commune[c]
            ):
                self.terms.extend((var, further) for var in found)
            else:  # beyond what is wanted an evening saves nothing
                useful = self.cp.new_int_var(0, commune.evenings, "")
                self.cp.add(useful <= sum(found))
                self.terms.append((useful, further))

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
        instance, vehicle = self.instance, self.instance.season.vehicles[v]
        by_day: dict[int, list[Slot]] = defaultdict(list)
        for slot in sorted(slots, key=lambda slot: slot[2]):
            by_day[slot[2]].append(slot)
        indices, days = list(by_day), instance.days
        longest = vehicle.max_leg_metres
        out, back, direct = instance.out[v], instance.back[v], instance.direct
        coming: dict[Slot, list[cp_model.IntVar]] = defaultdict(list)
        going: dict[Slot, list[cp_model.IntVar]] = defaultdict(list)
        home_in: list[list[cp_model.IntVar]] = [[] for _ in range(len(indices) + 1)]
        home_out: list[list[cp_model.IntVar]] = [[] for _ in range(len(indices) + 1)]

        def arc(metres: int, here: Slot | None, there: Slot | None) -> cp_model.IntVar:
            var = self.cp.new_bool_var("")
            self.terms.append((var, metres))
            self.arcs.append((var, v, here, there))
            return var

        def short(metres: int) -> bool:
            return longest is None or metres <= longest

        for k, i in enumerate(indices):
            after = bisect_right(indices, days[i] + vehicle.nights_out, key=lambda j: days[j])
            for here in by_day[i]:
                a = here[0]
                if short(out[a]):
                    var = arc(out[a], None, here)
                    home_out[k].append(var)
                    coming[here].append(var)
                if short(back[a]):
                    var = arc(back[a], here, None)
                    home_in[after].append(var)
                    going[here].append(var)
                for j in indices[k + 1 : after]:
                    for there in by_day[j]:
                        b = there[0]
                        if a == b and days[j] - days[i] < instance.season.communes[a].min_days_between:
                            if not instance.waived(a, i) and not instance.waived(b, j):
                                continue
                        if short(direct[a][b]):
                            metres = direct[a][b]
                        elif short(back[a]) and short(out[b]):
                            metres = back[a] + out[b]
                        else:
                            continue
                        var = arc(metres, here, there)
                        going[here].append(var)
                        coming[there].append(var)
        for slot in slots:
            self.cp.add(sum(coming[slot]) == self.var[slot])
            self.cp.add(sum(going[slot]) == self.var[slot])
        waiting: cp_model.LinearExprT = 1  # the vehicle starts at home
        for k in range(len(indices)):
            here_now = waiting + sum(home_in[k])
            stays = self.cp.new_bool_var("")
            self.cp.add(here_now == stays + sum(home_out[k]))
            waiting = stays
        self.cp.add(waiting + sum(home_in[len(indices)]) == 1)

    def hint(self, slots: Iterable[Slot]) -> None:
        """Suggest a plan to start from, legs included."""
        chosen = set(slots)
        for slot, var in self.var.items():
            self.cp.add_hint(var, slot in chosen)
        served = {c for c, _, _ in chosen}
        for c, some in self._some.items():
            self.cp.add_hint(some, c in served)
        paths: dict[int, list[Slot]] = defaultdict(list)
        for slot in sorted(chosen, key=lambda slot: slot[2]):
            paths[slot[1]].append(slot)
        driven: set[tuple[Slot | None, Slot | None]] = set()
        days = self.instance.days
        direct_possible = {(here, there) for _, _, here, there in self.arcs if here and there}
        for v, path in paths.items():
            nights = self.instance.season.vehicles[v].nights_out
            driven |= {(None, path[0]), (path[-1], None)}
            for here, there in zip(path, path[1:], strict=False):
                if days[there[2]] - days[here[2]] <= nights and (here, there) in direct_possible:
                    driven.add((here, there))
                else:
                    driven |= {(here, None), (None, there)}
        for var, _, here, there in self.arcs:
            self.cp.add_hint(var, (here, there) in driven)


class Callback(cp_model.CpSolverSolutionCallback):
    """Hands each new plan on."""

    def __init__(self, model: Model, found: Callable[[list[Slot]], None]) -> None:
        super().__init__()
        self._model, self._found = model, found

    def on_solution_callback(self) -> None:
        """Called by the solver at each improvement."""
        self._found([slot for slot, var in self._model.var.items() if self.boolean_value(var)])
