"""Transactions that outlast a restarted database (services/patience.py)."""

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from guinguette.models import Gateway
from guinguette.services.patience import patiently
from tests.services.outbox import Factory


def test_it_begins_again_until_the_database_is_back(session_factory: Factory, session: Session) -> None:
    """What the failed tries had written is not there; the wait grows from try to try."""
    waits: list[float] = []

    def work(session: Session) -> str:
        session.add(Gateway(channel="sms", last_error=f"try {len(waits)}"))
        session.flush()
        if len(waits) < 3:
            raise OperationalError("SELECT 1", {}, OSError("terminating connection"))
        return "done"

    assert patiently(session_factory, work, waits.append) == "done"
    assert waits == sorted(waits)
    assert session.get_one(Gateway, "sms").last_error == "try 3"


def test_it_gives_up_after_half_a_minute(session_factory: Factory) -> None:
    """The next round, a minute later, tries again."""
    waits: list[float] = []

    def work(_session: Session) -> None:
        raise OperationalError("SELECT 1", {}, OSError("no such host"))

    with pytest.raises(OperationalError):
        patiently(session_factory, work, waits.append)
    assert sum(waits) == pytest.approx(30, abs=1)


def test_an_error_of_ours_is_not_tried_again(session_factory: Factory) -> None:
    """A constraint that refuses will refuse for ever."""

    def work(_session: Session) -> None:
        raise IntegrityError("INSERT", {}, ValueError("twice"))

    with pytest.raises(IntegrityError):
        patiently(session_factory, work, lambda _seconds: pytest.fail("it waited"))
