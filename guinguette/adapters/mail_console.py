"""The senders of e-mail without a server: one prints what would leave, for development; one keeps silent."""

import sys

from guinguette.adapters.ports import Accepted, Email, SendError


class ConsoleEmail:
    """Prints each e-mail on standard output."""

    def send(self, email: Email) -> Accepted:
        """Print the e-mail; the address is shown, for this is nobody's real one."""
        sys.stdout.write(f"E-MAIL {email.to} : {email.subject}\n{email.text}\n")
        sys.stdout.flush()
        return Accepted(provider_id=f"console-{email.message_id}")


class NoEmail:
    """The console of a production: real addresses belong in no log. Nothing is printed, nothing leaves."""

    def send(self, email: Email) -> Accepted:
        """Raise ``SendError``: the message waits for a server as long as it is of use."""
        raise SendError("GUINGUETTE_SMTP_URL manque : en production, aucun e-mail ne part")
