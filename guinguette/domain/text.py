"""Text as people type it, and as it is looked up."""

import re
import unicodedata

from guinguette.domain.errors import N_, InvalidInput

#: What no page, feed or paper can show, and HTML forbids: control characters but tab and newlines, and noncharacters.
_UNPRINTABLE = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ufdd0-\\ufdef"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})


def fold(text: str) -> str:
    """Return a search key: lower case, no accents, hyphens and apostrophes as single spaces, "saint" for "st".

    Communes are looked up by this key ("st dizier" finds Saint-Dizier).
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    letters = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    words = re.sub(r"[^a-z0-9]+", " ", letters).split()
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in words)


def printable(text: str) -> str:
    """Return the text with a space for each character that HTML forbids."""
    return _UNPRINTABLE.sub(" ", text)


def required_line(typed: str, *, field: str, limit: int, missing: str) -> str:
    """Return what was typed as one line of ``limit`` characters at most.

    Raises ``InvalidInput`` on ``field``: with the sentence ``missing`` where there is nothing, else where it is longer.
    """
    if not typed.strip():
        raise InvalidInput(missing, field=field)
    return one_line(typed, field=field, limit=limit)


def one_line(typed: str, *, field: str, limit: int) -> str:
    """Return what was typed, if anything was, as one line of ``limit`` characters at most.

    Raises ``InvalidInput`` on ``field`` where it is longer.
    """
    line = " ".join(typed.split())
    if len(line) > limit:
        raise InvalidInput(N_("C’est trop long : {limit} caractères au plus."), field=field, limit=limit)
    return line


def upper_first(text: str) -> str:
    """Return the text with a capital, the rest untouched (Jinja's ``capitalize`` would lower « Saint-Dizier »)."""
    return text[:1].upper() + text[1:]


def slugify(text: str) -> str:
    """Return the part of an address that names this text ("Été 2026" -> "ete-2026")."""
    return fold(text).replace(" ", "-")


def of(name: str) -> str:
    """Return "de" and a commune's name as French joins them: "d’Éclaron", "du Buisson", "des Loges", "de La Porte".

    An H is taken as mute, as in most names of communes.
    """
    for article, joined in (("Le ", "du "), ("Les ", "des ")):
        if name.startswith(article):
            return joined + name.removeprefix(article)
    return f"d’{name}" if fold(name)[:1] in "aeiouyh" else f"de {name}"
