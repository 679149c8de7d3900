"""Where Flask-Limiter keeps its counts: in the database that is there anyway, common to every web process."""

import datetime as dt

from limits.storage import Storage
from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from guinguette.extensions import db
from guinguette.models import Attempt
from guinguette.services import attempts
from guinguette.web.edge import edge

SCHEME = "guinguette"


class DatabaseStorage(Storage):
    """``limits``' storage on the table of ``models.Attempt``, for fixed windows.

    Each call is a short transaction of its own, before the view's: a try counts whatever the view makes of it.
    Addresses and accounts are hashed with the data key.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 limits reads it from the class

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a database out of reach raises."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count ``amount`` tries more; return how many that makes within ``expiry`` seconds of the first."""
        window = dt.timedelta(seconds=expiry)
        with Session(db.engine) as session, session.begin():
            return attempts.add(session, _hashed(key), window=window, amount=amount, clock=edge().clock)

    def get(self, key: str) -> int:
        """Return how many tries count at present."""
        return self._standing(key)[0]

    def get_expiry(self, key: str) -> float:
        """Return when they no longer will, in seconds since 1970."""
        return self._standing(key)[1].timestamp()

    def check(self) -> bool:
        """The pages need the database too: where it is out of reach, no count is missed."""
        return True

    def reset(self) -> int | None:
        """Forget every count."""
        with Session(db.engine) as session, session.begin():
            return len(session.scalars(delete(Attempt).returning(Attempt.key)).all())

    def clear(self, key: str) -> None:
        """Forget one count."""
        with Session(db.engine) as session, session.begin():
            session.execute(delete(Attempt).where(Attempt.key == _hashed(key)))

    def _standing(self, key: str) -> tuple[int, dt.datetime]:
        with Session(db.engine) as session:
            return attempts.standing(session, _hashed(key), edge().clock)


def _hashed(key: str) -> str:
    return edge().vault.fingerprint(f"attempt:{key}")
