"""What we keep about somebody: shown to whoever proves an address to be theirs, given as a file, changed, erased."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from guinguette.adapters.phone_numbers import masked, mobile
from guinguette.adapters.vault import Vault
from guinguette.domain import email_addresses
from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, InvalidInput, NotFound
from guinguette.models import Call, Consent, Message, Opposition, Subscriber, Subscription
from guinguette.services import addresses, email_codes, opting_out, scopes, subscriptions
from guinguette.services.scopes import Choice
from guinguette.services.subscriptions import CONSENT_VERSION, NEW_EVENINGS, WEEK_AHEAD
from guinguette.services.wording import translator

PURPOSE = "own_data"
#: The boxes a subscriber may tick later, and the words that are kept as the proof.
_MORE = {"week_ahead": WEEK_AHEAD, "new_evenings": NEW_EVENINGS}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A subscription and its scope in words, which an archived tour has no more (null)."""

    row: Subscription
    name: Choice | None


@dataclass(frozen=True, slots=True)
class Kept:
    """All that a page shows of a subscriber: addresses masked, the latest consent and message first."""

    subscriber: Subscriber
    phone: str
    email: str
    name: str
    wanted: tuple[Wanted, ...]
    consents: tuple[tuple[Consent, Choice | None], ...]
    messages: tuple[Message, ...]
    opposition: Opposition | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many subscribers have a mobile, a landline, an e-mail alone."""

    mobiles: int
    landlines: int
    emails: int


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a subscription is to be: kept or not, with which of the boxes."""

    kept: bool
    week_ahead: bool
    new_evenings: bool


def send_code(session: Session, phone: str, *, locale: str, clock: Clock, vault: Vault) -> str:
    """Queue a code to a number that we know, and return it in E.164: to a stranger's number nothing leaves.

    What is answered is the same in both cases. Raises ``InvalidInput`` on a wrong number.
    """
    number = mobile(phone)
    known = _by_number(session, number, vault)
    consent = known and _newest_consent(session, known)
    if known and consent:
        subscriptions.subscriber_of(session, number, locale, clock=clock, vault=vault)  # locked: codes are counted
        if subscriptions.may_have_a_code(session, known, clock):
            subscriptions.send_code(session, consent, locale=locale, clock=clock, vault=vault, purpose=PURPOSE)
    return number


def send_email_code(session: Session, email: str, *, locale: str, clock: Clock, vault: Vault, public_url: str) -> str:
    """Queue a code to an e-mail address of somebody without a mobile, and return it; the rest as ``send_code``.

    Raises ``InvalidInput`` on a wrong address.
    """
    if not email.strip():
        raise InvalidInput(N_("Écrivez votre adresse e-mail."), field="email")
    address = addresses.email(email).text
    known = _by_email(session, address, vault)
    consent = known and _newest_consent(session, known)
    if known and consent and subscriptions.may_have_a_code(session, known, clock):
        if not known.email_encrypted:  # erased by STOP; the code needs somewhere to go
            known.email_encrypted = vault.encrypt(address)
        email_codes.send_to_open(
            session,
            known,
            consent,
            purpose=PURPOSE,
            locale=locale,
            clock=clock,
            vault=vault,
            public_url=public_url,
        )
    return address


def prove_email(session: Session, email: str, code: str, *, clock: Clock, vault: Vault) -> Subscriber | None:
    """Return whose e-mail address it is, as ``prove`` does. Raises ``InvalidInput`` on a wrong address."""
    return _proved(session, _by_email(session, addresses.email(email).text, vault), code, clock, vault)


def prove(session: Session, phone: str, code: str, *, clock: Clock, vault: Vault) -> Subscriber | None:
    """Return whose number it is, where the code is the one that was sent to it; else null.

    The caller commits in both cases, for a wrong code is counted. Raises ``InvalidInput`` on a wrong number.
    """
    return _proved(session, _by_number(session, mobile(phone), vault), code, clock, vault)


def _proved(session: Session, known: Subscriber | None, code: str, clock: Clock, vault: Vault) -> Subscriber | None:
    if known is None:
        return None
    right = subscriptions.codes_typed(session, known, code, clock=clock, vault=vault, purpose=PURPOSE)
    return known if right else None


