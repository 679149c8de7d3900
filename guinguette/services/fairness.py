"""The ledger of fairness: who asked for how many evenings in past seasons, had how many, and what that makes of it.

A village starts with ``BASE`` points. A season without an evening adds ten, one with a part of what was asked a part
of them; with each season that follows they count half. A priority is the base and these points. So nobody who is
passed over falls behind anybody: the others' points are halved as well, and none of them gains more than ten
(docs/decisions, "priorities-from-the-ledger").
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from guinguette.domain.errors import N_, Conflict, InvalidInput
from guinguette.models import Commune, CommuneRequest, Evening, PastSeason, Tour, TourDate
from guinguette.services import editing
from guinguette.services.requests import MOST

BASE, PASSED_OVER = 10, 10


@dataclass(frozen=True, slots=True)
class Season:
    """A past season: its name, its last day, and by INSEE code what was (wanted, had)."""

    name: str
    ended_on: dt.date
    counts: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A season of one village: asked for so many evenings, had so many."""

    season: str
    wanted: int
    had: int


@dataclass(frozen=True, slots=True)
class Line:
    """A village of the tour with its past, the latest season first, and the priority that follows from it."""

    request: CommuneRequest
    history: tuple[Entry, ...]
    proposed: int

    @property
    def wanted(self) -> int:
        """Return how many evenings it has ever asked for."""
        return sum(entry.wanted for entry in self.history)

    @property
    def had(self) -> int:
        """Return how many it has had."""
        return sum(entry.had for entry in self.history)


@dataclass(frozen=True, slots=True)
class Payer:
    """An EPCI: its villages in the tour, and their evenings asked for and had in past seasons."""

    name: str
    villages: int
    wanted: int
    had: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The tour's villages, those most in debt first, their EPCI by name, and the seasons known, the latest first."""

    lines: list[Line]
    payers: list[Payer]
    seasons: list[Season]


def points(wanted: int, had: int) -> int:
    """Return what a season adds: ten for nothing at all, less than ten where there was something."""
    return PASSED_OVER * max(0, wanted - had) // wanted if wanted else 0


def debt(seasons: Iterable[tuple[int, int]]) -> int:
    """Return what seasons of (wanted, had), the earliest first, add up to: from 0 to 20.

    A season in which a village took no part is (0, 0): what came before it counts half all the same.
    """
    owed = 0
    for wanted, had in seasons:
        owed = owed // 2 + points(wanted, had)
    return owed


def past_seasons(session: Session, tour: Tour) -> list[Season]:
    """Return the seasons that ended before this tour begins, the latest first: published tours, and imported ones."""
    start = min((row.date for row in tour.dates), default=tour.created_at.date())
    last = func.max(TourDate.date)
    others = select(TourDate.tour_id, last).join(Tour).where(Tour.id != tour.id, Tour.published_version > 0)
    over = others.group_by(TourDate.tour_id)
    ends = {tour_id: ended_on for tour_id, ended_on in session.execute(over.having(last < start))}  # noqa: C416 -- rows
    seasons = _tours(session, ends) + _imported(session, start)
    return sorted(seasons, key=lambda season: (season.ended_on, season.name), reverse=True)


def _tours(session: Session, ends: Mapping[int, dt.date]) -> list[Season]:
    asked = session.execute(
        select(CommuneRequest.tour_id, CommuneRequest.commune_insee, CommuneRequest.evenings).where(
            CommuneRequest.tour_id.in_(ends), CommuneRequest.archived_at.is_(None)
        )
    )
    held = session.execute(
        select(Evening.tour_id, Evening.commune_insee, func.count())
        .where(Evening.tour_id.in_(ends), Evening.state.not_in(["cancelled", "postponed"]))
        .group_by(Evening.tour_id, Evening.commune_insee)
    )
    had = {(tour_id, insee): count for tour_id, insee, count in held}
    counts: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for tour_id, insee, wanted in asked:
        counts[tour_id][insee] = (wanted, had.get((tour_id, insee), 0))
    names = session.execute(select(Tour.id, Tour.name).where(Tour.id.in_(counts)))
    return [Season(name, ends[tour_id], counts[tour_id]) for tour_id, name in names]


def _imported(session: Session, start: dt.date) -> list[Season]:
    rows: dict[str, list[PastSeason]] = defaultdict(list)
    for row in session.scalars(select(PastSeason)):
        rows[row.label].append(row)
    seasons = [
        Season(
            label, max(row.ended_on for row in each), {row.commune_insee: (row.wanted, row.evenings) for row in each}
        )
        for label, each in rows.items()
    ]
    return [season for season in seasons if season.ended_on < start]


def ledger(session: Session, tour: Tour) -> Ledger:
    """Return the tour's ledger."""
    seasons = past_seasons(session, tour)
    asking = session.scalars(
        select(CommuneRequest)
        .where(CommuneRequest.tour_id == tour.id, CommuneRequest.archived_at.is_(None))
        .options(joinedload(CommuneRequest.commune).joinedload(Commune.epci))
    ).all()
    lines = [_line(request, seasons) for request in asking]
    lines.sort(key=lambda line: (-line.proposed, line.request.commune.search_key))
    payers: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.request.commune.epci is not None:
            payers[line.request.commune.epci.name].append(line)
    summed = [
        Payer(name, len(each), sum(line.wanted for line in each), sum(line.had for line in each))
        for name, each in sorted(payers.items())
    ]
    return Ledger(lines, summed, seasons)


def _line(request: CommuneRequest, seasons: Sequence[Season]) -> Line:
    insee = request.commune_insee
    all_counts = [season.counts.get(insee, (0, 0)) for season in seasons]
    history = tuple(Entry(season.name, *season.counts[insee]) for season in seasons if insee in season.counts)
    return Line(request, history, BASE + debt(reversed(all_counts)))


def passed_over_last_time(session: Session, tour: Tour) -> frozenset[str]:
    """Return the villages (INSEE codes) that had nothing in the latest season that they asked something of."""
    found: dict[str, bool] = {}
    for season in past_seasons(session, tour):
        for insee, (wanted, had) in season.counts.items():
            if wanted:
                found.setdefault(insee, had == 0)
    return frozenset(insee for insee, nothing in found.items() if nothing)


def apply(session: Session, tour: Tour, priorities: Mapping[str, tuple[int, int]]) -> int:
    """Give the villages these priorities (INSEE code to priority and version of the request); return how many changed.

    Raises ``InvalidInput`` outside 1 to 100, ``Conflict`` where somebody has changed a request meanwhile: nothing is
    written then.
    """
    changed = [
        request
        for request in tour.requests
        if request.archived_at is None
        and request.commune_insee in priorities
        and priorities[request.commune_insee][0] != request.priority
    ]
    for request in changed:
        priority, version = priorities[request.commune_insee]
        if not 1 <= priority <= MOST["priority"]:
            wrong = N_("La priorité va de 1 à {most}.")
            raise InvalidInput(wrong, field=f"priorite-{request.commune_insee}", most=MOST["priority"])
        if request.version != version:
            raise Conflict(
                N_("Quelqu’un a modifié la demande de {commune} entre-temps. Rien n’a été écrasé : relisez."),
                commune=request.commune.name,
            )
        request.priority = priority
    for request in changed:
        editing.save(session, request)
    return len(changed)
