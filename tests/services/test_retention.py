"""What the privacy page promises to erase is erased, and nothing else."""

import datetime as dt

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Contact, Message, Subscriber
from guinguette.services import retention, rules
from tests import factories as make
from tests.fakes import NOW, FixedClock

THREE_YEARS = dt.timedelta(days=3 * 365)


@pytest.fixture(autouse=True)
def _rules(session: Session) -> None:
    rules.ensure_defaults(session)


@pytest.mark.parametrize(("days", "kept"), [(6, True), (8, False)])
def test_a_number_never_confirmed_goes_after_a_week(
    session: Session, vault: Vault, clock: FixedClock, days: int, kept: bool
) -> None:
    """A code that never came back leaves no number behind."""
    make.make_subscriber(session, vault=vault, confirmed_at=None)
    clock.advance(days=days)
    assert retention.forget(session, clock) == (0 if kept else 1)


@pytest.mark.parametrize(("days", "kept"), [(-1, True), (1, False)])
def test_a_subscriber_goes_three_years_after_the_last_contact(
    session: Session, vault: Vault, clock: FixedClock, days: int, kept: bool
) -> None:
    """Both sides of the limit; the messages go with the number."""
    subscriber = make.make_subscriber(session, vault=vault, scopes=["commune:52001"])
    make.make_message(session, subscriber=subscriber)
    clock.set(NOW + THREE_YEARS + dt.timedelta(days=days))
    retention.forget(session, clock)
    assert session.scalar(select(func.count(Subscriber.id))) == int(kept)
    assert session.scalar(select(func.count(Message.id))) == int(kept)


def test_a_recent_message_keeps_an_old_subscriber(session: Session, vault: Vault, clock: FixedClock) -> None:
    """Three years count from the last contact, not from the first."""
    subscriber = make.make_subscriber(session, vault=vault)
    clock.set(NOW + THREE_YEARS + dt.timedelta(days=30))
    make.make_message(session, subscriber=subscriber, updated_at=clock.now() - dt.timedelta(days=40))
    assert retention.forget(session, clock) == 0


def test_an_archived_contact_goes_after_three_years_an_active_one_stays(session: Session, clock: FixedClock) -> None:
    """The former president of the comité is forgotten in time."""
    make.make_contact(session)
    make.make_contact(session, archived_at=NOW)
    clock.set(NOW + THREE_YEARS + dt.timedelta(days=1))
    assert retention.forget(session, clock) == 1
    assert session.scalar(select(func.count(Contact.id))) == 1
