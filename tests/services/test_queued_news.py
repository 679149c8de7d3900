"""News that waits for the morning is true when it leaves: a postponement to a date that is lost or moved meanwhile."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.models import Evening, Message
from guinguette.services import evenings, publication
from tests import factories as make
from tests.fakes import PUBLIC_URL, FakeSms, FixedClock
from tests.services.outbox import send

SATURDAY, LATER = dt.date(2027, 6, 19), dt.date(2027, 6, 26)
Factory = sessionmaker[Session]


@pytest.fixture
def act(clock: FixedClock, vault: Vault) -> evenings.Act:
    """An organiser at work at ten in the evening, ten days before."""
    clock.set(dt.datetime(2027, 6, 9, 20, 0, tzinfo=dt.UTC))
    return evenings.Act(actor="o@example.org", clock=clock, vault=vault, public_url=PUBLIC_URL)


@pytest.fixture
def evening(session: Session, act: evenings.Act) -> Evening:
    """An evening online, with one subscriber."""
    tour = make.make_tour(session, dates=[SATURDAY])
    found = make.make_evening(session, tour=tour, commune=make.make_commune(session, name="Vignory"), date=SATURDAY)
    make.make_subscriber(session, vault=act.vault, scopes=[f"commune:{found.commune_insee}"])
    publication.refresh(session, tour, actor="x", clock=act.clock)
    return found


def morning(session: Session, factory: Factory, clock: FixedClock, sms: FakeSms, vault: Vault) -> list[str]:
    """Let the night pass; return what leaves at nine, without links."""
    session.commit()
    clock.advance(hours=12)
    send(factory, clock, sms, vault)
    return sorted(sent.body.partition(" STOP")[0] for sent in sms.sent)


def test_the_new_evening_is_called_off_before_the_news_has_left(
    session: Session, session_factory: Factory, act: evenings.Act, evening: Evening, clock: FixedClock, sms: FakeSms
) -> None:
    """Nobody reads of a date that is no more: the postponement has none to name, and the other is called off."""
    later = evenings.postpone(session, evening, act, date=LATER, reason="orages", agreed=True)
    evenings.cancel(session, later, act, reason="canicule")
    assert morning(session, session_factory, clock, sms, act.vault) == [
        "Guinguette : samedi 19 juin à Vignory est REPORTÉE (orages), date à suivre.",
        "Guinguette : samedi 26 juin à Vignory est ANNULÉE (canicule).",
    ]
    states = select(Message.state).where(Message.kind == "postponed").order_by(Message.number)
    session.expire_all()
    assert session.scalars(states).all() == ["dropped", "sent"]


def test_the_new_evening_is_postponed_again(
    session: Session, session_factory: Factory, act: evenings.Act, evening: Evening, clock: FixedClock, sms: FakeSms
) -> None:
    """Both name the last date."""
    later = evenings.postpone(session, evening, act, date=LATER, reason="orages", agreed=True)
    evenings.postpone(session, later, act, date=dt.date(2027, 7, 3), reason="canicule", agreed=True)
    assert morning(session, session_factory, clock, sms, act.vault) == [
        "Guinguette : samedi 19 juin à Vignory est REPORTÉE au samedi 3 juillet (orages).",
        "Guinguette : samedi 26 juin à Vignory est REPORTÉE au samedi 3 juillet (canicule).",
    ]


def test_called_off_behind_our_back_it_does_not_leave(
    session: Session, session_factory: Factory, act: evenings.Act, evening: Evening, clock: FixedClock, sms: FakeSms
) -> None:
    """A worker that claims the old text in that very moment looks at the evening it names."""
    later = evenings.postpone(session, evening, act, date=LATER, reason="orages", agreed=True)
    later.state, evening.sequence = "cancelled", evening.sequence + 1
    assert morning(session, session_factory, clock, sms, act.vault) == []


def test_what_has_left_is_not_said_again(
    session: Session, session_factory: Factory, act: evenings.Act, evening: Evening, clock: FixedClock, sms: FakeSms
) -> None:
    """The cancellation alone follows."""
    later = evenings.postpone(session, evening, act, date=LATER, reason="orages", agreed=True)
    assert len(morning(session, session_factory, clock, sms, act.vault)) == 1
    evenings.cancel(session, later, act, reason="canicule")
    session.commit()
    send(session_factory, clock, sms, act.vault)
    assert [sent.body.partition(" STOP")[0] for sent in sms.sent[1:]] == [
        "Guinguette : samedi 26 juin à Vignory est ANNULÉE (canicule)."
    ]
