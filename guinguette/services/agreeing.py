"""Consent that needs no code: the person's own SMS, or their signature. It is proved as it is given; the proof is kept.

Neither says anything of a week ahead or of new dates: what was ticked on the site stays as it was.
"""

import datetime as dt
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock
from guinguette.models import Consent, Subscriber, Subscription
from guinguette.publishing.answers import welcome_text
from guinguette.publishing.messages import segments
from guinguette.publishing.words import Translate
from guinguette.services import messages, opting_out, scopes, subscriptions
from guinguette.services.wording import translator

#: Whoever has just sent an SMS waits for the answer; later it would only puzzle them.
_ANSWER_KEPT = dt.timedelta(hours=1)
_WELCOME_KEPT = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How somebody agreed, and to what; fields as in ``models.Consent``."""

    scope: str
    wording: str
    wording_version: str
    channel: str
    given_at: dt.datetime
    medium: str = "sms"
    recorded_by: str = ""
    evidence: str = ""


def agree(session: Session, subscriber: Subscriber, proof: Proof, *, clock: Clock) -> bool:
    """Subscribe at once and keep the proof; tell whether the scope is new to them."""
    now = clock.now()
    known = select(Subscription.id).filter_by(subscriber_id=subscriber.id, scope=proof.scope)
    is_new = session.scalar(known) is None
    consent = Consent(subscriber_id=subscriber.id, confirmed_at=now, **asdict(proof))
    session.add(consent)
    subscriptions.subscribe(session, consent, now)
    subscriber.confirmed_at, subscriber.opted_out_at = now, None
    session.flush()
    return is_new


def welcome(
    session: Session, subscriber: Subscriber, scope: str, *, signed: bool, clock: Clock, vault: Vault, public_url: str
) -> None:
    """Queue the SMS that says what they are subscribed to and how to stop.

    It answers an SMS at once; where they have ``signed`` a list, within the permitted hours.
    """
    translate = translator(subscriber.locale)
    text = welcome_text(
        scope_words(session, scope, translate),
        signed=signed,
        stop_url=opting_out.stop_url(public_url, subscriber.locale, opting_out.token_for(vault, subscriber)),
        translate=translate,
    )
    answer(session, subscriber, text, urgent=not signed, clock=clock)


def answer(session: Session, subscriber: Subscriber, text: str, *, urgent: bool, clock: Clock) -> None:
    """Queue an SMS that the person has asked for; ``urgent``: they are waiting for it."""
    now = clock.now()
    draft = messages.Draft(
        subscriber_id=subscriber.id,
        evening_id=None,
        kind="welcome",
        number=0,
        body=text,
        segments=segments(text),
        urgent=urgent,
        due_at=now,
        expires_at=now + (_ANSWER_KEPT if urgent else _WELCOME_KEPT),
    )
    messages.enqueue(session, [draft], clock)


def scope_words(session: Session, scope: str, translate: Translate) -> str:
    """Return a scope in words: « Éclaron seulement »."""
    choice = scopes.named(session, scope)
    return translate(choice.message).format(**choice.values)
