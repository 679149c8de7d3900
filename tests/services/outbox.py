"""How the tests of the outbox fill it, empty it and look into it."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.models import Message, Subscriber
from guinguette.services import messages
from tests.fakes import NOW, FakeSms, FixedClock

Factory = sessionmaker[Session]


def send(factory: Factory, clock: FixedClock, sms: FakeSms, vault: Vault) -> dict[str, int]:
    """Make a round; return how many messages ended how."""
    return {k: n for k, n in messages.send_due(factory, clock=clock, sms=sms, vault=vault).items() if n}


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
