"""The colours of ``static/css/tokens.css``, read from the file itself, and how well they stand on each other."""

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from guinguette.paths import STATIC

#: What each scheme declares, by the selector that opens it. The fixed colours hold in all of them.
_BLOCKS = {
    "fixed": r"^:root\{(.*?)^\}",
    "day": r"^:root:not\(\[data-theme=dark\]\)\{(.*?)\}",
    "night": r":root:not\(\[data-theme\]\)\{(.*?)\}",
}
_COLOUR = re.compile(r"--g-([a-z0-9-]+):(#[0-9a-f]{6})\b")

TEXT = 4.5  # WCAG 2.2, 1.4.3
SIGN = 3.0  # WCAG 2.2, 1.4.11: edges of controls, lanterns, signs that carry a meaning

Palette = dict[str, str]


class Pair(NamedTuple):
    """A colour on a ground: their names in tokens.css (without ``--g-``), the least ratio, what it is used for."""

    colour: str
    ground: str
    least: float
    use: str


#: Every pair that pages show by day and by night.
PAIRS = (
    *(Pair("texte", ground, TEXT, "texte") for ground in ("fond", "carte", "releve")),
    *(Pair("texte2", ground, TEXT, "texte second") for ground in ("fond", "carte", "releve")),
    *(Pair("accent", ground, TEXT, "lien, bouton creux actif") for ground in ("fond", "carte")),
    Pair("sur-accent", "accent", TEXT, "mot d’un bouton plein"),
    Pair("sur-accent", "accent2", TEXT, "mot d’un bouton survolé"),
    *(Pair("alerte", ground, TEXT, "erreur") for ground in ("fond", "carte")),
    Pair("sur", "alerte", TEXT, "mot de l’étiquette « Annulée »"),
    *(Pair("oui", ground, TEXT, "confirmée") for ground in ("fond", "carte")),
    *(Pair("info", ground, TEXT, "déplacée, reportée") for ground in ("fond", "carte")),
    Pair("nuit", "lampion", TEXT, "date sur un lampion"),
    *(Pair("bord", ground, SIGN, "bord d’un champ, d’un lampion vide") for ground in ("fond", "carte")),
    *(Pair("cerne", ground, SIGN, "anneau du clavier, tour d’un lampion") for ground in ("fond", "carte", "releve")),
)
#: The poster is night at any hour: its pairs stand on fixed colours.
POSTER_PAIRS = (
    Pair("creme", "nuit", TEXT, "texte de l’affiche"),
    Pair("brume", "nuit", TEXT, "texte second de l’affiche"),
    Pair("lampion", "nuit", TEXT, "date de l’affiche"),
    Pair("nuit", "lampion", TEXT, "bouton plein de l’affiche"),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A pair in a scheme, with its colours (``#rrggbb``) and the ratio they have."""

    pair: Pair
    colour: str
    ground: str
    ratio: float

    @property
    def enough(self) -> bool:
        """Tell whether the use gets the contrast it needs."""
        return self.ratio >= self.pair.least


@cache
def palettes() -> dict[str, Palette]:
    """Return the colours of "fixed", "day" and "night" by name, fixed ones included in the other two."""
    css = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    found = {}
    for name, pattern in _BLOCKS.items():
        block = re.search(pattern, css, re.DOTALL | re.MULTILINE)
        found[name] = dict(_COLOUR.findall(block[1])) if block else {}
    return {name: {**found["fixed"], **colours} for name, colours in found.items()}


def measured(scheme: str) -> list[Measured]:
    """Return the pairs of a scheme ("day", "night"; "fixed" for the poster) with their contrasts."""
    colours = palettes()[scheme]
    pairs = POSTER_PAIRS if scheme == "fixed" else PAIRS
    return [
        Measured(pair, colours[pair.colour], colours[pair.ground], contrast(colours[pair.colour], colours[pair.ground]))
        for pair in pairs
    ]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (``#rrggbb``) after WCAG 2: from 1 to 21, whichever comes first."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    shares = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)  # noqa: PLR2004
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
