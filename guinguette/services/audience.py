"""Whom an evening concerns, once each whatever they subscribed to, and by which way they can be reached."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from guinguette.models import Message, Subscriber, Subscription
from guinguette.publishing.tour import PublishedEvening
from guinguette.services import scopes

#: An SMS where there is a mobile, an e-mail where there is none but an address, else somebody rings. An e-mail beside a
#: number counts once its own link came back; one alone is what ``confirmed_at`` speaks of.
_REACH = case(
    (Subscriber.phone_hash.is_not(None) & Subscriber.landline.is_(False), "sms"),
    (Subscriber.email_confirmed_at.is_not(None) | Subscriber.phone_hash.is_(None), "email"),
    else_="call",
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A confirmed subscriber without the address; ``reach``: sms, email or call."""

    id: int
    locale: str
    address_hash: str
    reach: str


def confirmed_scopes(session: Session) -> list[str]:
    """Return every scope that somebody has subscribed to."""
    query = select(Subscription.scope).where(Subscription.confirmed_at.is_not(None)).distinct()
    return list(session.scalars(query))


def of(
    session: Session,
    tour_slug: str,
    evening: PublishedEvening,
    confirmed: Iterable[str],
    *,
    without: tuple[str, int] | None = None,
    wanting: str = "",
) -> tuple[Recipient, ...]:
    """Return those whose scopes (of ``confirmed``) contain the evening; not those who have the message ``without``.

    ``without`` is a message's (kind, number); ``wanting`` the column of ``Subscription`` (week_ahead, new_evenings)
    that must be ticked.
    """
    containing = scopes.matching(session, tour_slug, evening, confirmed)
    subscribed = select(Subscription.subscriber_id).where(
        Subscription.scope.in_(containing), Subscription.confirmed_at.is_not(None)
    )
    if wanting:
        subscribed = subscribed.where(getattr(Subscription, wanting).is_(True))
    address = case((Subscriber.phone_hash.is_not(None), Subscriber.phone_hash), else_=Subscriber.email_hash)
    query = select(Subscriber.id, Subscriber.locale, address, _REACH).where(
        Subscriber.id.in_(subscribed), Subscriber.confirmed_at.is_not(None), Subscriber.opted_out_at.is_(None)
    )
    if without:
        kind, number = without
        told = select(Message.subscriber_id).where(
            Message.evening_id == evening.id,
            Message.kind == kind,
            Message.number == number,
            Message.subscriber_id.is_not(None),
        )
        query = query.where(Subscriber.id.not_in(told))
    return tuple(Recipient(*row) for row in session.execute(query.order_by(Subscriber.id)))
