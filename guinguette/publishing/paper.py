"""The press: a sheet of ``templates/paper`` and its data in, PDF or PNG out, the same bytes for the same data.

Data reach Typst as one JSON string (``sys.inputs``) and are shown as strings, so that nothing people type is read as
Typst. A sheet reads nothing but ``templates/`` and our three typefaces: no network, no clock, no fonts of the system.
"""

import datetime as dt
import io
import json
import re
import textwrap
import unicodedata
from collections.abc import Mapping
from functools import cache
from threading import Lock
from typing import Any, Literal

import segno
import typst

from guinguette.paths import STATIC, TEMPLATES

Format = Literal["pdf", "png"]

#: One sheet at a time in a process: typesetting takes a whole core, and visitors' pages need the others.
_press = Lock()

#: The characters that all three typefaces have (a test holds this against them). PDF/UA refuses any other.
_LETTERS = (
    " -~\u00a0-\u00ac\u00ae-\u00b4\u00b6-ćĊ-ēĖ-ěĞ-ģĦħĪīĮ-ĳĶķĹ-ľŁ-ňŐ-ŕŘ-śŞ-ťŪūŮ-žƒȘ-ț\u200bẀ-ẅẞỲỳ–—‘-‚“-„†-•…‰‹›⁄€ℓ™"
)
_UNKNOWN = re.compile(f"[^{_LETTERS}]")
_INSTEAD = str.maketrans(
    {"\u2010": "-", "\u2011": "-", "\u2012": "–", "\u202f": "\u00a0", "\u2009": "\u00a0", "\u2212": "–", "\u200b": ""}
)
#: A run of letters that no line can hold gets places to break; no village has more than twenty in one.
_ENDLESS = re.compile(r"[^\s\u200b-]{25}(?=[^\s\u200b-])")
_BREAK = "\u200b"

_NO_BREAK = (
    (re.compile(r"(?<=\w)'(?=\w)"), "’"),
    (re.compile(r" +(?=[:;!?»%€])"), "\u00a0"),
    (re.compile(r"(?<=\w)(?=[;!?](?:\s|$))"), "\u00a0"),
    (re.compile(r"(?<=\w)(?=:\s)"), "\u00a0"),
    (re.compile(r"(?<=«)[ \u00a0]*"), "\u00a0"),
    (re.compile(r"(?<=\d) (?=(?:h|min|km|m|mètres?|euros?)\b|€)"), "\u00a0"),
    (re.compile(r"(?<=\d\u00a0h) (?=\d\d\b)"), "\u00a0"),
)


def printable(text: str) -> str:
    """Return ``text`` on one line in characters that the typefaces have, with places to break in endless words.

    A letter they lack becomes its plain one (« ŏ » reads « o »); what has none, such as an emoji, is left out.
    """
    spaced = re.sub(r"[^\S\u00a0]+", " ", unicodedata.normalize("NFC", text).translate(_INSTEAD))
    known = _UNKNOWN.sub(_plain, spaced)
    return _ENDLESS.sub(lambda word: word[0] + _BREAK, re.sub(" +", " ", known).strip())


def _plain(match: re.Match[str]) -> str:
    return _UNKNOWN.sub("", unicodedata.normalize("NFKD", match[0]))


def french(text: str) -> str:
    """Return ``text`` as a French printer sets it: typographic apostrophes, no-break spaces before « : ; ! ? € »."""
    for pattern, instead in _NO_BREAK:
        text = pattern.sub(instead, text)
    return text


def shortened(text: str, width: int) -> str:
    """Return at most ``width`` characters of ``text``, whole words, « … » where something is missing."""
    spaced = text.replace("\u00a0", "\ufdd0")  # textwrap takes a no-break space for any other
    return textwrap.shorten(spaced, width, placeholder="…").replace("\ufdd0", "\u00a0")


def qr_code(address: str, alt: str) -> dict[str, str]:
    """Return the QR code of an address as an SVG with its quiet zone of four modules, error level M or better."""
    out = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(out, kind="svg", border=4, dark="#11254d", light="#fff", xmldecl=False, omitsize=True)
    return {"svg": out.getvalue().decode(), "alt": alt}


def render(sheet: str, data: Mapping[str, Any], *, format: Format, at: dt.datetime) -> bytes:  # noqa: A002
    """Return the sheet ``templates/paper/<sheet>.typ`` filled with ``data`` (JSON values, text already printable).

    A PDF is tagged (PDF/UA-1) and dated ``at``, an aware instant; a PNG is one page, a pixel a point.
    """
    source, inputs = TEMPLATES / "paper" / f"{sheet}.typ", {"data": json.dumps(data, ensure_ascii=False)}
    with _press:
        if format == "png":
            made = _compiler().compile(source, format="png", ppi=72, sys_inputs=inputs)
        else:
            made = _compiler().compile(
                source, format="pdf", pdf_standards="ua-1", timestamp=int(at.timestamp()), sys_inputs=inputs
            )
    if not isinstance(made, bytes):
        raise TypeError(f"{sheet} is to be one file, and came out as {type(made).__name__}")
    return made


@cache
def _compiler() -> typst.Compiler:
    paper = [STATIC / "vendor" / "paper"]
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paper)
    return typst.Compiler(root=TEMPLATES, font_paths=fonts)
