"""Where evenings take place: pitches, and halls for rain and winter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.models import Commune, Evening, FallbackVenue, Pitch
from guinguette.services import communes, corrections, editing

Site = Pitch | FallbackVenue
#: The kinds of site by the word in their address.
KINDS: dict[str, type[Pitch] | type[FallbackVenue]] = {"emplacement": Pitch, "salle": FallbackVenue}


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCommand:
    """What an organiser types of a site. Degrees WGS 84, ``capacity`` in people; a hall has no access and no plug."""

    name: str
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    capacity: int | None = None
    power_supply: str = ""
    access: str = ""


def listing(session: Session, kind: str, *, commune: Commune | None = None, archived: bool = False) -> Sequence[Site]:
    """Return the sites of a kind by name of commune, of one commune or of all."""
    model: Any = KINDS[kind]  # two models, the same columns
    statement: Select[Any] = select(model).join(model.commune).options(contains_eager(model.commune))
    if commune is not None:
        statement = statement.where(model.commune_insee == commune.insee)
    statement = statement.where(editing.shelf(model.archived_at, archived=archived))
    return session.scalars(statement.order_by(Commune.search_key, model.name)).all()


def get(session: Session, kind: str, site_id: int) -> Site:
    """Return the site. Raises ``NotFound``."""
    model: Any = KINDS.get(kind)
    site: Site | None = model and session.get(model, site_id)
    if site is None:
        raise NotFound(N_("Ce lieu n’existe pas."))
    return site


def create(session: Session, kind: str, insee: str, command: SiteCommand) -> Site:
    """Add a site to a commune. Raises ``NotFound`` (kind, commune), ``InvalidInput``."""
    if kind not in KINDS:
        raise NotFound(N_("Ce lieu n’existe pas."))
    site = KINDS[kind](commune=communes.get(session, insee))
    assign(site, command)
    session.add(site)
    session.flush()
    return site


def edit(
    session: Session, site: Site, command: SiteCommand, version: int, *, actor: str, clock: Clock
) -> list[Evening]:
    """Change a site; return the evenings to come whose calendars follow. Raises ``Conflict``, ``InvalidInput``."""
    editing.begin(site, version)
    assign(site, command)
    editing.save(session, site)
    return corrections.follow(session, site, actor=actor, clock=clock)


def assign(site: Site, command: SiteCommand) -> None:
    """Write the command into the row. Raises ``InvalidInput`` (lat)."""
    if (command.lat is None) != (command.lon is None):
        raise InvalidInput(N_("Il faut la latitude et la longitude, ou aucune des deux."), field="lat")
    site.name, site.address, site.capacity = command.name, command.address, command.capacity
    site.lat, site.lon = command.lat, command.lon
    if isinstance(site, Pitch):
        site.power_supply, site.access = command.power_supply, command.access
