"""Committees (comités des fêtes, town halls, associations) and the people to ring."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from guinguette.adapters.phone_numbers import telephone
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.models import Committee, Commune, Contact
from guinguette.services import communes, corrections, editing

KINDS: dict[str, str] = {
    "committee": N_("Comité des fêtes"),
    "town_hall": N_("Mairie"),
    "association": N_("Association"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeCommand:
    """What an organiser types of a committee; ``kind`` is a key of ``KINDS``."""

    name: str
    kind: str = "committee"
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCommand:
    """What an organiser types of a person; ``phone`` as people write it, mobile or landline."""

    name: str
    role: str = ""
    phone: str = ""
    email: str = ""


def listing(session: Session, *, commune: Commune | None = None, archived: bool = False) -> Sequence[Committee]:
    """Return committees with their commune and contacts, by name of commune, of one commune or of all."""
    statement = (
        select(Committee)
        .join(Committee.commune)
        .options(joinedload(Committee.commune), selectinload(Committee.contacts))
        .order_by(Commune.search_key, Committee.name)
    )
    if commune is not None:
        statement = statement.where(Committee.commune_insee == commune.insee)
    return session.scalars(statement.where(editing.shelf(Committee.archived_at, archived=archived))).all()


def get(session: Session, committee_id: int) -> Committee:
    """Return the committee. Raises ``NotFound``."""
    committee = session.get(Committee, committee_id)
    if committee is None:
        raise NotFound(N_("Ce comité n’existe pas."))
    return committee


def get_contact(session: Session, contact_id: int) -> Contact:
    """Return the contact. Raises ``NotFound``."""
    contact = session.get(Contact, contact_id)
    if contact is None:
        raise NotFound(N_("Ce contact n’existe pas."))
    return contact


def create(session: Session, insee: str, command: CommitteeCommand, clock: Clock) -> Committee:
    """Add a committee to a commune. Raises ``NotFound`` (commune), ``InvalidInput``."""
    committee = Committee(commune=communes.get(session, insee), created_at=clock.now())
    assign(committee, command)
    session.add(committee)
    session.flush()
    return committee


def edit(
    session: Session, committee: Committee, command: CommitteeCommand, version: int, *, actor: str, clock: Clock
) -> None:
    """Change a committee; the pages that name it follow. Raises ``Conflict``, ``InvalidInput``."""
    editing.begin(committee, version)
    assign(committee, command)
    editing.save(session, committee)
    corrections.follow(session, committee, actor=actor, clock=clock)


def add_contact(session: Session, committee: Committee, command: ContactCommand, vault: Vault) -> Contact:
    """Add a person to a committee. Raises ``InvalidInput`` (phone, email)."""
    contact = Contact(committee=committee)
    assign_contact(contact, command, vault)
    session.add(contact)
    session.flush()
    return contact


def edit_contact(session: Session, contact: Contact, command: ContactCommand, version: int, vault: Vault) -> None:
    """Change a person. Raises ``Conflict``, ``InvalidInput`` (phone, email)."""
    editing.begin(contact, version)
    assign_contact(contact, command, vault)
    editing.save(session, contact)


def assign(committee: Committee, command: CommitteeCommand) -> None:
    """Write the command into the row. Raises ``InvalidInput`` (kind)."""
    if command.kind not in KINDS:
        raise InvalidInput(N_("Choisissez comité, mairie ou association."), field="kind")
    committee.name, committee.kind, committee.notes = command.name, command.kind, command.notes


def assign_contact(contact: Contact, command: ContactCommand, vault: Vault) -> None:
    """Write the command into the row. Raises ``InvalidInput`` (phone)."""
    if not command.phone and not command.email:
        raise InvalidInput(
            N_("Il faut un numéro ou une adresse, sinon personne ne peut joindre ce contact."), field="phone"
        )
    phone = telephone(command.phone) if command.phone else ""
    # Encrypting gives another text each time: only a new number is written, so that nothing changes unseen.
    if vault.decrypt(contact.phone_encrypted or "") != phone:
        contact.phone_encrypted, contact.stop_token_hash = vault.encrypt(phone), None  # that link was somebody else's
    contact.name, contact.role, contact.email = command.name, command.role, command.email
