"""Texts as people type them (guinguette/domain/text.py)."""

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guinguette.domain.text import printable


@pytest.mark.parametrize("text", ["Éclaron-Braucourt", "a\tb\r\nc", "👩\u200d👧 \u202eعربي\u2028", "<b> & \"'"])
def test_what_people_type_is_left_alone(text: str) -> None:
    """Accents, tabs, newlines, emoji, scripts that run the other way."""
    assert printable(text) == text


def test_what_nothing_can_show_is_a_space() -> None:
    """Control characters and noncharacters, which come with old files and terminals."""
    assert printable("a\x00b\x1b[31mc\x7fd\x85e\ufffff\U0010fffeg") == "a b [31mc d e f g"


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_html_takes_what_is_left(text: str) -> None:
    """A strict parser finds no fault with it."""
    escaped = printable(text).replace("&", "&amp;").replace("<", "&lt;")
    html5lib.HTMLParser(strict=True).parseFragment(f"<p>{escaped}</p>")
