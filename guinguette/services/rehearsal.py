"""Whom a change would tell, and in which words: the change is made, these rows are read, the caller rolls back.

So a preview is what will happen, refusals included, and not a second account of it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Evening, Message

# Whoever opens a STOP link ends somebody's subscription: the organiser reads the text, not that person's link.
_STOP_TOKEN = re.compile(r"(?<=/stop/)\S+")


@dataclass(frozen=True, slots=True)
class Told:
    """``people`` would get an SMS; ``text`` is the first one's, without its link (empty: there is nobody)."""

    people: int
    text: str


def told_of(session: Session, evenings: Iterable[Evening]) -> Told:
    """Return what the change just made to these evenings has queued.

    Each changed evening has just taken a new ``sequence``, which only the messages about that change carry.
    """
    session.flush()
    changed = [evening.id for evening in evenings]
    bodies = session.scalars(
        select(Message.body)
        .join(Evening, Evening.id == Message.evening_id)
        .where(Evening.id.in_(changed), Message.number == Evening.sequence, Message.kind != "reminder")
        .order_by(Message.id)
    ).all()
    return Told(len(bodies), _STOP_TOKEN.sub("…", bodies[0]) if bodies else "")
