"""The e-mail that lets an organiser in without a password."""

import logging
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.ports import SendError
from guinguette.models import SignInLink
from guinguette.services import accounts, sign_in_mails
from tests.factories import make_user
from tests.fakes import PUBLIC_URL, FakeEmail, FixedClock


def test_the_link_signs_its_owner_in_once(
    session: Session, session_factory: sessionmaker[Session], clock: FixedClock, email: FakeEmail
) -> None:
    """No STOP in it: it is no subscription, and the owner has just asked."""
    user = make_user(session, email="anne@example.org", role="organiser")
    session.commit()
    assert sign_in_mails.send(session_factory, user.id, clock=clock, sender=email, public_url=PUBLIC_URL)
    (mail,) = email.sent
    assert (mail.to, mail.stop_url, mail.written_at) == ("anne@example.org", "", clock.now())
    found = re.search(rf"{PUBLIC_URL}/connexion/lien/(\S+)", mail.text)
    assert found
    assert found.group() in mail.html
    assert accounts.use_sign_in_link(session, found.group(1), clock).id == user.id


@pytest.mark.parametrize("active", [True, False])
def test_who_has_no_account_gets_nothing(
    session: Session, session_factory: sessionmaker[Session], clock: FixedClock, email: FakeEmail, active: bool
) -> None:
    """Nor does an account that was closed."""
    user = make_user(session, active=active)
    session.commit()
    wanted = 0 if active else user.id
    assert not sign_in_mails.send(session_factory, wanted, clock=clock, sender=email, public_url=PUBLIC_URL)
    assert (email.sent, session.scalars(select(SignInLink)).all()) == ([], [])


def test_a_refusal_is_logged_without_the_address(
    session: Session,
    session_factory: sessionmaker[Session],
    clock: FixedClock,
    email: FakeEmail,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever waits asks for another link."""
    user = make_user(session, email="anne@example.org")
    session.commit()
    email.errors = [SendError("SMTP", code="550 5.1.1", permanent=True)]
    with caplog.at_level(logging.DEBUG):
        assert not sign_in_mails.send(session_factory, user.id, clock=clock, sender=email, public_url=PUBLIC_URL)
    assert "550 5.1.1" in caplog.text
    assert "anne" not in caplog.text