def get(session: Session, subscriber_id: int) -> Subscriber:
    """Return a subscriber. Raises ``NotFound``."""
    found = session.get(Subscriber, subscriber_id)
    if found is None:
        raise NotFound(N_("Cette personne n’est plus dans nos listes : elle a été effacée."))
    return found


def by_token_hash(session: Session, token_hash: str) -> Subscriber | None:
    """Return whose STOP token has this hash, or null. Ids are given anew once somebody is erased; hashes are not."""
    return session.scalar(select(Subscriber).filter_by(stop_token_hash=token_hash))


def kept(session: Session, subscriber: Subscriber, vault: Vault) -> Kept:
    """Return what we keep about a subscriber."""
    number = vault.decrypt(subscriber.phone_encrypted)
    email = vault.decrypt(subscriber.email_encrypted)
    rows = select(Subscription).where(
        Subscription.subscriber_id == subscriber.id, Subscription.confirmed_at.is_not(None)
    )
    consents = select(Consent).filter_by(subscriber_id=subscriber.id).order_by(Consent.id.desc())
    messages = select(Message).filter_by(subscriber_id=subscriber.id).order_by(Message.created_at.desc(), Message.id)
    return Kept(
        subscriber=subscriber,
        phone=masked(number) if number else "",
        email=email_addresses.masked(email),
        name=vault.decrypt(subscriber.name_encrypted),
        wanted=tuple(
            Wanted(row, _named(session, row.scope)) for row in session.scalars(rows.order_by(Subscription.id))
        ),
        consents=tuple((row, _named(session, row.scope)) for row in session.scalars(consents)),
        messages=tuple(session.scalars(messages)),
        opposition=session.scalar(select(Opposition).where(_is_theirs(subscriber)).limit(1)),
    )


def exported(session: Session, subscriber: Subscriber, vault: Vault) -> dict[str, Any]:
    """Return all that we keep, in clear, as what JSON can hold (GDPR articles 15, 20). Instants are ISO 8601, UTC."""
    calls = select(Call).filter_by(subscriber_id=subscriber.id).order_by(Call.id)
    shown = kept(session, subscriber, vault)
    return {
        "telephone": vault.decrypt(subscriber.phone_encrypted),
        "landline": subscriber.landline,
        "name": shown.name,
        "email": vault.decrypt(subscriber.email_encrypted),
        **_columns(subscriber, "locale", "created_at", "confirmed_at", "email_confirmed_at", "opted_out_at"),
        "subscriptions": [
            _columns(wanted.row, "scope", "week_ahead", "new_evenings", "created_at", "confirmed_at")
            for wanted in shown.wanted
        ],
        "consents": [
            _columns(
                consent, "scope", "wording", "wording_version", "medium", "channel", "recorded_by", "evidence",
                "week_ahead", "new_evenings", "given_at", "confirmed_at",
            )
            for consent, _ in shown.consents
        ],
        "messages": [
            _columns(
                message, "kind", "channel", "evening_id", "subject", "body", "state", "created_at", "due_at", "sent_at",
                "ended_at", "error",
            )
            for message in shown.messages
        ],
        "calls": [
            _columns(call, "kind", "evening_id", "state", "created_at", "rung_at", "note")
            for call in session.scalars(calls)
        ],
        "opposition": _columns(shown.opposition, "said_by", "at") if shown.opposition else None,
    }  # fmt: skip


def change(
    session: Session, subscriber: Subscriber, ticked: Mapping[int, Ticked], *, locale: str, clock: Clock
) -> None:
    """Keep, end and alter subscriptions as ``ticked`` says by their id. A box ticked anew is a consent: it is kept."""
    rows = select(Subscription).where(Subscription.subscriber_id == subscriber.id, Subscription.id.in_(ticked))
    for row in session.scalars(rows).all():
        wish = ticked[row.id]
        if not wish.kept:
            session.delete(row)
            continue
        added = [name for name in _MORE if getattr(wish, name) and not getattr(row, name)]
        row.week_ahead, row.new_evenings = wish.week_ahead, wish.new_evenings
        if added:
            session.add(_consent(row, added, locale, clock.now()))
    session.flush()


def erase(session: Session, subscriber: Subscriber) -> None:
    """Erase a subscriber with all that belongs to them. Where they have said STOP, its hash alone stays."""
    session.execute(delete(Subscriber).where(Subscriber.id == subscriber.id))
    session.expire_all()


