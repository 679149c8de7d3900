"""E-mails about an evening: one draft a person, each with the person's own STOP link."""

import datetime as dt
from collections.abc import Iterable

from guinguette.adapters.vault import Vault
from guinguette.publishing.mails import evening_mail
from guinguette.publishing.tour import PublishedEvening
from guinguette.services import messages, opting_out
from guinguette.services.audience import Recipient
from guinguette.services.wording import pages_url, translator


def drafts(
    kind: str,
    evening: PublishedEvening,
    recipients: Iterable[Recipient],
    *,
    number: int,
    urgent: bool,
    due_at: dt.datetime,
    expires_at: dt.datetime,
    vault: Vault,
    public_url: str,
    date_before: dt.date | None = None,
    takes_over: str | None = None,
) -> list[messages.Draft]:
    """Return an e-mail of a kind about ``evening`` for each recipient; ``takes_over`` is the SMS that it stands for,
    ``date_before`` the evening's date before the change that it tells of.

    A text is written once a language: only the STOP link differs from one person to the next.
    """
    people = list(recipients)
    mails = {
        locale: evening_mail(
            kind,
            evening,
            public_url=pages_url(public_url, locale),
            stop_url=opting_out.stop_url(public_url, locale, opting_out.TOKEN_PLACEHOLDER),
            locale=locale,
            translate=translator(locale),
            date_before=date_before,
            instead_of_sms=takes_over is not None,
        )
        for locale in {recipient.locale for recipient in people}
    }
    return [
        messages.Draft(
            subscriber_id=recipient.id,
            evening_id=evening.id,
            kind=kind,
            number=number,
            channel="email",
            takes_over=takes_over,
            subject=mails[recipient.locale].subject,
            body=mails[recipient.locale].text.replace(
                opting_out.TOKEN_PLACEHOLDER, opting_out.stop_token(vault, recipient.address_hash)
            ),
            segments=0,
            urgent=urgent,
            due_at=due_at,
            expires_at=expires_at,
        )
        for recipient in people
    ]
