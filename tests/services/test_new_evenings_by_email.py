"""The e-mail about new evenings, also in place of an SMS: it names all of them, and attaches none for a calendar."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.ports import Senders
from guinguette.adapters.vault import Vault
from guinguette.models import Evening, Message, Subscriber
from guinguette.services import evenings, new_evenings, opting_out, publication, sending, taking_over
from tests import factories as make
from tests.fakes import NOW, PUBLIC_URL, FakeEmail, FakeSms, FixedClock

EMAIL = "anne@example.org"
Factory = sessionmaker[Session]


@pytest.fixture
def person(session: Session, vault: Vault) -> Subscriber:
    """Somebody who ticked « aussi les nouvelles dates », with a confirmed e-mail beside the number."""
    email_hash = opting_out.email_hash(vault, EMAIL)
    values: dict[str, Any] = {"email_encrypted": vault.encrypt(EMAIL), "email_hash": email_hash}
    found = make.make_subscriber(session, vault=vault, scopes=["tour:ete"], email_confirmed_at=NOW, **values)
    found.subscriptions[0].new_evenings = True
    return found


def announce(session: Session, clock: FixedClock, vault: Vault) -> list[Evening]:
    """Publish two evenings in a second version, and tell of them."""
    tour = make.make_tour(session, slug="ete")
    publication.refresh(session, tour, actor="x", clock=clock)
    new = [make.make_evening(session, tour=tour, commune=make.make_commune(session, name=name)) for name in ("A", "B")]
    version = publication.refresh(session, tour, actor="x", clock=clock)
    new_evenings.tell(session, version, clock=clock, vault=vault, public_url=PUBLIC_URL)
    return new


def leaving(factory: Factory, clock: FixedClock, vault: Vault) -> FakeEmail:
    """Make a round."""
    senders = Senders(FakeSms(), FakeEmail())
    sending.send_due(factory, clock=clock, senders=senders, vault=vault, public_url=PUBLIC_URL, wait=clock.wait)
    return senders.email


@pytest.mark.parametrize("first_lost", [False, True])
def test_an_email_in_place_of_an_sms_names_every_new_evening(
    session: Session, session_factory: Factory, person: Subscriber, clock: FixedClock, vault: Vault, *, first_lost: bool
) -> None:
    """Those that are left, once, and says why it came."""
    first, _ = announce(session, clock, vault)
    sms = session.scalars(select(Message)).one()
    sms.state = "failed"
    if first_lost:
        act = evenings.Act(actor="x", clock=clock, vault=vault, public_url=PUBLIC_URL)
        evenings.cancel(session, first, act, reason="canicule")
    session.commit()
    told = [
        one for _ in range(2) for one in leaving(session_factory, clock, vault).sent if "nouvelles dates" in one.subject
    ]
    assert len(told) == 1
    assert ("à A" in told[0].text, "à B" in told[0].text) == (not first_lost, True)
    assert "Le SMS n’a pas pu vous parvenir" in told[0].text
    assert told[0].stop_url in told[0].text
    assert told[0].attachments == ()


def test_the_email_of_whoever_chose_email_has_none_for_the_calendar_either(
    session: Session, session_factory: Factory, person: Subscriber, clock: FixedClock, vault: Vault
) -> None:
    """One of several would be taken for all."""
    person.landline = True
    announce(session, clock, vault)
    session.commit()
    (told,) = leaving(session_factory, clock, vault).sent
    assert told.attachments == ()


def test_nothing_takes_over_once_no_new_evening_is_left(
    session: Session, person: Subscriber, clock: FixedClock, vault: Vault
) -> None:
    """Or nobody wants to hear of them any more."""
    announce(session, clock, vault)
    session.scalars(select(Message)).one().state = "failed"
    person.subscriptions[0].new_evenings = False
    session.flush()
    assert taking_over.follow(session, clock=clock, vault=vault, public_url=PUBLIC_URL) == 0
