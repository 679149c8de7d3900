"""Where evenings take place: pitches, and halls for rain and winter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.domain.site_words import SIGNALS, YES_NO, plugs
from guinguette.models import Commune, Contact, Evening, FallbackVenue, Pitch
from guinguette.services import communes, corrections, editing

Site = Pitch | FallbackVenue
#: The kinds of site by the word in their address.
KINDS: dict[str, type[Pitch] | type[FallbackVenue]] = {"emplacement": Pitch, "salle": FallbackVenue}


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCommand:
    """What is typed of a site (``models.Pitch``). Degrees WGS 84, ``capacity`` in people, ``parking`` in cars.

    A hall has a name, an address, a position, a capacity, ``accessible`` and who has its keys; the rest is a pitch's.
    """

    name: str
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    capacity: int | None = None
    power_supply: str = ""
    access: str = ""
    power: tuple[str, ...] = ()
    power_metres: int | None = None
    water: str = ""
    toilets: str = ""
    parking: int | None = None
    accessible: str = ""
    coverage: str = ""
    keys_contact_id: int | None = None


#: What of a command a hall has, and what a pitch has besides.
HALL_FIELDS = ("name", "address", "lat", "lon", "capacity", "accessible", "keys_contact_id")
PITCH_FIELDS = (
    *HALL_FIELDS, "power_supply", "access", "power", "power_metres", "water", "toilets", "parking", "coverage",
)  # fmt: skip


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


def hall(session: Session, hall_id: int) -> FallbackVenue:
    """Return the hall. Raises ``NotFound``."""
    found = session.get(FallbackVenue, hall_id)
    if found is None:
        raise NotFound(N_("Ce lieu n’existe pas."))
    return found


def create(session: Session, kind: str, insee: str, command: SiteCommand) -> Site:
    """Add a site to a commune. Raises ``NotFound`` (kind, commune), ``InvalidInput``."""
    if kind not in KINDS:
        raise NotFound(N_("Ce lieu n’existe pas."))
    site = KINDS[kind](commune=communes.get(session, insee))
    assign(site, command)
    _hand_keys(session, site)
    session.add(site)
    session.flush()
    return site


def edit(
    session: Session, site: Site, command: SiteCommand, version: int, *, actor: str, clock: Clock
) -> list[Evening]:
    """Change a site; return the evenings to come whose calendars follow. Raises ``Conflict``, ``InvalidInput``."""
    editing.begin(site, version)
    assign(site, command)
    _hand_keys(session, site)
    editing.save(session, site)
    return corrections.follow(session, site, actor=actor, clock=clock)


def command_of(site: Site) -> SiteCommand:
    """Return what a site says now, as a command."""
    values = {name: getattr(site, name) for name in fields_of(site)}
    if "power" in values:
        values["power"] = tuple(values["power"])
    return SiteCommand(**values)


def fields_of(site: Site) -> tuple[str, ...]:
    """Return which fields of a command this site has."""
    return PITCH_FIELDS if isinstance(site, Pitch) else HALL_FIELDS


def plug_known(pitch: Pitch) -> bool:
    """Tell whether anybody has said what the van is plugged into there."""
    return bool(pitch.power or pitch.power_supply)


def assign(site: Site, command: SiteCommand) -> None:
    """Write the command into the row. Raises ``InvalidInput`` (lat, power, or a field that is not one of its words)."""
    if (command.lat is None) != (command.lon is None):
        raise InvalidInput(N_("Il faut la latitude et la longitude, ou aucune des deux."), field="lat")
    for field, words in _WORDS.items():
        if getattr(command, field) not in ("", *words):
            raise InvalidInput(N_("Cette réponse n’existe pas : choisissez-en une de la page."), field=field)
    if len(command.power) > 1 and "none" in command.power:
        raise InvalidInput(N_("Il y a des prises, ou aucune : décochez ce qui est faux."), field="power")
    for name in fields_of(site):
        setattr(site, name, plugs(command.power) if name == "power" else getattr(command, name))


_WORDS = {"water": YES_NO, "toilets": YES_NO, "accessible": YES_NO, "coverage": SIGNALS}


def _hand_keys(session: Session, site: Site) -> None:
    """Let the row know its contact. Raises ``InvalidInput`` unless whoever has the keys is of this commune."""
    with session.no_autoflush:
        contact = session.get(Contact, site.keys_contact_id) if site.keys_contact_id is not None else None
        if site.keys_contact_id is not None and (
            contact is None or contact.committee.commune_insee != site.commune.insee
        ):
            raise InvalidInput(N_("Cette personne n’est pas de ce village."), field="keys_contact_id")
    site.keys_contact = contact
