"""The proof of an e-mail address: a code to type, or a link that carries it. Both are good once, for a day."""

import datetime as dt
import hmac
import re

from sqlalchemy import update
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock
from guinguette.models import ConfirmationCode, Consent, Subscriber
from guinguette.publishing.mails import Mail, code_mail, own_data_mail
from guinguette.services import messages, opting_out, subscriptions
from guinguette.services.wording import pages_url, translator

#: An e-mail may take its time, and people theirs to look. Guessing stays slow: a few tries a code, a few codes an hour.
GOOD_FOR = dt.timedelta(hours=24)
#: What opens somebody's data is asked for by whoever waits for it.
OPENS_FOR = dt.timedelta(hours=1)
PURPOSE = "email-code"
_SIGNATURE_LENGTH = 32
_NUMBER = re.compile(r"[0-9]{1,9}(?=-)")


def ask(
    session: Session,
    row: Subscriber,
    consent: Consent,
    *,
    locale: str,
    clock: Clock,
    vault: Vault,
    public_url: str,
) -> None:
    """Keep ``consent`` and queue the e-mail to ``row`` that asks for its proof.

    An address that was sent too many codes within the hour gets none: nobody's mailbox can be flooded from here.
    """
    if not subscriptions.may_have_a_code(session, row, clock):
        return
    session.add(consent)
    session.flush()
    code, digits = subscriptions.new_code(
        session, consent, row.id, purpose=PURPOSE, expires_at=clock.now() + GOOD_FOR, clock=clock, vault=vault
    )
    mail = code_mail(
        digits,
        hours=int(GOOD_FOR.total_seconds()) // 3600,
        url=f"{pages_url(public_url, locale)}/abonnement/email/lien/{_link(vault, code)}",
        stop_url=opting_out.stop_url(public_url, locale, opting_out.token_for(vault, row)),
        translate=translator(locale),
    )
    _queue(session, row, mail, code, clock)


def send_to_open(
    session: Session,
    row: Subscriber,
    consent: Consent,
    *,
    purpose: str,
    locale: str,
    clock: Clock,
    vault: Vault,
    public_url: str,
) -> None:
    """Queue a code to ``row``, whose ``consent`` it is, that shows for an hour what is kept about them."""
    code, digits = subscriptions.new_code(
        session, consent, row.id, purpose=purpose, expires_at=clock.now() + OPENS_FOR, clock=clock, vault=vault
    )
    stop_url = opting_out.stop_url(public_url, locale, opting_out.token_for(vault, row))
    _queue(session, row, own_data_mail(digits, stop_url=stop_url, translate=translator(locale)), code, clock)


def use_link(session: Session, link: str, *, clock: Clock, vault: Vault) -> ConfirmationCode | None:
    """Return the code that the link carries, now used up; null where it is unknown, used or too old.

    Wrong codes typed do not void it: its 128 bits are not guessed.
    """
    number = _NUMBER.match(link)
    code = session.get(ConfirmationCode, int(number.group())) if number else None
    if code is None or not hmac.compare_digest(_link(vault, code).encode(), link.encode()):
        return None
    won = session.execute(
        update(ConfirmationCode)
        .where(
            ConfirmationCode.id == code.id,
            ConfirmationCode.used_at.is_(None),
            ConfirmationCode.expires_at > clock.now(),
        )
        .values(used_at=clock.now())
        .returning(ConfirmationCode.id)
    ).scalar()
    return code if won is not None else None


def _queue(session: Session, row: Subscriber, mail: Mail, code: ConfirmationCode, clock: Clock) -> None:
    draft = messages.Draft(
        subscriber_id=row.id,
        evening_id=None,
        kind="code",
        number=0,
        channel="email",
        subject=mail.subject,
        body=mail.text,
        segments=0,
        urgent=True,
        due_at=code.created_at,
        expires_at=code.expires_at,
    )
    messages.enqueue(session, [draft], clock)


def _link(vault: Vault, code: ConfirmationCode) -> str:
    signature = vault.fingerprint(f"email-link:{code.id}:{code.code_hash}")
    return f"{code.id}-{signature[:_SIGNATURE_LENGTH]}"
