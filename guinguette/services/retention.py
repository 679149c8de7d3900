"""What is erased by itself, and when (GDPR article 5.1.e; product.md and the privacy page promise it)."""

import datetime as dt

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_
from guinguette.models import (
    Call,
    CommuneRequest,
    ConfirmationCode,
    Consent,
    Contact,
    DateOption,
    EveningChange,
    Message,
    Opposition,
    Road,
    SignInLink,
    Subscriber,
)
from guinguette.services import attempts, rules

#: A number whose code never came back is nobody's subscription: a week is more than anybody needs to ask for another.
UNCONFIRMED = dt.timedelta(days=7)
#: Stands where somebody's name stood (« téléphone de Mme Petit »), once that is long ago.
SOMEBODY = N_("quelqu’un du village")
_DAY, _YEAR = dt.timedelta(days=1), dt.timedelta(days=365)


def forget(session: Session, clock: Clock) -> int:
    """Erase what is kept long enough; return how many people it was.

    Hashes of numbers never confirmed, after a week; numbers (or, after STOP, their hashes) so many years after the last
    contact as the rule ``consent_years`` says; contacts of a committee as long after they were archived; as long after
    they were written down, oppositions, lines of call lists, and the names of those who answered for a village.
    """
    now = clock.now()
    limit = now - rules.value(session, "consent_years", today(clock)) * _YEAR
    told_since = exists(select(Message.id).where(Message.subscriber_id == Subscriber.id, Message.updated_at >= limit))
    rung_since = exists(select(Call.id).where(Call.subscriber_id == Subscriber.id, Call.rung_at >= limit))
    last_word = func.coalesce(Subscriber.opted_out_at, Subscriber.confirmed_at, Subscriber.created_at)
    asked_lately = exists().where(Consent.subscriber_id == Subscriber.id, Consent.given_at >= now - UNCONFIRMED)
    gone = [
        delete(Subscriber).where(
            Subscriber.confirmed_at.is_(None),
            Subscriber.opted_out_at.is_(None),
            Subscriber.created_at < now - UNCONFIRMED,
            ~asked_lately,
        ),
        delete(Subscriber).where(last_word < limit, ~told_since, ~rung_since),
        delete(Contact).where(Contact.archived_at < limit),
    ]
    people = sum(len(session.execute(d.returning(d.table.c.id)).all()) for d in gone)
    session.execute(delete(Opposition).where(Opposition.at < limit))
    session.execute(delete(Call).where(Call.created_at < limit))
    _forget_names(session, limit)
    _forget_what_has_served(session, clock)
    return people


def _forget_names(session: Session, limit: dt.datetime) -> None:
    """Put « quelqu’un du village » for the names of those who answered before ``limit``; that they did stays known."""
    answered = ("accepted", "refused")
    for statement in (
        update(DateOption)
        .where(DateOption.closed_at < limit, DateOption.answered_by.not_in(("", SOMEBODY)))
        .values(answered_by=SOMEBODY),
        update(CommuneRequest)
        .where(CommuneRequest.answered_at < limit, CommuneRequest.answered_by.not_in(("", "import", SOMEBODY)))
        .values(answered_by=SOMEBODY),
        update(EveningChange)
        .where(EveningChange.at < limit, EveningChange.what == "option", EveningChange.new.in_(answered))
        .values(why=SOMEBODY),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


def _forget_what_has_served(session: Session, clock: Clock) -> None:
    """Erase what nobody can use any more: old codes and links, consents without a code, counts of tries, old roads."""
    now = clock.now()
    session.execute(delete(Consent).where(Consent.confirmed_at.is_(None), Consent.given_at < now - UNCONFIRMED))
    session.execute(delete(ConfirmationCode).where(ConfirmationCode.expires_at < now - _DAY))
    session.execute(delete(SignInLink).where(SignInLink.expires_at < now - _DAY))
    session.execute(delete(Road).where(Road.asked_at < now - _YEAR))  # roads are built and closed: asked anew
    attempts.forget_over(session, clock)
