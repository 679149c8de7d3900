"""Whom of a village one writes to: the first of those one would ring with a mobile, else the first with an e-mail."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.models import Contact
from guinguette.services import hosts, opting_out

CHANNELS = ("sms", "email")


@dataclass(frozen=True, slots=True)
class Addressee:
    """A village's person to write to, and by which channel (sms, email)."""

    contact: Contact
    channel: str


def first(
    session: Session,
    people: dict[str, list[Contact]],
    vault: Vault,
    *,
    avoid: Collection[tuple[int, str]] = (),
) -> dict[str, Addressee]:
    """Return whom to write to in each commune of ``people`` (``hosts.to_ring``), where there is somebody, in one query.

    Whoever only has the keys, or has asked us to stop is passed over, and so are the (contact, channel) of ``avoid``.
    """
    everybody = [contact for contacts in people.values() for contact in contacts]
    closed = opting_out.opposed_among(session, everybody, vault) | set(avoid)
    found: dict[str, Addressee] = {}
    for insee, contacts in people.items():
        for channel in CHANNELS:
            for contact in contacts:
                if (contact.id, channel) not in closed and _has(channel, contact, vault):
                    found.setdefault(insee, Addressee(contact, channel))
    return found


def of_commune(session: Session, insee: str, vault: Vault) -> Addressee | None:
    """Return whom to write to in one commune, or null."""
    return first(session, hosts.to_ring(session, [insee]), vault).get(insee)


def channel_to(session: Session, contact: Contact, vault: Vault, *, among: Sequence[str] = CHANNELS) -> str:
    """Return the first of these channels by which a contact can be written to, or "".

    There is none to whoever has asked us to stop, or only has the keys.
    """
    for channel in among:
        if _has(channel, contact, vault) and not opting_out.is_opposed(session, contact, vault, channel):
            return channel
    return ""


def _has(channel: str, contact: Contact, vault: Vault) -> bool:
    if not hosts.answers(contact):
        return False
    return bool(contact.email if channel == "email" else hosts.mobile_of(contact, vault))
