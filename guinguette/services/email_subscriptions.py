"""Subscribing by e-mail, and the e-mail that takes over beside a number: address and ticked box, then its own proof.

The proof is what only the owner of the address can have: a code, or the link that carries it. Whatever is answered is
the same for an address that is known, unknown or opposed. Until the proof comes, the address stands in a row of its
own, so that nobody can put one beside somebody else's number or replace one that is confirmed.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.models import ConfirmationCode, Consent, Subscriber, Subscription
from guinguette.services import email_codes, opting_out, scopes, subscriptions
from guinguette.services.accounts import clean_address
from guinguette.services.insert_once import insert_once

#: What the boxes say. Change the version with every change of the words: both are kept as the proof.
CONSENT = N_(
    "J’accepte de recevoir ces e-mails. Mon adresse ne sert qu’à cela. "
    "J’arrête quand je veux, par le lien au bas de chaque e-mail."
)
CONSENT_VERSION = "e-mail 1"
UNTICKED = N_("Cochez la case pour recevoir les e-mails.")
BACKUP_CONSENT = N_(
    "Quand un SMS ne peut pas me parvenir, écrivez-moi à cette adresse. Elle ne sert qu’à cela. "
    "J’arrête quand je veux, par le lien au bas de chaque e-mail."
)
BACKUP_VERSION = "secours 1"
#: How long somebody who has just typed the code of a number may put an e-mail beside it.
PROOF_LASTS = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeByEmail:
    """What the form says. ``wording`` is the sentence beside the box in the reader's language, ``locale``."""

    email: str
    scope: str
    consent: bool
    wording: str
    locale: str
    week_ahead: bool = False
    new_evenings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBackup:
    """An e-mail to put beside the number whose keyed hash is ``phone_hash``, proved at ``proved_at`` by its code."""

    email: str
    consent: bool
    wording: str
    locale: str
    phone_hash: str
    proved_at: dt.datetime


def request(session: Session, command: SubscribeByEmail, *, clock: Clock, vault: Vault, public_url: str) -> str:
    """Keep the consent and queue the e-mail that asks for its proof; return the address.

    Nothing is subscribed before that. Raises ``InvalidInput`` on a wrong address, an unknown scope, a box unticked.
    """
    address = _address(command.email)
    scope = str(scopes.checked(session, command.scope))
    if not command.consent:
        raise InvalidInput(UNTICKED, field="consent")
    row = _row(session, address, command.locale, clock=clock, vault=vault)
    consent = Consent(
        subscriber_id=row.id,
        scope=scope,
        wording=command.wording,
        wording_version=CONSENT_VERSION,
        medium="email",
        week_ahead=command.week_ahead,
        new_evenings=command.new_evenings,
        given_at=clock.now(),
    )
    email_codes.ask(session, row, consent, locale=command.locale, clock=clock, vault=vault, public_url=public_url)
    return address


def request_backup(session: Session, command: AddBackup, *, clock: Clock, vault: Vault, public_url: str) -> str:
    """Keep the consent to an e-mail beside a number and queue the e-mail that asks for its proof; return the address.

    Raises ``InvalidInput`` on a wrong address or a box unticked, ``NotFound`` where the number's own proof is too old
    or the number is not subscribed any more.
    """
    address = _address(command.email)
    if not command.consent:
        raise InvalidInput(UNTICKED, field="consent")
    scope = _scope_of(session, command, clock)
    person = session.scalars(select(Subscriber).filter_by(phone_hash=command.phone_hash)).one()
    consent = Consent(
        subscriber_id=person.id,
        scope=scope,
        wording=command.wording,
        wording_version=BACKUP_VERSION,
        medium="email",
        given_at=clock.now(),
    )
    ask_beside(session, address, consent, locale=command.locale, clock=clock, vault=vault, public_url=public_url)
    return address


def ask_beside(
    session: Session, address: str, consent: Consent, *, locale: str, clock: Clock, vault: Vault, public_url: str
) -> None:
    """Queue the e-mail that asks for the proof of an address; once it comes, it stands beside the consent's number."""
    row = _row(session, address, locale, clock=clock, vault=vault)
    email_codes.ask(session, row, consent, locale=locale, clock=clock, vault=vault, public_url=public_url)


