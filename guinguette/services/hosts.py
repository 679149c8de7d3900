"""Whom to ring in a village."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.models import Committee, Contact


def to_ring(session: Session, communes: Collection[str]) -> dict[str, list[Contact]]:
    """Return the contacts in use of these communes (INSEE codes), those with a telephone first, in one query.

    A commune that has none is not in the answer.
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
    return found
