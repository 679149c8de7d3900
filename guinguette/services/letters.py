"""What leaves for a row of the outbox: an SMS or an e-mail, with the address in clear, only while it is being sent."""

from dataclasses import dataclass

from guinguette.adapters.phone_numbers import masked
from guinguette.adapters.ports import Accepted, Email, Senders
from guinguette.adapters.vault import Vault
from guinguette.models import Message, Subscriber
from guinguette.services import opting_out


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
        name, _, domain = self.email.to.rpartition("@")
        return f"{name[:1]}•••@{domain}"

    def send(self, senders: Senders) -> Accepted:
        """Hand it to the mail server. Raises ``SendError``."""
        return senders.email.send(self.email)


def write(message: Message, *, vault: Vault, public_url: str) -> Sms | Letter:
    """Return what is to leave for ``message``. Raises ``ValueError`` where another key encrypted the address."""
    person = message.subscriber or message.contact
    if person is None:
        raise ValueError("a message to nobody")
    if message.channel == "sms":
        return Sms(vault.decrypt(person.phone_encrypted), message.body, message.id)
    to = vault.decrypt(person.email_encrypted) if isinstance(person, Subscriber) else person.email
    stop_url = opting_out.stop_url(public_url, "fr", opting_out.token_for(vault, person))
    return Letter(Email(to=to, subject=message.subject, text=message.body, message_id=message.id, stop_url=stop_url))
