"""The days that a host gives for a tour, saved touch by touch, so that two people of a village lose nothing.

Each day has the instant of the touch that made it what it is; of two touches the later one stands, whenever it
arrives. The whole is one short transaction without reading first: no version to meet, nobody to wait for.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, contains_eager

from guinguette.domain.clock import PARIS, Clock, today
from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.domain.text import fold
from guinguette.models import Availability, Commune, CommuneRequest, JournalEntry, Tour, TourDate
from guinguette.services import journal, requests
from guinguette.services.host_todo import Todo
from guinguette.services.journal import By

#: ``answered_by`` as an organiser reads it after "Reçu par", by way; at the desk ``requests.record_answer`` is used.
_RECEIVED = {"link": "lien {}", "phone": "téléphone {}", "sms": "SMS {}"}
_ANSWERED_BY = 120


@dataclass(frozen=True, slots=True)
class Given:
    """A day's answer: a level of ``requests.LEVELS``, and the aware instant it was touched (null: nobody knows)."""

    level: str
    at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a village is: the tour's days to come, and the answer of each day that has one."""

    days: tuple[dt.date, ...]
    given: Mapping[dt.date, Given]

    @property
    def left(self) -> int:
        """Return how many days to come have no answer."""
        return sum(day not in self.given for day in self.days)

    def count(self, level: str) -> int:
        """Return how many days to come have this answer."""
        return sum(day in self.given and self.given[day].level == level for day in self.days)


def asked_of(session: Session, commune: Commune, clock: Clock) -> list[CommuneRequest]:
    """Return what a village is asked: its requests in tours that have a day to come, in order of first such day."""
    coming = (
        select(TourDate.tour_id, func.min(TourDate.date).label("first"))
        .where(TourDate.date > today(clock))
        .group_by(TourDate.tour_id)
        .subquery()
    )
    rows = session.scalars(
        select(CommuneRequest)
        .join(coming, coming.c.tour_id == CommuneRequest.tour_id)
        .join(CommuneRequest.tour)
        .where(
            CommuneRequest.commune_insee == commune.insee,
            CommuneRequest.archived_at.is_(None),
            Tour.archived_at.is_(None),
        )
        .order_by(coming.c.first, CommuneRequest.id)
        .options(contains_eager(CommuneRequest.tour))
    )
    return list(rows)


def get(session: Session, commune: Commune, slug: str, clock: Clock) -> CommuneRequest:
    """Return what a village is asked in a tour. Raises ``NotFound``, also where the tour is over or put aside."""
    for request in asked_of(session, commune, clock):
        if request.tour.slug == slug:
            return request
    raise NotFound(N_("On ne vous demande pas de dates pour cette tournée."))


def standing(session: Session, request: CommuneRequest, clock: Clock) -> Standing:
    """Return the days to come and their answers, as the database has them now."""
    day = today(clock)
    days = session.scalars(
        select(TourDate.date).where(TourDate.tour_id == request.tour_id, TourDate.date > day).order_by(TourDate.date)
    )
    rows = session.execute(
        select(Availability.date, Availability.level, Availability.given_at)
        .where(Availability.request_id == request.id, Availability.date > day)
        .order_by(Availability.date)
    )
    return Standing(tuple(days), {row.date: Given(row.level, row.given_at) for row in rows})


def save(
    session: Session,
    request: CommuneRequest,
    levels: Mapping[dt.date, str],
    given_at: Mapping[dt.date, dt.datetime],
    by: By,
) -> set[dt.date]:
    """Write the level of each day touched unless a later touch has; return the days that this changed.

    ``given_at`` has the aware instant of each touch, now where it has none; none is in the future. Days that are past,
    or outside the tour, are left out. Where the village had answered otherwise, in one go, what it left out then
    stays "no". An organiser who has the request's page open meets the usual conflict. Raises ``InvalidInput``.
    """
    if not set(levels.values()) <= set(requests.LEVELS):
        raise InvalidInput(N_("Une réponse est «\u00a0oui\u00a0», «\u00a0si besoin\u00a0» ou «\u00a0non\u00a0»."))
    answered = _take(session, request)
    before, now = standing(session, request, by.clock), by.clock.now()
    rows = [
        {"request_id": request.id, "date": day, "level": levels[day], "given_at": min(given_at.get(day, now), now)}
        for day in before.days
        if day in levels
    ]
    if not rows:
        return set()
    if requests.level_left_out(*answered) == "no":
        _keep_what_was_left_out(session, request, before, answered[0])
    new = _insert(session, rows)
    later = new.on_conflict_do_update(
        index_elements=[Availability.request_id, Availability.date],
        set_={"level": new.excluded.level, "given_at": new.excluded.given_at},
        where=or_(
            Availability.given_at.is_(None),
            Availability.given_at < new.excluded.given_at,
            # of two in the same instant the one that arrives last; what only arrives twice changes nothing
            and_(Availability.given_at == new.excluded.given_at, Availability.level != new.excluded.level),
        ),
    )
    changed = set(session.scalars(later.returning(Availability.date)))
    _answered(session, request, changed, before, by)
    return changed


