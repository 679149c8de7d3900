"""What is erased by itself, and when (GDPR article 5.1.e; product.md and the privacy page promise it)."""

import datetime as dt

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_
from guinguette.models import (
    Agreement,
    Call,
    CommuneRequest,
    ConfirmationCode,
    Consent,
    Contact,
    DateOption,
    DoneTask,
    EveningChange,
    EveningReport,
    HallBooking,
    HostLink,
    JournalEntry,
    Message,
    Opposition,
    Photo,
    Publication,
    Road,
    SignInLink,
    Subscriber,
    VisitRequest,
)
from guinguette.models.signature import Signed
from guinguette.services import attempts, rules
from guinguette.services.host_links import SIGNATURE

#: A number whose code never came back is nobody's subscription: a week is more than anybody needs to ask for another.
UNCONFIRMED = dt.timedelta(days=7)
#: Stands where somebody's name stood (« téléphone de Mme Petit »), once that is long ago.
SOMEBODY = N_("quelqu’un du village")
_DAY, _MONTH, _YEAR = dt.timedelta(days=1), dt.timedelta(days=31), dt.timedelta(days=365)


def forget(session: Session, clock: Clock) -> int:
    """Erase what is kept long enough; return how many people it was.

    Hashes of numbers never confirmed, after a week; numbers (or, after STOP, their hashes) so many years after the last
    contact as the rule ``consent_years`` says; contacts of a committee as long after they were archived; as long after
    they were written down, oppositions, lines of call lists, and the names of those who did something for a village.
    Requests for a visit a year after they were decided.
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
    # a decided request for a visit has served after a year; one that nobody ever read goes with the rest
    old_visit = (VisitRequest.handled_at < now - _YEAR) | (VisitRequest.created_at < limit)
    session.execute(delete(VisitRequest).where(old_visit))
    _forget_names(session, limit)
    _forget_who_told(session, limit)
    _forget_what_has_served(session, clock)
    return people


def _forget_names(session: Session, limit: dt.datetime) -> None:
    """Put « quelqu’un du village » for the names of those who answered before ``limit``; that they did stays known."""
    answered = ("accepted", "refused", "countered")
    for statement in (
        update(DateOption)
        .where(DateOption.closed_at < limit, DateOption.answered_by.not_in(("", SOMEBODY)))
        .values(answered_by=SOMEBODY, note=""),
        update(Agreement)
        .where(Agreement.agreed_at < limit, Agreement.agreed_by != SOMEBODY)
        .values(agreed_by=SOMEBODY),
        update(CommuneRequest)
        .where(CommuneRequest.answered_at < limit, CommuneRequest.answered_by.not_in(("", "import", SOMEBODY)))
        .values(answered_by=SOMEBODY),
        update(EveningChange)
        .where(EveningChange.at < limit, EveningChange.what == "option", EveningChange.new.in_(answered))
        .values(why=SOMEBODY),
        # a host acts as « Jeanne Petit (lien personnel) », an organiser under an e-mail address
        update(EveningChange).where(EveningChange.at < limit, EveningChange.actor.like("% (%)")).values(actor=SOMEBODY),
        update(Publication)
        .where(Publication.published_at < limit, Publication.published_by.like("% (%)"))
        .values(published_by=SOMEBODY),
        # a village's own words may name anybody; the desk's do where they are about its people, or who has its hall
        update(JournalEntry)
        .where(JournalEntry.at < limit, JournalEntry.detail != "")
        .where((JournalEntry.how != "desk") | JournalEntry.what.in_(("people", "link", "booking")))
        .values(detail=""),
        update(JournalEntry)
        .where(JournalEntry.at < limit, JournalEntry.how != "desk", JournalEntry.actor != SOMEBODY)
        .values(actor=SOMEBODY),
        *(
            update(kind).where(kind.saved_at < limit, kind.saved_by.endswith(SIGNATURE)).values(saved_by=SOMEBODY)
            for kind in Signed.__subclasses__()
        ),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


def _forget_who_told(session: Session, limit: dt.datetime) -> None:
    """Do the same with those who ticked, told of an evening or sent a photograph; what went wrong there goes too."""
    for statement in (
        update(DoneTask).where(DoneTask.done_at < limit, DoneTask.done_by.endswith(SIGNATURE)).values(done_by=SOMEBODY),
        update(EveningReport)
        .where(EveningReport.reported_at < limit, EveningReport.reported_by != SOMEBODY)
        .values(reported_by=SOMEBODY, incidents=""),
        update(Photo).where(Photo.added_at < limit, Photo.added_by != SOMEBODY).values(added_by=SOMEBODY),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


def _forget_what_has_served(session: Session, clock: Clock) -> None:
    """Erase what nobody can use any more: codes, links, bookings, consents without a code, counts, old roads."""
    now = clock.now()
    session.execute(delete(Consent).where(Consent.confirmed_at.is_(None), Consent.given_at < now - UNCONFIRMED))
    session.execute(delete(ConfirmationCode).where(ConfirmationCode.expires_at < now - _DAY))
    session.execute(delete(HallBooking).where(HallBooking.date < today(clock) - _MONTH))
    session.execute(delete(SignInLink).where(SignInLink.expires_at < now - _DAY))
    session.execute(delete(HostLink).where(HostLink.expires_at < now - _DAY))
    session.execute(delete(Road).where(Road.asked_at < now - _YEAR))  # roads are built and closed: asked anew
    attempts.forget_over(session, clock)
