"""Whom a change would tell, and in which words: the change is made, these rows are read, the caller rolls back.

So a preview is what will happen, refusals included, and not a second account of it.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Call, Evening, Message, Publication, Subscriber
from guinguette.services import rules

#: What is numbered otherwise than by the evening's ``sequence``.
_NO_CHANGE = ("reminder", "week_ahead", "announced")
# Whoever opens a STOP link ends somebody's subscription: the organiser reads the text, not that person's link. Nor
# does the organiser read what stands for a host's.
_TOKEN = re.compile(r"(?<=/stop/)\S+|(?<=/comite/)\S+")


@dataclass(frozen=True, slots=True)
class Text:
    """One text, without its link, as so many ``people`` get it; it makes ``segments`` SMS."""

    text: str
    people: int
    segments: int


@dataclass(frozen=True, slots=True)
class News:
    """What one kind of message would say: to so many ``people``, in so many ``messages``.

    ``text`` is one of them, in French where there is one, without its link; it makes ``segments`` SMS. ``texts`` are
    all of them, one an evening and language. The first leaves at ``due_at``.
    """

    kind: str
    people: int
    messages: int
    text: str
    segments: int
    due_at: dt.datetime
    texts: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """``people`` would get an SMS; ``text`` is one of them, without its link (empty: there is nobody).

    ``news`` says the same of each kind of message. All together they make so many ``segments``. So many people are
    ``to_ring``: no message reaches them, and so many are told ``by_email``. Of ``silent`` evenings nobody would be
    told: no one asked for them. In the villages of ``without_sms`` nobody gets SMS at all.
    """

    people: int
    text: str
    news: tuple[News, ...] = ()
    segments: int = 0
    silent: tuple[Evening, ...] = ()
    to_ring: int = 0
    without_sms: tuple[str, ...] = ()
    by_email: int = 0

    @property
    def messages(self) -> int:
        """Return how many messages leave."""
        return sum(news.messages for news in self.news)


def told_of(session: Session, evenings: Iterable[Evening], new_in: Publication | None = None) -> Told:
    """Return what the change just made to these evenings has queued, and the SMS about those that are ``new_in`` it.

    Each changed evening has just taken a new ``sequence``, which only the messages about that change carry.
    """
    session.flush()
    changed = {evening.id: evening for evening in evenings}
    asked = Evening.id.in_(changed) & (Message.number == Evening.sequence) & Message.kind.not_in(_NO_CHANGE)
    if new_in is not None:
        asked |= (Evening.tour_id == new_in.tour_id) & (Message.number == new_in.number) & (Message.kind == "announced")
    told = session.scalars(
        select(Message)
        .join(Message.evening)
        .join(Message.subscriber)
        .where(asked)
        .order_by(Message.kind, Subscriber.locale != "fr", Evening.date, Message.id)
    ).all()
    queued = [message for message in told if message.channel == "sms"]  # e-mails cost nothing and say the same
    news = tuple(_news(kind, list(messages)) for kind, messages in groupby(queued, key=lambda message: message.kind))
    on_list = session.execute(
        select(Call.evening_id, Call.subscriber_id)
        .join(Call.evening)
        .where(Evening.id.in_(changed), Call.number == Evening.sequence)
    ).all()
    heard = {message.evening_id for message in told} | {call.evening_id for call in on_list}
    return Told(
        len({message.subscriber_id for message in queued}),
        news[0].text if news else "",
        news,
        sum(message.segments for message in queued),
        tuple(evening for evening in changed.values() if evening.id not in heard),
        len({call.subscriber_id for call in on_list}),
        by_email=len({message.subscriber_id for message in told if message.channel == "email"}),
    )


def without_link(text: str) -> str:
    """Return a message's text without the tokens of its STOP link and its personal link."""
    return _TOKEN.sub("…", text)


def euros(session: Session, segments: int, on: dt.date) -> Decimal:
    """Return what so many segments cost, by the price in force on a day."""
    return segments * Decimal(rules.value(session, "sms_price", on)) / 1000


def _news(kind: str, messages: list[Message]) -> News:
    # a dict keeps the order in which they came: French first, by date
    counted = Counter((without_link(message.body), message.segments) for message in messages)
    texts = tuple(Text(text, people, segments) for (text, segments), people in counted.items())
    return News(
        kind,
        len({message.subscriber_id for message in messages}),
        len(messages),
        texts[0].text,
        texts[0].segments,
        min(message.due_at for message in messages),
        texts,
    )
