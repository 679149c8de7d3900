"""Drives the searches of the open road: strings out and in on every worker, tours by chains, then the pool's best."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .instance import Instance
from .open_road import OpenRoad
from .routes import MOST_POOLED, map_of
from .ruin import Ruin
from .tour import Tour
from .watch import Watch

_ROUNDS, _KICKS = 1_000, 50  # what one iteration of the limits means here, on each worker
_CHUNK = 10  # iterations between two looks at the clock
_HOT, _WARM, _COLD = 0.3, 0.05, 0.01  # temperatures, as shares of a usual leg
_TOUR_WARM, _TOUR_CYCLES = 0.03, 4
_CYCLES = ((_HOT, 0.6, 0.72), (_WARM, 0.9, 1.0))  # how hot it begins, and the shares of the time by which it has
# cooled down and by which the pool has been looked through
_POOLED = 0.7  # of an annealing has passed when tournées begin to be remembered
_POLISH = 200  # kicks of a tournée between two annealings


class Roam:
    """One season on the open road; the best plan is in `watch`."""

    def __init__(self, instance: Instance, road: OpenRoad, watch: Watch) -> None:
        self.instance, self.road, self.watch = instance, road, watch
        self._begun, self._until = watch.seconds, watch.search_seconds
        self._done = 0  # iterations
        self._seeds = [watch.limits.seed + 7919 * k for k in range(watch.limits.workers)]
        self._threads = ThreadPoolExecutor(watch.limits.workers)

    def run(self) -> None:
        """Search until the time or the iterations are over."""
        road = self.road
        self.watch.enter("construct")
        ruins = [Ruin(road, map_of(road), [[] for _ in road.room], seed=self._seeds[0])]
        if not self._over():
            ruins[0].run(0.0, max(_ROUNDS, len(road.worth)), pooled=False)
        self._offer(ruins[0].tournees())
        self.watch.enter("improve")
        with self._threads:
            if self._one_tour(ruins[0].tournees()[0]):
                self._tours(ruins[0].tournees()[0])
            else:
                ruins += [Ruin(road, ruins[0].ground, ruins[0].tournees(), seed=seed) for seed in self._seeds[1:]]
                self._strings(ruins)

    def _one_tour(self, first: list[int]) -> bool:
        """Whether one tournée, such as the first, serves all, worth what it may, and is as long either way round."""
        road = self.road
        return (
            len(road.room) == 1
            and len(first) == len(road.worth)
            and road.symmetric
            and bool(road.fits.all())
            and road.worth.min() > 2 * road.metres.max()
        )

    def _share(self) -> float:
        limit = self.watch.limits.iterations
        if limit is not None:
            return self._done / limit if limit else 1.0
        return (self.watch.seconds - self._begun) / max(1e-9, self._until - self._begun)

    def _over(self) -> bool:
        return self.watch.over() or self._share() >= 1.0

    def _offer(self, tournees: Sequence[Sequence[int]]) -> None:
        slots = self.road.slots(tournees)
        cost = self.instance.cost_of(slots)
        if cost is not None:
            self.watch.found(cost, slots)

    def _strings(self, ruins: list[Ruin]) -> None:
        served = max(1, sum(len(tournee) for tournee in ruins[0].tournees()))
        usual = ruins[0].cost - sum(self.road.worth[c] for c in self._absent(ruins[0].tournees()))
        usual = max(1.0, usual / served)
        since = 0.0
        for hot, cooled, looked in _CYCLES:
            self._cool(ruins, usual, hot, since, cooled)
            best = min(ruins, key=lambda ruin: ruin.cost)
            plan = self._polished(best.tournees())
            if self.road.room.max() <= MOST_POOLED and not self._over():
                plan = self._chosen(ruins, plan, looked)
            self._offer(plan)
            for ruin in ruins:
                ruin.start(plan)
            since = self._share()
        self._cool(ruins, usual, _WARM, since, 1.0)  # what choosing has left of its time

    def _absent(self, tournees: list[list[int]]) -> list[int]:
        return sorted(set(range(len(self.road.worth))) - {c for tournee in tournees for c in tournee})

    def _cool(self, ruins: list[Ruin], usual: float, hot: float, since: float, until: float) -> None:
        """Anneal on every worker from `hot` down to cold while the share of the time goes from one to the other."""
        while not self._over() and (share := self._share()) < until:
            passed = (share - since) / max(1e-9, until - since)
            heat = usual * hot * (_COLD / hot) ** passed
            before = min(ruin.cost for ruin in ruins)
            self._each(lambda ruin: ruin.run(heat, _CHUNK * _ROUNDS, pooled=passed > _POOLED), ruins)  # noqa: B023 - runs now
            best = min(ruins, key=lambda ruin: ruin.cost)
            if best.cost < before:
                self._offer(best.tournees())

    def _each(self, work: Callable[[Ruin], None], ruins: list[Ruin]) -> None:
        list(self._threads.map(work, ruins))
        self._done += _CHUNK

    def _polished(self, tournees: list[list[int]]) -> list[list[int]]:
        """Each tournée that is long enough to gain by chains brought to where none shortens it."""
        if not self.road.symmetric or self.road.room.max() <= MOST_POOLED:
            return tournees
        result = []
        for b, tournee in enumerate(tournees):
            if self._over():
                result.append(tournee)
                continue
            nodes = np.array([*tournee, int(self.road.depot[b])])
            tour = Tour(self.road.metres[np.ix_(nodes, nodes)], list(range(len(nodes))), seed=self._seeds[0] + b)
            tour.run(0.0, _POLISH)
            result.append([int(nodes[k]) for k in _from_last(tour.order.tolist())])
        return result

    def _chosen(self, ruins: list[Ruin], plan: list[list[int]], until: float) -> list[list[int]]:
        """The best plan of the pool, where it is better and found in time."""
        from .choose import choose  # noqa: PLC0415 - so that the first plan does not wait for OR-Tools

        watch, limit = self.watch, self.watch.limits.iterations
        watch.enter("combine")
        end = self._begun + until * (self._until - self._begun)
        found = choose(
            self.road,
            [ruin.pool for ruin in ruins],
            plan,
            min(ruin.cost for ruin in ruins),
            seconds=math.inf if limit is not None else max(0.1, end - watch.seconds),
            seed=watch.limits.seed,
            nodes=None if limit is None else 50 + 10 * limit,
            alive=lambda: not watch.over() and (limit is not None or watch.seconds < end),
        )
        watch.enter("improve")
        if found is None:
            return plan
        worth = self.road.worth
        costs = [
            sum(self._metres(b, tournee) for b, tournee in enumerate(one)) + sum(worth[c] for c in self._absent(one))
            for one in (plan, found)
        ]
        return found if costs[1] < costs[0] else plan

    def _metres(self, b: int, tournee: list[int]) -> float:
        way = [int(self.road.depot[b]), *tournee, int(self.road.depot[b])]
        return float(self.road.metres[way[:-1], way[1:]].sum()) if tournee else 0.0

    def _tours(self, start: list[int]) -> None:
        """One tour on every worker; now and then all go on from the best."""
        size = len(self.road.worth)
        nodes = np.array([*range(size), int(self.road.depot[0])])
        metres = self.road.metres[np.ix_(nodes, nodes)]
        tours = [Tour(metres, [*start, size], seed=seed) for seed in self._seeds]
        best = tours[0].cost
        self._offer([_from_last(tours[0].order.tolist())])
        for cycle in range(_TOUR_CYCLES):
            while not self._over() and (share := self._share()) < (cycle + 1) / _TOUR_CYCLES:
                heat = _TOUR_WARM * best / (size + 1) * (cycle + 1 - share * _TOUR_CYCLES)
                list(self._threads.map(lambda tour: tour.run(heat, _CHUNK * _KICKS), tours))  # noqa: B023 - runs now
                self._done += _CHUNK
                first = min(tours, key=lambda tour: tour.cost)
                if first.cost < best:
                    best = first.cost
                    self._offer([_from_last(first.order.tolist())])
            first = min(tours, key=lambda tour: tour.cost)
            for tour in tours:
                if tour is not first and not self._over():
                    tour.start(first.order)


def _from_last(order: list[int]) -> list[int]:
    """A round tour from its node with the highest number, the depot, which is left out."""
    at = order.index(len(order) - 1)
    return order[at + 1 :] + order[:at]
