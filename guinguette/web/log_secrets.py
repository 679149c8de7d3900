"""No log holds an address that opens something: the secret at its end is masked wherever a path may be written."""

import logging
import re

from flask import Flask

#: What of an address is a secret: whoever reads it may be the host, end a subscription, or sign in.
_SECRET = re.compile(r"(/(?:comite|stop|connexion/lien|organisation/agenda)/)[^/\s?\"'.]+")
#: Werkzeug writes down each request while one develops; gunicorn those that broke it.
_SERVERS = ("werkzeug", "gunicorn.error", "gunicorn.access")


class Mask(logging.Filter):
    """Puts « … » for the secrets in what is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, masked where it needs to be."""
        text = record.getMessage()
        masked = _SECRET.sub(r"\1…", text)
        if masked != text:
            record.msg, record.args = masked, ()
        return True


_MASK = Mask()


def register(app: Flask) -> None:
    """Mask what the app says when a view fails, and what its server says of each request."""
    for logger in (app.logger, *map(logging.getLogger, _SERVERS)):
        logger.addFilter(_MASK)
