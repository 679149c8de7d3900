"""Where a tour's villages stand with their dates: who has answered, by which way, who was written to, whom to ring."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import PARIS, Clock, today
from guinguette.models import Committee, Commune, CommuneRequest, Contact, HostLink, Message, Tour
from guinguette.services import host_reach, hosts
from guinguette.services.host_reach import Addressee
from guinguette.services.requests import LEVELS, left_out

#: The kind of the question and of its nudges; ``Message.number`` is the day that they are for.
KIND = "dates"
#: How a village may stand: has answered, has begun to (by link), was asked, could be, can only be rung.
STANDINGS = ("answered", "begun", "asked", "unasked", "to_ring")


@dataclass(frozen=True, slots=True, kw_only=True)
class Village:
    """A village of a tour, the days it has said yes, if need be or no to, and what was written to it.

    ``standing`` is one of ``STANDINGS``. ``missing`` counts the days to come without an answer. ``addressee`` is whom
    one would write to now (null: nobody can be), ``last`` the latest message, ``opened_at`` when a link was last
    opened first, ``people`` are those to ring.
    """

    request: CommuneRequest
    standing: str
    levels: dict[str, int]
    missing: int
    addressee: Addressee | None
    last: Message | None
    opened_at: dt.datetime | None
    people: list[Contact]

    @property
    def commune(self) -> Commune:
        """Return the village itself."""
        return self.request.commune

    @property
    def waited_for(self) -> bool:
        """Tell whether something is still to come from it."""
        return self.standing != "answered"


def of_tour(session: Session, tour: Tour, clock: Clock, vault: Vault) -> list[Village]:
    """Return where each village that takes part stands, by name, in as many queries whatever their number."""
    requests = session.scalars(
        select(CommuneRequest)
        .join(CommuneRequest.commune)
        .where(CommuneRequest.tour_id == tour.id, CommuneRequest.archived_at.is_(None))
        .options(selectinload(CommuneRequest.availabilities))
        .order_by(Commune.search_key, Commune.insee)
    ).all()
    communes = {request.commune_insee for request in requests}
    coming = days_to_come(tour, today(clock))
    written = messages_of(session, tour, KIND)
    people = hosts.to_ring(session, communes)
    reach = host_reach.first(session, people, vault, avoid=failures(written))
    opened = _opened(session, communes, tour.asked_at)
    villages = []
    for request in requests:
        insee = request.commune_insee
        given = levels_by_day(request, tour)
        last = written[insee][-1] if written.get(insee) else None
        villages.append(
            Village(
                request=request,
                standing=_standing(request, coming, last, reach.get(insee)),
                levels={level: sum(each == level for each in given.values()) for level in LEVELS},
                missing=sum(day not in given for day in coming),
                addressee=reach.get(insee),
                last=last,
                opened_at=opened.get(insee),
                people=people.get(insee, []),
            )
        )
    return villages


def days_to_come(tour: Tour, day: dt.date) -> list[dt.date]:
    """Return the tour's dates after a day."""
    return [row.date for row in tour.dates if row.date > day]


def levels_by_day(request: CommuneRequest, tour: Tour) -> dict[dt.date, str]:
    """Return the level of each day that a village has answered for: what it left out by telephone is "no"."""
    given = {row.date: row.level for row in request.availabilities}
    if left_out(request) == "yes":
        return given
    return {row.date: "no" for row in tour.dates} | given


def has_answered(request: CommuneRequest, coming: Collection[dt.date]) -> bool:
    """Tell whether nothing more is to come from a village: of an answer by link, once no day to come is left out.

    Whoever answers by telephone or is imported has said all; by link the days come one after another.
    """
    if request.answered_at is None:
        return False
    return request.answered_how != "link" or set(coming) <= {row.date for row in request.availabilities}


def still_awaited(session: Session, message: Message, now: dt.datetime) -> bool:
    """Tell whether a question about dates, or its nudge, may leave still: nobody has answered for the village since."""
    request = session.scalar(
        select(CommuneRequest)
        .join(Committee, Committee.commune_insee == CommuneRequest.commune_insee)
        .join(Contact, Contact.committee_id == Committee.id)
        .join(CommuneRequest.tour)
        .where(
            Contact.id == message.contact_id,
            CommuneRequest.tour_id == message.tour_id,
            CommuneRequest.archived_at.is_(None),
            Tour.archived_at.is_(None),
        )
    )
    if request is None:
        return False
    return not has_answered(request, days_to_come(request.tour, now.astimezone(PARIS).date()))


def messages_of(session: Session, tour: Tour, kind: str) -> dict[str, list[Message]]:
    """Return what was written to each village about a tour's dates, the first first, in one query."""
    rows = session.execute(
        select(Committee.commune_insee, Message)
        .join(Message.contact)
        .join(Contact.committee)
        .where(Message.tour_id == tour.id, Message.kind == kind)
        .options(contains_eager(Message.contact))
        .order_by(Committee.commune_insee, Message.created_at, Message.takes_over.is_not(None), Message.id)
    )
    return {insee: [message for _, message in group] for insee, group in groupby(rows, key=lambda row: row[0])}


def failures(written: dict[str, list[Message]]) -> set[tuple[int, str]]:
    """Return the (contact id, channel) whose latest message failed: another would cost as much and not arrive either.

    A number that was changed since has lost its STOP link, and may be tried.
    """
    latest = {(message.contact_id, message.channel): message for each in written.values() for message in each}
    return {
        (message.contact.id, channel)
        for (_, channel), message in latest.items()
        if message.state == "failed"
        and message.contact is not None
        and (channel != "sms" or message.contact.stop_token_hash)
    }


def _standing(
    request: CommuneRequest, coming: Collection[dt.date], last: Message | None, addressee: Addressee | None
) -> str:
    if has_answered(request, coming):
        return "answered"
    if request.answered_at is not None:
        return "begun"
    if last is not None and last.state not in ("failed", "dropped"):
        return "asked"
    return "unasked" if addressee is not None else "to_ring"


def _opened(session: Session, communes: Collection[str], since: dt.datetime | None) -> dict[str, dt.datetime]:
    """Return when somebody of each commune first opened the latest link, of those made since the tour was asked."""
    if since is None:
        return {}
    rows = session.execute(
        select(Committee.commune_insee, func.max(HostLink.opened_at))
        .join(HostLink.contact)
        .join(Contact.committee)
        .where(Committee.commune_insee.in_(communes), HostLink.created_at >= since)
        .group_by(Committee.commune_insee)
    )
    return {insee: at for insee, at in rows if at}
