"""Stand-ins for the world outside: time, SMS, workers. They record what was asked and can be told to refuse."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from guinguette.adapters.ports import (
    Accepted,
    Candidate,
    Email,
    GeocodingError,
    Known,
    SendError,
    Senders,
    SmsSender,
)

#: When tests take place unless they say otherwise: Wednesday 9 June 2027, noon in Paris.
NOW = datetime(2027, 6, 9, 10, 0, tzinfo=UTC)

#: Where the pages are that messages lead to.
PUBLIC_URL = "https://guinguette.example"


class FixedClock:
    """A clock that moves only when told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the instant last set."""
        return self._now

    def set(self, now: datetime) -> None:
        """Move to ``now`` (aware)."""
        assert now.tzinfo is not None, "the clock takes aware instants"
        self._now = now.astimezone(UTC)

    def advance(self, **duration: float) -> None:
        """Move on by ``timedelta(**duration)``: ``advance(hours=2)``."""
        self._now += timedelta(**duration)

    def wait(self, seconds: float) -> bool:
        """Let the time go by, as a worker does that waits; nobody asks it to stop."""
        self.advance(seconds=seconds)
        return False


@dataclass
class Seconds:
    """A monotonic clock that moves only when told to."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True, slots=True)
class SentSms:
    """One SMS that left."""

    to: str
    body: str
    message_id: str


@dataclass
class FakeSms:
    """Records each SMS; ``errors`` are raised first, one a call, in order (``None`` lets that call through).

    ``known`` is what the provider says it has; ``silent`` makes it say nothing.
    """

    sent: list[SentSms] = field(default_factory=list)
    errors: list[SendError | None] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    silent: bool = False
    asked: list[tuple[str, datetime]] = field(default_factory=list)

    def send(self, *, to: str, body: str, message_id: str) -> Accepted:
        """Record the message or raise the next programmed error."""
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.sent.append(SentSms(to, body, message_id))
        return Accepted(provider_id=f"fake-{len(self.sent)}")

    def sent_to(self, to: str, since: datetime) -> list[Known]:
        """Return ``known``, whatever the number, and remember who was asked about."""
        self.asked.append((to, since))
        if self.silent:
            raise SendError("out of reach")
        return self.known


@dataclass
class FakeEmail:
    """Records each e-mail; ``errors`` as in ``FakeSms``."""

    sent: list[Email] = field(default_factory=list)
    errors: list[SendError | None] = field(default_factory=list)

    def send(self, email: Email) -> Accepted:
        """Record the e-mail or raise the next programmed error."""
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.sent.append(email)
        return Accepted(provider_id=f"mail-{len(self.sent)}")


def only_sms(sms: SmsSender) -> Senders:
    """The senders of a test that looks at SMS alone."""
    return Senders(sms=sms, email=FakeEmail())


@dataclass
class FakeGeocoder:
    """Answers with ``places``, or fails where ``unreachable``; remembers what it was asked."""

    places: list[Candidate] = field(default_factory=list)
    unreachable: bool = False
    asked: list[str] = field(default_factory=list)

    def search(self, address: str) -> list[Candidate]:
        """Return the places, whatever the address."""
        self.asked.append(address)
        if self.unreachable:
            raise GeocodingError("unreachable")
        return self.places


@dataclass
class FakeJobs:
    """Records what was asked of the workers."""

    solves: list[int] = field(default_factory=list)
    sendings: int = 0
    sign_in_links: list[int] = field(default_factory=list)
    host_links: list[str] = field(default_factory=list)

    def solve(self, run_id: int) -> None:
        """Record the run."""
        self.solves.append(run_id)

    def send_due(self) -> None:
        """Count the call."""
        self.sendings += 1

    def send_sign_in_link(self, user_id: int) -> None:
        """Record the account."""
        self.sign_in_links.append(user_id)

    def send_host_link(self, address_encrypted: str) -> None:
        """Record the address, which the vault can read."""
        self.host_links.append(address_encrypted)

    def waiting(self) -> int:
        """Return 0: nothing is kept waiting here."""
        return 0
