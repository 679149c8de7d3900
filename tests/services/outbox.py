"""How the tests of the outbox fill it, empty it and look into it."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.models import Message, Subscriber
from guinguette.services import messages, sending
from tests.fakes import NOW, PUBLIC_URL, FakeSms, FixedClock, only_sms

Factory = sessionmaker[Session]


def send(factory: Factory, clock: FixedClock, sms: FakeSms, vault: Vault) -> dict[str, int]:
    """Make a round; return how many messages ended how."""
    ended = sending.send_due(
        factory, clock=clock, senders=only_sms(sms), vault=vault, public_url=PUBLIC_URL, wait=clock.wait
    )
    return {state: count for state, count in ended.items() if count}


def states(session: Session) -> list[str]:
    """Return the states of all messages."""
    session.expire_all()
    return list(session.scalars(select(Message.state).order_by(Message.id)))


def draft(subscriber: Subscriber, evening_id: str | None = None, **values: object) -> messages.Draft:
    """Return a reminder for Saturday 19 June 2027 that is due now."""
    defaults: dict[str, object] = {
        "subscriber_id": subscriber.id, "evening_id": evening_id, "kind": "reminder", "number": 20270619,
        "body": "Guinguette : samedi.", "segments": 1, "urgent": False, "due_at": NOW,
        "expires_at": NOW + dt.timedelta(days=1),
    }  # fmt: skip
    return messages.Draft(**(defaults | values))  # type: ignore[arg-type]
