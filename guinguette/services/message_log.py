"""Every message that has been written, for the desk: found by what one looks for, a page at a time."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from guinguette.domain.clock import Clock, paris_instant
from guinguette.domain.errors import N_, NotFound
from guinguette.models import Committee, Commune, Contact, Evening, Message, Tour

PAGE = 40
#: How far back what went wrong still wants somebody's hand.
_RECENT = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What to look for; what is empty does not matter. ``day`` is the local day on which a message was to leave."""

    state: str = ""
    kind: str = ""
    channel: str = ""
    tour: str = ""
    insee: str = ""
    evening_id: str = ""
    day: dt.date | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The messages on page ``number`` of ``pages`` (from 1), the latest first.

    ``states`` counts all that is found, whatever state was asked for.
    """

    messages: Sequence[Message]
    number: int
    pages: int
    states: dict[str, int]


@dataclass(frozen=True, slots=True)
class Trouble:
    """So many messages of a ``channel`` that went wrong lately in the same way; ``error`` is as the rows have it."""

    channel: str
    state: str
    error: str
    count: int


def find(session: Session, filters: Filters, *, number: int = 1) -> Found:
    """Return a page of the messages that ``filters`` describe."""
    which = _conditions(filters)
    counts = session.execute(select(Message.state, func.count().label("number")).where(*which).group_by(Message.state))
    states = {row.state: row.number for row in counts}
    count = states.get(filters.state, 0) if filters.state else sum(states.values())
    pages = max(1, -(-count // PAGE))
    number = min(max(1, number), pages)
    if filters.state:
        which.append(Message.state == filters.state)
    messages = session.scalars(
        select(Message)
        .where(*which)
        .order_by(Message.created_at.desc(), Message.due_at.desc(), Message.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
        .options(
            joinedload(Message.subscriber),
            joinedload(Message.contact).joinedload(Contact.committee).joinedload(Committee.commune),
            joinedload(Message.evening).joinedload(Evening.commune),
        )
    ).all()
    return Found(messages, number, pages, states)


def get(session: Session, message_id: str) -> Message:
    """Return a message. Raises ``NotFound``."""
    found = session.get(Message, message_id)
    if found is None:
        raise NotFound(N_("Ce message n’existe pas, ou a été effacé."))
    return found


def kinds(session: Session) -> list[str]:
    """Return the kinds of messages that there are."""
    return list(session.scalars(select(Message.kind).distinct().order_by(Message.kind)))


def tours(session: Session) -> list[Tour]:
    """Return the tours that messages speak of, the newest first."""
    told = select(Evening.tour_id).join(Message, Message.evening_id == Evening.id)
    nudged = select(Message.tour_id).where(Message.tour_id.is_not(None))
    speaking = Tour.id.in_(told) | Tour.id.in_(nudged)
    return list(session.scalars(select(Tour).where(speaking).order_by(Tour.created_at.desc(), Tour.id.desc())))


def villages(session: Session, tour: str) -> list[Commune]:
    """Return the communes whose evenings messages speak of, of one tour (its slug) or of all, by name."""
    told = select(Evening.commune_insee).join(Message, Message.evening_id == Evening.id)
    if tour:
        told = told.join(Tour, Tour.id == Evening.tour_id).where(Tour.slug == tour)
    return list(session.scalars(select(Commune).where(Commune.insee.in_(told)).order_by(Commune.search_key)))


def troubles(session: Session, clock: Clock) -> list[Trouble]:
    """Return what went wrong in the last days, or is being put off, the most frequent first."""
    wrong = Message.state.in_(("failed", "uncertain")) | ((Message.state == "queued") & (Message.error != ""))
    rows = session.execute(
        select(Message.channel, Message.state, Message.error, func.count())
        .where(wrong, Message.updated_at >= clock.now() - _RECENT)
        .group_by(Message.channel, Message.state, Message.error)
    )
    return sorted((Trouble(*row) for row in rows), key=lambda t: (-t.count, t.channel, t.state, t.error))


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """Return what is true of the messages sought, in any state."""
    which: list[ColumnElement[bool]] = []
    for column, value in (
        (Message.kind, filters.kind),
        (Message.channel, filters.channel),
        (Message.evening_id, filters.evening_id),
    ):
        if value:
            which.append(column == value)
    if filters.error:
        which.append(Message.error.startswith(filters.error, autoescape=True))
    if filters.tour:
        tour = select(Tour.id).where(Tour.slug == filters.tour).scalar_subquery()
        of_tour = select(Evening.id).where(Evening.tour_id == tour)
        which.append(or_(Message.evening_id.in_(of_tour), Message.tour_id == tour))
    if filters.insee:
        theirs = select(Contact.id).join(Contact.committee).where(Committee.commune_insee == filters.insee)
        which.append(
            or_(
                Message.evening_id.in_(select(Evening.id).where(Evening.commune_insee == filters.insee)),
                Message.contact_id.in_(theirs),
            )
        )
    if filters.day:
        start, end = (paris_instant(day, dt.time()) for day in (filters.day, filters.day + dt.timedelta(days=1)))
        which += [Message.due_at >= start, Message.due_at < end]
    return which
