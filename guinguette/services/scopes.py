"""Scopes in the database: which exist, which contain an evening, and how to name them to people."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.errors import N_, InvalidInput
from guinguette.domain.scopes import Scope, parse
from guinguette.models import Commune, Epci, Publication, Tour
from guinguette.publishing.tour import PublishedEvening, PublishedTour
from guinguette.services import published
from guinguette.services.nearby import is_near

#: How far "near" reaches where nobody has chosen: about twenty-five minutes on these roads.
NEAR_KM = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """A scope and its name: a French template and its values, translated at the edge."""

    scope: str
    message: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """Choices of one kind under a title (a French sentence)."""

    title: str
    choices: tuple[Choice, ...]


def checked(session: Session, text: str) -> Scope:
    """Return the scope that ``text`` writes, once it is known to exist. Raises ``InvalidInput`` (field ``scope``)."""
    scope = parse(text)
    if not _exists(session, scope):
        raise InvalidInput(N_("Choisissez les soirées qui vous intéressent dans la liste."), field="scope")
    return scope


def matching(session: Session, tour_slug: str, evening: PublishedEvening, texts: Iterable[str]) -> list[str]:
    """Return those of the scopes ``texts`` that contain the evening of that tour."""
    return matcher(session, texts)(tour_slug, evening)


def matcher(session: Session, texts: Iterable[str]) -> Callable[[str, PublishedEvening], list[str]]:
    """Return what tells which of ``texts`` contain a tour's (slug) evening, and asks the database no more."""
    scopes = {text: parse(text) for text in texts}
    centres = _centres(session, {scope.target for scope in scopes.values() if scope.kind == "near"})

    def contains(scope: Scope, tour_slug: str, evening: PublishedEvening) -> bool:
        if scope.kind != "near":
            return scope.target == {"commune": evening.insee, "tour": tour_slug, "epci": evening.epci}[scope.kind]
        return is_near(evening, insee=scope.target, centre=centres.get(scope.target), km=scope.km)

    return lambda slug, evening: [text for text, scope in scopes.items() if contains(scope, slug, evening)]


def named(session: Session, text: str) -> Choice:
    """Return the scope with its name. Raises ``InvalidInput`` where it does not exist."""
    scope = checked(session, text)
    if scope.kind == "tour":
        return Choice(text, "{name}", {"name": session.scalars(select(Tour.name).filter_by(slug=scope.target)).one()})
    if scope.kind == "epci":
        return Choice(text, "{name}", {"name": session.get_one(Epci, scope.target).name})
    commune = session.get_one(Commune, scope.target).name
    if scope.kind == "commune":
        return Choice(text, N_("{commune} seulement"), {"commune": commune})
    return Choice(text, N_("À moins de {km} km de {commune}"), {"km": scope.km, "commune": commune})


def choices(session: Session, today: dt.date, *, insee: str | None = None, scope: str | None = None) -> list[Group]:
    """Return what a visitor may choose, the likeliest first: the scope asked for, the village's, then all others.

    ``insee`` and ``scope`` come from an address and are ignored where they name nothing.
    """
    first = [text for text in (scope, *_around(insee or _village(scope))) if text and _is_known(session, text)]
    wanted = tuple(named(session, text) for text in dict.fromkeys(first))
    tours = [t for t in published.latest(session) if t.evenings and t.evenings[-1].date >= today]
    groups = [Group(N_("Près de chez vous"), wanted)] if wanted else []
    return [*groups, *_general(tours, today, without={choice.scope for choice in wanted})]


def _general(tours: list[PublishedTour], today: dt.date, *, without: set[str]) -> list[Group]:
    coming = published.upcoming(tours, today)
    communes = sorted({(e.commune, e.insee) for e in coming})
    epcis = sorted({(e.epci_name, e.epci) for e in coming if e.epci})
    groups = (
        (N_("Toute une tournée"), [Choice(f"tour:{t.slug}", "{name}", {"name": t.name}) for t in tours]),
        (N_("Une intercommunalité"), [Choice(f"epci:{siren}", "{name}", {"name": name}) for name, siren in epcis]),
        (
            N_("Autour d’un village"),
            [
                Choice(
                    f"near:{insee}:{NEAR_KM}", N_("À moins de {km} km de {commune}"), {"km": NEAR_KM, "commune": name}
                )
                for name, insee in communes
            ],
        ),
        (
            N_("Un seul village"),
            [Choice(f"commune:{insee}", N_("{commune} seulement"), {"commune": name}) for name, insee in communes],
        ),
    )
    kept = [(title, tuple(c for c in group if c.scope not in without)) for title, group in groups]
    return [Group(title, group) for title, group in kept if group]


def _village(text: str | None) -> str | None:
    """Return the village that a scope turns around: from its page, the neighbours' are of interest too."""
    kind, _, target = (text or "").partition(":")
    return target.split(":")[0] if kind in ("commune", "near") else None


def _around(insee: str | None) -> tuple[str, ...]:
    return (f"near:{insee}:{NEAR_KM}", f"commune:{insee}") if insee else ()


def _is_known(session: Session, text: str) -> bool:
    try:
        checked(session, text)
    except InvalidInput:
        return False
    return True


def _exists(session: Session, scope: Scope) -> bool:
    if scope.kind == "tour":
        is_published = select(Publication.id).join(Tour).where(Tour.slug == scope.target, Tour.archived_at.is_(None))
        return session.scalar(is_published.limit(1)) is not None
    if scope.kind == "epci":
        return session.get(Epci, scope.target) is not None
    commune = session.get(Commune, scope.target)
    return commune is not None and (scope.kind == "commune" or commune.lat is not None)


def _centres(session: Session, insees: set[str]) -> dict[str, tuple[float, float]]:
    rows = session.execute(select(Commune.insee, Commune.lat, Commune.lon).where(Commune.insee.in_(insees)))
    return {insee: (lat, lon) for insee, lat, lon in rows if lat is not None and lon is not None}
