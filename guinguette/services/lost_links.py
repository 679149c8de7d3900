"""A fresh personal link, sent to an address that we know and never shown: a host has lost theirs, or is given one.

Whoever asks for one learns nothing: whether an address is known, a worker finds out (``jobs.tasks``), after the answer.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_
from guinguette.models import Contact, Message
from guinguette.publishing.messages import at_commune, fitted
from guinguette.services import (
    addresses,
    host_links,
    host_messages,
    host_reach,
    hosts,
    journal,
    messages,
    own_texts,
    rules,
)
from guinguette.services.addresses import Address
from guinguette.services.journal import By
from guinguette.services.wording import FRENCH

#: Whoever has not got it by then has asked again, or rung.
_OF_USE = dt.timedelta(days=3)


def ask(session: Session, typed: str, *, clock: Clock, vault: Vault, public_url: str) -> int:
    """Queue a link to every contact in use with this number or e-mail address; return how many.

    Only by the way it was asked for: a number gets an SMS. Raises ``InvalidInput`` on what is neither.
    """
    address = addresses.read(typed)
    found = [contact for contact in hosts.everybody(session) if _is_theirs(contact, address, vault)]
    channel = "email" if address.kind == "email" else "sms"
    return sum(_answered(session, each, channel, clock=clock, vault=vault, public_url=public_url) for each in found)


def send(
    session: Session,
    contact: Contact,
    *,
    urgent: bool,
    clock: Clock,
    vault: Vault,
    public_url: str,
    among: Sequence[str] = ("sms", "email"),
) -> str:
    """Queue a message with a fresh link by the first of these channels that reaches the contact; return it.

    Empty where none does, or they have asked us to stop. ``urgent``: they wait for it; else within permitted hours.
    Their other links end as this one leaves. One that still waits is withdrawn: the last one asked for is the good one.
    """
    channel = host_reach.channel_to(session, contact, vault, among=among)
    if not channel:
        return ""
    withdraw(session, contact, clock)
    voice = own_texts.voice(session, FRENCH)
    values = {
        "where": at_commune(contact.committee.commune.name, FRENCH, voice.translate),
        "link": host_links.placeholder_url(public_url),
        "stop": host_messages.stop_url(session, contact, vault=vault, public_url=public_url),
    }
    now = clock.now()
    draft = messages.Draft(
        contact_id=contact.id,
        evening_id=None,
        kind="link",
        number=0,
        **host_messages.written("link", channel, fitted("link", voice, [values]), voice),
        urgent=urgent,
        due_at=now if urgent else rules.sending_hours(session, today(clock)).next_permitted(now),
        expires_at=now + _OF_USE,
    )
    messages.enqueue(session, [draft], clock)
    return channel


def withdraw(session: Session, contact: Contact, clock: Clock) -> None:
    """Take back a link that has not left yet."""
    now = clock.now()
    session.execute(
        update(Message)
        .where(Message.contact_id == contact.id, Message.kind == "link", Message.state == "queued")
        .values(state="dropped", error=N_("remplacé par un lien plus récent"), updated_at=now, ended_at=now)
    )


def _answered(session: Session, contact: Contact, channel: str, *, clock: Clock, vault: Vault, public_url: str) -> bool:
    sent = send(session, contact, urgent=True, clock=clock, vault=vault, public_url=public_url, among=[channel])
    if sent:
        by = By(actor=contact.name, how="link", clock=clock)
        journal.write(
            session, contact.committee.commune_insee, "link", by, detail="redemandé depuis la page du lien perdu"
        )
    return bool(sent)


def _is_theirs(contact: Contact, address: Address, vault: Vault) -> bool:
    if address.kind == "email":
        return contact.email.strip().lower() == address.text
    return hosts.number_of(contact, vault) == address.text
