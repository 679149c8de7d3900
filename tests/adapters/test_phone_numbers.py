"""Mobile numbers as people type them."""

import pytest

from guinguette.adapters.phone_numbers import masked, mobile
from guinguette.domain.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("06.12.34.56.78", "+33612345678"),
        ("0612345678", "+33612345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        (" 07 56 78 90 12 ", "+33756789012"),
        ("06 39 98 00 00", "+33639980000"),
        ("+33639989999", "+33639989999"),
        ("0690 12 34 56", "+590690123456"),
        ("0692 12 34 56", "+262692123456"),
        ("0694 12 34 56", "+594694123456"),
        ("0696 12 34 56", "+596696123456"),
        ("+687 75 12 34", "+687751234"),
    ],
)
def test_what_is_a_french_mobile_however_it_is_written(typed: str, e164: str) -> None:
    """06, 07, overseas, and the numbers that ARCEP keeps for fiction."""
    assert mobile(typed) == e164


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Écrivez votre numéro"),
        ("06 39 98 12 3", "Il manque un chiffre : vous en avez tapé neuf sur dix."),
        ("+33 6 39 98 12 3", "Il manque un chiffre"),
        ("06 39 98 12 345", "un chiffre de trop"),
        ("06 12", "vous en avez tapé 4"),
        ("bonjour", "vous en avez tapé 0"),
        ("03 25 00 00 00", "n’est pas celui d’un portable"),
        ("08 92 12 34 56", "n’est pas celui d’un portable"),
        ("07 00 00 00 00", "n’existe pas"),
        ("+32 470 12 34 56", "Seuls les portables français"),
        ("0049 151 23456789", "Seuls les portables français"),
    ],
)
def test_what_is_not_is_refused_with_what_to_correct(typed: str, sentence: str) -> None:
    """One sentence each, on the field."""
    with pytest.raises(InvalidInput) as refusal:
        mobile(typed)
    assert sentence in str(refusal.value)
    assert refusal.value.field == "phone"


def test_a_masked_number_shows_two_digits() -> None:
    """Enough to recognise one's own, too little to ring."""
    assert masked("+33639981234") == "+33 •••••••34"
