"""What the project asks of the world outside, as protocols. One real and one harmless implementation each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the message; ``provider_id`` is its name for it."""

    provider_id: str


class SendError(Exception):
    """The message did not leave. ``code`` is the provider's, ``permanent`` tells that trying again cannot help.

    ``uncertain``: nobody knows whether it left (time-out, 5xx): it is never sent again blindly. ``opted_out``: the
    person has told the provider to stop. An error that is none of these is a refusal for the moment, of whatever we
    send: try later. ``this_number``: so it is, but of this number alone; the others may go on. ``busy``: we are too
    fast, a few seconds are enough. ``capped``: the provider's daily cap is met, nothing leaves before tomorrow.
    """

    def __init__(
        self,
        sentence: str,
        *,
        code: str = "",
        permanent: bool = False,
        uncertain: bool = False,
        opted_out: bool = False,
        this_number: bool = False,
        busy: bool = False,
        capped: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.permanent = permanent
        self.uncertain = uncertain
        self.opted_out = opted_out
        self.this_number = this_number
        self.busy = busy
        self.capped = capped


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with an e-mail; ``mimetype`` with its parameters ("text/calendar; charset=utf-8")."""

    name: str
    mimetype: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """One e-mail to one person: ``text`` and, where there is any, the same as ``html``; ``written_at`` is aware.

    ``message_id`` is the row's. ``stop_url`` ends everything by one POST (RFC 8058); empty: it is not that kind.
    """

    to: str
    subject: str
    text: str
    message_id: str
    stop_url: str
    written_at: datetime
    html: str = ""
    attachments: tuple[Attachment, ...] = ()


class EmailSender(Protocol):
    """Sends one e-mail."""

    def send(self, email: Email) -> Accepted:
        """Hand ``email`` over. Raises ``SendError``."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """An SMS that the provider has: its name for it, the text, what became of it (``models.Message.state``, code)."""

    provider_id: str
    body: str
    state: str
    error: str


class SmsSender(Protocol):
    """Sends one SMS, and tells which it has."""

    def send(self, *, to: str, body: str, message_id: str) -> Accepted:
        """Send ``body`` to the E.164 number ``to``; ``message_id`` stands in the status callback's address.

        Raises ``SendError``.
        """
        ...

    def sent_to(self, to: str, since: datetime) -> list[Known]:
        """Return what the provider was given for the E.164 number ``to`` since an instant. Raises ``SendError``."""
        ...


@dataclass(frozen=True, slots=True)
class Senders:
    """The ways out: one for each of a message's channels."""

    sms: SmsSender
    email: EmailSender


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that an address may mean: degrees WGS 84, ``score`` from 0 to 1, the code of its commune.

    ``kind`` is the service's: "housenumber", "street", "locality" or "municipality".
    """

    label: str
    kind: str
    insee: str
    lat: float
    lon: float
    score: float


class GeocodingError(Exception):
    """The service could not be reached, or gave no answer that can be read. Trying again later may help."""


class Geocoder(Protocol):
    """Finds where an address is."""

    def search(self, address: str) -> list[Candidate]:
        """Return the places that an address may mean, the likeliest first; none where none is known.

        Raises ``GeocodingError`` within seconds.
        """
        ...


class Jobs(Protocol):
    """What can be asked of the workers. Called after the commit that it needs."""

    def solve(self, run_id: int) -> None:
        """Run the solver for ``models.SolverRun`` ``run_id``."""
        ...

    def send_due(self) -> None:
        """Send every message that is due."""
        ...

    def send_sign_in_link(self, user_id: int) -> None:
        """Send an e-mail that signs ``models.User`` ``user_id`` in once; nothing where there is no such account."""
        ...

    def send_host_link(self, address_encrypted: str) -> None:
        """Send a fresh personal link to the host's number or e-mail address that the vault's text holds, if any is."""
        ...

    def waiting(self) -> int:
        """Return how many tasks wait for a worker. Raises where the queue is out of reach."""
        ...
