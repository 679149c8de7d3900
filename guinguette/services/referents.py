"""A village's contacts, kept by themselves: they correct their own card, add somebody, or pass their place on."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import N_, Conflict, InvalidInput
from guinguette.models import Contact
from guinguette.services import addresses, committees, editing, host_links, hosts, journal, lost_links
from guinguette.services.committees import ContactCommand
from guinguette.services.journal import By

#: Each gets messages that cost money: a link that fell into the wrong hands must not write to half the country.
MOST = 8


def in_use(contact: Contact) -> Sequence[Contact]:
    """Return those who answer for the same committee, themselves included."""
    return [each for each in contact.committee.contacts if each.archived_at is None]


def correct(
    session: Session, contact: Contact, command: ContactCommand, version: int, *, by: By, vault: Vault, public_url: str
) -> str | None:
    """Change their own card; an empty ``phone`` or ``email`` leaves what is there.

    Null where their links go on. Where an address was replaced they end at once, for whoever has the old one has them
    too: a fresh one is on its way, by the channel returned. Raises ``Conflict``, ``InvalidInput``.
    """
    before = _addresses(contact, vault)
    command = ContactCommand(
        name=command.name, role=command.role, phone=command.phone or before[0], email=command.email or before[1]
    )
    _refuse_out_of_reach(command)
    committees.edit_contact(session, contact, command, version, vault)
    after = _addresses(contact, vault)
    replaced = any(old and old != new for old, new in zip(before, after, strict=True))
    _write(session, contact, by, "numéro ou adresse e-mail changés" if before != after else "nom ou rôle corrigés")
    if not replaced:
        return None
    host_links.revoke_all(session, contact, by.clock)
    return lost_links.send(session, contact, urgent=True, clock=by.clock, vault=vault, public_url=public_url)


def add(
    session: Session, contact: Contact, command: ContactCommand, *, by: By, vault: Vault, public_url: str
) -> tuple[Contact, str]:
    """Add somebody to the same committee and send them a link; return them and its channel ("": none reaches them).

    Raises ``InvalidInput``, and ``Conflict`` where they are there already, or too many are.
    """
    _refuse_out_of_reach(command)
    _refuse_many(contact)
    added = committees.add_contact(session, contact.committee, command, vault)
    twin = _known(contact, added, vault)
    if twin is not None:
        raise Conflict(N_("{name} y est déjà, avec ce numéro ou cette adresse."), name=twin.name)
    _write(session, contact, by, f"{added.name} répond aussi")
    return added, lost_links.send(session, added, urgent=False, clock=by.clock, vault=vault, public_url=public_url)


def add_keyholder(session: Session, contact: Contact, name: str, phone: str, vault: Vault) -> Contact:
    """Write down who has the keys, in the same committee: they get no link, and nothing is written to them.

    Raises ``InvalidInput``, and ``Conflict`` where too many are there already.
    """
    _refuse_many(contact)
    command = ContactCommand(name=name, role=hosts.KEYS_ROLE, phone=phone)
    return committees.add_contact(session, contact.committee, command, vault)


def hand_over(
    session: Session, contact: Contact, command: ContactCommand, version: int, *, by: By, vault: Vault, public_url: str
) -> tuple[Contact, str]:
    """Put somebody in a contact's place: their links end, their card is archived, what the village did stays.

    Returns who follows, an old hand of the committee where the address says so, and the channel of their link.
    Raises ``Conflict``, ``InvalidInput``.
    """
    _refuse_out_of_reach(command)
    follower = committees.add_contact(session, contact.committee, command, vault)
    known = _known(contact, follower, vault)
    if known is not None:
        session.delete(follower)
        follower = known
    lost_links.withdraw(session, contact, by.clock)
    editing.archive(session, contact, version, by.clock)
    _write(session, contact, by, f"{follower.name} prend la suite")
    return follower, lost_links.send(
        session, follower, urgent=False, clock=by.clock, vault=vault, public_url=public_url
    )


def _write(session: Session, contact: Contact, by: By, detail: str) -> None:
    journal.write(session, contact.committee.commune_insee, "people", by, detail=detail)


def _addresses(contact: Contact, vault: Vault) -> tuple[str, str]:
    return vault.decrypt(contact.phone_encrypted or ""), contact.email


def _refuse_many(contact: Contact) -> None:
    if len(in_use(contact)) >= MOST:
        raise Conflict(N_("Vous êtes déjà {count}, c’est le plus possible : appelez-nous pour en changer."), count=MOST)


def _refuse_out_of_reach(command: ContactCommand) -> None:
    """Raise ``InvalidInput`` where no link can come: to a landline alone."""
    if command.email:
        return
    if not command.phone:
        raise InvalidInput(N_("Écrivez un numéro de portable ou une adresse e-mail."), field="phone")
    if addresses.number(command.phone).kind == "landline":
        raise InvalidInput(
            N_("Un lien n’arrive que sur un portable ou par e-mail : ajoutez une adresse e-mail."), field="email"
        )


def _known(contact: Contact, added: Contact, vault: Vault) -> Contact | None:
    """Return which colleague of ``contact`` has the number of ``added`` already, or the e-mail where one has no number.

    Those of a town hall may share an e-mail: with numbers of their own they are two.
    """
    phone, email = _addresses(added, vault)
    for each in in_use(contact):
        if each in (contact, added) or not hosts.answers(each):
            continue
        its_phone, its_email = _addresses(each, vault)
        if phone and its_phone:
            if phone == its_phone:
                return each
        elif email and email.lower() == its_email.lower():
            return each
    return None
