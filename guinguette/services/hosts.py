"""The contacts of villages: whom to ring, and on which number."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from guinguette.adapters.phone_numbers import mobile
from guinguette.adapters.vault import Vault
from guinguette.domain.errors import InvalidInput
from guinguette.domain.text import fold
from guinguette.models import Committee, Contact

#: Of whoever opens the place, and no more. The village has not chosen them: they are rung, never written to.
KEYS_ROLE = "clés"


def answers(contact: Contact) -> bool:
    """Tell whether a contact answers for the village; who only has the keys does not."""
    return fold(contact.role) != fold(KEYS_ROLE)


def to_ring(session: Session, communes: Collection[str]) -> dict[str, list[Contact]]:
    """Return the contacts in use of these communes (INSEE codes), those with a telephone first, in one query.

    Who only has the keys comes last. A commune that has none is not in the answer.
    """
    rows = session.execute(
        select(Committee.commune_insee, Contact)
        .join(Contact.committee)
        .where(
            Committee.commune_insee.in_(communes),
            Committee.archived_at.is_(None),
            Contact.archived_at.is_(None),
        )
        .order_by(Contact.phone_encrypted == "", Contact.id)
    )
    found: dict[str, list[Contact]] = {}
    for insee, contact in rows:
        found.setdefault(insee, []).append(contact)
    return {insee: sorted(people, key=lambda each: not answers(each)) for insee, people in found.items()}


def everybody(session: Session) -> Sequence[Contact]:
    """Return the contacts in use of every village, in one query with their committees and communes."""
    return session.scalars(
        select(Contact)
        .join(Contact.committee)
        .where(Contact.archived_at.is_(None), Committee.archived_at.is_(None))
        .options(joinedload(Contact.committee, innerjoin=True).joinedload(Committee.commune, innerjoin=True))
        .order_by(Contact.id)
    ).all()


def number_of(contact: Contact, vault: Vault) -> str:
    """Return a contact's number (E.164), or nothing: another key may have encrypted it, and nobody can ring it then."""
    try:
        return vault.decrypt(contact.phone_encrypted)
    except ValueError:
        return ""


def mobile_of(contact: Contact, vault: Vault) -> str:
    """Return a contact's number (E.164) where it is a mobile, or nothing."""
    try:
        return mobile(number_of(contact, vault))
    except InvalidInput:
        return ""


def who_answer(session: Session, insee: str) -> list[Contact]:
    """Return the contacts in use who answer for one commune, those with a telephone first."""
    return [each for each in to_ring(session, [insee]).get(insee, []) if answers(each)]
