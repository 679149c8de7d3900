"""STOP: at once and everywhere. Links that say it, and what happens when it is said."""

import base64
from collections.abc import Iterable

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, NotFound
from guinguette.domain.text import fold
from guinguette.models import ConfirmationCode, Contact, Message, Opposition, Subscriber, Subscription
from guinguette.services.insert_once import insert_once
from guinguette.services.messages import BODY_KEPT

TOKEN_LENGTH = 10
#: Stands in a text until each recipient's own token takes its place; 0 is no letter of base 32.
TOKEN_PLACEHOLDER = "0" * TOKEN_LENGTH

_WORDS = frozenset({
    "stop", "stopsms", "arret", "arreter", "arretez", "desabonner", "desabonnement", "desinscrire", "desinscription",
    "unsubscribe", "end", "quit", "cancel", "stopall", "optout",
})  # fmt: skip


def email_hash(vault: Vault, email: str) -> str:
    """Return the keyed hash of an e-mail address, the same however its letters are written."""
    return vault.fingerprint(f"email:{email.strip().lower()}")


def stop_token(vault: Vault, address_hash: str) -> str:
    """Return the token of somebody's STOP link: ten letters and digits (50 bits), the same for the same address.

    It is derived from the data key, so that it stands in each message although only its hash is stored.
    """
    digest = bytes.fromhex(vault.fingerprint(f"stop:{address_hash}"))
    return base64.b32encode(digest).decode()[:TOKEN_LENGTH].lower()


def token_hash(vault: Vault, token: str) -> str:
    """Return what is stored of a STOP token: a keyed hash, for fifty bits could be guessed from a plain one."""
    return vault.fingerprint(f"stop-token:{token.strip().lower()}")


def stop_url(public_url: str, locale: str, token: str) -> str:
    """Return the address of the STOP page in the subscriber's language."""
    prefix = "" if locale == "fr" else f"/{locale}"
    return f"{public_url}{prefix}/stop/{token}"


def means_stop(text: str) -> bool:
    """Tell whether an SMS received asks to stop: its first word says so, whatever its accents and capitals."""
    return (fold(text).split() or [""])[0] in _WORDS


def find(session: Session, token: str, vault: Vault) -> Subscriber | Contact:
    """Return whom a STOP link belongs to: a subscriber, else a host's contact. Raises ``NotFound``."""
    stored = token_hash(vault, token)
    subscriber = session.scalar(select(Subscriber).filter_by(stop_token_hash=stored))
    found = subscriber or session.scalar(select(Contact).filter_by(stop_token_hash=stored).limit(1))
    if found is None:
        raise NotFound(N_("Ce lien n’est pas complet. Recopiez-le en entier depuis le message."))
    return found


def token_for(vault: Vault, person: Subscriber | Contact) -> str:
    """Return the token of the STOP link of a subscriber or a contact, from the number or, without one, the e-mail."""
    return stop_token(vault, next(iter(_hashes(person, vault)), ""))


def stop(session: Session, token: str, *, clock: Clock, vault: Vault) -> None:
    """Stop every message to whoever holds this link. Raises ``NotFound``."""
    oppose(session, find(session, token, vault), said_by="link", clock=clock, vault=vault)


def stop_number(session: Session, number: str, *, said_by: str, clock: Clock, vault: Vault) -> None:
    """Stop every message to an E.164 number, whether it is known here or not. ``said_by`` as in ``Opposition``."""
    stop_hash(session, vault.fingerprint(number), said_by=said_by, clock=clock)


def stop_hash(session: Session, address_hash: str, *, said_by: str, clock: Clock) -> None:
    """Stop every message to the number or e-mail with this keyed hash, whether it is known here or not."""
    _stop_hashes(session, [address_hash], said_by=said_by, clock=clock)


def oppose(session: Session, person: Subscriber | Contact, *, said_by: str, clock: Clock, vault: Vault) -> None:
    """Stop every message to a person's number and e-mail, on every list, whoever else they stand for."""
    _stop_hashes(session, _hashes(person, vault), said_by=said_by, clock=clock)


def is_opposed(session: Session, person: Subscriber | Contact, vault: Vault, channel: str) -> bool:
    """Tell whether nothing may be written to a person any more on ``channel`` (sms, email)."""
    if isinstance(person, Subscriber):
        if person.opted_out_at is not None:
            return True
        address = person.phone_hash if channel == "sms" else person.email_hash
    else:
        address = _contact_hash(person, vault, channel)
    return address is not None and session.get(Opposition, address) is not None


def opposed_among(session: Session, contacts: Iterable[Contact], vault: Vault) -> set[tuple[int, str]]:
    """Return the (contact id, channel) on which nothing may be written any more, of all these in one query."""
    hashes = {
        (contact.id, channel): address
        for contact in contacts
        for channel in ("sms", "email")
        if (address := _contact_hash(contact, vault, channel))
    }
    said = set(
        session.scalars(select(Opposition.address_hash).where(Opposition.address_hash.in_(set(hashes.values()))))
    )
    return {person for person, address in hashes.items() if address in said}


def allow_again(session: Session, hashes: list[str]) -> None:
    """Take an opposition away, once a new consent is proved."""
    session.execute(delete(Opposition).where(Opposition.address_hash.in_(hashes)))


def _stop_hashes(session: Session, hashes: list[str], *, said_by: str, clock: Clock) -> None:
    now = clock.now()
    insert_once(session, Opposition, [{"address_hash": h, "said_by": said_by, "at": now} for h in hashes])
    known = (Subscriber.phone_hash.in_(hashes)) | (Subscriber.email_hash.in_(hashes))
    for subscriber in session.scalars(select(Subscriber).where(known)).all():
        _opt_out(session, subscriber, clock)


def _hashes(person: Subscriber | Contact, vault: Vault) -> list[str]:
    if isinstance(person, Subscriber):
        return [address for address in (person.phone_hash, person.email_hash) if address]
    return [address for channel in ("sms", "email") if (address := _contact_hash(person, vault, channel))]


def _contact_hash(contact: Contact, vault: Vault, channel: str) -> str | None:
    if channel == "email":
        return email_hash(vault, contact.email) if contact.email else None
    try:
        return vault.fingerprint(vault.decrypt(contact.phone_encrypted)) if contact.phone_encrypted else None
    except ValueError:  # another key encrypted it: nothing can be written to it either
        return None


def _opt_out(session: Session, subscriber: Subscriber, clock: Clock) -> None:
    """End all subscriptions, drop what is queued, void codes. Only a new consent and its code bring the number back."""
    now = clock.now()
    subscriber.opted_out_at = subscriber.opted_out_at or now
    # the keyed hashes alone stay, so that nobody writes to these addresses by mistake
    subscriber.phone_encrypted = subscriber.email_encrypted = subscriber.name_encrypted = ""
    session.flush()
    session.execute(delete(Subscription).where(Subscription.subscriber_id == subscriber.id))
    session.execute(
        update(ConfirmationCode)
        .where(ConfirmationCode.subscriber_id == subscriber.id, ConfirmationCode.used_at.is_(None))
        .values(used_at=now)
    )
    session.execute(
        update(Message)
        .where(Message.subscriber_id == subscriber.id, Message.state == "queued")
        .values(
            state="dropped", error=N_("la personne s’est désinscrite"), body=BODY_KEPT, updated_at=now, ended_at=now
        )
    )
    session.expire(subscriber)
