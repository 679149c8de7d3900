"""A short transaction that outlasts a database being restarted."""

import logging
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

_log = logging.getLogger(__name__)

#: Seconds before each new try: a restart takes a few, and half a minute is as long as a worker waits.
_TRIES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
_Result = TypeVar("_Result")


def patiently(
    session_factory: sessionmaker[Session], work: Callable[[Session], _Result], wait: Callable[[float], object]
) -> _Result:
    """Do ``work`` in a transaction of its own and commit; begin again where the database was out of reach.

    ``work`` must stand being done twice: nobody knows whether a commit that broke off took place. ``wait`` waits so
    many seconds. Raises the driver's error after half a minute.
    """
    for seconds in _TRIES:
        try:
            with session_factory.begin() as session:
                return work(session)
        except DBAPIError as error:
            if not (error.connection_invalidated or isinstance(error, OperationalError)):
                raise
            _log.warning("the database is out of reach: %s", type(error.orig).__name__)
            wait(seconds)
    with session_factory.begin() as session:
        return work(session)
