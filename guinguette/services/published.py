"""What the public sees: the newest publication of each tour, read once and kept (a publication is never edited)."""

import datetime as dt
from collections.abc import Iterable
from threading import Lock
from weakref import WeakKeyDictionary

from cachetools import LRUCache
from sqlalchemy import Engine, ScalarSelect, Select, func, select
from sqlalchemy.orm import Session

from guinguette.domain.errors import N_, NotFound
from guinguette.models import Commune, Epci, Evening, Publication, Tour
from guinguette.publishing.tour import PublishedEvening, PublishedTour

_Key = tuple[int, dt.datetime]

#: How long the evenings of an archived tour stay in the feeds, counted from its last one.
_REMEMBERED = dt.timedelta(days=365)
#: Publications kept parsed by database; those not asked for longest are forgotten first.
_KEPT = 200
# The instant stands in the key because a publication that was rolled back frees its id.
_parsed: WeakKeyDictionary[Engine, LRUCache[_Key, PublishedTour]] = WeakKeyDictionary()
_lock = Lock()


def version(session: Session) -> tuple[object, ...]:
    """Return a value that is another one as soon as something was published, or a tour put aside or taken out again.

    Publications are counted too: of two made at the same time, the one with the lower id may be committed last.
    """
    archived = Tour.archived_at.is_not(None)
    parts = (
        select(func.count(Publication.id)),
        select(func.max(Publication.id)),
        select(func.max(Publication.published_at)),
        select(func.count(Tour.id)).where(archived),
        select(func.max(Tour.archived_at)).where(archived),
    )
    return tuple(session.execute(select(*(part.scalar_subquery() for part in parts))).one())


def latest(session: Session) -> list[PublishedTour]:
    """Return the newest publication of every tour that is not archived, in order of first evening."""
    tours = _read(session, _keys(session, _newest().where(Tour.archived_at.is_(None))))
    return sorted(tours, key=lambda tour: (tour.evenings[0].date if tour.evenings else dt.date.max, tour.slug))


def remembered(session: Session, today: dt.date) -> list[PublishedTour]:
    """Return what ``latest`` does and, for a year after their last evening, the tours archived since.

    Archiving tidies the front of the house; what people have in their calendars, and look up for a village, stays.
    """
    archived = _read(session, _keys(session, _newest().where(Tour.archived_at.is_not(None))))
    recent = [tour for tour in archived if tour.evenings and tour.evenings[-1].date >= today - _REMEMBERED]
    return [*latest(session), *recent]


def by_slug(session: Session, slug: str) -> PublishedTour:
    """Return a tour's newest publication; archived tours keep their address. Raises ``NotFound``."""
    tours = _read(session, _keys(session, _newest().where(Tour.slug == slug)))
    if not tours:
        raise NotFound(N_("Cette tournée n’existe pas, ou n’est pas encore publiée."))
    return tours[0]


def evening(session: Session, evening_id: str) -> tuple[PublishedTour, PublishedEvening]:
    """Return a published evening and its tour; archived tours' evenings keep their address. Raises ``NotFound``."""
    for tour in _read(session, _keys(session, _newest().where(Tour.id == _its_tour(evening_id)))):
        for found in tour.evenings:
            if found.id == evening_id:
                return tour, found
    raise NotFound(N_("Cette soirée n’existe pas, ou n’est pas encore publiée."))


def date_before(session: Session, evening_id: str, number: int) -> dt.date | None:
    """Return the date that an evening had in its tour's last version before ``number``, where that one knew it."""
    payload = session.scalar(
        select(Publication.payload)
        .where(Publication.tour_id == _its_tour(evening_id), Publication.number < number)
        .order_by(Publication.number.desc())
        .limit(1)
    )
    for known in (payload or {}).get("evenings", ()):
        if known["id"] == evening_id:
            return dt.date.fromisoformat(known["date"])
    return None


