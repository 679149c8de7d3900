"""Which rows of a kind people look for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from guinguette.domain.text import fold
from guinguette.models import Epci
from guinguette.services.registry.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """All of what is asked must be true of a row: every word of ``text`` somewhere in it (accents aside).

    ``epci`` is a siren, ``lacks`` a key of ``Kind.lacks``; ``answered`` "oui" or "non", of communes' requests.
    """

    text: str = ""
    epci: str = ""
    lacks: str = ""
    answered: str = ""
    archived: bool = False

    @property
    def narrow(self) -> bool:
        """Tell whether anything is asked for besides the shelf."""
        return bool(self.text or self.epci or self.lacks or self.answered)


@dataclass(frozen=True, slots=True)
class Found:
    """The rows asked for, out of how many, and the EPCI that rows of this shelf lie in, by name."""

    rows: Sequence[Any]
    total: int
    epcis: tuple[Epci, ...]


def found(kind: Kind, filters: Filters) -> Found:
    """Return the rows of a kind that the filters let through, in the kind's order."""
    everything = kind.rows(filters.archived)
    words = fold(filters.text).split()
    _, lacking = kind.lacks.get(filters.lacks, ("", None))

    def wanted(row: Any) -> bool:
        place = kind.commune(row)
        return (
            (not filters.epci or (place is not None and place.epci_siren == filters.epci))
            and (lacking is None or lacking(row))
            and (not filters.answered or (row.answered_at is not None) == (filters.answered == "oui"))
            and (not words or _has(fold(kind.searched(row)), words))
        )

    epcis = {place.epci for row in everything if (place := kind.commune(row)) and place.epci}
    rows = [row for row in everything if wanted(row)]
    return Found(rows, len(everything), tuple(sorted(epcis, key=lambda epci: fold(epci.name))))


def _has(text: str, words: Sequence[str]) -> bool:
    """Digits are looked for without the spaces of a telephone number, too."""
    close = text.replace(" ", "")
    return all(word in text or (word.isdigit() and word in close) for word in words)
