"""A village's places, piece by piece: what is known, what is missing, and one answer at a time."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, Conflict, NotFound
from guinguette.models import Commune, CommuneRequest, Evening, FallbackVenue, Photo, Pitch, Tour, TourDate
from guinguette.services import halls, journal, rules, sites, village_places
from guinguette.services.host_todo import Todo
from guinguette.services.journal import By
from guinguette.services.sites import Site


@dataclass(frozen=True, slots=True)
class Question:
    """One piece of a place: its name in a list ("les toilettes"), the question, the fields of ``SiteCommand`` it fills.

    ``known`` tells whether there is an answer, given the place and how many photographs it has.
    """

    key: str
    name: str
    text: str
    fields: tuple[str, ...]
    known: Callable[[Any, int], bool]


def _keys_known(site: Site, _photos: int) -> bool:
    return site.keys_contact is not None and site.keys_contact.archived_at is None


_MOST_PLACES = 10  # of a kind: a link that got into the wrong hands does not fill the registry
_PLACE = ("name", "address", "lat", "lon")
#: What is asked of a place of each kind (``sites.KINDS``), in this order.
QUESTIONS: dict[str, tuple[Question, ...]] = {
    "emplacement": (
        Question("place", N_("la position"), N_("Où le camion se pose-t-il ?"), _PLACE, lambda p, _: p.lat is not None),
        Question("photo", N_("une photo"), N_("Une photo de l’endroit ?"), (), lambda _, photos: photos > 0),
        Question(
            "power",
            N_("l’électricité"),
            N_("Quelles prises y a-t-il ?"),
            ("power", "power_metres", "power_supply"),
            lambda p, _: bool(p.power) and ("none" in p.power or p.power_metres is not None),
        ),
        Question("water", N_("l’eau"), N_("Y a-t-il de l’eau potable ?"), ("water",), lambda p, _: p.water != ""),
        Question(
            "toilets", N_("les toilettes"), N_("Y a-t-il des toilettes ?"), ("toilets",), lambda p, _: p.toilets != ""
        ),
        Question(
            "parking",
            N_("le stationnement"),
            N_("Combien de voitures peuvent se garer ?"),
            ("parking", "access"),
            lambda p, _: p.parking is not None,
        ),
        Question(
            "accessible",
            N_("l’accès en fauteuil"),
            N_("Peut-on y venir en fauteuil roulant ?"),
            ("accessible",),
            lambda p, _: p.accessible != "",
        ),
        Question(
            "coverage",
            N_("le réseau mobile"),
            N_("Le téléphone passe-t-il ?"),
            ("coverage",),
            lambda p, _: p.coverage != "",
        ),
        Question(
            "capacity",
            N_("le nombre de personnes"),
            N_("Combien de personnes tiennent sur la place ?"),
            ("capacity",),
            lambda p, _: p.capacity is not None,
        ),
        Question("keys", N_("qui a les clés"), N_("Qui ouvre, qui a les clés ?"), ("keys_contact_id",), _keys_known),
    ),
    "salle": (
        Question("place", N_("l’adresse de la salle"), N_("Où est la salle ?"), _PLACE, lambda h, _: h.address != ""),
        Question(
            "capacity",
            N_("le nombre de personnes dans la salle"),
            N_("Combien de personnes la salle accueille-t-elle ?"),
            ("capacity",),
            lambda h, _: h.capacity is not None,
        ),
        Question(
            "accessible",
            N_("l’accès en fauteuil à la salle"),
            N_("Peut-on entrer en fauteuil roulant ?"),
            ("accessible",),
            lambda h, _: h.accessible != "",
        ),
        Question(
            "keys",
            N_("qui a les clés de la salle"),
            N_("Qui a les clés de la salle ?"),
            ("keys_contact_id",),
            _keys_known,
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A question about a place of a village, and whether it has an answer. Without ``site`` the place is not there."""

    kind: str
    site: Site | None
    question: Question
    known: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a village has said of its places: each piece of those it uses (``pitch``, ``hall``), and of ``others``."""

    pitch: Pitch | None
    hall: FallbackVenue | None
    pieces: tuple[Piece, ...]
    others: tuple[Piece, ...] = ()

    @property
    def groups(self) -> list[tuple[str, Site | None, list[Piece]]]:
        """Return the pieces by place: kind, place, its pieces; those it uses first."""
        grouped = groupby((*self.pieces, *self.others), key=lambda piece: (piece.kind, piece.site))
        return [(kind, site, list(pieces)) for (kind, site), pieces in grouped]

    @property
    def missing(self) -> list[Piece]:
        """Return the pieces without an answer, in the order they are asked for."""
        return [piece for piece in self.pieces if not piece.known]

    def after(self, kind: str, key: str) -> Piece | None:
        """Return the next missing piece after this one; null at the end."""
        places = [(piece.kind, piece.question.key) for piece in self.pieces]
        here = places.index((kind, key)) if (kind, key) in places else -1
        return next((piece for piece in self.pieces[here + 1 :] if not piece.known), None)


def sheet(session: Session, commune: Commune, clock: Clock) -> Sheet:
    """Return the sheet of a commune: of the places that its next tour uses, else of the first ones it has."""
    request = next(iter(requests_of(session, commune, clock)), None)
    known = {kind: list(sites.listing(session, kind, commune=commune)) for kind in sites.KINDS}
    pitch: Any = _used(request.pitch if request else None, known["emplacement"])
    hall: Any = _used(request.fallback_venue if request else None, known["salle"])
    others = [(kind, site) for kind, of_kind in known.items() for site in of_kind if site not in (pitch, hall)]
    return Sheet(
        pitch,
        hall,
        (*_pieces(session, "emplacement", pitch), *_pieces(session, "salle", hall)),
        tuple(piece for kind, site in others for piece in _pieces(session, kind, site)),
    )


def question(kind: str, key: str) -> Question:
    """Return a question. Raises ``NotFound``."""
    found = next((each for each in QUESTIONS.get(kind, ()) if each.key == key), None)
    if found is None:
        raise NotFound(N_("Cette question n’existe pas."))
    return found


def answer(
    session: Session, kind: str, site: Site, key: str, values: Mapping[str, Any], version: int, *, by: By
) -> list[Evening]:
    """Write one piece of a place; return the evenings to come that follow online.

    ``values`` are fields of the question. Raises ``Conflict``, ``InvalidInput``, ``NotFound``.
    """
    asked = question(kind, key)
    if not set(values) <= set(asked.fields):
        raise NotFound(N_("Cette question n’existe pas."))
    command = replace(sites.command_of(site), **values)
    followed = sites.edit(session, site, command, version, actor=by.signature, clock=by.clock)
    followed += _take_up(session, site, by)
    journal.write(session, site.commune_insee, "site", by, detail=f"{site.name} : {asked.name}")
    return followed


def not_known(session: Session, kind: str, site: Site, key: str, *, by: By) -> None:
    """Note that whoever was asked does not know."""
    asked = question(kind, key)
    journal.write(session, site.commune_insee, "site", by, detail=f"{site.name} : {asked.name}, ne sait pas")


def create(session: Session, kind: str, commune: Commune, name: str, *, by: By) -> Site:
    """Add a village's pitch or hall by its name; its requests and evenings to come that have none take it.

    Raises ``Conflict`` (many).
    """
    if len(sites.listing(session, kind, commune=commune)) >= _MOST_PLACES:
        raise Conflict(
            N_("Votre village a déjà {most} lieux notés : appelez-nous pour en ajouter un."), most=_MOST_PLACES
        )
    site = sites.create(session, kind, commune.insee, sites.SiteCommand(name=name))
    village_places.take_up(session, requests_of(session, commune, by.clock), site, by=by)
    journal.write(session, commune.insee, "site", by, detail=f"{site.name} : ajouté")
    return site


def book(session: Session, hall: FallbackVenue, day: dt.date, what: str, *, by: By) -> list[Evening]:
    """Note that the hall is taken on a day, as ``halls.book`` does; where it is shown as the village's, it counts."""
    _take_up(session, hall, by)
    return halls.book(session, hall, day, what, by=by)


