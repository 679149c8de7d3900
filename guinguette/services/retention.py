"""What is erased by itself, and when (GDPR article 5.1.e; product.md and the privacy page promise it)."""

import datetime as dt

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.models import Contact, Message, Subscriber
from guinguette.services import rules

#: A number whose code never came back is nobody's subscription: a week is more than anybody needs to type six digits.
UNCONFIRMED = dt.timedelta(days=7)
_YEAR = dt.timedelta(days=365)


def forget(session: Session, clock: Clock) -> int:
    """Erase what is kept long enough; return how many people it was.

    Numbers never confirmed after a week; numbers (or, after STOP, their hashes) so many years after the last contact as
    the rule ``consent_years`` says; contacts of a committee as long after they were archived.
    """
    now = clock.now()
    limit = now - rules.value(session, "consent_years", today(clock)) * _YEAR
    told_since = exists(select(Message.id).where(Message.subscriber_id == Subscriber.id, Message.updated_at >= limit))
    last_word = func.coalesce(Subscriber.opted_out_at, Subscriber.confirmed_at, Subscriber.created_at)
    gone = [
        delete(Subscriber).where(
            Subscriber.confirmed_at.is_(None),
            Subscriber.opted_out_at.is_(None),
            Subscriber.created_at < now - UNCONFIRMED,
        ),
        delete(Subscriber).where(last_word < limit, ~told_since),
        delete(Contact).where(Contact.archived_at < limit),
    ]
    return sum(len(session.execute(d.returning(d.table.c.id)).all()) for d in gone)
