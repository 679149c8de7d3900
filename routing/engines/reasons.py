"""The fewest rule instances in the way of a wish when other evenings may move: a CP-SAT model for each wish.

Every wish of equal or higher priority keeps as many evenings as it has; the others may lose theirs. All evenings but
the new one keep every rule; the new one may break some, at a price of one for each instance.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from ortools.sat.python import cp_model

from routing.season import NO

from .instance import Instance, Slot
from .rows import SOME, USEFUL, Rows

_TELLING = 100  # a rule instance outweighs all preferences among equally small sets
_CLOSED = 3  # a date that is simply closed is the answer that helps least
_LEAST = _TELLING - _CLOSED  # the price of the cheapest instance
MOST_SLOTS = 20_000  # beyond, the model is too big to be quick


class Room:
    """One season and plan: where one more evening of a commune costs the fewest broken rule instances."""

    def __init__(self, instance: Instance, plan: Iterable[Slot]) -> None:
        self._instance = instance
        self._plan = set(plan)
        self._has = Counter(c for c, _, _ in self._plan)
        slots = [*instance.fixed_slots(), *((c, v, i) for c, here in enumerate(instance.open) for v, i in here)]
        self._rows = Rows(instance, slots)

    def best(
        self, commune: int, *, fewer_than: int, seconds: float, effort: float | None
    ) -> tuple[Slot, list[Slot]] | None:
        """The new evening's slot and all the others where it breaks fewest instances, fewer than so many.

        None where there is no such slot, or none was found in `seconds`, or in `effort` deterministic ones.
        """
        self._model = cp_model.CpModel()
        self._objective: list[tuple[cp_model.IntVar, int]] = []
        self._old = {slot: self._model.new_bool_var("") for slot in self._rows.slots}
        self._rules()
        self._wishes(commune)
        self._new = {slot: self._model.new_bool_var("") for slot in self._anywhere(commune)}
        if not self._new:
            return None
        self._model.add_exactly_one(self._new.values())
        self._meets_vehicles()
        self._meets_communes(commune)
        self._meets_legs()
        for slot, variable in self._old.items():
            self._model.add_hint(variable, slot in self._plan)
        total = cp_model.LinearExpr.weighted_sum([var for var, _ in self._objective], [f for _, f in self._objective])
        self._model.add(total < fewer_than * _LEAST)
        self._model.minimize(total)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        if effort is None:
            solver.parameters.max_time_in_seconds = max(0.05, seconds)
        else:
            solver.parameters.max_deterministic_time = effort
        solver.parameters.catch_sigint_signal = False
        if solver.solve(self._model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        new = next(slot for slot, variable in self._new.items() if solver.boolean_value(variable))
        return new, [slot for slot, variable in self._old.items() if solver.boolean_value(variable)]

    def _rules(self) -> None:
        for row in self._rows.rows:
            if any(key[0] in (SOME, USEFUL) for key, _ in row.terms):
                continue  # they count costs, which nobody asks for here
            total = cp_model.LinearExpr.weighted_sum(
                [self._old[key] for key, _ in row.terms],  # type: ignore[index]
                [factor for _, factor in row.terms],
            )
            low = cp_model.INT_MIN if row.lower is None else row.lower
            self._model.add_linear_constraint(total, low, cp_model.INT_MAX if row.upper is None else row.upper)

    def _wishes(self, commune: int) -> None:
        communes = self._instance.season.communes
        of: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for slot, variable in self._old.items():
            of[slot[0]].append(variable)
        for c, item in enumerate(communes):
            if c == commune:  # the new evening comes on top of these
                self._model.add(cp_model.LinearExpr.sum(of[c]) == self._has[c])
            elif item.priority >= communes[commune].priority and of[c]:
                self._model.add(cp_model.LinearExpr.sum(of[c]) >= self._has[c])

    def _anywhere(self, commune: int) -> Iterable[Slot]:
        """Every slot of the season, closed ones too, but for dates of the commune's own locked evenings."""
        instance = self._instance
        for v in range(len(instance.season.vehicles)):
            for i in range(len(instance.days)):
                if (commune, i) not in instance.fixed:
                    yield commune, v, i

    def _broken(self, price: int = _TELLING) -> cp_model.IntVar:
        variable = self._model.new_bool_var("")
        self._objective.append((variable, price))
        return variable

    def _meets_vehicles(self) -> None:
        """What the slot itself breaks, and the vehicle's taken dates, full weeks and runs."""
        instance, season = self._instance, self._instance.season
        taken: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
        for (c, v, i), variable in self._old.items():
            taken[v, i].append(variable)
            if "weekly_rest" not in instance.waived(c, i):
                taken[v, -1 - instance.weeks[i]].append(variable)
        weeks: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
        for (c, v, i), variable in self._new.items():
            if (c, v, i) in self._old:  # one evening, not two
                self._model.add_at_most_one(variable, self._old[c, v, i])
            item, vehicle = season.communes[c], season.vehicles[v]
            closed = (not instance.runs[v][i]) + (item.answer(season.dates[i]) == NO)
            lacking = (not item.needs <= vehicle.equipment) + (
                item.vehicles is not None and vehicle.id not in item.vehicles
            )
            if closed + lacking:
                self._objective.append((variable, (closed + lacking) * _TELLING + closed * _CLOSED))
            if taken[v, i]:
                self._model.add(cp_model.LinearExpr.sum([*taken[v, i], variable]) <= 1 + self._broken())
            weeks[v, instance.weeks[i]].append(variable)
            if vehicle.max_days_in_row is not None and vehicle.max_days_in_row < len(instance.days):
                self._run(v, i, variable, vehicle.max_days_in_row)
        for (v, week), variables in weeks.items():
            most = season.vehicles[v].max_evenings_per_week
            if most is not None:
                held = taken[v, -1 - week]
                self._model.add(cp_model.LinearExpr.sum([*held, *variables]) <= most + self._broken())

    def _run(self, v: int, i: int, variable: cp_model.IntVar, most: int) -> None:
        """The windows of consecutive dates around the new evening share one broken instance: the run."""
        instance = self._instance
        at = {instance.days[j]: j for j in range(len(instance.days))}
        broken = None
        for first in range(instance.days[i] - most, instance.days[i] + 1):
            window = [at.get(day) for day in range(first, first + most + 1)]
            held = [
                [
                    var
                    for (c, w, k), var in self._old_of(v, j)
                    if (w, k) == (v, j) and "days_in_row" not in instance.waived(c, k)
                ]
                for j in window
                if j is not None and j != i
            ]
            if len(held) < most or not all(held):
                continue
            broken = broken if broken is not None else self._broken()
            inside = [var for found in held for var in found]
            self._model.add(cp_model.LinearExpr.sum([*inside, variable]) <= most + broken)

    def _old_of(self, v: int, i: int) -> list[tuple[Slot, cp_model.IntVar]]:
        return [((c, v, i), self._old[c, v, i]) for c in range(len(self._instance.near)) if (c, v, i) in self._old]

    def _meets_communes(self, commune: int) -> None:
        """Spacing, neighbours and quotas."""
        instance, season = self._instance, self._instance.season
        days, rule = instance.days, season.separation
        on: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for (_, _, i), variable in self._new.items():
            on[i].append(variable)
        others: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
        for (c, _, i), variable in self._old.items():
            others[c, i].append(variable)
        near, spacing = set(instance.near[commune]), season.communes[commune].min_days_between
        for (c, j), held in others.items():
            waived = instance.waived(c, j)
            for i, variables in on.items():
                apart = abs(days[i] - days[j])
                close = c == commune and apart < spacing and "spacing" not in waived
                beside = rule is not None and c in near and apart < rule.days and "separation" not in waived
                both = close + beside + (c == commune and apart == 0)  # one_per_commune, which nothing waives
                if both:
                    self._model.add(cp_model.LinearExpr.sum([*held, *variables]) <= 1 + self._broken(both * _TELLING))
        for members, covers, most in instance.quotas:
            if commune in members:
                counted = [
                    variable
                    for (c, i), held in others.items()
                    if c in members and covers[i] and "quota" not in instance.waived(c, i)
                    for variable in held
                ]
                mine = [variable for i, variables in on.items() if covers[i] for variable in variables]
                self._model.add(cp_model.LinearExpr.sum([*counted, *mine]) <= most + self._broken(_LEAST))

    def _meets_legs(self) -> None:
        """A leg that is too long leads to or from a depot: a direct one that is too long is not driven."""
        instance = self._instance
        for v, vehicle in enumerate(instance.season.vehicles):
            old, new = (self._by_date(v, slots) for slots in (self._old, self._new))
            busy = [self._model.new_bool_var("") for _ in instance.days]
            for taken, here in zip(busy, old, strict=True):
                self._model.add(cp_model.LinearExpr.sum([var for _, var in here]) == taken)
            for out in (True, False):
                far = {c for c in range(len(instance.near)) if instance.depot_leg(v, c, out=out) is None}
                for i, day in enumerate(instance.days):
                    steps = range(i - 1, -1, -1) if out else range(i + 1, len(busy))
                    near = [j for j in steps if abs(instance.days[j] - day) <= vehicle.nights_out]
                    for c, evening in old[i]:
                        if c in far:
                            self._reached(v, c, evening, near, old, busy, out=out)
                            self._not_cut_off(v, c, evening, near, new, busy, out=out)
                    for c, evening in new[i]:
                        if c in far:
                            self._reached(v, c, evening, near, old, busy, out=out, broken=self._broken())

    def _by_date(self, v: int, slots: Mapping[Slot, cp_model.IntVar]) -> list[list[tuple[int, cp_model.IntVar]]]:
        result: list[list[tuple[int, cp_model.IntVar]]] = [[] for _ in self._instance.days]
        for (c, w, i), variable in slots.items():
            if w == v:
                result[i].append((c, variable))
        return result

    def _joined(self, v: int, c: int, other: int, *, out: bool) -> bool:
        metres = self._instance.direct[(other, c) if out else (c, other)]
        most = self._instance.season.vehicles[v].max_leg_metres
        return most is None or metres <= most

    def _reached(
        self,
        v: int,
        c: int,
        evening: cp_model.IntVar,
        near: Sequence[int],
        old: Sequence[Sequence[tuple[int, cp_model.IntVar]]],
        busy: Sequence[cp_model.IntVar],
        *,
        out: bool,
        broken: cp_model.IntVar | int = 0,
    ) -> None:
        """The next evening in time, on one of the dates `near` (nearest first), is one that can be driven to."""
        good = [var for j in near for other, var in old[j] if self._joined(v, c, other, out=out)]
        self._model.add(evening <= cp_model.LinearExpr.sum(good) + broken)
        for k, j in enumerate(near):
            bad = [var for other, var in old[j] if not self._joined(v, c, other, out=out)]
            if bad:
                between = cp_model.LinearExpr.sum([busy[n] for n in near[:k]])
                self._model.add(evening + cp_model.LinearExpr.sum(bad) <= 1 + between + broken)

    def _not_cut_off(
        self,
        v: int,
        c: int,
        evening: cp_model.IntVar,
        near: Sequence[int],
        new: Sequence[Sequence[tuple[int, cp_model.IntVar]]],
        busy: Sequence[cp_model.IntVar],
        *,
        out: bool,
    ) -> None:
        """The new evening, where it comes between an evening and the one that it is reached from, breaks the leg."""
        broken = None
        for k, j in enumerate(near):
            for other, variable in new[j]:
                if not self._joined(v, c, other, out=out):
                    broken = broken if broken is not None else self._broken()
                    between = cp_model.LinearExpr.sum([busy[n] for n in near[:k]])
                    self._model.add(evening + variable <= 1 + between + broken)
