"""Accounts and one-time links (guinguette/services/accounts.py)."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.errors import Conflict, InvalidInput, NotFound
from guinguette.models import SignInLink
from guinguette.services import accounts
from tests import factories
from tests.fakes import FixedClock


def test_an_account_has_its_role_and_a_clean_address(session: Session) -> None:
    """Spaces and capitals of an address do not make another person."""
    user = accounts.create_user(session, email="  Anne@Example.ORG ", role="organiser")
    assert user.email == "anne@example.org"
    assert [role.name for role in user.roles] == ["organiser"]
    with pytest.raises(Conflict):
        accounts.create_user(session, email="ANNE@example.org", role="organiser")


def test_two_accounts_share_one_role_row(session: Session) -> None:
    """The second organiser does not make a second role."""
    first = accounts.create_user(session, email="a@example.org", role="organiser")
    second = accounts.create_user(session, email="b@example.org", role="organiser")
    assert first.roles[0].id == second.roles[0].id


@pytest.mark.parametrize(("email", "role"), [("anne", "organiser"), ("anne@example.org", "king"), ("", "organiser")])
def test_a_wrong_address_or_role_is_refused(session: Session, email: str, role: str) -> None:
    """Nothing half-right is stored."""
    with pytest.raises(InvalidInput):
        accounts.create_user(session, email=email, role=role)


def test_a_link_signs_in_once(session: Session, clock: FixedClock) -> None:
    """Looking leaves it good, using it does not; the database never holds the secret."""
    user = factories.make_user(session)
    token = accounts.new_sign_in_link(session, user, clock)
    assert accounts.link_is_good(session, token, clock)
    assert token not in {link.token_hash for link in session.scalars(select(SignInLink))}
    assert accounts.use_sign_in_link(session, token, clock) is user
    session.expire_all()
    assert not accounts.link_is_good(session, token, clock)
    with pytest.raises(NotFound):
        accounts.use_sign_in_link(session, token, clock)


def test_a_link_lapses_after_a_day(session: Session, clock: FixedClock) -> None:
    """Good until the last second of its 24 hours, not at their end."""
    token = accounts.new_sign_in_link(session, factories.make_user(session), clock)
    clock.advance(hours=24, seconds=-1)
    assert accounts.link_is_good(session, token, clock)
    clock.advance(seconds=1)
    assert not accounts.link_is_good(session, token, clock)
    with pytest.raises(NotFound):
        accounts.use_sign_in_link(session, token, clock)


def test_a_closed_account_has_no_good_link(session: Session, clock: FixedClock) -> None:
    """Closing an account closes its links."""
    user = factories.make_user(session)
    token = accounts.new_sign_in_link(session, user, clock)
    user.active = False
    assert not accounts.link_is_good(session, token, clock)
    with pytest.raises(NotFound):
        accounts.use_sign_in_link(session, token, clock)
