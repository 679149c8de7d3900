"""What is erased by itself, and when (GDPR article 5.1.e; product.md and the privacy page promise it)."""

import datetime as dt

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.models import ConfirmationCode, Consent, Contact, Message, SignInLink, Subscriber
from guinguette.services import attempts, rules

#: A number whose code never came back is nobody's subscription: a week is more than anybody needs to ask for another.
UNCONFIRMED = dt.timedelta(days=7)
_DAY, _YEAR = dt.timedelta(days=1), dt.timedelta(days=365)


def forget(session: Session, clock: Clock) -> int:
    """Erase what is kept long enough; return how many people it was.

    Hashes of numbers never confirmed, after a week; numbers (or, after STOP, their hashes) so many years after the last
    contact as the rule ``consent_years`` says; contacts of a committee as long after they were archived.
    """
    now = clock.now()
    limit = now - rules.value(session, "consent_years", today(clock)) * _YEAR
    told_since = exists(select(Message.id).where(Message.subscriber_id == Subscriber.id, Message.updated_at >= limit))
    last_word = func.coalesce(Subscriber.opted_out_at, Subscriber.confirmed_at, Subscriber.created_at)
    asked_lately = exists().where(Consent.subscriber_id == Subscriber.id, Consent.given_at >= now - UNCONFIRMED)
    gone = [
        delete(Subscriber).where(
            Subscriber.confirmed_at.is_(None),
            Subscriber.opted_out_at.is_(None),
            Subscriber.created_at < now - UNCONFIRMED,
            ~asked_lately,
        ),
        delete(Subscriber).where(last_word < limit, ~told_since),
        delete(Contact).where(Contact.archived_at < limit),
    ]
    people = sum(len(session.execute(d.returning(d.table.c.id)).all()) for d in gone)
    _forget_what_has_served(session, clock)
    return people


def _forget_what_has_served(session: Session, clock: Clock) -> None:
    """Erase what nobody can use any more: old codes and links, consents without a code, counts of tries."""
    now = clock.now()
    session.execute(delete(Consent).where(Consent.confirmed_at.is_(None), Consent.given_at < now - UNCONFIRMED))
    session.execute(delete(ConfirmationCode).where(ConfirmationCode.expires_at < now - _DAY))
    session.execute(delete(SignInLink).where(SignInLink.expires_at < now - _DAY))
    attempts.forget_over(session, clock)
