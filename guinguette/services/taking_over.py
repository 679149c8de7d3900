"""An e-mail follows where an SMS has failed for good: at most one, at once, and only while it is true.

So it does where news of a change cannot leave by SMS (``_stuck``): that SMS is withdrawn in the same moment. Nothing
follows an SMS that may have arrived (sent, uncertain): its row must say ``failed``, or be withdrawn here. Nor after
STOP, whoever told us of it; nor where newer news of the same evening is on its way.
"""

import datetime as dt

from sqlalchemy import ColumnElement, and_, case, false, or_, select, update
from sqlalchemy.orm import Session, aliased

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, NotFound
from guinguette.models import Contact, Message, Opposition, Subscriber
from guinguette.publishing.mails import KINDS
from guinguette.services import gateways, mailing, messages, new_evenings, published
from guinguette.services.audience import Recipient
from guinguette.services.host_messages import SUBJECTS
from guinguette.services.reach import CHANGES

#: A provider that has been down for this long is not expected to be back before people set out.
DOWN_FOR = dt.timedelta(minutes=10)


def follow(session: Session, *, clock: Clock, vault: Vault, public_url: str) -> int:
    """Queue the e-mails that stand in for SMS, to those whose e-mail is confirmed; return how many.

    Whether each is still true is asked as it leaves, as of any message.
    """
    failed = (
        select(Message, Subscriber)
        .join(Message.subscriber)
        .where(
            or_(Message.state == "failed", _stuck(session, clock)),
            Message.expires_at > clock.now(),
            Message.channel == "sms",
            Message.kind.in_(KINDS | {"announced"}),
            Message.evening_id.is_not(None),
            *_may_be_written_to(),
            ~_has_email(),
            ~_newer_news(),
        )
    )
    # two people may share an address: it is written to once
    found = {
        (subscriber.email_hash, sms.evening_id, sms.kind, sms.number): (sms, subscriber)
        for sms, subscriber in session.execute(failed.order_by(Message.id))
    }
    readers = sum(_follow(session, *row, clock=clock, vault=vault, public_url=public_url) for row in found.values())
    return readers + messages.enqueue(session, _to_hosts(session, clock), clock)


def _to_hosts(session: Session, clock: Clock) -> list[messages.Draft]:
    """Return what hosts are written by e-mail where the SMS has failed: the same words."""
    email = aliased(Message)
    failed = (
        select(Message)
        .join(Message.contact)
        .where(
            Message.state == "failed",
            Message.channel == "sms",
            Message.kind.in_(SUBJECTS),
            Message.expires_at > clock.now(),
            Contact.email != "",
            ~select(email.id).where(email.takes_over == Message.id).exists(),
        )
    )
    return [
        messages.Draft(
            contact_id=sms.contact_id,
            evening_id=sms.evening_id,
            tour_id=sms.tour_id,
            kind=sms.kind,
            number=sms.number,
            channel="email",
            takes_over=sms.id,
            subject=SUBJECTS[sms.kind],  # hosts are written to in French
            body=sms.body,
            segments=0,
            urgent=sms.urgent,
            due_at=clock.now(),
            expires_at=sms.expires_at,
        )
        for sms in session.scalars(failed)
    ]


def _follow(
    session: Session, sms: Message, subscriber: Subscriber, *, clock: Clock, vault: Vault, public_url: str
) -> int:
    recipient = Recipient(subscriber.id, subscriber.locale, subscriber.phone_hash or "", "email")
    try:
        if sms.kind == "announced":
            drafts = new_evenings.in_place_of(session, sms, recipient, clock=clock, vault=vault, public_url=public_url)
        else:
            drafts = _drafts(session, sms, recipient, clock=clock, vault=vault, public_url=public_url)
    except NotFound:
        return 0
    if sms.state == "queued" and not (drafts and _withdrawn(session, sms, clock)):
        return 0
    return messages.enqueue(session, drafts, clock)


