"""The kinds of record that the registry knows, each with its columns and what it may lack."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock
from guinguette.domain.errors import N_, NotFound
from guinguette.models import Commune, Tour
from guinguette.services.registry.columns import Column

#: The kinds by the word in their address, with what one is called and what many are.
KINDS: dict[str, str] = {
    "comites": N_("Comités"),
    "contacts": N_("Contacts"),
    "emplacements": N_("Emplacements"),
    "salles": N_("Salles"),
    "vehicules": N_("Véhicules"),
    "communes": N_("Villages"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Who acts, when, and with which key telephone numbers are read."""

    actor: str
    clock: Clock
    vault: Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of record, bound to a session. A command holds all that people type of one row; columns name its fields.

    ``lacks``: what a row may be missing, by the word in the address: its words, and whether a row lacks it.
    ``check`` raises what ``edit`` and ``create`` would refuse; of a row that there is not yet, the row is null.
    ``home`` is what a new row belongs to, read from the cells of ``home_column``: a commune's code, a committee's
    number; null where rows stand alone. ``labels`` name a row to people: the village, and the row's own name.
    """

    word: str
    columns: tuple[Column, ...]
    rows: Callable[[bool], Sequence[Any]]
    command_of: Callable[[Any], Any]
    check: Callable[[Any | None, Any], None]
    edit: Callable[[Any, Any, int], object]
    create: Callable[[str, Any], Any]
    command: type[Any]
    commune: Callable[[Any], Commune | None]
    labels: Callable[[Any], tuple[str, str]]
    searched: Callable[[Any], str]
    lacks: Mapping[str, tuple[str, Callable[[Any], bool]]]
    home_column: Column | None = None
    home: Callable[[Any], str] = lambda _row: ""

    def values(self, row: Any) -> dict[str, str]:
        """Return every column of a row as a cell holds it."""
        command = self.command_of(row)
        return {column.field: column.show(getattr(command, column.field)) for column in self.columns}

    def column(self, name: str) -> Column:
        """Return the column of a field of the command."""
        return next(column for column in self.columns if column.field == name)


def build(session: Session, word: str, tools: Tools, tour: Tour | None = None) -> Kind:
    """Return a kind by the word in its address. Raises ``NotFound``; "communes" are those of a ``tour``."""
    from guinguette.services.registry import hosts, places, requested  # noqa: PLC0415 -- they need ``Kind``

    if word == "communes" and tour is not None:
        return requested.kind(session, tour)
    makers: dict[str, Callable[[Session, Tools], Kind]] = {
        "comites": hosts.committee_kind,
        "contacts": hosts.contact_kind,
        "emplacements": places.pitch_kind,
        "salles": places.hall_kind,
        "vehicules": places.vehicle_kind,
    }
    if word not in makers or tour is not None:  # a tour has a list of its villages, and no other
        raise NotFound(N_("Cette liste n’existe pas."))
    return makers[word](session, tools)
