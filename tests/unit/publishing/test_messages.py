"""The texts of the SMS: the fact first, in one or two messages, with the way to stop."""

import datetime as dt
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guinguette.domain.sms_text import is_gsm7
from guinguette.domain.states import EveningState, Venue
from guinguette.paths import DATA
from guinguette.publishing.messages import (
    MAX_SEGMENTS,
    at_commune,
    code_text,
    evening_text,
    hours_words,
    segments,
)
from guinguette.publishing.tour import PublishedEvening, PublishedPlace
from tests.factories import published_evening

STOP = "https://guinguette-mobile.fr/stop/abcdefghij"
KINDS = ("reminder", "moved_to_hall", "cancelled", "postponed", "changed")
LONGEST = "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson"


def french(text: str) -> str:
    """Leave the text as it is: the templates are French."""
    return text


def text_of(kind: str, evening: PublishedEvening, *, locale: str = "fr", before: dt.date | None = None) -> str:
    """The SMS of a kind."""
    return evening_text(kind, evening, stop_url=STOP, locale=locale, translate=french, date_before=before)


def test_a_reminder_says_when_where_and_where_if_it_rains() -> None:
    """The whole text, as it leaves."""
    assert text_of("reminder", published_evening(commune="Éclaron")) == (
        "Guinguette : samedi 19 juin à Éclaron, 18 h-22 h, Place de l'Église. S'il pleut : Salle des fetes. "
        "STOP : https://guinguette-mobile.fr/stop/abcdefghij"
    )


def test_an_evening_not_yet_confirmed_is_reminded_of_as_such() -> None:
    """Nobody drives ten kilometres on a maybe that looked like a yes."""
    assert " A confirmer." in text_of("reminder", published_evening(state=EveningState.OPTION))


def test_moved_to_the_hall_names_the_hall_and_the_reason() -> None:
    """The new place first, then why."""
    evening = published_evening(commune="Éclaron", venue=Venue.HALL, change_note="orages.")
    assert text_of("moved_to_hall", evening) == (
        "Guinguette : samedi 19 juin à Éclaron, c'est EN SALLE, Salle des fetes, rue du Lac (orages). 18 h-22 h. "
        "STOP : https://guinguette-mobile.fr/stop/abcdefghij"
    )


def test_cancelled_says_so_in_capitals_and_why() -> None:
    """The word that counts cannot be missed."""
    text = text_of("cancelled", published_evening(state=EveningState.CANCELLED, change_note="canicule"))
    assert "est ANNULÉE (canicule)." in text


@pytest.mark.parametrize(
    ("later", "words"), [(dt.date(2027, 8, 1), "REPORTÉE au dimanche 1er aout"), (None, "REPORTÉE, date à suivre")]
)
def test_postponed_names_the_new_date_where_there_is_one(later: dt.date | None, words: str) -> None:
    """With and without a date already found."""
    evening = published_evening(state=EveningState.POSTPONED, postponed_to_date=later)
    assert words in text_of("postponed", evening)


def test_a_new_date_that_nobody_has_agreed_to_is_a_maybe() -> None:
    """Nobody writes it down in ink."""
    evening = published_evening(
        state=EveningState.POSTPONED,
        postponed_to_date=dt.date(2027, 6, 26),
        postponed_to_sure=False,
        change_note="orages",
    )
    assert "est REPORTÉE (orages), sans doute au samedi 26 juin (à confirmer)." in text_of("postponed", evening)


def test_a_change_of_date_names_both() -> None:
    """People must unlearn the old date."""
    text = text_of("changed", published_evening(), before=dt.date(2027, 6, 12))
    assert "ce n'est plus samedi 12 juin mais samedi 19 juin" in text
    assert "plus" not in text_of("changed", published_evening(), before=dt.date(2027, 6, 19))


def test_a_change_of_date_says_why_where_somebody_has_said_so() -> None:
    """A breakdown moved it: the reason last, and the first to give way where the text is long."""
    broken = published_evening(change_note="Le camion est en panne.")
    assert "18 h-22 h (Le camion est en panne). STOP" in text_of("changed", broken, before=dt.date(2027, 6, 12))