def number_at(session: Session, evening_id: str, at: dt.datetime) -> int:
    """Return the number of the version of an evening's tour that was the newest at an instant, 0 where none was."""
    query = select(func.max(Publication.number)).where(
        Publication.tour_id == _its_tour(evening_id), Publication.published_at <= at
    )
    return session.scalar(query) or 0


def commune(session: Session, insee: str) -> Commune:
    """Return a commune of France, visited or not. Raises ``NotFound``."""
    found = session.get(Commune, insee)
    if found is None:
        raise NotFound(N_("Aucune commune de France ne porte ce numéro."))
    return found


def epci(session: Session, siren: str) -> Epci:
    """Return an intercommunality of France, visited or not. Raises ``NotFound``."""
    found = session.get(Epci, siren)
    if found is None:
        raise NotFound(N_("Aucune intercommunalité de France ne porte ce numéro."))
    return found


def all_evenings(tours: Iterable[PublishedTour]) -> list[PublishedEvening]:
    """Return the evenings of all ``tours`` in order of date, start, then commune, whatever their state."""
    return sorted(
        (item for tour in tours for item in tour.evenings),
        key=order,
    )


def order(evening: PublishedEvening) -> tuple[object, ...]:
    """Return what evenings are sorted by: date, start, then commune."""
    return evening.date, evening.starts_at, evening.commune, evening.id


def following(evenings: Iterable[PublishedEvening], today: dt.date) -> PublishedEvening | None:
    """Return the first of ``evenings`` (in order) of ``today`` or later that people can come to, or null."""
    return next((item for item in evenings if item.alive and item.date >= today), None)


def last_published(tours: Iterable[PublishedTour]) -> dt.datetime | None:
    """Return when the newest of these versions was published, null where there is none."""
    return max((tour.published_at for tour in tours), default=None)


def upcoming(tours: Iterable[PublishedTour], today: dt.date) -> list[PublishedEvening]:
    """Return the evenings of ``today`` and later, what is called off included: people must see that too."""
    return [item for item in all_evenings(tours) if item.date >= today]


def of_commune(tours: Iterable[PublishedTour], insee: str) -> list[PublishedEvening]:
    """Return a commune's evenings, past ones included."""
    return [item for item in all_evenings(tours) if item.insee == insee]


def of_epci(tours: Iterable[PublishedTour], siren: str) -> list[PublishedEvening]:
    """Return the evenings of an intercommunality's communes, past ones included."""
    return [item for item in all_evenings(tours) if item.epci == siren]


def _its_tour(evening_id: str) -> ScalarSelect[int]:
    return select(Evening.tour_id).where(Evening.id == evening_id).scalar_subquery()


def _newest() -> Select[int, dt.datetime]:
    last = select(Publication.tour_id, func.max(Publication.number).label("number")).group_by(Publication.tour_id)
    newest = last.subquery()
    return (
        select(Publication.id, Publication.published_at)
        .join(newest, (newest.c.tour_id == Publication.tour_id) & (newest.c.number == Publication.number))
        .join(Tour, Tour.id == Publication.tour_id)
    )


def _keys(session: Session, query: Select[int, dt.datetime]) -> list[_Key]:
    return [(id_, published_at) for id_, published_at in session.execute(query)]


def _read(session: Session, keys: list[_Key]) -> list[PublishedTour]:
    """Return the publications of these keys; only those not met before are fetched and parsed."""
    with _lock:
        known = _parsed.setdefault(session.get_bind().engine, LRUCache(_KEPT))
        read = {key: known[key] for key in keys if key in known}
    missing = [key for key in keys if key not in read]
    if missing:
        payloads = select(Publication.id, Publication.payload).where(Publication.id.in_([key[0] for key in missing]))
        found = {id_: PublishedTour.from_json(payload) for id_, payload in session.execute(payloads)}
        read |= {key: found[key[0]] for key in missing}
        with _lock:
            known.update({key: read[key] for key in missing})
    return [read[key] for key in keys]
