"""The letters of an evening: which there are, and what is known to fill them in."""

import datetime as dt

from sqlalchemy.orm import Session

from guinguette.adapters.phone_numbers import spaced
from guinguette.adapters.vault import Vault
from guinguette.association import Association
from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, NotFound
from guinguette.domain.states import Venue
from guinguette.models import Contact, Evening
from guinguette.publishing.official_letters import Facts, Kind, Letter, draft
from guinguette.services import hosts, permits, site_sheet

#: What each letter is called, and the task of an evening's list that it serves.
TITLES: dict[Kind, str] = {
    "buvette": N_("Demande de buvette au maire"),
    "arrete": N_("Arrêté du maire"),
    "voie": N_("Déclaration sur la voie publique"),
    "sacem": N_("Fiche pour la Sacem"),
}
SERVES: dict[str, Kind] = {"permit": "buvette", "order": "arrete", "road": "voie", "sacem": "sacem"}
_OUTDOORS = frozenset({"arrete", "voie"})


def kinds(evening: Evening) -> list[Kind]:
    """Return the letters that an evening may need: in a hall nobody occupies the road."""
    return [kind for kind in TITLES if evening.venue == Venue.PITCH or kind not in _OUTDOORS]


def prepared(
    session: Session,
    evening: Evening,
    kind: str,
    *,
    association: Association,
    clock: Clock,
    vault: Vault,
    writer: Contact | None = None,
) -> Letter:
    """Return the draft of a letter, signed by ``writer``, or else by whoever speaks for the permit holder.

    Raises ``NotFound`` for a letter that this evening does not need.
    """
    known = next((each for each in kinds(evening) if each == kind), None)
    if known is None:
        raise NotFound(N_("Cette lettre n’existe pas pour cette soirée."))
    signs = _signs(session, evening, writer)
    # a number stands on its own owner's letter alone
    sealed = signs.phone_encrypted if signs is not None and signs is writer else ""
    phone = spaced(vault.decrypt(sealed)) if sealed else ""
    return draft(known, _facts(session, evening, association, today(clock), signs, phone))


def _signs(session: Session, evening: Evening, writer: Contact | None) -> Contact | None:
    """Return who signs: the writer where they speak for the permit holder, else somebody who does, else the writer."""
    holder = evening.permit_holder
    if holder is None or (writer is not None and writer.committee_id == holder.id):
        return writer or next(iter(hosts.who_answer(session, evening.commune_insee)), None)
    if writer is not None and holder.commune_insee != evening.commune_insee:
        return writer  # who speaks for another village's committee is none of theirs to read
    return next((each for each in holder.contacts if each.archived_at is None and hosts.answers(each)), writer)


def _facts(
    session: Session, evening: Evening, association: Association, day: dt.date, signs: Contact | None, phone: str
) -> Facts:
    place = evening.pitch if evening.venue == Venue.PITCH else evening.fallback_venue
    holder, tally = evening.permit_holder, permits.tally(session, evening)
    return Facts(
        commune=evening.commune.name,
        postcode=evening.commune.postcodes.split()[0] if evening.commune.postcodes else "",
        day=evening.date,
        starts_at=evening.starts_at,
        ends_at=evening.ends_at,
        place=place.name if place else "",
        address=place.address if place else "",
        capacity=place.capacity if place else None,
        public=site_sheet.expected_public(session, evening.commune, evening.date).people,
        artists=evening.artists,
        prices=evening.prices,
        holder=holder.name if holder else "",
        holder_is_town_hall=holder is not None and holder.kind == "town_hall",
        used=tally.used if tally else 0,
        limit=tally.limit if tally else 0,
        writer=signs.name if signs else "",
        role=signs.role if signs else "",
        phone=phone,
        association=association.name,
        association_address=association.address,
        association_phone=association.phone,
        association_email=association.email,
        written_on=day,
    )
