"""The alphabet of SMS. One letter outside GSM-7 more than halves what fits into a message (160 to 70 characters).

GSM-7 is 3GPP TS 23.038, section 6.2.1: it holds é è à ù and É, but neither ç nor ê nor the typographic apostrophe.
"""

import re
import unicodedata

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"  # two places each
GSM7 = frozenset(_BASIC + _EXTENSION)

# What Unicode's own decomposition would not give, or not well.
_BY_HAND = {
    "’": "'", "‘": "'", "ʼ": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‹": "'", "›": "'",
    "…": "...", "–": "-", "—": "-", "‒": "-", "−": "-", "‐": "-", "‑": "-", "·": "-", "•": "-", "×": "x",
    "œ": "oe", "Œ": "Oe", "°": "o", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "\t": " ", "\v": "\n", "`": "'", "´": "'",
    "\u2028": "\n", "\u2029": "\n", "\u0085": "\n",
}  # fmt: skip


def is_gsm7(text: str) -> bool:
    """Tell whether ``text`` can travel in GSM-7 as it is."""
    return all(character in GSM7 for character in text)


def transliterate(text: str) -> str:
    """Return ``text`` in GSM-7: é è à ù stay, ç becomes c, ê e, œ oe, ’ ', no-break spaces spaces, … three dots.

    French quotes lose their inner spaces. Signs without an equivalent (emoji) vanish, other alphabets become ``?``.
    """
    text = re.sub(r"«\s*|\s*»", '"', unicodedata.normalize("NFC", text))
    return "".join(character if character in GSM7 else _replaced(character) for character in text)


def pieces(text: str) -> list[tuple[str, str]]:
    """Return the text as (what was typed, what leaves) in order; both are the same where nothing had to change."""
    found: list[tuple[str, str]] = []
    for typed in re.findall(r"«\s*|\s*»|.", unicodedata.normalize("NFC", text), re.DOTALL):
        sent = transliterate(typed)
        if typed == sent and found and found[-1][0] == found[-1][1]:
            found[-1] = (found[-1][0] + typed, found[-1][1] + sent)
        else:
            found.append((typed, sent))
    return found


def replaced(text: str) -> tuple[tuple[str, str], ...]:
    """Return each letter of the text that leaves as another, with that one, once; not no-break spaces: nobody sees."""
    changed = ((typed.strip(), sent.strip()) for typed, sent in pieces(text) if typed != sent)
    return tuple(dict.fromkeys((typed, sent) for typed, sent in changed if typed))


def _replaced(character: str) -> str:
    if character in _BY_HAND:
        return _BY_HAND[character]
    if character.isspace():
        return " "
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", character) if c in GSM7 or not unicodedata.combining(c)
    )  # ê is e and an accent, ² is 2, ﬁ is fi
    kept = "".join(c if c in GSM7 else _BY_HAND.get(c, "") for c in plain)
    if kept or unicodedata.category(character)[0] in "SCM":
        return kept
    return "?"
