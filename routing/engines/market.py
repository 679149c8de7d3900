"""The prices at which hosts and vehicles of a whole season agree, and the bound that they prove.

For any prices the cheapest wishes of every commune, on its own, plus the cheapest tournée of every block, on its own,
cost at most what any plan costs: Lagrangian decomposition (Guignard and Kim, Mathematical Programming 39, 1987).
Separation and quotas, which tie communes together, are paid for at prices of their own. Exact tournées are slow to
find, so those seen are pooled: prices are balanced over the pool, a matter of milliseconds, then the best and the new
ones are mixed and true tournées are looked for there: column generation with a subgradient method for its master
program, stabilised as Wentges does (International Transactions in Operational Research 4, 1997).

Whatever a lock is waived from is left out on all sides, which can only make the bound weaker.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from routing.costing import shortfall_cost

from .compiled import compiled
from .field import NEVER, Bools, Floats, Ints
from .instance import Instance, Slot
from .prices import Blocks, Hosts, Pool, Ties, balance, earn
from .pricing import MOST_DATES
from .tournees import stretches
from .watch import Watch

_POOLED, _NEW = 40, 6  # tournées of a block in the pool, and that enter it at a time
_STRIDES, _MOMENTUM, _MIX = 100, 0.7, 0.1  # of a balancing; how much of the best prices stays in the next ones
_LONG, _SHORT, _COOLING = 0.1, 0.003, 0.95  # first and last stride as shares of what an evening costs; each round less
_LOOK_BACK, _LITTLE = 4, 3e-4  # so many rounds that bring so little of the value are enough


class Market:
    """Prices of evenings and ties, the pool of tournées, and the bound of the season: `bound` is valid at any time."""

    def __init__(self, instance: Instance, plan: Iterable[Slot], *, workers: int) -> None:
        self.instance = instance
        self.able: Bools = instance.field.answers | instance.field.locked
        self.hosts, self.ties = _hosts(instance, self.able), ties_of(instance, self.able)
        self.blocks = blocks_of(instance)
        self.near = np.zeros((len(instance.near), len(instance.near)), np.bool_)
        for c, others in enumerate(instance.near):
            self.near[c, others] = True
        size = (len(self.blocks.vehicle), _POOLED)
        self.pool = Pool(
            commune=np.full((*size, MOST_DATES), -1),
            date=np.full((*size, MOST_DATES), -1),
            metres=np.zeros(size),
            used=np.zeros(size[0], np.int64),
            picked=np.zeros(size, np.int64),
        )
        self.usual, self.price = _guess(instance, list(plan))
        self.tie_price = np.zeros(len(self.ties.most))
        self.value = -math.inf
        self._none = instance.constant + sum(
            shortfall_cost(instance.season.costs, c, 0) for c in instance.season.communes
        )
        self._workers = workers

    @property
    def bound(self) -> int:
        """A lower bound of the season's cost, whole, with room for the rounding of floats on the way to it."""
        return math.ceil(self.value - 0.01 - (abs(self.value) + abs(self._none)) * 1e-10)

    def run(self, watch: Watch, *, until: float, rounds: int) -> None:
        """Look for better prices until they bring little more, the time is over, or the rounds are used up."""
        price, tie_price, seen = self.price.copy(), self.tie_price.copy(), list[float]()
        with ThreadPoolExecutor(self._workers) as threads:
            for turn in range(rounds):
                value = self._value(threads, price, tie_price)
                if value > self.value:
                    self.value, self.price, self.tie_price = value, price, tie_price
                    watch.proved(self.bound)
                seen.append(self.value)
                if watch.over() or watch.optimal or watch.seconds > until or _enough(seen):
                    return
                strides = self.usual * _COOLING**turn * np.geomspace(_LONG, _SHORT, _STRIDES)
                price, tie_price = self.price.copy(), self.tie_price.copy()
                self.balance(self.able, price, tie_price, strides)
                price = _MIX * self.price + (1 - _MIX) * price
                tie_price = _MIX * self.tie_price + (1 - _MIX) * tie_price

    def _value(self, threads: ThreadPoolExecutor, price: Floats, tie_price: Floats) -> float:
        """The Lagrangian value at these prices; the best tournées enter the pool."""
        return (
            self._none + self.look(threads, price, self.able) + self.balance(self.able, price, tie_price, np.zeros(0))
        )

    def look(self, threads: ThreadPoolExecutor, price: Floats, able: Bools, blocks: Ints | None = None) -> float:
        """Put the cheapest tournées of all or these blocks into the pool; what the cheapest come to."""
        chosen = np.arange(len(self.blocks.vehicle)) if blocks is None else blocks

        def work(share: Ints) -> float:
            return earn(self.instance.field, self.blocks, self.near, share, able, price, self.pool, _NEW)

        # copies, since what is compiled for arrays in one piece is not for others
        return sum(threads.map(work, [chosen[k :: self._workers].copy() for k in range(self._workers)]))

    def balance(self, able: Bools, price: Floats, tie_price: Floats, strides: Floats) -> float:
        """See `prices.balance`."""
        days = self.instance.field.days
        return balance(self.hosts, days, self.ties, self.pool, able, price, tie_price, strides, _MOMENTUM)