def _stuck(session: Session, clock: Clock) -> ColumnElement[bool]:
    """Tell which news of a change should have left by SMS by now and cannot: down, capped, or out of budget.

    Where a person has paused SMS, nothing takes over: whatever is wrong with the news would be so by e-mail too. Nor
    does it where e-mails do not leave either.
    """
    sms, now = gateways.standing(session, "sms", clock), clock.now()
    if sms.paused_at or not gateways.standing(session, "email", clock).flowing:
        return false()
    has_been_due = or_(Message.due_at <= now, Message.error != "")  # once refused, its next trial is put off
    waits = and_(Message.state == "queued", Message.kind.in_(CHANGES), has_been_due)
    if sms.capped or (sms.down_since and sms.down_since <= now - DOWN_FOR):
        return waits
    if sms.budget is None or sms.urgent_budget is None:
        return false()
    budget = case((Message.urgent, sms.urgent_budget), else_=sms.budget)
    return and_(waits, Message.segments > budget - sms.spent)


def _withdrawn(session: Session, sms: Message, clock: Clock) -> bool:
    """Withdraw an SMS that an e-mail is to stand in for; tell whether it was still there, and not being sent."""
    now = clock.now()
    withdrawn = session.execute(
        update(Message)
        .where(Message.id == sms.id, Message.state == "queued")
        .values(
            state="dropped", error=N_("les SMS ne partent pas : un e-mail en tient lieu"), ended_at=now, updated_at=now
        )
        .returning(Message.id)
    )
    return withdrawn.scalar() is not None


def _drafts(
    session: Session, sms: Message, recipient: Recipient, *, clock: Clock, vault: Vault, public_url: str
) -> list[messages.Draft]:
    _, evening = published.evening(session, sms.evening_id or "")
    return mailing.drafts(
        sms.kind,
        evening,
        [recipient],
        number=sms.number,
        urgent=sms.urgent,
        due_at=clock.now(),
        expires_at=sms.expires_at,
        vault=vault,
        public_url=public_url,
        date_before=_date_before(session, sms),
        takes_over=sms.id,
    )


def _date_before(session: Session, sms: Message) -> dt.date | None:
    """Return the date that the evening had before the change that the SMS told of."""
    if sms.kind != "changed" or sms.evening_id is None:
        return None
    return published.date_before(session, sms.evening_id, published.number_at(session, sms.evening_id, sms.created_at))


def _may_be_written_to() -> tuple[ColumnElement[bool], ...]:
    opposed = select(Opposition.address_hash).where(Opposition.address_hash == Subscriber.email_hash).exists()
    return (
        Subscriber.email_encrypted != "",
        Subscriber.email_confirmed_at.is_not(None),
        Subscriber.opted_out_at.is_(None),
        ~opposed,
    )


def _has_email() -> ColumnElement[bool]:
    """Tell whether the address has been told the same by e-mail, perhaps in a subscription of its own.

    Of several new evenings the first may have been lost: an e-mail in the SMS's place then stands at another one.
    """
    email, reader = aliased(Message), aliased(Subscriber)
    return (
        select(email.id)
        .join(reader, reader.id == email.subscriber_id)
        .where(
            email.channel == "email",
            or_(
                email.takes_over == Message.id,
                and_(
                    email.evening_id == Message.evening_id,
                    reader.email_hash == Subscriber.email_hash,
                    email.kind == Message.kind,
                    email.number == Message.number,
                ),
            ),
        )
        .exists()
    )


def _newer_news() -> ColumnElement[bool]:
    """Tell whether the person has been told since of another change of that evening, numbered by its sequence."""
    newer = aliased(Message)
    return (
        select(newer.id)
        .where(
            Message.kind.in_(CHANGES),
            newer.evening_id == Message.evening_id,
            newer.subscriber_id == Message.subscriber_id,
            newer.kind.in_(CHANGES),
            newer.number > Message.number,
        )
        .exists()
    )