def test_a_change_of_date_that_nobody_has_agreed_to_is_a_maybe() -> None:
    """A plan chose it: the village has not said yes."""
    text = text_of("changed", published_evening(state=EveningState.OPTION), before=dt.date(2027, 6, 12))
    assert "ce n'est plus samedi 12 juin mais samedi 19 juin (à confirmer), 18 h-22 h" in text


def test_without_any_place_the_text_still_reads() -> None:
    """No stray comma."""
    assert ", 18 h-22 h. STOP" in text_of("reminder", published_evening(pitch=None, hall=None))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_names_the_sender_and_how_to_stop(kind: str) -> None:
    """The law wants both in each message."""
    text = text_of(kind, published_evening())
    assert text.startswith("Guinguette")
    assert text.endswith(f"STOP : {STOP}")


@pytest.mark.parametrize("kind", KINDS)
def test_every_commune_of_france_fits_into_two_messages_without_losing_place_or_reason(kind: str) -> None:
    """With an ordinary place and reason, whatever the length of the village's name."""
    with gzip.open(DATA / "communes.csv.gz", "rt", encoding="utf-8") as lines:
        names = {line.split(",")[1] for line in lines}
    longest = sorted(names, key=len)[-50:]
    assert LONGEST in longest
    for name in longest:
        text = text_of(kind, published_evening(commune=name, venue=Venue.HALL, change_note="orages annoncés"))
        assert segments(text) <= MAX_SEGMENTS
        assert ("annoncés" in text) is (kind != "reminder")


_words = st.text(max_size=300)


@given(
    kind=st.sampled_from(KINDS),
    note=_words,
    place=_words,
    address=_words,
    locale=st.sampled_from(["fr", "en", "de"]),
    moved=st.booleans(),
)
def test_no_place_and_no_reason_makes_it_longer_than_two(
    kind: str, note: str, place: str, address: str, locale: str, moved: bool
) -> None:
    """Whatever an organiser types, the message stays in GSM-7, in two segments, and ends with STOP."""
    hall = PublishedPlace(name=place, address=address)
    evening = published_evening(commune=LONGEST, venue=Venue.HALL, hall=hall, change_note=note)
    text = text_of(kind, evening, locale=locale, before=dt.date(2027, 6, 1) if moved else None)
    assert is_gsm7(text)
    assert segments(text) <= MAX_SEGMENTS
    assert text.endswith(STOP)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the pair of € may not be torn apart
        ("ê" * 70, 1), ("ê" * 71, 2), ("ê" * 134, 2), ("ê" * 135, 3), ("🎉" * 35, 1),
    ],
)  # fmt: skip
def test_segments_on_both_sides_of_each_boundary(text: str, count: int) -> None:
    """160 and 153 in GSM-7, 70 and 67 outside, pairs kept whole."""
    assert segments(text) == count


@pytest.mark.parametrize(
    ("name", "words"),
    [("Éclaron", "à Éclaron"), ("Le Buisson", "au Buisson"), ("Les Islettes", "aux Islettes"),
     ("La Neuville", "à La Neuville"), ("L’Épine", "à L’Épine"), ("Lestrem", "à Lestrem")],
)  # fmt: skip
def test_in_a_village_as_french_says_it(name: str, words: str) -> None:
    """Le and Les contract, La and L’ do not."""
    assert at_commune(name, "fr", french) == words
    assert at_commune(name, "en", lambda _: "in {commune}") == f"in {name}"


def test_hours_in_the_readers_language() -> None:
    """From when to when, as short as the language allows."""
    assert hours_words(dt.time(18, 30), dt.time(0), "fr") == "18\u00a0h\u00a030-0\u00a0h"
    assert hours_words(dt.time(18, 30), dt.time(22), "en") == "6:30\u00a0pm-10\u00a0pm"
    assert hours_words(dt.time(18), dt.time(22), "de") == "18:00-22:00"


def test_a_code_names_the_sender_and_fits_into_one_message() -> None:
    """Somebody is waiting for it: short, and harmless to whoever asked for nothing."""
    text = code_text("012345", minutes=15, translate=french)
    assert text.startswith("Guinguette : votre code est 012345.")
    assert is_gsm7(text)
    assert segments(text) == 1
