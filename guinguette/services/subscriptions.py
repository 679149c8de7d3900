"""Subscribing by SMS: number and ticked box, then a code, and only then a subscription. The proof of consent is kept.

Whatever is answered is the same for a number that is known, unknown, or opposed: nobody learns who subscribes here.
"""

import datetime as dt
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session

from guinguette.adapters.phone_numbers import mobile
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import N_, InvalidInput
from guinguette.models import ConfirmationCode, Consent, Message, Subscriber, Subscription
from guinguette.publishing.messages import code_text, segments
from guinguette.services import messages, opting_out, own_texts, rules, scopes
from guinguette.services.insert_once import insert_once
from guinguette.services.wording import translator

#: What the box says. Change the version with every change of the words: both are kept as the proof.
CONSENT = N_(
    "J’accepte de recevoir ces SMS. Mon numéro ne sert qu’à cela. "
    "J’arrête quand je veux, par le lien STOP de chaque message."
)
CONSENT_VERSION = "2"
#: Boxes of their own beside it, unticked too. What was ticked is kept with the words.
WEEK_AHEAD = N_("Me prévenir aussi une semaine avant")
NEW_EVENINGS = N_("Me dire aussi les nouvelles dates")
UNTICKED = N_("Cochez la case pour recevoir les SMS.")

_CODE_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """What the form says. ``wording`` is what stands beside the ticked boxes in the reader's language, ``locale``."""

    phone: str
    scope: str
    consent: bool
    wording: str
    locale: str
    week_ahead: bool = False
    new_evenings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """The code that came by SMS, and the number it came to."""

    phone: str
    code: str
    locale: str


def request(session: Session, command: Subscribe, *, clock: Clock, vault: Vault) -> str:
    """Keep the consent and queue a code; return the number in E.164. Nothing is subscribed before the code comes back.

    A number that has been sent too many codes within the hour gets none, and the same answer: nobody's telephone can be
    flooded from here. Raises ``InvalidInput`` on a wrong number, an unknown scope or a box left unticked.
    """
    number = mobile(command.phone)
    scope = str(scopes.checked(session, command.scope))
    if not command.consent:
        raise InvalidInput(UNTICKED, field="consent")
    subscriber = subscriber_of(session, number, command.locale, clock=clock, vault=vault)
    if may_have_a_code(session, subscriber, clock):
        consent = Consent(
            subscriber_id=subscriber.id,
            scope=scope,
            wording=command.wording,
            wording_version=CONSENT_VERSION,
            week_ahead=command.week_ahead,
            new_evenings=command.new_evenings,
            given_at=clock.now(),
        )
        session.add(consent)
        session.flush()
        send_code(session, consent, locale=command.locale, clock=clock, vault=vault)
    return number


def confirm(session: Session, command: Confirm, *, clock: Clock, vault: Vault) -> bool:
    """Subscribe to what the code was asked for; tell whether the code is right.

    The caller commits in both cases, for a wrong code is counted. Raises ``InvalidInput`` on a wrong number.
    """
    now, number = clock.now(), mobile(command.phone)
    subscriber = session.scalar(select(Subscriber).filter_by(phone_hash=vault.fingerprint(number)))
    if subscriber is None:
        return False
    right = codes_typed(session, subscriber, command.code, clock=clock, vault=vault)
    for code in right:
        subscribe(session, code.consent, now)
        tick(session, code.consent)
    if right:
        subscriber.phone_encrypted = vault.encrypt(number)
        subscriber.confirmed_at, subscriber.opted_out_at, subscriber.locale = now, None, command.locale
        opting_out.allow_again(session, [vault.fingerprint(number)])
        session.flush()
    return bool(right)


def codes_typed(
    session: Session, subscriber: Subscriber, typed: str, *, clock: Clock, vault: Vault, purpose: str = "code"
) -> list[ConfirmationCode]:
    """Return the codes sent for ``purpose`` that ``typed`` is, each used up now. A wrong one costs all a try."""
    now = clock.now()
    live = (
        update(ConfirmationCode)
        .where(
            ConfirmationCode.subscriber_id == subscriber.id,
            ConfirmationCode.used_at.is_(None),
            ConfirmationCode.expires_at > now,
            ConfirmationCode.tries < rules.value(session, "code_tries", today(clock)),
        )
        .values(tries=ConfirmationCode.tries + 1)  # counted in the database: two tries at once count twice
        .returning(ConfirmationCode)
    )
    hashed = _code_hash(vault, purpose, subscriber.id, "".join(typed.split()))
    right = [c for c in session.scalars(live).all() if hmac.compare_digest(c.code_hash, hashed)]
    for code in right:
        code.used_at = now
    return right


