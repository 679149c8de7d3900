"""The senders without a provider: one prints what would leave, for development; one keeps silent, for production."""

import sys
from datetime import datetime

from guinguette.adapters.ports import Accepted, Known, SendError


class ConsoleSms:
    """Prints each SMS on standard output."""

    def send(self, *, to: str, body: str, message_id: str) -> Accepted:
        """Print the message; the number is shown, for this is nobody's real telephone."""
        sys.stdout.write(f"SMS {to} : {body}\n")
        sys.stdout.flush()
        return Accepted(provider_id=f"console-{message_id}")

    def sent_to(self, to: str, since: datetime) -> list[Known]:
        """Return nothing: what was printed is not kept."""
        return []


class NoSms:
    """The console of a production: real numbers and codes belong in no log. Nothing is printed, nothing leaves."""

    def send(self, *, to: str, body: str, message_id: str) -> Accepted:
        """Raise ``SendError``: the message waits for a provider as long as it is of use."""
        raise SendError("GUINGUETTE_SMS=console : en production, aucun SMS ne part")

    def sent_to(self, to: str, since: datetime) -> list[Known]:
        """Raise ``SendError``: whoever sent it then can no longer be asked."""
        raise SendError("GUINGUETTE_SMS=console : aucun fournisseur à interroger")
