"""The SMS in every language there is a catalogue for: a wrong place name in a translation would stop the sending."""

import datetime as dt

import pytest

from guinguette.domain.sms_text import is_gsm7
from guinguette.domain.states import EveningState
from guinguette.publishing.messages import MAX_SEGMENTS, code_text, evening_text, segments
from guinguette.services.wording import translator
from guinguette.web.language import languages
from tests.factories import published_evening

LATER = dt.date(2027, 7, 10)


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize("kind", ["reminder", "moved_to_hall", "cancelled", "postponed", "changed"])
@pytest.mark.parametrize("later", [LATER, None])
def test_every_template_of_every_language_can_be_filled(locale: str, kind: str, later: dt.date | None) -> None:
    """Each kind, in both its variants, names the sender and the way to stop, within two messages."""
    evening = published_evening(change_note="orages", postponed_to_date=later, state=EveningState.OPTION)
    text = evening_text(
        kind,
        evening,
        stop_url="https://guinguette.example/stop/abcdefghij",
        locale=locale,
        translate=translator(locale),
        date_before=later,
    )
    assert "Guinguette" in text
    assert "Éclaron" in text
    assert text.endswith("abcdefghij")
    assert is_gsm7(text)
    assert segments(text) <= MAX_SEGMENTS


@pytest.mark.parametrize("locale", languages())
def test_a_code_in_every_language(locale: str) -> None:
    """One message, with the code in it."""
    text = code_text("012345", minutes=15, translate=translator(locale))
    assert "012345" in text
    assert segments(text) == 1


def test_a_language_without_catalogue_reads_french() -> None:
    """Nobody goes without a message for want of a translation."""
    assert translator("xx")("Bonsoir") == "Bonsoir"
