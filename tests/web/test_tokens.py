"""The colours of tokens.css and the contrast that each of their uses needs."""

import pytest

from guinguette.web.tokens import contrast, measured, palettes


@pytest.mark.parametrize("scheme", ["day", "night", "fixed"])
def test_every_pair_has_the_contrast_its_use_needs(scheme: str) -> None:
    """4.5 for text, 3 for edges and signs, computed from the stylesheet that pages load."""
    assert [(m.pair, round(m.ratio, 2)) for m in measured(scheme) if not m.enough] == []


def test_day_and_night_declare_the_same_colours() -> None:
    """A colour that only one scheme has would show through in the other."""
    assert palettes()["day"].keys() == palettes()["night"].keys()
    assert palettes()["day"]["fond"] != palettes()["night"]["fond"]


def test_contrast_is_wcags() -> None:
    """Black on white is 21; #777 on white is the known 4.48; the order does not matter."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#777777") == pytest.approx(4.478, abs=0.001)
