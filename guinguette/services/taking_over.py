"""An e-mail follows where an SMS has failed for good: at most one, at once, and only while it is true.

Nothing follows an SMS that may have arrived (sent, uncertain): its row must say ``failed``. Nor after STOP, whoever
told us of it; nor where newer news of the same evening is on its way.
"""

import datetime as dt

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock
from guinguette.domain.errors import NotFound
from guinguette.models import Message, Opposition, Subscriber
from guinguette.publishing.mails import KINDS
from guinguette.services import mailing, messages, new_evenings, published
from guinguette.services.audience import Recipient

_CHANGES = ("moved_to_hall", "postponed", "cancelled", "changed")


def follow(session: Session, *, clock: Clock, vault: Vault, public_url: str) -> int:
    """Queue the e-mails that stand in for SMS that have failed, to those whose e-mail is confirmed; return how many.

    Whether each is still true is asked as it leaves, as of any message.
    """
    failed = (
        select(Message, Subscriber)
        .join(Message.subscriber)
        .where(
            Message.state == "failed",
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
    return sum(_follow(session, *row, clock=clock, vault=vault, public_url=public_url) for row in found.values())


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
    return messages.enqueue(session, drafts, clock)


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
            Message.kind.in_(_CHANGES),
            newer.evening_id == Message.evening_id,
            newer.subscriber_id == Message.subscriber_id,
            newer.kind.in_(_CHANGES),
            newer.number > Message.number,
        )
        .exists()
    )
