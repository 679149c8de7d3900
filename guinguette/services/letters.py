"""What leaves for a row of the outbox: an SMS or an e-mail, with the address in clear, only while it is being sent."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from guinguette.adapters.phone_numbers import masked
from guinguette.adapters.ports import Accepted, Attachment, Email, Senders
from guinguette.adapters.vault import Vault
from guinguette.domain import email_addresses
from guinguette.domain.errors import NotFound
from guinguette.models import Message, Subscriber
from guinguette.publishing.mail_html import as_html
from guinguette.publishing.mails import KINDS, Mail, attached_calendar
from guinguette.services import host_links, opting_out, published
from guinguette.services.wording import FRENCH


@dataclass(frozen=True, slots=True)
class Sms:
    """An SMS to an E.164 number."""

    to: str
    body: str
    message_id: str

    @property
    def masked(self) -> str:
        """Return what of the number may stand in a log."""
        return masked(self.to)

    def send(self, senders: Senders) -> Accepted:
        """Hand it to the SMS provider. Raises ``SendError``."""
        return senders.sms.send(to=self.to, body=self.body, message_id=self.message_id)


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail."""

    email: Email

    @property
    def masked(self) -> str:
        """Return what of the address may stand in a log: its first letter and its domain."""
        return email_addresses.masked(self.email.to)

    def send(self, senders: Senders) -> Accepted:
        """Hand it to the mail server. Raises ``SendError``."""
        return senders.email.send(self.email)


def write(session: Session, message: Message, *, vault: Vault, public_url: str) -> Sms | Letter:
    """Return what is to leave for ``message``, which has been claimed.

    Raises ``ValueError`` where another key encrypted the address.
    """
    person = message.subscriber or message.contact
    if person is None:
        raise ValueError("a message to nobody")
    at = message.claimed_at or message.updated_at
    body = host_links.filled_in(session, message, at)
    if message.channel == "sms":
        return Sms(vault.decrypt(person.phone_encrypted), body, message.id)
    locale = person.locale if isinstance(person, Subscriber) else FRENCH
    email = Email(
        to=vault.decrypt(person.email_encrypted) if isinstance(person, Subscriber) else person.email,
        subject=message.subject,
        text=body,
        html=as_html(Mail(message.subject, body), locale=locale),
        message_id=message.id,
        stop_url=opting_out.stop_url(public_url, locale, opting_out.token_for(vault, person)),
        written_at=at,
        attachments=_attachments(session, message, public_url),
    )
    return Letter(email)


def _attachments(session: Session, message: Message, public_url: str) -> tuple[Attachment, ...]:
    """Return the calendar of the evening that the e-mail is about, as it stands online."""
    if message.evening_id is None or message.kind not in KINDS:
        return ()
    try:
        _, evening = published.evening(session, message.evening_id)
    except NotFound:
        return ()
    content = attached_calendar(evening, public_url=public_url)
    return (Attachment(name="guinguette.ics", mimetype="text/calendar; charset=utf-8", content=content),)
