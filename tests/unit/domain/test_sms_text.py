"""The alphabet of SMS: what fits, and what becomes of what does not."""

import smsutil
from hypothesis import given
from hypothesis import strategies as st

from guinguette.domain.sms_text import GSM7, is_gsm7, pieces, replaced, transliterate

FRENCH = {
    "à": "à", "â": "a", "æ": "æ", "ç": "c", "é": "é", "è": "è", "ê": "e", "ë": "e", "î": "i", "ï": "i", "ô": "o",
    "œ": "oe", "ù": "ù", "û": "u", "ü": "ü", "ÿ": "y", "À": "A", "Â": "A", "Æ": "Æ", "Ç": "Ç", "É": "É", "È": "E",
    "Ê": "E", "Ë": "E", "Î": "I", "Ï": "I", "Ô": "O", "Œ": "Oe", "Ù": "U", "Û": "U", "Ü": "Ü", "Ÿ": "Y",
    "’": "'", "–": "-", "—": "-", "…": "...", "\u00a0": " ", "\u202f": " ", "€": "€", "°": "o", "²": "2",
}  # fmt: skip


def test_every_french_letter_and_sign() -> None:
    """What GSM-7 holds stays; the rest loses its accent and nothing else."""
    assert {letter: transliterate(letter) for letter in FRENCH} == FRENCH


def test_letters_given_as_letter_and_accent_are_the_same_letters() -> None:
    """A Mac writes é as e and an accent."""
    assert transliterate("e\u0301te\u0301") == "été"


def test_french_quotes_lose_their_inner_spaces() -> None:
    """« mot » is "mot", whatever kind of space is inside."""
    assert transliterate("le «\u00a0bal\u202f» et « le feu »") == 'le "bal" et "le feu"'


def test_what_has_no_letter_of_ours() -> None:
    """An emoji vanishes, another alphabet leaves a mark that something was there."""
    assert transliterate("Bal 🎉 Київ") == "Bal  ????"


def test_the_alphabet_is_that_of_smsutil() -> None:
    """Held to a second source for all of Unicode's first plane (its escape sign is no letter)."""
    theirs = {chr(n) for n in range(0x10000) if smsutil.is_valid_gsm(chr(n))} - {"\x1b"}
    assert set(GSM7) == theirs


@given(st.text())
def test_the_result_always_fits(text: str) -> None:
    """Nothing that people type is left outside, and a second pass changes nothing."""
    once = transliterate(text)
    assert is_gsm7(once)
    assert transliterate(once) == once


@given(st.text(st.sampled_from(sorted(GSM7))))
def test_what_fits_is_left_alone(text: str) -> None:
    """A text in GSM-7 passes unchanged."""
    assert transliterate(text) == text


@given(st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("« »êç\u00a0"))))
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    """What a page marks piece by piece is what leaves."""
    assert "".join(sent for _, sent in pieces(text)) == transliterate(text)


def test_what_leaves_as_another_letter_is_named_once() -> None:
    """Not no-break spaces, which nobody sees."""
    assert replaced("L’été,\u00a0la fête, l’été «\u00a0fou\u00a0» 🎉") == (
        ("’", "'"), ("ê", "e"), ("«", '"'), ("»", '"'), ("🎉", ""),
    )  # fmt: skip
