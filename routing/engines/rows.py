"""Every rule but `leg`, and every price but the metres, as linear rows over slots: the one statement of them.

CP-SAT reads these rows for its model, the linear program over tournées for its duals. A waived evening has no
term in the rows of its waived rules.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from .instance import Instance, Slot
from .windows import neighbours, windows

SOME, USEFUL = "some", "useful"
Key = Slot | tuple[str, int]  # a slot, or what is counted of a commune: has some evening, useful evenings


@dataclass(frozen=True, slots=True)
class Row:
    """`lower` <= sum of factor times variable <= `upper`; None is no limit.

    `later` marks the many rows of which few ever matter: a linear program takes them in once they are broken.
    """

    lower: int | None
    upper: int | None
    terms: tuple[tuple[Key, int], ...]
    later: bool = False

    @property
    def plain(self) -> bool:
        """Whether all factors are 1."""
        return all(factor == 1 for _, factor in self.terms)


class Rows:
    """The rows over candidate `slots`, with each variable's upper limit and price.

    The cost of a plan is `constant` + the prices + the metres of its legs.
    """

    def __init__(self, instance: Instance, slots: Iterable[Slot]) -> None:
        self.instance = instance
        self.slots = sorted(set(slots))
        self.rows: list[Row] = []
        self.wanted: dict[int, int] = {}  # the row of each commune that limits its evenings to those wanted
        self.limit: dict[Key, int] = dict.fromkeys(self.slots, 1)
        self.price: dict[Key, int] = {slot: instance.preference[slot[0]][slot[2]] for slot in self.slots}
        self.constant = instance.constant
        self._of: dict[int, dict[int, list[Key]]] = defaultdict(lambda: defaultdict(list))
        for c, v, i in self.slots:
            self._of[c][i].append((c, v, i))
        self._locked()
        self._one_commune()
        self._spacing()
        self._separation()
        self._vehicles()
        self._quotas()
        self._shortfalls()
        self.of: dict[Key, list[tuple[int, int]]] = defaultdict(list)  # the rows of each variable, with its factor
        for r, row in enumerate(self.rows):
            for key, factor in row.terms:
                self.of[key].append((r, factor))

    def _add(self, keys: list[Key], *, upper: int, later: bool = False) -> None:
        if len(keys) > upper:
            self.rows.append(Row(None, upper, tuple((key, 1) for key in keys), later))

    def _held(self, rule: str, c: int) -> dict[int, list[Key]]:
        """The commune's slots by date, without those that the rule is waived for."""
        found = self._of.get(c, {})
        return {i: found[i] for i in sorted(found) if rule not in self.instance.waived(c, i)}

    def _locked(self) -> None:
        for c, i in self.instance.fixed:
            found = self._of.get(c, {}).get(i, [])
            self.rows.append(Row(1, 1, tuple((key, 1) for key in found)))

    def _one_commune(self) -> None:
        for c, by_day in self._of.items():
            for found in by_day.values():
                self._add(found, upper=1, later=True)  # one_per_commune, which nothing waives
            wanted = [key for found in self._held("wanted", c).values() for key in found]
            self.wanted[c] = len(self.rows)
            self.rows.append(Row(None, self.instance.season.communes[c].evenings, tuple((key, 1) for key in wanted)))

    def _spacing(self) -> None:
        for c in self._of:
            commune = self.instance.season.communes[c]
            held = self._held("spacing", c)
            self._windows(held, days_apart=commune.min_days_between)
            # implied, but a linear program would serve fractions of more: three halves in two windows
            most = self.instance.most_spaced(held, commune.min_days_between)
            if most < commune.evenings:
                self._add([key for found in held.values() for key in found], upper=most)

    def _windows(self, held: dict[int, list[Key]], *, days_apart: int) -> None:
        """At most one of these in any window of so many days; only windows that no other one contains."""
        for window in windows(self.instance.days, held, days_apart=days_apart):
            # one date is a window too: several vehicles or neighbours may offer it
            self._add([key for j in window for key in held[j]], upper=1, later=True)

    def _separation(self) -> None:
        """Groups of mutual neighbours share a window; that is only right where each has one evening in it."""
        rule = self.instance.season.separation
        if rule is None or rule.days == 0:
            return
        held = {c: self._held("separation", c) for c in sorted(self._of)}
        alone = {
            c
            for c in held
            if self.instance.season.communes[c].min_days_between >= rule.days
            and not any("spacing" in self.instance.waived(c, i) for i in held[c])
        }
        for group in neighbours(self.instance.near, held, alone):
            if not alone.issuperset(group):
                self._pair(held[group[0]], held[group[1]], rule.days)
                continue
            together: dict[int, list[Key]] = defaultdict(list)
            for c in group:
                for i, found in held[c].items():
                    together[i].extend(found)
            self._windows(together, days_apart=rule.days)

    def _pair(self, first: dict[int, list[Key]], second: dict[int, list[Key]], days_apart: int) -> None:
        days = self.instance.days
        for i, here in first.items():
            for j, there in second.items():
                if abs(days[i] - days[j]) < days_apart:
                    self._add(here + there, upper=1, later=True)

    def _vehicles(self) -> None:
        instance = self.instance
        taken: dict[tuple[int, int], list[Key]] = defaultdict(list)
        weeks: dict[tuple[int, int], list[Key]] = defaultdict(list)
        rows: dict[int, dict[int, list[Key]]] = defaultdict(lambda: defaultdict(list))
        for slot in self.slots:
            c, v, i = slot
            taken[v, i].append(slot)
            waived = instance.waived(c, i)
            if "weekly_rest" not in waived:
                weeks[v, instance.weeks[i]].append(slot)
            if "days_in_row" not in waived:
                rows[v][instance.days[i]].append(slot)
        for found in taken.values():
            self._add(found, upper=1, later=True)
        for (v, _), found in weeks.items():
            most = instance.season.vehicles[v].max_evenings_per_week
            if most is not None:
                self._add(found, upper=most, later=True)
        for v, by_day in rows.items():
            most = instance.season.vehicles[v].max_days_in_row
            if most is None or most >= len(by_day):
                continue
            for first in by_day:
                window = [by_day.get(first + k, []) for k in range(most + 1)]
                if all(window):
                    self._add([key for found in window for key in found], upper=most, later=True)

    def _quotas(self) -> None:
        for members, covers, most in self.instance.quotas:
            self._add(
                [key for c in members for i, here in self._held("quota", c).items() if covers[i] for key in here],
                upper=most,
            )

    def _shortfalls(self) -> None:
        costs, budget = self.instance.season.costs, self.instance.budget
        saved: list[tuple[Key, int]] = []  # what each variable saves at the budget's prices
        lost = 0
        for c, commune in enumerate(self.instance.season.communes):
            found = [key for here in self._of.get(c, {}).values() for key in here]
            first = (costs.no_evening - costs.missing) * commune.priority
            self.constant += commune.evenings * costs.missing * commune.priority + first
            at = budget.costs if budget is not None else costs
            first_there = (at.no_evening - at.missing) * commune.priority
            lost += commune.evenings * at.missing * commune.priority + first_there
            if not found:
                continue
            some: Key = (SOME, c)
            self.limit[some], self.price[some] = 1, -first
            self.rows.append(Row(0, None, (*((key, 1) for key in found), (some, -1))))
            if first < 0 or first_there < 0:  # else the price itself pulls `some` up
                self.rows.extend(Row(None, 0, ((key, 1), (some, -1)), later=True) for key in found)
            further, further_there = -costs.missing * commune.priority, at.missing * commune.priority
            saved.append((some, first_there))
            waived = any("wanted" in self.instance.waived(c, i) for i in self._of[c])
            if len(found) <= commune.evenings or not waived:
                for key in found:
                    self.price[key] += further
                    saved.append((key, further_there))
            else:  # beyond what is wanted an evening saves nothing
                useful: Key = (USEFUL, c)
                self.limit[useful], self.price[useful] = min(commune.evenings, len(found)), further
                self.rows.append(Row(0, None, (*((key, 1) for key in found), (useful, -1))))
                saved.append((useful, further_there))
        if budget is not None:
            self._budget(saved, lost - budget.shortfall)

    def _budget(self, saved: list[tuple[Key, int]], least: int) -> None:
        """The stages of a re-plan that are decided: at least so much saved, at least so many pairs kept."""
        budget, instance = self.instance.budget, self.instance
        unit = math.gcd(least, *(factor for _, factor in saved))  # small factors keep programs in floats exact
        if unit:
            terms = tuple((key, factor // unit) for key, factor in saved if factor)
            self.rows.append(Row(least // unit, None, terms))
        if budget is None or budget.lost is None:
            return
        season = instance.season
        counts = Counter((item.commune, item.date) for item in season.baseline)
        kept = [
            (slot, count)
            for slot in self.slots
            if (count := counts[season.communes[slot[0]].id, season.dates[slot[2]]])
        ]
        self.rows.append(Row(len(season.baseline) - budget.lost, None, tuple(kept)))