def confirm(session: Session, *, email: str, code: str, locale: str, clock: Clock, vault: Vault) -> bool:
    """Do what the code was asked for; tell whether it is right. ``locale`` is the language to write in.

    The caller commits in both cases, for a wrong code is counted. Raises ``InvalidInput`` on a wrong address.
    """
    row = _find(session, opting_out.email_hash(vault, _address(email)))
    if row is None:
        return False
    right = subscriptions.codes_typed(session, row, code, clock=clock, vault=vault, purpose=email_codes.PURPOSE)
    done = [_confirmed(session, found, locale, clock) for found in right]
    return any(done)


def confirm_link(session: Session, link: str, *, locale: str, clock: Clock, vault: Vault) -> None:
    """Do what the link was asked for, as ``confirm`` does. Raises ``NotFound`` where it is unknown, used or too old."""
    found = email_codes.use_link(session, link, clock=clock, vault=vault)
    if found is None or not _confirmed(session, found, locale, clock):
        raise NotFound(N_("Ce lien a déjà servi, ou il est trop ancien : recommencez l’inscription."))


def _address(typed: str) -> str:
    if not typed.strip():
        raise InvalidInput(N_("Écrivez votre adresse e-mail."), field="email")
    address = clean_address(typed)
    if not address.rpartition("@")[0].isascii():  # few servers take these (SMTPUTF8), so most would never arrive
        raise InvalidInput(N_("Une adresse e-mail s’écrit sans accent avant le @ : relisez-la."), field="email")
    return address


def _scope_of(session: Session, command: AddBackup, clock: Clock) -> str:
    """Return what the number was subscribed to last: the proof of consent names it."""
    query = (
        select(Subscription.scope)
        .join(Subscription.subscriber)
        .where(
            Subscriber.phone_hash == command.phone_hash,
            Subscriber.opted_out_at.is_(None),
            Subscription.confirmed_at.is_not(None),
        )
    )
    scope = session.scalar(query.order_by(Subscription.confirmed_at.desc(), Subscription.id.desc()).limit(1))
    if scope is None or command.proved_at + PROOF_LASTS < clock.now():
        raise NotFound(N_("Cette page est trop ancienne : inscrivez de nouveau votre numéro."))
    return scope


def _find(session: Session, email_hash: str) -> Subscriber | None:
    alone = select(Subscriber).where(Subscriber.email_hash == email_hash, Subscriber.phone_hash.is_(None))
    # locked, so that codes asked for at the same moment are counted one after the other
    return session.scalars(alone.with_for_update()).one_or_none()


def _row(session: Session, address: str, locale: str, *, clock: Clock, vault: Vault) -> Subscriber:
    """Return the row of the e-mail alone, made where there is none."""
    email_hash, encrypted = opting_out.email_hash(vault, address), vault.encrypt(address)
    values = {
        "email_encrypted": encrypted,
        "email_hash": email_hash,
        "stop_token_hash": opting_out.token_hash(vault, opting_out.stop_token(vault, email_hash)),
        "locale": locale,
        "created_at": clock.now(),
    }
    insert_once(session, Subscriber, [values])
    row = _find(session, email_hash)
    if row is None:
        raise RuntimeError("inserted, or there already")
    if not row.email_encrypted:  # erased by STOP, or for want of a proof; the e-mail needs somewhere to go
        row.email_encrypted = encrypted
    return row


def _confirmed(session: Session, code: ConfirmationCode, locale: str, clock: Clock) -> bool:
    """Do what a code or link that came back was asked for; tell whether anything is left of it."""
    now, row, consent = clock.now(), code.subscriber, code.consent
    person = consent.subscriber
    if not row.email_encrypted or (person is not row and person.opted_out_at is not None):
        return False  # STOP came in between
    opting_out.allow_again(session, [row.email_hash or ""])
    if person is row:
        subscriptions.subscribe(session, consent, now)
        subscriptions.tick(session, consent)
        row.confirmed_at, row.opted_out_at, row.locale = now, None, locale
    else:
        consent.confirmed_at = now
        person.email_encrypted, person.email_hash = row.email_encrypted, row.email_hash
    person.email_confirmed_at = now
    session.flush()
    return True
