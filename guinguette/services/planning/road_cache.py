"""The answers of one road server, kept in the database (``models.Road``)."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, inspect, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from guinguette.domain.clock import Clock
from guinguette.models import Road
from routing.roads import NO_ROAD, UNKNOWN, Drives, Points, key_of

_ROWS_AT_A_TIME = 20_000
_VALUES_AT_A_TIME = 1_000  # far from what a statement may hold, on SQLite as on PostgreSQL

_Value = TypeVar("_Value")

#: From where to where, in steps of the grid: latitude, longitude, latitude, longitude.
Pair = tuple[int, int, int, int]


class RoadCache:
    """A ``routing.roads.Cache``. Each call has a transaction of its own: none is open while a server is asked."""

    def __init__(self, factory: sessionmaker[Session], server: str, clock: Clock) -> None:
        self._factory, self._server, self._clock = factory, server, clock

    def known(self, points: Points) -> Drives:
        """Return what is known between these points: shape (n, n)."""
        metres = np.full((len(points), len(points)), UNKNOWN, dtype=np.int64)
        seconds = metres.copy()
        keys = key_of(points)
        wanted = select(
            Road.from_lat,
            Road.from_lon,
            Road.to_lat,
            Road.to_lon,
            func.coalesce(Road.metres, NO_ROAD),
            func.coalesce(Road.seconds, NO_ROAD),
        ).where(Road.server == self._server)
        with self._factory() as session:
            for lats in _parts(np.unique(points[:, 0]).tolist()):
                rows = session.execute(wanted.where(Road.from_lat.in_(lats)).execution_options(stream_results=True))
                for part in rows.partitions(_ROWS_AT_A_TIME):
                    numbers = np.fromiter(chain.from_iterable(part), dtype=np.int64, count=6 * len(part))
                    found = numbers.reshape(-1, 6)
                    origin, destination = _index(keys, found[:, 0:2]), _index(keys, found[:, 2:4])
                    ours = (origin >= 0) & (destination >= 0)  # points of other seasons lie on the same latitudes
                    metres[origin[ours], destination[ours]] = found[ours, 4]
                    seconds[origin[ours], destination[ours]] = found[ours, 5]
        return Drives(metres, seconds)

    def keep(self, sources: Points, targets: Points, drives: Drives) -> None:
        """Write one answer down."""
        now = self._clock.now()
        values = zip(drives.metres.ravel().tolist(), drives.seconds.ravel().tolist(), strict=True)
        pairs = ((*source, *target) for source in sources.tolist() for target in targets.tolist())
        rows = [
            {
                "server": self._server,
                **dict(zip(("from_lat", "from_lon", "to_lat", "to_lon"), pair, strict=True)),
                "metres": None if metres == NO_ROAD else metres,
                "seconds": None if metres == NO_ROAD else seconds,
                "asked_at": now,
            }
            for pair, (metres, seconds) in zip(pairs, values, strict=True)
        ]
        with self._factory.begin() as session:
            dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
            # another run may have written the same meanwhile
            session.execute(dialect.insert(inspect(Road).local_table).on_conflict_do_nothing(), rows)


def seconds_by_road(session: Session, server: str, pairs: Iterable[Pair]) -> dict[Pair, int]:
    """Return the seconds that the server gave for these drives, those that it knows."""
    columns = Road.from_lat, Road.from_lon, Road.to_lat, Road.to_lon
    wanted = select(*columns, Road.seconds).where(Road.server == server, Road.seconds.is_not(None))
    return {
        (row[0], row[1], row[2], row[3]): row[4]
        for part in _parts(sorted(set(pairs)))
        for row in session.execute(wanted.where(tuple_(*columns).in_(part)))
        if row[4] is not None
    }


def _index(keys: NDArray[np.int64], points: Points) -> NDArray[np.intp]:
    """Return where each of the points stands among the sorted keys, -1 where it does not."""
    wanted = key_of(points)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)


def _parts(values: list[_Value]) -> Iterator[list[_Value]]:
    return (values[start : start + _VALUES_AT_A_TIME] for start in range(0, len(values), _VALUES_AT_A_TIME))
