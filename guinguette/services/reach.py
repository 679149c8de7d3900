"""Whom the news of an evening has reached, by which way, and whom not yet.

Everybody whom a piece of news concerned has, since it was told, a message or a line on the call list (``Call``), with
its ``kind`` and ``number``. Each is counted once, under the best that has happened to them, so that
delivered + called + not reached = concerned, always.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, case, func, select, union
from sqlalchemy.orm import Session

from guinguette.models import Call, Message, Subscriber, Subscription
from guinguette.publishing.tour import PublishedTour
from guinguette.services import scopes

#: The kinds that say an evening has changed. Reminders and new dates may be missed without harm.
CHANGES = ("moved_to_hall", "postponed", "cancelled", "changed")

#: What may have become of somebody, the best first. An e-mail that was handed over counts as delivered: nobody reports
#: more than that. ``stopped``: they want nothing any more. ``lost``: there is no number left to ring.
WAYS = (
    "sms", "email", "called",
    "sms_waiting", "email_waiting", "sent", "uncertain", "stopped", "unanswered", "to_ring", "lost",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class News:
    """What an evening's people were told last: a message's ``kind`` and ``number``."""

    evening_id: str
    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Reach:
    """So many people for each of ``WAYS``; ``concerned`` is counted apart from them."""

    news: News
    concerned: int
    people: dict[str, int]

    @property
    def delivered(self) -> int:
        """Return how many were reached by an SMS or an e-mail."""
        return self.people["sms"] + self.people["email"]

    @property
    def called(self) -> int:
        """Return how many were reached by a call alone."""
        return self.people["called"]

    @property
    def not_reached(self) -> int:
        """Return how many have, as far as anybody knows, not heard the news."""
        return sum(self.people[way] for way in WAYS[3:])

    @property
    def to_ring(self) -> int:
        """Return how many should be rung, those included who did not answer."""
        return self.people["to_ring"] + self.people["unanswered"]


def latest_news(session: Session, evening_id: str) -> News | None:
    """Return the newest change that the evening's people were told of, null where there was none."""
    told = select(Message.number, Message.kind).where(
        Message.evening_id == evening_id, Message.kind.in_(CHANGES), Message.subscriber_id.is_not(None)
    )
    rung = select(Call.number, Call.kind).where(Call.evening_id == evening_id, Call.kind.in_(CHANGES))
    both = told.union_all(rung).subquery()
    newest = session.execute(select(both.c.number, both.c.kind).order_by(both.c.number.desc()).limit(1)).first()
    return News(evening_id, newest.kind, newest.number) if newest else None


def of(session: Session, news: News) -> Reach:
    """Return whom ``news`` has reached, and whom not."""
    each = ways(news).subquery()
    counts = dict.fromkeys(WAYS, 0)
    found = session.execute(select(each.c.way, func.count().label("people")).group_by(each.c.way))
    counts.update({row.way: row.people for row in found})
    concerned = session.scalar(select(func.count()).select_from(_concerned(news).subquery()))
    return Reach(news, concerned or 0, counts)


def ways(news: News) -> Select[int, str]:
    """Return the query of (subscriber id, one of ``WAYS``) of everybody whom ``news`` concerns."""
    people = _concerned(news).subquery()
    leaving = Message.state.in_(("queued", "sending"))
    # one row a person: an e-mail may have taken over from an SMS
    messages = (
        select(
            Message.subscriber_id,
            _any((Message.channel == "sms") & (Message.state == "delivered")).label("sms"),
            _any((Message.channel == "email") & Message.state.in_(("sent", "delivered"))).label("email"),
            _any((Message.channel == "sms") & leaving).label("sms_waiting"),
            _any((Message.channel == "email") & leaving).label("email_waiting"),
            _any(Message.state == "sent").label("sent"),
            _any(Message.state == "uncertain").label("uncertain"),
        )
        .where(*_about(Message, news))
        .group_by(Message.subscriber_id)
        .subquery()
    )
    way = case(
        (messages.c.sms == 1, "sms"),
        (messages.c.email == 1, "email"),
        (Call.state == "reached", "called"),
        (messages.c.sms_waiting == 1, "sms_waiting"),
        (messages.c.email_waiting == 1, "email_waiting"),
        (messages.c.sent == 1, "sent"),
        (messages.c.uncertain == 1, "uncertain"),
        (Subscriber.opted_out_at.is_not(None), "stopped"),
        (Subscriber.phone_encrypted == "", "lost"),
        (Call.state == "unreached", "unanswered"),
        else_="to_ring",
    )
    return (
        select(people.c.subscriber_id, way.label("way"))
        .join(Subscriber, Subscriber.id == people.c.subscriber_id)
        .outerjoin(messages, messages.c.subscriber_id == people.c.subscriber_id)
        .outerjoin(Call, and_(Call.subscriber_id == people.c.subscriber_id, *_about(Call, news)))
    )


def without_sms(session: Session, tour: PublishedTour, on: dt.date) -> list[str]:
    """Return the names of the villages whose evenings from a day on reach nobody by SMS, in order of date."""
    by_sms = session.scalars(
        select(Subscription.scope)
        .join(Subscription.subscriber)
        .where(
            Subscription.confirmed_at.is_not(None),
            Subscriber.confirmed_at.is_not(None),
            Subscriber.opted_out_at.is_(None),
            Subscriber.phone_hash.is_not(None),
            Subscriber.landline.is_(False),
        )
        .distinct()
    ).all()
    containing = scopes.matcher(session, by_sms)
    coming = [evening for evening in tour.evenings if evening.alive and evening.date >= on]
    return list(dict.fromkeys(evening.commune for evening in coming if not containing(tour.slug, evening)))


def _concerned(news: News) -> CompoundSelect[int]:
    told = select(Message.subscriber_id.label("subscriber_id")).where(
        *_about(Message, news), Message.subscriber_id.is_not(None)
    )
    return union(told, select(Call.subscriber_id.label("subscriber_id")).where(*_about(Call, news)))


def _about(row: type[Message] | type[Call], news: News) -> tuple[ColumnElement[bool], ...]:
    return row.evening_id == news.evening_id, row.kind == news.kind, row.number == news.number


def _any(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(case((condition, 1), else_=0))
