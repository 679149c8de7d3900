"""The press: the characters it can set, and French typography."""

import csv
import gzip

import pytest

from guinguette.paths import DATA
from guinguette.publishing.facts import name
from guinguette.publishing.paper import _LETTERS, french, printable, render, shortened
from tests.fakes import NOW


def test_every_character_that_is_let_through_can_be_set_in_every_typeface() -> None:
    """PDF/UA refuses a character that a typeface lacks: this sheet holds them all, in both voices."""
    every = "".join(chr(c) for c in range(0x20, 0x2200) if printable(f"x{chr(c)}x") == f"x{chr(c)}x")
    assert len(every) > 300, _LETTERS
    data = {"title": every, "author": "x", "shape": "a4", "width": 595, "height": 842, "period": every}
    data |= {"months": [], "question": "", "answer": [], "footer": "", "address": "x"}
    code = {"svg": "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/>", "alt": "x"}
    assert render("calendrier", data | {"code": code}, format="pdf", at=NOW).startswith(b"%PDF")


def test_no_village_of_france_loses_a_letter() -> None:
    """All the communes' names are set as they are, but for the apostrophe and its kind."""
    with gzip.open(DATA / "communes.csv.gz", "rt", encoding="utf-8") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    assert [one for one in names if name(one) != one.replace("'", "’")] == []


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("Bal : 18 h 30 à l'école !", "Bal\u00a0: 18\u00a0h\u00a030 à l’école\u00a0!"),
        ("Venez nombreux!", "Venez nombreux\u00a0!"),
        ("« Bal » à 2,50 €", "«\u00a0Bal\u00a0» à 2,50\u00a0€"),
        ("https://exemple.fr/a?b", "https://exemple.fr/a?b"),
    ],
)
def test_french_is_set_as_a_printer_does(typed: str, set_: str) -> None:
    """No-break spaces and apostrophes where they belong, addresses untouched."""
    assert french(typed) == set_
    assert french(set_) == set_, "what is set already stays"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Fête 🎉 au lac", "Fête au lac"),
        ("a\u0000b\nc\u202ed", "ab cd"),
        ("Dvořák ŏ שלום", "Dvořák o"),
        ("e\u0301té", "été"),
    ],
)
def test_what_cannot_be_set_is_made_plain_or_left_out(typed: str, printed: str) -> None:
    """One line, composed letters, nothing that the typefaces lack."""
    assert printable(typed) == printed


def test_a_shortened_text_ends_with_a_whole_word() -> None:
    """What no-break spaces join stays together."""
    assert shortened("de 18\u00a0h à 22\u00a0h", 9) == "de 18\u00a0h…"
