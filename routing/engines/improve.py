"""Ruin and recreate: take a few evenings out, put the wishes back where they cost least, keep what pays.

Works on any season, in blocks or not, since it only asks the state what fits and what it costs. Acceptance
cools like annealing; with an iteration count the run depends on the seed alone.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

from .instance import Slot
from .state import State

_BLINK = 0.03  # chance to overlook a slot: a little blindness keeps the greedy from repeating itself
_WISHES_TRIED = 6  # unserved wishes tried beside those just taken out
_FORCED = 0.3  # share of the rounds that push an unserved wish in
_MOST_TAKEN = 8
_OTHER_VEHICLE_DAYS = 14  # how much farther another vehicle's evenings count as
_COOLING = 0.002  # last temperature as a share of the first


class Search:
    """Improves `state` in place and remembers the best plan seen.

    `share()` tells how far the run is, from 0 to 1, and drives the cooling; the run ends at 1.
    `listener` is told each new best cost and plan.
    """

    def __init__(self, state: State, *, seed: int) -> None:
        self.state = state
        self.random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.listener: Callable[[int, list[Slot]], None] = lambda cost, slots: None
        self.best = state.slots()
        self.best_cost = state.cost
        self.iterations = 0
        self._open = state.instance.open

    def construct(self, stop: Callable[[], bool]) -> None:
        """A first plan: communes with the fewest open slots first, each at its cheapest, one evening a round."""
        state = self.state
        order = sorted(range(len(self._open)), key=lambda c: (-state.worth(c), len(self._open[c]), c))
        short = [c for c in order if self._open[c]]
        while short:
            left: list[int] = []
            for c in short:
                if left and stop():
                    break
                if self._insert(c, blink=0.0) and state.counted[c] < state.wanted[c]:
                    left.append(c)
            short = left if not stop() else []
        self._note()

    def run(self, share: Callable[[], float], stop: Callable[[], bool], *, warmth: float = 1.0) -> None:
        """Search until `share` reaches 1 or `stop` says so."""
        state = self.state
        placed = max(1, len(state.slots()))
        typical = max(1.0, sum(self._metres()) / placed)
        hot = 0.4 * typical * warmth
        while (done := share()) < 1.0 and not stop():
            heat = hot * _COOLING**done
            self.iterations += 1
            before = state.cost
            taken, forced = self._ruin()
            placed_now = forced + self._recreate([c for c, _, _ in taken])
            if state.cost < self.best_cost:
                self._note()
            threshold = before - heat * math.log(1.0 - self.random.random())
            if state.cost > threshold:
                for _, v, i in reversed(placed_now):
                    state.lift(v, i)
                for c, v, i in taken:
                    state.place(c, v, i)

    def offer(self, slots: list[Slot]) -> None:
        """Go on from a plan that another engine found, if it is better."""
        self.state.become(slots)
        self._note()

    def _note(self) -> None:
        if self.state.cost < self.best_cost:
            self.best_cost = self.state.cost
            self.best = self.state.slots()
            self.listener(self.best_cost, self.best)

    def _metres(self) -> Iterator[int]:
        state = self.state
        for c, v, _ in state.slots():
            yield min(state.instance.out[v][c], state.longest[v])

    def _ruin(self) -> tuple[list[Slot], list[Slot]]:
        """Take out some evenings; say which, and which one was put in their place by force."""
        state, rng = self.state, self.random
        movable = [slot for slot in state.slots() if slot not in state.fixed]
        short = self._short() if rng.random() < _FORCED else []
        if short:
            return self._force(rng.choice(short), movable)
        if not movable:
            return [], []
        many = min(len(movable), rng.randint(1, _MOST_TAKEN))
        chosen = rng.choice((self._close_by, self._close_by, self._same_time, self._same_time, rng.sample))(
            movable, many
        )
        for _, v, i in chosen:
            state.lift(v, i)
        return chosen, []

    def _close_by(self, movable: list[Slot], many: int) -> list[Slot]:
        """Evenings of communes close to one of them, more or less regardless of the date."""
        state, rng = self.state, self.random
        c0, _, i0 = rng.choice(movable)
        weight = rng.choice((0.0, 0.5, 2.0))
        direct, days = state.instance.direct[c0], state.instance.days
        unit = max(1.0, state.instance.out[0][c0] / 10.0)
        return sorted(
            movable,
            key=lambda slot: direct[slot[0]] / unit + weight * abs(days[slot[2]] - days[i0]) + rng.random(),
        )[:many]

    def _same_time(self, movable: list[Slot], many: int) -> list[Slot]:
        """Evenings close to a date, of one vehicle first or of all alike."""
        rng, days = self.random, self.state.instance.days
        _, v0, i0 = rng.choice(movable)
        other = rng.choice((0, _OTHER_VEHICLE_DAYS))
        return sorted(
            movable,
            key=lambda slot: abs(days[slot[2]] - days[i0]) + other * (slot[1] != v0) + rng.random(),
        )[:many]

    def _force(self, c: int, movable: list[Slot]) -> tuple[list[Slot], list[Slot]]:
        """Give an unserved commune a random slot of its own and take out whatever stands in its way."""
        state, rng = self.state, self.random
        v, i = rng.choice(self._open[c])
        chosen = self._in_the_way(c, v, i, movable)
        for _, w, j in chosen:
            state.lift(w, j)
        rest = [slot for slot in movable if slot not in chosen]
        rng.shuffle(rest)
        # what is still in the way is a limit of the week, of a row of days or of a quota
        for other, w, j in rest:
            if state.fits(c, v, i):
                break
            if (w == v and state.week[j] == state.week[i]) or set(state.quotas_of[other]) & set(state.quotas_of[c]):
                state.lift(w, j)
                chosen.append((other, w, j))
        if not state.fits(c, v, i):
            return chosen, []
        state.place(c, v, i)
        return chosen, [(c, v, i)]

    def _short(self) -> list[int]:
        state = self.state
        return [c for c in range(len(self._open)) if self._open[c] and state.counted[c] < state.wanted[c]]

    def _in_the_way(self, c: int, v: int, i: int, movable: list[Slot]) -> list[Slot]:
        """The evenings that occupy the slot or keep the commune off its date."""
        instance = self.state.instance
        season, days = instance.season, instance.days
        near = set(instance.near[c])
        apart = season.separation.days if season.separation is not None else 0
        spacing = season.communes[c].min_days_between
        return [
            (other, w, j)
            for other, w, j in movable
            if (w == v and j == i)
            or (other == c and abs(days[j] - days[i]) < spacing)
            or (other in near and abs(days[j] - days[i]) < apart)
        ]

    def _recreate(self, communes: list[int]) -> list[Slot]:
        rng, state = self.random, self.state
        short = [c for c in self._short() if c not in communes]
        wishes = communes + (short if len(short) <= _WISHES_TRIED else rng.sample(short, _WISHES_TRIED))
        way = rng.choice(("any", "worth", "far"))
        if way == "any":
            rng.shuffle(wishes)
        elif way == "worth":
            wishes.sort(key=lambda c: (-state.worth(c), len(self._open[c]), rng.random()))
        else:
            wishes.sort(key=lambda c: (-state.instance.out[0][c], rng.random()))
        placed = []
        for c in wishes:
            found = self._insert(c, blink=_BLINK)
            if found is not None:
                placed.append(found)
        return placed

    def _insert(self, c: int, *, blink: float) -> Slot | None:
        """Put one evening of c into the open slot that costs least, if it saves anything."""
        state = self.state
        if state.counted[c] >= state.wanted[c]:
            return None
        fits, detour = state.fits, state.detour
        preference, block, draw = state.instance.preference[c], state.block[c], self.random.random
        slot = state.slot
        least, found = state.worth(c), None
        for v, i in self._open[c]:
            if block[i] or slot[v][i] >= 0 or not fits(c, v, i):
                continue
            price = detour(c, v, i) + preference[i]
            if price < least and (blink == 0.0 or draw() >= blink):
                least, found = price, (c, v, i)
        if found is not None:
            state.place(*found)
        return found
