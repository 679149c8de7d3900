"""What can be refused, in sentences made for people.

A message is a French sentence with ``{name}`` places; it is also the key under which the edge (web, command line)
finds its translation. Services raise these and never translate.
"""

import datetime as dt


def N_(message: str) -> str:
    """Mark a French sentence for translation at the edge."""
    return message


def _in_figures(value: object) -> object:
    """Return a date or an hour as a log writes it; pages say it in words."""
    if isinstance(value, dt.date):
        return value.strftime("%d/%m/%Y")
    return value.strftime("%H:%M") if isinstance(value, dt.time) else value


class DomainError(Exception):
    """A refusal that a person can understand and act upon.

    ``message`` is a French template, ``values`` fill its places, ``field`` names the form field it belongs to.
    """

    def __init__(self, message: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(message.format(**{name: _in_figures(value) for name, value in values.items()}))
        self.message = message
        self.values = values
        self.field = field


class InvalidInput(DomainError):
    """What was typed cannot be accepted as it is."""


class NotFound(DomainError):
    """The thing named does not exist (any more)."""


class Conflict(DomainError):
    """It was true when the page was opened; it is not any more (a second save, an illegal state move)."""
