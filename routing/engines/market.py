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
from .watch import Watch
from .windows import neighbours, windows

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
            return earn(self.instance.field, self.blocks, self.instance.apart, share, able, price, self.pool, _NEW)

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
    season, fitting = instance.season, instance.compatible.copy()
    restless = set()  # whose weeks some evening may break
    for c, v, i in instance.fixed_slots():
        fitting[c, v] = True
        if "weekly_rest" in instance.waived(c, i):
            restless.add(v)
    vehicle: list[int] = []
    most: list[int] = []
    date: list[int] = []
    step = [0]
    for v, dates in enumerate(instance.dates_of):
        for block in instance.stretches(v, dates):
            vehicle.append(v)
            most.append(len(block) if v in restless else instance.most_on(v, block))
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
        alone = _alone(instance, rule.days)
        for group in neighbours(instance.near, alone, alone):
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


def _alone(instance: Instance, days: int) -> set[int]:
    """Who has one evening at most in so many days: groups of others could have more."""
    free = {c for (c, _), lock in instance.fixed.items() if "spacing" in lock.waived}
    return {c for c, item in enumerate(instance.season.communes) if item.min_days_between >= days} - free


def _windows(days: list[int], dates: dict[int, list[int]], apart: int) -> list[list[tuple[int, int]]]:
    """These communes' evenings, commune and date, in each window of time that more than one of them has some in."""
    on: dict[int, list[int]] = defaultdict(list)
    for c, found in dates.items():
        for i in found:
            on[i].append(c)
    rows = [[(c, j) for j in window for c in on[j]] for window in windows(days, on, days_apart=apart)]
    return [row for row in rows if len({c for c, _ in row}) > 1]


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