def _enough(seen: list[float]) -> bool:
    return len(seen) > _LOOK_BACK and seen[-1] - seen[-1 - _LOOK_BACK] < _LITTLE * abs(seen[-1])


def _hosts(instance: Instance, able: Bools) -> Hosts:
    """What communes could wish for; who has locked evenings that may break its own rules is held to none of them."""
    field = instance.field
    wanted, spacing = field.wanted.copy(), field.spacing.copy()
    for (c, _), lock in instance.fixed.items():
        if "wanted" in lock.waived:
            wanted[c] += 1
        if "spacing" in lock.waived:
            spacing[c] = 1
    return Hosts(
        dates_of=np.cumsum([0, *able.sum(axis=1)]).astype(np.int64),
        dates=np.nonzero(able)[1].astype(np.int64),
        wanted=wanted,
        spacing=spacing,
        first=field.first,
        further=field.further,
        cost=field.preference,
    )


def blocks_of(instance: Instance) -> Blocks:
    """The blocks of all vehicles, with the dates of their locked evenings; each has at most MOST_DATES dates."""
    season, weeks = instance.season, np.array(instance.weeks, dtype=np.int64)
    fitting, runs = instance.compatible.copy(), instance.runs.copy()
    at_most = [item.max_evenings_per_week for item in season.vehicles]
    for c, v, i in instance.fixed_slots():
        fitting[c, v] = runs[v, i] = True
        if "weekly_rest" in instance.waived(c, i):
            at_most[v] = None
    vehicle: list[int] = []
    most: list[int] = []
    date: list[int] = []
    step = [0]
    for v, limit in enumerate(at_most):
        for block in stretches(instance, v, np.flatnonzero(runs[v]).tolist()):
            one_week = len(set(weeks[block])) == 1
            vehicle.append(v)
            most.append(min(limit, len(block)) if limit is not None and one_week else len(block))
            date += block
            step.append(len(date))
    homes = {item.depot: k for k, item in enumerate({item.depot: item for item in season.vehicles}.values())}
    return Blocks(
        vehicle=np.array(vehicle, dtype=np.int64),
        most=np.array(most, dtype=np.int64),
        step=np.array(step, dtype=np.int64),
        date=np.array(date, dtype=np.int64),
        home=np.array([homes[season.vehicles[v].depot] for v in vehicle], dtype=np.int64),
        ways=_ways(instance, list(homes)),
        fitting=fitting,
    )


def _ways(instance: Instance, homes: list[str]) -> Floats:
    """Shape (depots, communes): the shortest way there and back, over whatever communes."""
    ground = instance.ground
    places = [ground.place[item.location] for item in instance.season.communes]
    result = np.zeros((len(homes), len(places)))
    for k, home in enumerate(homes):
        nodes = [*places, ground.place[home]]
        metres = ground.metres[np.ix_(nodes, nodes)]
        result[k] = (_shortest(metres) + _shortest(np.ascontiguousarray(metres.T)))[:-1]
    return result


