"""Roads asked of a server: every pair once, within its limits, whatever is known already and whatever fails."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.roads import (
    NO_ROAD,
    UNKNOWN,
    Drives,
    Limit,
    OffRoadError,
    Points,
    RoadsError,
    TooLargeError,
    ask,
    batches,
    filled,
    on_grid,
)
from routing.travel import great_circle_metres

from .seasons import MANY


def metres(sources: Points, targets: Points) -> np.ndarray:
    """Whole numbers that differ from pair to pair and from there to back."""
    away = sources[:, None, :] * 3 - targets[None, :, :]
    return np.abs(away[..., 0] * 7 + away[..., 1]) % 1_000_003


@dataclass
class MemoryCache:
    """Keeps what it is given, by pair."""

    rows: dict[tuple[int, ...], tuple[int, int]] = field(default_factory=dict)

    def known(self, points: Points) -> Drives:
        """What is known between the points."""
        size = len(points)
        found = np.full((2, size, size), UNKNOWN, dtype=np.int64)
        for i, one in enumerate(points.tolist()):
            for j, two in enumerate(points.tolist()):
                found[:, i, j] = self.rows.get((*one, *two), (UNKNOWN, UNKNOWN))
        return Drives(found[0], found[1])

    def keep(self, sources: Points, targets: Points, drives: Drives) -> None:
        """Remember one answer; nothing is ever answered twice."""
        for i, one in enumerate(sources.tolist()):
            for j, two in enumerate(targets.tolist()):
                assert (*one, *two) not in self.rows
                self.rows[*one, *two] = int(drives.metres[i, j]), int(drives.seconds[i, j])


USUAL = Limit(10_000, 200)


@dataclass
class FakeServer:
    """Knows every road but those of ``islands``; refuses more than ``takes``, and all after ``dies`` requests."""

    takes: Limit
    limit: Limit = USUAL
    farthest_metres: float = math.inf
    islands: frozenset[tuple[int, ...]] = frozenset()
    dies: int = -1
    requests: int = 0

    def table(self, sources: Points, targets: Points) -> Drives:
        """Answer a table."""
        self.requests += 1
        if 0 <= self.dies < self.requests:
            raise RoadsError("HTTP 503, tried 4 times")
        if len(sources) * len(targets) > self.takes.pairs or len(sources) + len(targets) > self.takes.points:
            raise TooLargeError("TooBig")
        if self.islands & {tuple(point) for point in [*sources.tolist(), *targets.tolist()]}:
            raise OffRoadError("No suitable edges near location")
        found = metres(sources, targets)
        return Drives(found, found // 20)


LIMITS = st.builds(Limit, st.integers(1, 40), st.integers(2, 14))
PLACES = st.lists(st.tuples(st.floats(-80, 80), st.floats(-179, 179)), max_size=12)


@MANY
@given(st.data(), LIMITS)
def test_batches_ask_for_every_unknown_pair_once(data: st.DataObject, limit: Limit) -> None:
    """Any mask, any limit: no request beyond the limit, and together exactly what covers the unknown."""
    rows, columns = data.draw(st.integers(1, 15)), data.draw(st.integers(1, 15))
    unknown = np.array(data.draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns)))
    unknown = unknown.reshape(rows, columns)
    asked = np.zeros((rows, columns), dtype=int)
    for sources, targets in batches(unknown, limit):
        assert len(sources) * len(targets) <= limit.pairs
        assert len(sources) + len(targets) <= limit.points
        asked[np.ix_(sources, targets)] += 1
    assert (asked == unknown).all()


@MANY
@given(PLACES, LIMITS, LIMITS, st.integers(0, 12))
def test_any_number_any_limit_same_matrix(
    places: list[tuple[float, float]], takes: Limit, supposed: Limit, before: int
) -> None:
    """Whatever the server takes at a time, whatever we suppose of it, and however many places are known already."""
    cache, degrees = MemoryCache(), np.array(places).reshape(-1, 2)
    ask(FakeServer(takes), degrees[:before], cache)
    answer = ask(FakeServer(takes, limit=supposed), degrees, cache)
    points = np.unique(on_grid(degrees), axis=0)
    assert answer.failure == ""
    assert answer.points.tolist() == points.tolist()
    assert answer.drives.metres.tolist() == metres(points, points).tolist()
    again = FakeServer(takes)
    assert ask(again, degrees, cache).drives.metres.tolist() == answer.drives.metres.tolist()
    assert again.requests == 0


def test_one_new_place_costs_its_row_and_its_column() -> None:
    """Two requests, not the whole table again."""
    degrees = np.array([(48 + n / 10, 4.0) for n in range(30)])
    cache = MemoryCache()
    ask(FakeServer(Limit(10_000, 200)), degrees[:-1], cache)
    server = FakeServer(Limit(10_000, 200))
    ask(server, degrees, cache)
    assert server.requests == 2


def test_what_was_answered_before_a_failure_is_kept() -> None:
    """The next run asks only for the rest."""
    degrees = np.array([(48 + n / 10, 4.0) for n in range(6)])
    cache, takes = MemoryCache(), Limit(4, 4)
    answer = ask(FakeServer(takes, limit=takes, dies=3), degrees, cache)
    assert answer.failure == "HTTP 503, tried 4 times"
    assert (answer.drives.metres == UNKNOWN).sum() == 36 - 3 * 4
    rest = FakeServer(takes, limit=takes)
    assert not (ask(rest, degrees, cache).drives.metres == UNKNOWN).any()
    assert rest.requests == 6


def test_whoever_stops_it_keeps_what_is_there() -> None:
    """Nobody waits for a slow server against their will."""
    answers = iter([False, True])
    takes = Limit(4, 4)
    degrees = np.array([(48 + n / 10, 4.0) for n in range(6)])
    answer = ask(FakeServer(takes, limit=takes), degrees, MemoryCache(), should_stop=lambda: next(answers))
    assert (answer.drives.metres >= 0).sum() == 4
    assert answer.failure


def test_a_place_off_all_roads_leaves_the_others() -> None:
    """It is found by halves: no road leads there, and that is remembered."""
    degrees = np.array([(48 + n / 10, 4.0) for n in range(7)])
    island = tuple(on_grid(degrees)[4].tolist())
    cache = MemoryCache()
    answer = ask(FakeServer(Limit(100, 100), islands=frozenset({island})), degrees, cache)
    none = answer.drives.metres == NO_ROAD
    assert none[4].all()
    assert none[:, 4].all()
    assert none.sum() == 13
    assert len(cache.rows) == 49


def test_a_server_that_takes_nothing_is_a_failure() -> None:
    """Not an endless search for a table that is small enough."""
    answer = ask(FakeServer(Limit(0, 0)), np.array([(48.0, 4.0), (49.0, 4.0)]), MemoryCache())
    assert "even a single pair" in answer.failure


def test_pairs_too_far_apart_are_not_asked_for() -> None:
    """Valhalla refuses a whole table for one pair beyond 400 km; nobody drives that in a day."""
    degrees = np.array([(43.3, 5.4), (43.5, 5.4), (50.6, 3.1)])
    cache = MemoryCache()
    answer = ask(FakeServer(Limit(100, 100), farthest_metres=400_000), degrees, cache)
    assert (answer.drives.metres == NO_ROAD).tolist() == [
        [False, False, True],
        [False, False, True],
        [True, True, False],
    ]
    assert len(cache.rows) == 5


def test_gaps_are_filled_with_the_great_circle_and_counted() -> None:
    """Two villages on one square, one that no road reaches, one that nobody asked for: where they stand is kept."""
    known = np.array([(48.0, 4.0), (48.5, 4.0), (49.0, 4.0)])
    answer = ask(FakeServer(Limit(100, 100)), known, MemoryCache())
    answer.drives.metres[0, 2] = NO_ROAD
    places = np.array([(48.5, 4.0), (48.0, 4.0), (48.5, 4.000001), (47.0, 5.0), (49.0, 4.0)])
    circle = great_circle_metres(places[:, 0], places[:, 1], detour=1.3)
    table, estimated = filled(answer, places, detour=1.3)
    assert estimated.sum() == 4 + 4 + 1
    assert table[estimated].tolist() == circle[estimated].tolist()
    assert table[1, 4] == circle[1, 4]
    assert table[4, 1] == answer.drives.metres[2, 0]
    assert table[0, 1] == table[2, 1] == answer.drives.metres[1, 0]
    assert table[0, 2] == answer.drives.metres[1, 1]
    assert not table.diagonal().any()


@pytest.mark.parametrize("places", [[], [(48.0, 4.0)]])
def test_no_place_and_one_place(places: list[tuple[float, float]]) -> None:
    """A season may have a single depot."""
    answer = ask(FakeServer(Limit(100, 100)), np.array(places).reshape(-1, 2), MemoryCache())
    table, estimated = filled(answer, np.array(places).reshape(-1, 2), detour=1.3)
    assert table.shape == (len(places), len(places))
    assert not table.any()
    assert not estimated.any()