def requests_of(session: Session, commune: Commune, clock: Clock) -> Sequence[CommuneRequest]:
    """Return what a commune asks of the tours in use that still have a date to come, the next tour first."""
    last = select(func.max(TourDate.date)).where(TourDate.tour_id == CommuneRequest.tour_id).scalar_subquery()
    return session.scalars(
        select(CommuneRequest)
        .join(CommuneRequest.tour)
        .where(
            CommuneRequest.commune_insee == commune.insee,
            CommuneRequest.archived_at.is_(None),
            Tour.archived_at.is_(None),
            last >= today(clock),
        )
        .order_by(last, CommuneRequest.id)
        .options(joinedload(CommuneRequest.fallback_venue))
    ).all()


@dataclass(frozen=True, slots=True)
class Expected:
    """How many people to count on, and over how many past evenings that is a mean (0: the rule's usual number)."""

    people: int
    evenings: int


def expected_public(session: Session, commune: Commune, on: dt.date) -> Expected:
    """Return how many people an evening of this commune brings: the mean of those counted, else ``expected_public``."""
    mean, counted = session.execute(
        select(func.avg(Evening.attendance), func.count(Evening.attendance)).where(
            Evening.commune_insee == commune.insee, Evening.attendance > 0
        )
    ).one()
    return Expected(round(mean) if counted else rules.value(session, "expected_public", on), counted)


def todos(session: Session, commune: Commune, clock: Clock) -> list[Todo]:
    """Return what the village still has to say of its places, and what it must settle in its hall."""
    todo = [
        Todo(
            title=N_("Votre salle est déjà prise"),
            text=N_("Une soirée y est prévue le {day} : appelez-nous pour changer de jour ou de lieu."),
            values={"day": evening.date},
            endpoint="host.places",
        )
        for evening in halls.to_come_in(session, commune.insee, clock)
    ]
    found = sheet(session, commune, clock)
    if found.missing:
        todo.append(
            Todo(
                title=N_("Complétez la fiche de vos lieux"),
                text=N_("Il manque une réponse sur {total}.")
                if len(found.missing) == 1
                else N_("Il manque {missing} réponses sur {total}."),
                values={"missing": len(found.missing), "total": len(found.pieces)},
                endpoint="host.places",
            )
        )
    return todo


def _take_up(session: Session, site: Site, by: By) -> list[Evening]:
    """Let the season and the evenings have the place that the sheet shows as the village's, once it is spoken of."""
    shown = sheet(session, site.commune, by.clock)
    if site not in (shown.pitch, shown.hall):
        return []
    return village_places.take_up(session, requests_of(session, site.commune, by.clock), site, by=by)


def _used(asked: Site | None, known: Sequence[Site]) -> Site | None:
    return asked if asked in known else min(known, key=lambda site: site.id, default=None)


def _pieces(session: Session, kind: str, site: Site | None) -> list[Piece]:
    if site is None:
        return [Piece(kind, None, each, known=False) for each in QUESTIONS[kind]]
    of_it = Photo.pitch_id == site.id if isinstance(site, Pitch) else Photo.hall_id == site.id
    photos = session.scalar(select(func.count()).select_from(Photo).where(of_it)) or 0
    return [Piece(kind, site, each, each.known(site, photos)) for each in QUESTIONS[kind]]
