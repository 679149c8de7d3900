"""Records that are likely to be the same: by telephone, by address, by name and commune."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import N_
from guinguette.domain.text import fold
from guinguette.models import Committee, Contact
from guinguette.services.registry.kinds import Kind

#: More rows than this under one key (a telephone exchange, « Mairie ») say nothing of any two of them.
_MOST_ALIKE = 6
_CLOSE = 0.82
#: Words that most names share, and that tell nothing apart.
_COMMON = frozenset(["comite", "fetes", "fete", "association", "asso", "foyer"])
_SHORT = 3

PHONE, ADDRESS, NAME = N_("même téléphone"), N_("même adresse électronique"), N_("noms proches, même village")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one, the one to keep first (the older), and why."""

    kept: Any
    other: Any
    why: tuple[str, ...]


def likely(session: Session, kind: Kind, vault: Vault) -> list[Pair]:
    """Return the likely duplicates among the records in use of a kind ("comites", "contacts"), the surest first."""
    rows = kind.rows(False)
    by_id = {row.id: row for row in rows}
    why: dict[tuple[int, int], list[str]] = defaultdict(list)
    for reason, pairs in (
        (PHONE, _alike((row, phone) for row in rows for phone in _phones(row, vault))),
        (ADDRESS, _alike((row, contact.email.casefold()) for row in rows for contact in _people(row) if contact.email)),
        (NAME, _close_names(rows)),
    ):
        for pair in pairs:
            why[pair].append(reason)
    found = [Pair(by_id[first], by_id[second], tuple(reasons)) for (first, second), reasons in why.items()]
    return sorted(found, key=lambda pair: (-len(pair.why), kind.labels(pair.kept), pair.kept.id, pair.other.id))


def _people(row: Committee | Contact) -> list[Contact]:
    return [row] if isinstance(row, Contact) else [each for each in row.contacts if each.archived_at is None]


def _phones(row: Committee | Contact, vault: Vault) -> set[str]:
    return {vault.decrypt(person.phone_encrypted) for person in _people(row) if person.phone_encrypted}


def _alike(keyed: Iterable[tuple[Any, Hashable]]) -> set[tuple[int, int]]:
    """Return the pairs of ids that share a key."""
    groups: dict[Hashable, set[int]] = defaultdict(set)
    for row, key in keyed:
        groups[key].add(row.id)
    return {pair for ids in groups.values() if len(ids) <= _MOST_ALIKE for pair in combinations(sorted(ids), 2)}


def _close_names(rows: Iterable[Any]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of one commune whose names are the same words, or nearly."""
    villages: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        place = row.commune if isinstance(row, Committee) else row.committee.commune
        villages[place.insee].append((row.id, _telling(row, place.search_key)))
    for people in villages.values():
        for (one, a), (other, b) in combinations(sorted(people), 2):
            if a == b or SequenceMatcher(None, a, b).ratio() >= _CLOSE:
                yield one, other


def _telling(row: Committee | Contact, village: str) -> str:
    """Return the words of a name that tell it from others, sorted: « Petit Jeanne » is « Jeanne Petit »."""
    words = re.sub(r"^(m|mme|mlle|mr|monsieur|madame) ", "", fold(row.name)).split()
    if isinstance(row, Committee):
        own = [word for word in words if len(word) > _SHORT and word not in _COMMON and word not in village.split()]
        words = own or [row.kind]
    return " ".join(sorted(words))
