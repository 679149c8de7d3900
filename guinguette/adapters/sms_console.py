"""The sender for development and the demo: prints what would leave."""

import sys

from guinguette.adapters.ports import Accepted


class ConsoleSms:
    """Prints each SMS on standard output."""

    def send(self, *, to: str, body: str, message_id: str) -> Accepted:
        """Print the message; the number is shown, for this is nobody's real telephone."""
        sys.stdout.write(f"SMS {to} : {body}\n")
        sys.stdout.flush()
        return Accepted(provider_id=f"console-{message_id}")