def find(session: Session, address: str, vault: Vault) -> tuple[Subscriber | None, Opposition | None]:
    """Return whom a number or an e-mail address belongs to, and whether it is opposed, whoever it belongs to.

    An e-mail that stands beside several people's numbers is nobody's alone: the first of them is returned.
    Raises ``InvalidInput`` (field ``address``) on what is neither.
    """
    hashed = addresses.read(address).hashed(vault)
    by = (Subscriber.phone_hash == hashed) | (Subscriber.email_hash == hashed)
    found = session.scalar(
        select(Subscriber).where(by).order_by(Subscriber.phone_hash.is_not(None), Subscriber.id).limit(1)
    )
    return found, session.get(Opposition, hashed)


def masked_address(typed: str) -> str:
    """Return what may be shown of an address as it was typed. Raises ``InvalidInput`` (field ``address``)."""
    address = addresses.read(typed)
    return email_addresses.masked(address.text) if address.kind == "email" else masked(address.text)


def oppose(session: Session, typed: str, *, clock: Clock, vault: Vault) -> None:
    """Stop every message to an address, known here or not, as an organiser was asked to.

    Raises ``InvalidInput`` (field ``address``).
    """
    opting_out.stop_hash(session, addresses.read(typed).hashed(vault), said_by="organiser", clock=clock)


def counts(session: Session) -> Counts:
    """Count who is subscribed, by the way they are reached."""
    subscribed = exists().where(Subscription.subscriber_id == Subscriber.id, Subscription.confirmed_at.is_not(None))
    mobile = Subscriber.phone_hash.is_not(None) & Subscriber.landline.is_(False)
    query = select(
        func.count(case((mobile, 1))),
        func.count(case((Subscriber.landline.is_(True), 1))),
        func.count(case((Subscriber.phone_hash.is_(None), 1))),
    ).where(Subscriber.confirmed_at.is_not(None), Subscriber.opted_out_at.is_(None), subscribed)
    return Counts(*session.execute(query).one())


def _by_number(session: Session, number: str, vault: Vault) -> Subscriber | None:
    return session.scalar(select(Subscriber).filter_by(phone_hash=vault.fingerprint(number)))


def _by_email(session: Session, address: str, vault: Vault) -> Subscriber | None:
    """Return whose address it is, of those without a mobile: beside a mobile it proves less than the number does.

    Locked, so that codes asked for at the same moment are counted one after the other. Who is subscribed comes first:
    an address that was put beside a landline has a row of its own too.
    """
    theirs = select(Subscriber).where(
        Subscriber.email_hash == opting_out.email_hash(vault, address),
        or_(Subscriber.phone_hash.is_(None), Subscriber.landline & Subscriber.email_confirmed_at.is_not(None)),
    )
    ordered = theirs.order_by(Subscriber.confirmed_at.is_(None), Subscriber.phone_hash.is_not(None), Subscriber.id)
    return session.scalars(ordered.limit(1).with_for_update()).one_or_none()


def _newest_consent(session: Session, known: Subscriber) -> Consent | None:
    return session.scalar(select(Consent).filter_by(subscriber_id=known.id).order_by(Consent.id.desc()).limit(1))


def _named(session: Session, scope: str) -> Choice | None:
    try:
        return scopes.named(session, scope)
    except InvalidInput:  # a tour that has been put aside
        return None


def _is_theirs(subscriber: Subscriber) -> ColumnElement[bool]:
    return Opposition.address_hash.in_([h for h in (subscriber.phone_hash, subscriber.email_hash) if h])


def _consent(row: Subscription, added: list[str], locale: str, now: dt.datetime) -> Consent:
    translate = translator(locale)
    return Consent(
        subscriber_id=row.subscriber_id,
        scope=row.scope,
        wording="\n".join(translate(_MORE[name]) for name in added),
        wording_version=CONSENT_VERSION,
        week_ahead="week_ahead" in added,
        new_evenings="new_evenings" in added,
        given_at=now,
        confirmed_at=now,
    )


def _columns(row: object, *names: str) -> dict[str, Any]:
    values = ((name, getattr(row, name)) for name in names)
    return {name: value.isoformat() if isinstance(value, dt.datetime) else value for name, value in values}
