"""Answers of road servers in the database: found again by server and points, written once."""

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.models import Road
from guinguette.services.planning.road_cache import RoadCache, seconds_by_road
from routing.roads import NO_ROAD, UNKNOWN, Drives
from tests.fakes import FixedClock

POINTS = np.array([[4_800_000, 400_000], [4_800_000, 400_001], [4_900_000, -500_000]])
DRIVES = Drives(np.array([[0, 12, NO_ROAD], [13, 0, 900], [NO_ROAD, 901, 0]]),
                np.array([[0, 2, NO_ROAD], [3, 0, 90], [NO_ROAD, 91, 0]]))  # fmt: skip


def test_answers_are_found_again(session: Session, session_factory: sessionmaker[Session], clock: FixedClock) -> None:
    """Those of the same server, between the points that are asked about; written twice they are there once."""
    cache = RoadCache(session_factory, "osrm a/driving", clock)
    cache.keep(POINTS, POINTS, DRIVES)
    cache.keep(POINTS[:2], POINTS, Drives(DRIVES.metres[:2] + 1, DRIVES.seconds[:2]))
    found = cache.known(POINTS)
    assert found.metres.tolist() == DRIVES.metres.tolist()
    assert found.seconds.tolist() == DRIVES.seconds.tolist()
    others = np.array([[4_800_000, 400_000], [4_800_000, 400_002], [4_900_000, -500_000]])
    assert cache.known(others).metres.tolist() == [[0, UNKNOWN, NO_ROAD], [UNKNOWN] * 3, [NO_ROAD, UNKNOWN, 0]]
    assert (RoadCache(session_factory, "osrm b/driving", clock).known(POINTS).metres == UNKNOWN).all()
    assert session.scalar(select(func.count()).select_from(Road)) == 9
    pairs = [(*POINTS[i].tolist(), *POINTS[j].tolist()) for i, j in ((0, 1), (1, 0), (0, 2))]
    assert seconds_by_road(session, "osrm a/driving", pairs) == {pairs[0]: 2, pairs[1]: 3}
    assert seconds_by_road(session, "osrm b/driving", pairs) == {}


def test_no_point_is_no_question(session_factory: sessionmaker[Session], clock: FixedClock) -> None:
    """A tour without villages."""
    assert RoadCache(session_factory, "x", clock).known(POINTS[:0]).metres.shape == (0, 0)
