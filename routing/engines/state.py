"""A plan under construction: which slots a commune may still take, and what each would change in the cost.

Every hard rule but `leg` only ever forbids evenings, so a part of a valid plan is valid. A leg that is too
long costs `FORBIDDEN` instead: another evening on the way may shorten it later.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

from routing.costing import shortfall_cost

from .instance import Instance, Slot

FORBIDDEN = 10**16  # above any sum of real legs and prices of a season that fits in memory


class State:
    """Evenings placed so far, with the counters that make `fits` and `delta` cheap."""

    def __init__(self, instance: Instance, fixed: list[Slot]) -> None:
        self.instance = instance
        season = instance.season
        communes, vehicles, dates = len(season.communes), len(season.vehicles), len(instance.days)
        self.slot = [[-1] * dates for _ in range(vehicles)]
        self.dates_of: list[list[int]] = [[] for _ in range(vehicles)]  # date indices in use, ascending
        self.block = [[0] * dates for _ in range(communes)]  # how many evenings keep this commune off this date
        self.served = [0] * communes
        self.counted = [0] * communes  # as `served`, without those that rule 4 is waived for
        self.wanted = [item.evenings for item in season.communes]
        weeks = {week: index for index, week in enumerate(sorted(set(instance.weeks)))}
        self.week = [weeks[week] for week in instance.weeks]
        self.in_week = [[0] * len(weeks) for _ in range(vehicles)]
        self.week_limit = [item.max_evenings_per_week for item in season.vehicles]
        self.row_limit = [item.max_days_in_row for item in season.vehicles]
        self.in_row = [[False] * dates for _ in range(vehicles)]
        self.nights = [item.nights_out for item in season.vehicles]
        self.longest = [FORBIDDEN if item.max_leg_metres is None else item.max_leg_metres for item in season.vehicles]
        limits = zip(self.longest, instance.out, instance.back, strict=True)
        self.out, self.back = [], []
        for most, out, back in limits:
            self.out.append([metres if metres <= most else metres + FORBIDDEN for metres in out])
            self.back.append([metres if metres <= most else metres + FORBIDDEN for metres in back])
        self.room = [most for _, _, most in instance.quotas]
        self.quotas_of: list[list[int]] = [[] for _ in range(communes)]
        for q, (members, _, _) in enumerate(instance.quotas):
            for c in members:
                self.quotas_of[c].append(q)
        days = instance.days
        self._spaced = [
            [
                (bisect_right(days, day - item.min_days_between), bisect_left(days, day + item.min_days_between))
                for day in days
            ]
            for item in season.communes
        ]
        apart = season.separation.days if season.separation is not None else 0
        self._apart = [(bisect_right(days, day - apart), bisect_left(days, day + apart)) for day in days]
        self.cost = instance.constant + sum(shortfall_cost(season.costs, item, 0) for item in season.communes)
        # worth of the first evening and of each further one, and zero beyond what is wanted
        self._first = [instance.worth(c, 0) for c in range(communes)]
        self._further = [season.costs.missing * item.priority for item in season.communes]
        self.fixed = frozenset(fixed)
        for c, v, i in fixed:
            self.place(c, v, i)

    def worth(self, c: int) -> int:
        """What one more evening of the commune saves."""
        served = self.served[c]
        if served >= self.wanted[c]:
            return 0
        return self._further[c] if served else self._first[c]

    def fits(self, c: int, v: int, i: int) -> bool:
        """Whether an open slot may be taken without breaking a rule other than `leg`."""
        if self.slot[v][i] >= 0 or self.block[c][i] or self.counted[c] >= self.wanted[c]:
            return False
        limit = self.week_limit[v]
        if limit is not None and self.in_week[v][self.week[i]] >= limit:
            return False
        for q in self.quotas_of[c]:
            if self.room[q] <= 0 and self.instance.quotas[q][1][i]:
                return False
        most = self.row_limit[v]
        return most is None or self._row_with(v, i, most) <= most

    def _row_with(self, v: int, i: int, most: int) -> int:
        busy, days, length = self.in_row[v], self.instance.days, 1
        j = i
        while j > 0 and busy[j - 1] and days[j - 1] == days[j] - 1 and length <= most:
            j -= 1
            length += 1
        j = i
        while j + 1 < len(days) and busy[j + 1] and days[j + 1] == days[j] + 1 and length <= most:
            j += 1
            length += 1
        return length

    def detour(self, c: int, v: int, i: int) -> int:
        """Metres that an evening of c on the free slot (v, i) adds, FORBIDDEN for each leg too long."""
        used, slots = self.dates_of[v], self.slot[v]
        at = bisect_left(used, i)
        out, back = self.out[v], self.back[v]
        if at:
            j = used[at - 1]
            before = slots[j]
            metres = self._link(v, before, j, c, i) - back[before]
        else:
            metres = out[c]
        if at < len(used):
            j = used[at]
            after = slots[j]
            metres += self._link(v, c, i, after, j) - out[after]
            if at:
                k = used[at - 1]
                metres += back[before] + out[after] - self._link(v, before, k, after, j)
        else:
            metres += back[c]
        return metres

    def _link(self, v: int, a: int, i: int, b: int, j: int) -> int:
        days = self.instance.days
        if days[j] - days[i] <= self.nights[v]:
            metres = self.instance.direct[a][b]
            if metres <= self.longest[v]:
                return metres
        return self.back[v][a] + self.out[v][b]

    def delta(self, c: int, v: int, i: int) -> int:
        """What the cost changes by when c takes the free slot (v, i)."""
        return self.detour(c, v, i) + self.instance.preference[c][i] - self.worth(c)

    def place(self, c: int, v: int, i: int) -> None:
        """Take the slot, which must be free."""
        self.cost += self.delta(c, v, i)
        self.slot[v][i] = c
        insort(self.dates_of[v], i)
        self._count(c, v, i, 1)

    def lift(self, v: int, i: int) -> int:
        """Free the slot and return its commune."""
        c = self.slot[v][i]
        self.slot[v][i] = -1
        del self.dates_of[v][bisect_left(self.dates_of[v], i)]
        self._count(c, v, i, -1)
        self.cost -= self.delta(c, v, i)
        return c

    def _count(self, c: int, v: int, i: int, step: int) -> None:
        waived = self.instance.waived(c, i)
        self.served[c] += step
        if "wanted" not in waived:
            self.counted[c] += step
        own = self.block[c]
        if "spacing" in waived:
            own[i] += step  # `one_per_commune` is never waived
        else:
            for j in range(*self._spaced[c][i]):
                own[j] += step
        if "separation" not in waived:
            first, last = self._apart[i]
            for other in self.instance.near[c]:
                block = self.block[other]
                for j in range(first, last):
                    block[j] += step
        if "weekly_rest" not in waived:
            self.in_week[v][self.week[i]] += step
        if "days_in_row" not in waived:
            self.in_row[v][i] = step > 0
        if "quota" not in waived:
            for q in self.quotas_of[c]:
                if self.instance.quotas[q][1][i]:
                    self.room[q] -= step

    def slots(self) -> list[Slot]:
        """The evenings placed so far, vehicle by vehicle in date order."""
        return [(self.slot[v][i], v, i) for v, used in enumerate(self.dates_of) for i in used]

    def become(self, slots: list[Slot]) -> None:
        """Change into another set of evenings, with the same fixed ones."""
        target = set(slots)
        for c, v, i in self.slots():
            if (c, v, i) not in target:
                self.lift(v, i)
        present = set(self.slots())
        for c, v, i in slots:
            if (c, v, i) not in present:
                self.place(c, v, i)