def finish(session: Session, request: CommuneRequest, by: By) -> int:
    """Let the days to come without an answer be "no"; return how many. A touch of whatever instant goes before that."""
    before = standing(session, request, by.clock)
    rows = [
        {"request_id": request.id, "date": day, "level": "no", "given_at": None}
        for day in before.days
        if day not in before.given
    ]
    if not rows:
        return 0
    _take(session, request)
    filled = session.scalars(_insert(session, rows).on_conflict_do_nothing().returning(Availability.date)).all()
    _answered(session, request, filled, before, by)
    return len(filled)


def todos(session: Session, commune: Commune, clock: Clock) -> list[Todo]:
    """Return the tours for which the village still has days without an answer, unless it has answered otherwise."""
    found = []
    for request in asked_of(session, commune, clock):
        now = standing(session, request, clock)
        if now.left and (request.answered_at is None or request.answered_how == "link"):
            found.append(
                Todo(
                    title=N_("Dites quels jours vous conviennent"),
                    text=N_("{tour}\u00a0: {left} jours sur {all} sans réponse.")
                    if now.given
                    else N_("{tour}\u00a0: {all} jours proposés."),
                    values={"tour": request.tour.name, "left": now.left, "all": len(now.days)},
                    endpoint="host.answer",
                    arguments={"slug": request.tour.slug},
                    due_on=request.tour.answer_by,
                )
            )
    return found


def _take(session: Session, request: CommuneRequest) -> tuple[dt.datetime | None, str]:
    """Lock the request before its days, as a desk's save does: in one order, two never wait for each other.

    Return when it was last answered, and by which way.
    """
    columns = select(CommuneRequest.answered_at, CommuneRequest.answered_how)
    answered_at, how = session.execute(columns.where(CommuneRequest.id == request.id).with_for_update()).one()
    return answered_at, how


def _keep_what_was_left_out(
    session: Session, request: CommuneRequest, before: Standing, answered_at: dt.datetime | None
) -> None:
    """Write down the "no" of each day that a whole answer, by telephone or from a list, left out."""
    left_out = [day for day in before.days if day not in before.given]
    rows = [{"request_id": request.id, "date": day, "level": "no", "given_at": answered_at} for day in left_out]
    if rows:
        session.execute(_insert(session, rows).on_conflict_do_nothing())


def _insert(session: Session, rows: Sequence[Mapping[str, object]]) -> sqlite.Insert | postgresql.Insert:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement: sqlite.Insert | postgresql.Insert = dialect.insert(Availability).values(rows)
    return statement


def _answered(
    session: Session, request: CommuneRequest, changed: Collection[dt.date], before: Standing, by: By
) -> None:
    """Say who has answered last, on the request and its next version; in the journal once a day and at the end."""
    if not changed:
        return
    now = by.clock.now()
    session.execute(
        update(CommuneRequest)
        .where(CommuneRequest.id == request.id)
        .values(
            version=CommuneRequest.version + 1,
            answered_at=now,
            answered_by=_RECEIVED[by.how].format(_of(by.actor))[:_ANSWERED_BY],
            answered_how=by.how,
            saved_by=by.signature,
            saved_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    session.expire(request)
    after = standing(session, request, by.clock)
    if after.left == 0 and before.left:
        counts = (after.count(level) for level in requests.LEVELS)
        detail = "tous les jours ont une réponse\u00a0: {} oui, {} si besoin, {} non".format(*counts)
        journal.write(session, request.commune_insee, "dates", by, tour=request.tour, detail=detail)
    elif not _noted_today(session, request, by):
        journal.write(session, request.commune_insee, "dates", by, tour=request.tour)


def _of(name: str) -> str:
    """Return "de" and a person's name as French joins them."""
    return f"d’{name}" if fold(name)[:1] in tuple("aeiou") else f"de {name}"


def _noted_today(session: Session, request: CommuneRequest, by: By) -> bool:
    """Tell whether the journal has them today already: a line for each touch would hide the rest."""
    midnight = dt.datetime.combine(today(by.clock), dt.time(), PARIS)
    query = select(JournalEntry.id).where(
        JournalEntry.tour_id == request.tour_id,
        JournalEntry.commune_insee == request.commune_insee,
        JournalEntry.actor == by.actor,
        JournalEntry.what == "dates",
        JournalEntry.at >= midnight,
    )
    return session.scalar(query.limit(1)) is not None
