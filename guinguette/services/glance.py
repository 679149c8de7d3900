"""A tour at a glance: who has answered, what is missing, how much money and how many permits are left, what is due."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_
from guinguette.models import CommuneRequest, Contact, Evening, Tour
from guinguette.services import deadlines, evening_queries, hosts, rules, sites
from guinguette.services.deadlines import Task
from guinguette.services.evening_queries import is_alive

#: What a village's file may lack: (key, French name, whether this request lacks it, given whom one can ring there).
_Lacks = Callable[[CommuneRequest, Sequence[Contact]], bool]
_MISSING: tuple[tuple[str, str, _Lacks], ...] = (
    ("contact", N_("sans personne à appeler"), lambda request, people: not any(one.phone_encrypted for one in people)),
    ("pitch", N_("sans emplacement"), lambda request, people: request.pitch is None),
    (
        "power",
        N_("sans raccordement électrique connu"),
        lambda request, people: request.pitch is not None and not sites.plug_known(request.pitch),
    ),
    ("hall", N_("sans salle de repli"), lambda request, people: request.fallback_venue_id is None),
    ("permit", N_("sans titulaire du débit de boissons"), lambda request, people: request.permit_holder is None),
)


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing in these villages; ``name`` is French."""

    kind: str
    name: str
    requests: tuple[CommuneRequest, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """How much of a limit is used: an EPCI's funded evenings, or (with its ``year``) a holder's temporary bars."""

    name: str
    limit: int
    used: int
    year: int | None = None

    @property
    def left(self) -> int:
        """Return what is left; negative where more has been used than there is."""
        return self.limit - self.used


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A tour at a glance. ``tasks`` are those not done, in order of due date; ``late`` counts the overdue ones."""

    requests: tuple[CommuneRequest, ...]
    evenings: tuple[Evening, ...]
    missing: tuple[Missing, ...]
    fundings: tuple[Left, ...]
    permits: tuple[Left, ...]
    tasks: tuple[Task, ...]
    late: int

    @property
    def silent(self) -> tuple[CommuneRequest, ...]:
        """Return the villages that have not answered."""
        return tuple(request for request in self.requests if request.answered_at is None)


def glance_at(session: Session, tour: Tour, clock: Clock) -> Glance:
    """Return the tour at a glance: as many queries for three villages as for four hundred."""
    requests = tuple(
        session.scalars(
            select(CommuneRequest)
            .where(CommuneRequest.tour_id == tour.id, CommuneRequest.archived_at.is_(None))
            .order_by(CommuneRequest.commune_insee)
        )
    )
    evenings = tuple(evening_queries.of_tour(session, tour))
    tasks = tuple(task for task in deadlines.tasks_of(session, evenings, clock) if task.done is None)
    people = hosts.to_ring(session, [request.commune_insee for request in requests])
    alive = [evening for evening in evenings if is_alive(evening)]
    return Glance(
        requests=requests,
        evenings=evenings,
        missing=_missing(requests, people),
        fundings=_fundings(tour, alive),
        permits=_permits(session, tour, requests, alive, today(clock)),
        tasks=tasks,
        late=sum(task.overdue(clock.now()) for task in tasks),
    )


def _missing(requests: Sequence[CommuneRequest], people: Mapping[str, Sequence[Contact]]) -> tuple[Missing, ...]:
    found = (
        Missing(kind, name, tuple(one for one in requests if lacks(one, people.get(one.commune_insee, ()))))
        for kind, name, lacks in _MISSING
    )
    return tuple(one for one in found if one.requests)


def _fundings(tour: Tour, alive: Sequence[Evening]) -> tuple[Left, ...]:
    used = Counter(evening.commune.epci_siren for evening in alive)
    return tuple(Left(one.epci.name, one.evenings, used[one.epci_siren]) for one in tour.fundings)


def _permits(
    session: Session, tour: Tour, requests: Sequence[CommuneRequest], alive: Sequence[Evening], day: dt.date
) -> tuple[Left, ...]:
    """Return the temporary bars of each holder of this tour in each of its years, the scarcest first.

    Those of all tours count (Code de la santé publique L3334-2).
    """
    holders = {r.permit_holder_id: r.permit_holder.name for r in requests if r.permit_holder}
    holders |= {e.permit_holder_id: e.permit_holder.name for e in alive if e.permit_holder}
    years = sorted({one.date.year for one in tour.dates} | {e.date.year for e in alive} or {day.year})
    year = extract("year", Evening.date)
    rows = session.execute(
        select(Evening.permit_holder_id, year, func.count())
        .where(
            Evening.permit_holder_id.in_(holders),
            Evening.date.between(dt.date(years[0], 1, 1), dt.date(years[-1], 12, 31)),
            Evening.state.not_in(["cancelled", "postponed"]),
        )
        .group_by(Evening.permit_holder_id, year)
    )
    used = {(holder, int(of)): count for holder, of, count in rows}
    rule = rules.reader(session)
    limits = {each: rule("permits_per_holder_and_year", dt.date(each, 1, 1)).value for each in years}
    everything = (
        Left(name, limits[each], used.get((holder, each), 0), each)
        for holder, name in holders.items()
        for each in years
    )
    return tuple(sorted(everything, key=lambda one: (one.left, one.name, one.year)))