def erase_unconfirmed(session: Session, clock: Clock) -> None:
    """Erase the addresses that are not subscribed, or no longer, once no code of theirs is good: a hash is enough.

    Whoever types the code later types the address with it. An answer to their SMS that has not left keeps them too.
    """
    now = clock.now()
    answer = exists().where(
        Message.subscriber_id == Subscriber.id,
        Message.kind == "welcome",
        Message.state.in_(("queued", "sending")),
        Message.expires_at > now,
    )
    good = exists().where(
        ConfirmationCode.subscriber_id == Subscriber.id,
        ConfirmationCode.used_at.is_(None),
        ConfirmationCode.expires_at > now,
    )
    session.execute(
        update(Subscriber)
        .where(
            or_(Subscriber.phone_encrypted != "", Subscriber.email_encrypted != ""),
            or_(Subscriber.confirmed_at.is_(None), Subscriber.opted_out_at.is_not(None)),
            ~good,
            ~answer,
        )
        .values(phone_encrypted="", email_encrypted="")
        .execution_options(synchronize_session=False)
    )


def subscriber_of(session: Session, number: str, locale: str, *, clock: Clock, vault: Vault) -> Subscriber:
    """Return the row of an E.164 number, locked; a new one, not confirmed, where there is none."""
    phone_hash = vault.fingerprint(number)
    encrypted = vault.encrypt(number)
    row = {
        "phone_encrypted": encrypted,
        "phone_hash": phone_hash,
        "stop_token_hash": opting_out.token_hash(vault, opting_out.stop_token(vault, phone_hash)),
        "locale": locale,
        "created_at": clock.now(),
    }
    insert_once(session, Subscriber, [row])
    # locked, so that codes asked for at the same moment are counted one after the other
    subscriber = session.scalars(select(Subscriber).filter_by(phone_hash=phone_hash).with_for_update()).one()
    if not subscriber.phone_encrypted:  # erased by STOP, or for want of a code typed; the code needs somewhere to go
        subscriber.phone_encrypted = encrypted
    return subscriber


def may_have_a_code(session: Session, subscriber: Subscriber, clock: Clock) -> bool:
    """Tell whether fewer codes have been sent within the hour than the rule ``codes_per_hour`` allows."""
    since = clock.now() - dt.timedelta(hours=1)
    query = select(func.count()).where(
        ConfirmationCode.subscriber_id == subscriber.id, ConfirmationCode.created_at > since
    )
    return (session.scalar(query) or 0) < rules.value(session, "codes_per_hour", today(clock))


def send_code(
    session: Session, consent: Consent, *, locale: str, clock: Clock, vault: Vault, purpose: str = "code"
) -> None:
    """Queue a code to the consent's owner, good for ``purpose`` alone: to confirm it ("code"), or "own_data"."""
    now = clock.now()
    minutes = rules.value(session, "code_minutes", today(clock))
    expires_at = now + dt.timedelta(minutes=minutes)
    _, code = new_code(
        session, consent, consent.subscriber_id, purpose=purpose, expires_at=expires_at, clock=clock, vault=vault
    )
    own = own_texts.voice(session, locale).own
    body = code_text(code, minutes=minutes, translate=translator(locale), own=own)
    draft = messages.Draft(
        subscriber_id=consent.subscriber_id,
        evening_id=None,
        kind="code",
        number=0,
        body=body,
        segments=segments(body),
        urgent=True,
        due_at=now,
        expires_at=expires_at,
    )
    messages.enqueue(session, [draft], clock)


def new_code(
    session: Session,
    consent: Consent,
    subscriber_id: int,
    *,
    purpose: str,
    expires_at: dt.datetime,
    clock: Clock,
    vault: Vault,
) -> tuple[ConfirmationCode, str]:
    """Keep a new code, to be typed by whoever holds the subscriber's address; return its row and its six digits."""
    digits = f"{secrets.randbelow(10**_CODE_DIGITS):0{_CODE_DIGITS}}"
    code = ConfirmationCode(
        subscriber_id=subscriber_id,
        consent_id=consent.id,
        code_hash=_code_hash(vault, purpose, subscriber_id, digits),
        created_at=clock.now(),
        expires_at=expires_at,
    )
    session.add(code)
    session.flush()
    return code, digits


def _code_hash(vault: Vault, purpose: str, subscriber_id: int, code: str) -> str:
    return vault.fingerprint(f"{purpose}:{subscriber_id}:{code}")


def subscribe(session: Session, consent: Consent, now: dt.datetime) -> None:
    """Make a proved consent a subscription, where there is none to its scope yet."""
    consent.confirmed_at = now
    row = {"subscriber_id": consent.subscriber_id, "scope": consent.scope, "confirmed_at": now, "created_at": now}
    insert_once(session, Subscription, [row])


def tick(session: Session, consent: Consent) -> None:
    """Set the boxes of the consent's subscription as they were ticked this last time."""
    session.execute(
        update(Subscription)
        .where(Subscription.subscriber_id == consent.subscriber_id, Subscription.scope == consent.scope)
        .values(week_ahead=consent.week_ahead, new_evenings=consent.new_evenings)
    )
