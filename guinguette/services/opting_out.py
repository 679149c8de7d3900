"""STOP: at once and everywhere. Links that say it, and what happens when it is said."""

import base64

from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, NotFound
from guinguette.domain.text import fold
from guinguette.models import ConfirmationCode, Message, Subscriber, Subscription

TOKEN_LENGTH = 10
#: Stands in a text until each recipient's own token takes its place; 0 is no letter of base 32.
TOKEN_PLACEHOLDER = "0" * TOKEN_LENGTH

_WORDS = frozenset({
    "stop", "stopsms", "arret", "arreter", "arretez", "desabonner", "desabonnement", "desinscrire", "desinscription",
    "unsubscribe", "end", "quit", "cancel", "stopall", "optout",
})  # fmt: skip


def stop_token(vault: Vault, phone_hash: str) -> str:
    """Return the token of a subscriber's STOP link: ten letters and digits (50 bits), the same for the same number.

    It is derived from the data key, so that it stands in each SMS although only its hash is stored.
    """
    digest = bytes.fromhex(vault.fingerprint(f"stop:{phone_hash}"))
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


def find(session: Session, token: str, vault: Vault) -> Subscriber:
    """Return the subscriber that a STOP link belongs to. Raises ``NotFound``."""
    subscriber = session.scalar(select(Subscriber).filter_by(stop_token_hash=token_hash(vault, token)))
    if subscriber is None:
        raise NotFound(N_("Ce lien n’est pas complet. Recopiez-le en entier depuis le SMS."))
    return subscriber


def stop(session: Session, token: str, *, clock: Clock, vault: Vault) -> None:
    """Stop every message to whoever holds this link. Raises ``NotFound``."""
    opt_out(session, find(session, token, vault), clock)


def stop_number(session: Session, number: str, *, clock: Clock, vault: Vault) -> bool:
    """Stop every message to an E.164 number; tell whether it was known."""
    subscriber = session.scalar(select(Subscriber).filter_by(phone_hash=vault.fingerprint(number)))
    if subscriber is not None:
        opt_out(session, subscriber, clock)
    return subscriber is not None


def opt_out(session: Session, subscriber: Subscriber, clock: Clock) -> None:
    """End all subscriptions, drop what is queued, void codes. Only a new consent and its code bring the number back."""
    now = clock.now()
    subscriber.opted_out_at = subscriber.opted_out_at or now
    subscriber.phone_encrypted = ""  # the keyed hash alone stays, so that nobody writes to this number by mistake
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
            state="dropped",
            error=N_("la personne s’est désinscrite"),
            body=case((Message.kind == "code", ""), else_=Message.body),
            updated_at=now,
        )
    )
    session.expire(subscriber)
