"""Whom of the demonstration's villages one may be: somebody who has a date to answer for."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.domain.clock import Clock
from guinguette.models import Committee, Contact, DateOption, Evening
from guinguette.services import host_links


def link(session: Session, clock: Clock) -> tuple[str, str] | None:
    """Return the village of somebody who is asked for a date, and a fresh token for them; null where nobody is."""
    contact = session.scalar(
        select(Contact)
        .join(Contact.committee)
        .join(Evening, Evening.commune_insee == Committee.commune_insee)
        .join(DateOption, DateOption.evening_id == Evening.id)
        .where(DateOption.state == "sent", Contact.archived_at.is_(None), Committee.archived_at.is_(None))
        .order_by(DateOption.expires_on, Contact.id)
        .limit(1)
    )
    if contact is None:
        return None
    return contact.committee.commune.name, host_links.new(session, contact, clock.now())
