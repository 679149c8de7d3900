"""One value of a record, in a spreadsheet's cell and in a form's field: how it is written there and read back."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as lazily
from typing import Any

from guinguette.domain.equipment import EQUIPMENT
from guinguette.domain.errors import N_, InvalidInput
from guinguette.domain.tables import whole_number
from guinguette.domain.text import fold, slugify


def as_text(value: Any) -> str:
    """Return a value as a cell holds it."""
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``field`` of the kind's command. ``title`` is French, ``also`` are other folded titles that mean the same.

    ``read`` raises ``InvalidInput``. ``choices`` maps each value that may be chosen in a form to its words;
    ``many``: several of them. ``bulk``: it makes sense to give many records the same value.
    """

    field: str
    title: str
    read: Callable[[str], Any]
    show: Callable[[Any], str] = as_text
    also: tuple[str, ...] = ()
    bulk: bool = False
    choices: Mapping[str, str] = lazily(default_factory=dict)
    many: bool = False


def text(most: int, *, required: bool = False) -> Callable[[str], str]:
    """Return the reader of a text of at most so many characters."""

    def read(typed: str) -> str:
        if required and not typed:
            raise InvalidInput(N_("à remplir"))
        if len(typed) > most:
            raise InvalidInput(N_("trop long, {most} caractères au plus"), most=most)
        return typed

    return read


def number(least: int, most: int, *, required: bool = False) -> Callable[[str], int | None]:
    """Return the reader of a whole number."""

    def read(typed: str) -> int | None:
        value = whole_number(typed)
        if not typed and not required:
            return None
        if value is None or not least <= value <= most:
            raise InvalidInput(
                N_("« {typed} » n’est pas un nombre entier de {least} à {most}"),
                typed=typed[:40],
                least=least,
                most=most,
            )
        return value

    return read


def degrees(most: int, *, required: bool = False) -> Callable[[str], float | None]:
    """Return the reader of a latitude or longitude."""

    def read(typed: str) -> float | None:
        if not typed and not required:
            return None
        compact = re.sub(r"\s", "", typed).replace(",", ".").replace("−", "-")
        if not re.fullmatch(r"-?\d{1,3}(\.\d*)?", compact) or abs(float(compact)) > most:
            raise InvalidInput(N_("« {typed} » n’est pas une position en degrés (48,6377)"), typed=typed[:40])
        return float(compact)

    return read


def decimal(value: float | None) -> str:
    """Return degrees as France writes them."""
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")


def kilometres(typed: str) -> int | None:
    """Read a distance in kilometres; return metres."""
    if not typed:
        return None
    compact = re.sub(r"\s|km", "", typed).replace(",", ".")
    if not re.fullmatch(r"\d{1,4}(\.\d*)?", compact) or float(compact) <= 0:
        raise InvalidInput(N_("« {typed} » n’est pas une distance en kilomètres, par exemple 8,5"), typed=typed[:40])
    return round(float(compact) * 1000)


def in_kilometres(metres: int | None) -> str:
    """Return a distance of so many metres in kilometres."""
    return "" if metres is None else f"{metres / 1000:g}".replace(".", ",")


def one_of(words: Mapping[Any, str]) -> Callable[[str], Any]:
    """Return the reader of one of these values, typed as itself or in its words."""
    known = {fold(label): value for value, label in words.items()} | {fold(str(value)): value for value in words}

    def read(typed: str) -> Any:
        if fold(typed) not in known:
            raise InvalidInput(
                N_("« {typed} » n’existe pas, écrivez l’un de : {words}"),
                typed=typed[:40],
                words=", ".join(dict.fromkeys(words.values())),
            )
        return known[fold(typed)]

    return read


def equipment(typed: str) -> tuple[str, ...]:
    """Read names of equipment: the usual ones by their French words, any other as its own."""
    usual = {fold(label): name for name, label in EQUIPMENT.items()}
    words = [word for word in re.split(r"[;,/+|]", typed) if slugify(word)]
    return tuple(dict.fromkeys(usual.get(fold(word), slugify(word)) for word in words))


def equipment_words(names: tuple[str, ...]) -> str:
    """Return names of equipment in French."""
    return ", ".join(EQUIPMENT.get(name, name) for name in names)
