"""What a host still has to do: each errand says its own (``todos`` of its service), the first page gathers them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """One thing to do. ``title`` and ``text`` are French with places for ``values``.

    ``endpoint`` and ``arguments`` are those of the page where it is done; ``due_on`` a local date, where there is one.
    """

    title: str
    text: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    endpoint: str
    arguments: Mapping[str, str | int] = field(default_factory=dict)
    due_on: dt.date | None = None
