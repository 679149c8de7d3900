"""The call list: whom volunteers ring about an evening's news, because no SMS and no e-mail reaches them.

Whoever can only be rung is put down when the news is told; whoever's SMS failed later, with no e-mail to take over, is
on the list by that alone (``services.reach``) and gets a row with the first try.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, NotFound
from guinguette.domain.scopes import parse
from guinguette.domain.text import required_line
from guinguette.models import Call, Commune, Evening, Message, Subscriber
from guinguette.services import reach
from guinguette.services.audience import Recipient
from guinguette.services.insert_once import insert_once
from guinguette.services.reach import News, Reach

#: What a volunteer may note: they heard it, nobody answered, or (a slip) they are still to be rung.
STATES = ("reached", "unreached", "to_ring")
_NAME_LENGTH = 120
#: Who is on a list: those to ring, those who did not answer, and those a volunteer has spoken to.
_LISTED = ("to_ring", "unanswered", "called")
#: Whom one may ring besides, where the provider is down or time is short: their SMS may still arrive, or may not.
_PENDING = ("sms_waiting", "email_waiting", "sent", "uncertain")


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody on a call list. ``number`` is in full (E.164), ``name`` known of a few only; ``call`` is the last try.

    ``way`` is one of ``reach.WAYS``. ``failed``: an SMS could not reach them.
    """

    subscriber_id: int
    number: str
    name: str
    way: str
    failed: bool
    call: Call | None


@dataclass(frozen=True, slots=True)
class Village:
    """The lines of those who asked for one village; ``commune`` is null for those of a whole tour or EPCI."""

    commune: Commune | None
    lines: list[Line] = field(default_factory=list)

    @property
    def to_ring(self) -> int:
        """Return how many have not heard the news yet."""
        return sum(line.way != "called" for line in self.lines)


def put_down(
    session: Session, evening_id: str, kind: str, number: int, recipients: Iterable[Recipient], clock: Clock
) -> int:
    """Put those who can only be rung on the evening's list for a piece of news; return how many are new on it."""
    fresh = {"state": "to_ring", "created_at": clock.now(), "rung_by": "", "note": ""}
    rows = [
        {"evening_id": evening_id, "subscriber_id": recipient.id, "kind": kind, "number": number, **fresh}
        for recipient in recipients
        if recipient.reach == "call"
    ]
    return insert_once(session, Call, rows)


def record(session: Session, news: News, subscriber_id: int, state: str, *, by: str, clock: Clock) -> None:
    """Write down how a call went (one of ``STATES``). Raises ``NotFound`` and ``InvalidInput`` (field ``by``)."""
    missing = N_("Dites d’abord qui appelle : les autres sauront à qui demander.")
    who = required_line(by, field="by", limit=_NAME_LENGTH, missing=missing)
    concerned = reach.ways(news).where(Subscriber.id == subscriber_id)
    if state not in STATES or session.execute(concerned).first() is None:
        raise NotFound(N_("Cette personne n’est pas sur la liste."))
    key = {"evening_id": news.evening_id, "subscriber_id": subscriber_id, "kind": news.kind, "number": news.number}
    fresh = {"state": "to_ring", "created_at": clock.now(), "rung_by": "", "note": ""}
    insert_once(session, Call, [key | fresh])
    call = session.scalars(select(Call).filter_by(**key)).one()
    call.state = state
    call.rung_at, call.rung_by = (None, "") if state == "to_ring" else (clock.now(), who)


def of(session: Session, news: News, vault: Vault, *, pending: bool = False) -> list[Village]:
    """Return the call list of ``news`` village by village, the evening's own first, those still to ring at the top.

    With ``pending`` those too whose SMS has left, or waits, and of whom nobody knows whether it will arrive.
    """
    query = reach.ways(news).subquery()
    wanted = _LISTED + _PENDING if pending else _LISTED
    listed = {row.subscriber_id: row.way for row in session.execute(select(query).where(query.c.way.in_(wanted)))}
    people = session.scalars(
        select(Subscriber)
        .where(Subscriber.id.in_(select(query.c.subscriber_id).where(query.c.way.in_(wanted))))
        .where(Subscriber.phone_encrypted != "")
        .options(selectinload(Subscriber.subscriptions))
    ).all()
    key = {"evening_id": news.evening_id, "kind": news.kind, "number": news.number}
    calls = {call.subscriber_id: call for call in session.scalars(select(Call).filter_by(**key))}
    failed = set(session.scalars(select(Message.subscriber_id).filter_by(state="failed", **key)))
    own = session.get_one(Evening, news.evening_id).commune_insee
    villages: dict[str, list[Line]] = {}
    for person in people:
        number, name = vault.decrypt(person.phone_encrypted), vault.decrypt(person.name_encrypted)
        line = Line(person.id, number, name, listed[person.id], person.id in failed, calls.get(person.id))
        villages.setdefault(_village(person, own), []).append(line)
    communes = {c.insee: c for c in session.scalars(select(Commune).where(Commune.insee.in_(villages)))}
    order = sorted(villages, key=lambda insee: (insee != own, insee not in communes, _name(communes.get(insee))))
    return [Village(communes.get(insee), sorted(villages[insee], key=_first_to_ring)) for insee in order]


def pending(session: Session, news: News) -> int:
    """Return how many more people ``of`` lists with ``pending``."""
    query = reach.ways(news).where(Subscriber.phone_encrypted != "").subquery()
    return session.scalar(select(func.count()).where(query.c.way.in_(_PENDING))) or 0


def waiting(session: Session, clock: Clock) -> list[tuple[Evening, Reach]]:
    """Return the evenings to come about whose news somebody is to be rung, the nearest first."""
    told = select(Message.evening_id).where(Message.kind.in_(reach.CHANGES), Message.subscriber_id.is_not(None))
    concerned = told.union(select(Call.evening_id))
    evenings = session.scalars(
        select(Evening)
        .where(Evening.id.in_(concerned), Evening.date >= today(clock))
        .order_by(Evening.date, Evening.starts_at, Evening.id)
    ).all()
    found = []
    for evening in evenings:  # those that have changed: a handful
        news = reach.latest_news(session, evening.id)
        state = reach.of(session, news) if news else None
        if state is not None and state.to_ring:
            found.append((evening, state))
    return found


def _village(person: Subscriber, own: str) -> str:
    """Return the village a person asked for: the evening's own where they did, else their first, else none."""
    scopes = [parse(subscription.scope) for subscription in person.subscriptions]
    targets = sorted(scope.target for scope in scopes if scope.kind in ("commune", "near"))
    return own if own in targets else next(iter(targets), "")


def _name(commune: Commune | None) -> str:
    return commune.search_key if commune else ""


def _first_to_ring(line: Line) -> tuple[int, str, str]:
    return (*_LISTED[:2], *_PENDING, "called").index(line.way), line.name.casefold(), line.number