@compiled
def _shortest(metres: Ints) -> Floats:
    """From the last place to each (Dijkstra 1959, on a full graph)."""
    size = metres.shape[0]
    far, done = metres[size - 1].astype(np.float64), np.zeros(size, np.bool_)
    for _ in range(size):
        here = -1
        for n in range(size):
            if not done[n] and (here < 0 or far[n] < far[here]):
                here = n
        done[here] = True
        for n in range(size):
            far[n] = min(far[n], far[here] + metres[here, n])
    return far  # type: ignore[no-any-return]


def ties_of(instance: Instance, able: Bools) -> Ties:
    """Separation, as groups of mutual neighbours in each window of time, and quotas (the last rows, in their order)."""
    rows: list[list[tuple[int, int]]] = []
    most: list[int] = []
    rule = instance.season.separation
    if rule is not None and rule.days > 0:
        dates = [
            [i for i in np.flatnonzero(row).tolist() if "separation" not in instance.waived(c, i)]
            for c, row in enumerate(able)
        ]
        for group in _groups(instance, rule.days):
            found = _windows(instance.days, {c: dates[c] for c in group}, rule.days)
            rows += found
            most += [1] * len(found)
    for members, covers, limit in instance.quotas:
        pairs = [(c, i) for c in members for i in np.flatnonzero(able[c] & covers).tolist()]
        rows.append([(c, i) for c, i in pairs if "quota" not in instance.waived(c, i)])
        most.append(min(limit, NEVER))
    pairs = list(itertools.chain.from_iterable(rows))
    flat = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Ties(
        of=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        commune=flat[:, 0].copy(),
        date=flat[:, 1].copy(),
        most=np.array(most, dtype=np.float64),
    )


def _groups(instance: Instance, days: int) -> list[list[int]]:
    """Each pair of neighbours in one group of mutual neighbours, of those who have one evening in a window anyway."""
    near = [set(others) for others in instance.near]
    alone = {
        c
        for c, item in enumerate(instance.season.communes)
        if item.min_days_between >= days
        and not any("spacing" in lock.waived for (held, _), lock in instance.fixed.items() if held == c)
    }
    left = {(a, b) for a in alone for b in near[a] & alone if a < b}
    result = []
    for a, b in sorted(left):
        if (a, b) in left:
            group = [a, b]
            for c in sorted(near[a] & near[b] & alone):
                if all(c in near[other] for other in group):
                    group.append(c)
            left -= set(itertools.permutations(group, 2))
            result.append(group)
    return result


def _windows(days: list[int], dates: dict[int, list[int]], apart: int) -> list[list[tuple[int, int]]]:
    """These communes' evenings in each window of so many days that no other window contains."""
    on: dict[int, list[int]] = defaultdict(list)
    for c, found in dates.items():
        for i in found:
            on[i].append(c)
    result, reached, indices = [], -1, sorted(on)
    at = [days[i] for i in indices]
    for k, i in enumerate(indices):
        end = bisect_left(at, days[i] + apart)
        row = [(c, j) for j in indices[k:end] for c in on[j]]
        if end > reached and len({c for c, _ in row}) > 1:
            result.append(row)
        reached = max(reached, end)
    return result


def _guess(instance: Instance, plan: list[Slot]) -> tuple[float, Floats]:
    """What an evening costs in metres, usually; and what each commune's evenings cost in a plan, to begin with."""
    legs: dict[tuple[int, int], list[Slot]] = defaultdict(list)
    for slot in plan:
        legs[slot[1], instance.weeks[slot[2]]].append(slot)
    spent: dict[int, list[float]] = defaultdict(list)
    for slots in legs.values():
        share = (instance.metres_of(slots) or 0) / len(slots)
        for c, _, i in slots:
            spent[c].append(share + instance.preference[c][i])
    shares = [share for found in spent.values() for share in found]
    usual = max(1.0, float(np.mean(shares))) if shares else 1.0
    each = np.array([np.mean(spent[c]) if c in spent else usual for c in range(len(instance.near))])
    return usual, each[:, None] - instance.field.preference
