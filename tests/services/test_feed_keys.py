"""The key of an organiser's calendar: shown once, kept as a hash, renewed, taken back."""

import pytest
from sqlalchemy.orm import Session

from guinguette.domain.errors import NotFound
from guinguette.services import feed_keys
from tests import factories as make
from tests.fakes import FixedClock


def test_a_key_opens_until_it_is_renewed_or_taken_back(session: Session, clock: FixedClock) -> None:
    """Each new one closes the one before; what is stored is not the key."""
    user = make.make_user(session, role="organiser")
    old = feed_keys.renew(session, user.id, clock)
    assert feed_keys.check(session, old).user_id == user.id
    new = feed_keys.renew(session, user.id, clock)
    assert new != old
    row = feed_keys.find(session, user.id)
    assert row is not None
    assert new not in (row.key_hash, old)
    with pytest.raises(NotFound):
        feed_keys.check(session, old)
    assert feed_keys.check(session, new) is row
    feed_keys.revoke(session, user.id)
    assert feed_keys.find(session, user.id) is None
    with pytest.raises(NotFound):
        feed_keys.check(session, new)


def test_who_has_left_reads_no_calendar(session: Session, clock: FixedClock) -> None:
    """An account that was closed takes its calendar with it."""
    user = make.make_user(session, role="organiser")
    key = feed_keys.renew(session, user.id, clock)
    user.active = False
    session.flush()
    with pytest.raises(NotFound):
        feed_keys.check(session, key)


def test_who_is_no_organiser_any_more_reads_no_calendar(session: Session, clock: FixedClock) -> None:
    """The account goes on, the desk does not: nor does its calendar."""
    user = make.make_user(session, role="organiser")
    key = feed_keys.renew(session, user.id, clock)
    user.roles = []
    session.flush()
    with pytest.raises(NotFound):
        feed_keys.check(session, key)
