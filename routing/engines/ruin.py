"""One annealing of strings out and in, as an object: its plan, its best one and its pool."""

from __future__ import annotations

import numpy as np

from .dice import Dice, dice_of
from .open_road import OpenRoad
from .routes import Map, Tours, Undo, empty_pool
from .strings import anneal_strings, begin


class Ruin:
    """One annealing on one thread; `stops` and `size` are its best plan, `cost` what that costs."""

    def __init__(self, road: OpenRoad, ground: Map, tournees: list[list[int]], *, seed: int) -> None:
        blocks, size = len(road.room), len(road.worth)
        longest = int(road.room.max(initial=0))
        self.ground, self.pool = ground, empty_pool(road)
        self._dice: Dice = dice_of(seed)
        self._tours = Tours(
            stops=np.full((blocks, longest), -1, np.int64),
            size=np.zeros(blocks, np.int64),
            block=np.zeros(size, np.int64),
            at=np.zeros(size, np.int64),
            vacant=np.zeros((road.fits.shape[1], blocks), np.int64),
            vacant_at=np.zeros(blocks, np.int64),
            vacancies=np.zeros(road.fits.shape[1], np.int64),
            absent=np.zeros(size, np.int64),
            counts=np.array([0, 0, 0, 1], np.int64),
        )
        self._undo = Undo(
            stops=np.zeros((blocks, longest), np.int64),
            size=np.zeros(blocks, np.int64),
            stamp=np.zeros(blocks, np.int64),
            touched=np.zeros(blocks, np.int64),
            absent=np.zeros(size, np.int64),
            key=np.zeros(size),
        )
        self.stops, self.size = np.zeros((blocks, longest), np.int64), np.zeros(blocks, np.int64)
        self._costs = np.zeros(2)  # of the plan under way, and of the best
        self.start(tournees)

    def start(self, tournees: list[list[int]]) -> None:
        """Go on from this plan, which is the best so far."""
        self.size[:] = [len(tournee) for tournee in tournees]
        for b, tournee in enumerate(tournees):
            self.stops[b, : len(tournee)] = tournee
        begin(self.ground, self._tours, self.stops, self.size, self._costs)

    @property
    def cost(self) -> float:
        """Metres of the best plan and the worth of what it leaves out."""
        return float(self._costs[1])

    def tournees(self) -> list[list[int]]:
        """The best plan, a list of communes for each block."""
        return [self.stops[b, : self.size[b]].tolist() for b in range(len(self.size))]

    def run(self, heat: float, rounds: int, *, pooled: bool) -> None:
        """So many rounds at one temperature (metres)."""
        anneal_strings(
            self.ground,
            self._tours,
            self._undo,
            self.pool,
            self._dice,
            self.stops,
            self.size,
            self._costs,
            heat,
            rounds,
            pooled and len(self.pool.mark) > 0,
        )
