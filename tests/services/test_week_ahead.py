"""The reminder of the week before, for those who ticked it."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.models import Evening, Message
from guinguette.services import evenings, publication, reminders
from tests import factories as make
from tests.fakes import PUBLIC_URL, FakeSms, FixedClock
from tests.services.outbox import send


@pytest.fixture
def evening(session: Session, clock: FixedClock, vault: Vault) -> Evening:
    """Saturday 19 June, with a subscriber who ticked it and one who did not."""
    tour = make.make_tour(session, slug="ete")
    found = make.make_evening(session, tour=tour, commune=make.make_commune(session, name="Vignory"))
    for number in (0, 1):
        phone = f"+3363998000{number}"
        person = make.make_subscriber(session, vault=vault, phone=phone, scopes=["tour:ete"])
        person.subscriptions[0].week_ahead = number == 0
    publication.refresh(session, tour, actor="x", clock=clock)
    session.commit()
    return found


def prepare(session: Session, clock: FixedClock, vault: Vault, instant: str) -> list[str]:
    """A worker's minute at a Paris hour; return the kinds there are then."""
    clock.set(dt.datetime.fromisoformat(instant + "+02:00"))
    reminders.prepare(session, clock=clock, vault=vault, public_url=PUBLIC_URL)
    return list(session.scalars(select(Message.kind).order_by(Message.due_at, Message.id)))


@pytest.mark.parametrize(
    ("instant", "kinds"),
    [
        ("2027-06-12T16:59", []),
        ("2027-06-12T17:00", ["week_ahead"]),
        ("2027-06-15T17:59", ["week_ahead"]),  # they subscribed on the Tuesday
        ("2027-06-15T18:00", []),  # too late, and the other comes on Friday
    ],
)
def test_it_leaves_seven_days_before(
    session: Session, clock: FixedClock, vault: Vault, evening: Evening, instant: str, kinds: list[str]
) -> None:
    """At the hour of reminders, to those who asked; not when it is nearly time."""
    assert prepare(session, clock, vault, instant) == kinds


def test_a_sunday_is_left_in_peace(session: Session, clock: FixedClock, vault: Vault, evening: Evening) -> None:
    """An evening on Sunday: eight days before, on Saturday."""
    evening.date = dt.date(2027, 6, 20)
    publication.refresh(session, evening.tour, actor="x", clock=clock)
    assert prepare(session, clock, vault, "2027-06-12T16:59") == []
    assert prepare(session, clock, vault, "2027-06-12T17:00") == ["week_ahead"]


def test_both_reminders_leave_once_each(
    session: Session, session_factory: sessionmaker[Session], clock: FixedClock, vault: Vault, evening: Evening,
    sms: FakeSms,
) -> None:  # fmt: skip
    """A week before to one, the day before to both."""
    for instant in ("2027-06-12T17:00", "2027-06-12T17:01", "2027-06-18T17:00", "2027-06-18T17:01"):
        prepare(session, clock, vault, instant)
        session.commit()
        send(session_factory, clock, sms, vault)
    assert [(sent.to[-1], "à noter" in sent.body) for sent in sms.sent] == [("0", True), ("0", False), ("1", False)]
    assert sms.sent[0].body.startswith("Guinguette, à noter : samedi 19 juin à Vignory, 18 h-22 h, Place de l'Église.")


def test_a_change_of_the_evening_writes_it_anew(
    session: Session, session_factory: sessionmaker[Session], clock: FixedClock, vault: Vault, evening: Evening,
    sms: FakeSms,
) -> None:  # fmt: skip
    """Queued, then called off before it left: it does not leave."""
    prepare(session, clock, vault, "2027-06-12T17:00")
    act = evenings.Act(actor="x", clock=clock, vault=vault, public_url=PUBLIC_URL)
    evenings.cancel(session, evening, act, reason="canicule")
    session.commit()
    send(session_factory, clock, sms, vault)
    assert {"ANNULÉE" in sent.body for sent in sms.sent} == {True}
