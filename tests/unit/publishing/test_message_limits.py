"""No SMS costs more than its preview said, whatever an organiser writes and whatever happens to an evening."""

import csv
import datetime as dt
import gzip
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from guinguette.domain.errors import InvalidInput
from guinguette.domain.sms_text import is_gsm7
from guinguette.domain.states import EveningState, Venue
from guinguette.paths import DATA
from guinguette.publishing.message_examples import kind_of
from guinguette.publishing.message_limits import LONGEST_COMMUNE, most_segments, refuse_too_long
from guinguette.publishing.message_texts import OPTIONAL, TEMPLATES
from guinguette.publishing.messages import (
    MAX_SEGMENTS,
    Voice,
    announced_text,
    evening_text,
    fitted,
    host_values,
    segments,
    variant,
)
from guinguette.publishing.tour import PublishedEvening, PublishedPlace
from tests.factories import published_evening

STOP, PAGE = "https://guinguette-mobile.fr/stop/abcdefghij", "https://guinguette-mobile.fr"
LINK = f"{PAGE}/comite/{'_' * 22}"
VILLAGERS = [key for key, each in TEMPLATES.items() if each.audience == "villagers" and key != "announced"]


def french(text: str) -> str:
    """Leave the text as it is: the templates are French."""
    return text


def voice(**own: str) -> Voice:
    """The French voice, with some words of one's own."""
    return Voice(locale="fr", translate=french, own=own)


@cache
def names() -> list[str]:
    """Every commune of France, and those of Marne, Haute-Marne and Aube first."""
    with gzip.open(DATA / "communes.csv.gz", "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return [row["name"] for row in sorted(rows, key=lambda row: row["department"] not in ("10", "51", "52"))]


def test_no_commune_has_a_longer_name() -> None:
    """What every text is tried with."""
    assert max(map(len, names())) == len(LONGEST_COMMUNE)


def test_a_moved_date_fits_into_one_message_for_usual_names() -> None:
    """Nine villages in ten around here, with the longest days of the year."""
    moved = published_evening(date=dt.date(2027, 9, 22))
    here = [replace(moved, commune=name) for name in names()[:1467]]
    single = [
        segments(
            evening_text("changed", e, stop_url=STOP, locale="fr", translate=french, date_before=dt.date(2027, 9, 23))
        )
        == 1
        for e in here
    ]
    assert sum(single) > 0.9 * len(here)


@pytest.mark.parametrize("key", TEMPLATES)
def test_every_built_in_text_passes_its_own_check(key: str) -> None:
    """And one that is four hundred letters longer does not: the sentence says how much to take out."""
    text = TEMPLATES[key].text
    refuse_too_long(key, text, voice(), stop_url=STOP, page=PAGE, link=LINK)
    with pytest.raises(InvalidInput) as refused:
        refuse_too_long(key, text + "a" * 306, voice(), stop_url=STOP, page=PAGE, link=LINK)
    shorter = text + "a" * (306 - int(str(refused.value.values["count"])))
    refuse_too_long(key, shorter, voice(), stop_url=STOP, page=PAGE, link=LINK)


_words = st.text(alphabet=st.one_of(st.sampled_from("aé ç€’…«»êœ{}"), st.characters(codec="utf-8")), max_size=80)


@st.composite
def own_words(draw: st.DrawFn, keys: list[str]) -> tuple[str, str]:
    """A text's key, and somebody's own words for it: what it needs and some of the rest, in any order."""
    key = draw(st.sampled_from(keys))
    fields = dict.fromkeys(TEMPLATES[key].fields)
    used = draw(st.permutations([f for f in fields if f not in OPTIONAL or draw(st.booleans())]))
    plain = _words.map(lambda text: text.replace("{", "").replace("}", ""))
    return key, "".join(draw(plain) + "{" + name + "}" for name in used) + draw(plain)


@st.composite
def evenings(draw: st.DrawFn) -> PublishedEvening:
    """An evening in any village, at any place."""
    place = st.builds(PublishedPlace, name=_words, address=_words)
    return published_evening(
        commune=draw(st.sampled_from(["Éclaron", "Les Islettes", LONGEST_COMMUNE])),
        date=dt.date(2027, 1, 1) + dt.timedelta(days=draw(st.integers(0, 364))),
        starts_at=dt.time(draw(st.integers(8, 23)), draw(st.sampled_from([0, 30]))),
        pitch=draw(st.none() | place),
        hall=draw(st.none() | place),
    )


def accepted(key: str, text: str, locale: str) -> Voice:
    """The voice with these words; an example that their editor would be refused is none."""
    found = Voice(locale=locale, translate=french, own={key: text})
    try:
        refuse_too_long(key, text, found, stop_url=STOP, page=PAGE, link=LINK)
    except InvalidInput:
        assume(False)
    return found


@settings(deadline=None)  # texts are counted, not timed
@given(
    words=own_words(VILLAGERS),
    evening=evenings(),
    locale=st.sampled_from(["fr", "en", "de"]),
    state=st.sampled_from([EveningState.CONFIRMED, EveningState.OPTION]),
    venue=st.sampled_from(Venue),
    note=st.text(max_size=300),
    days=st.integers(-30, 30),
)
def test_no_text_exceeds_what_was_previewed(
    words: tuple[str, str],
    evening: PublishedEvening,
    locale: str,
    state: EveningState,
    venue: Venue,
    note: str,
    days: int,
) -> None:
    """The preview is of the evening as published; then it is moved, confirmed, brought indoors, with a reason."""
    key, text = words
    says = accepted(key, text, locale)
    kind = kind_of(key)
    most = most_segments(key, kind, says, [evening], stop_url=STOP, page=PAGE, link=LINK)
    other = evening.date + dt.timedelta(days=days)
    then = replace(
        evening,
        state=state,
        venue=venue,
        change_note=note,
        postponed_to_date=None if key == "postponed_open" else other,
        postponed_to_sure=key != "postponed_maybe",
    )
    before = other if key.startswith("moved_date") else None
    assume(variant(kind, then, before) == key)
    sent = evening_text(kind, then, stop_url=STOP, locale=locale, translate=french, date_before=before, own=says.own)
    assert segments(sent) <= most <= MAX_SEGMENTS
    assert STOP in sent
    assert is_gsm7(sent)


@settings(deadline=None)
@given(
    words=own_words(["announced", "option", "nudge", "option_lapsed", "turned_down", "agreed"]),
    evening=evenings(),
    count=st.integers(1, 40),
)
def test_new_dates_and_hosts_texts_hold_too(words: tuple[str, str], evening: PublishedEvening, count: int) -> None:
    """However many dates there are; the telephone gives way, then how to answer."""
    key, text = words
    says = accepted(key, text, "fr")
    if key == "announced":
        sent = announced_text([evening] * count, says, stop_url=STOP, page=PAGE)
        assert segments(sent) <= MAX_SEGMENTS
    else:
        fillings = host_values(
            commune=evening.commune,
            date=evening.date,
            until=evening.date,
            hours=(evening.starts_at, evening.ends_at),
            phone="03 25 00 00 00 ou plus tard",
            replies=True,
            link=LINK,
            voice=says,
            stop_url=STOP,
        )
        sent = fitted(key, says, fillings)
        assert segments(sent) <= MAX_SEGMENTS or not is_gsm7(sent)
    assert STOP in sent


def test_words_that_no_longer_fit_give_way_to_the_built_in_ones() -> None:
    """The site's address has grown since they were checked: people are told all the same."""
    too_long = "{day} {where} {hours} {stop} " + "a" * 300
    sent = evening_text(
        "reminder", published_evening(), stop_url=STOP, locale="fr", translate=french, own={"reminder": too_long}
    )
    assert sent.startswith("Guinguette : samedi 19 juin")


def test_how_many_dates_fit_and_how_many_more_there_are() -> None:
    """One more is one, not a figure."""
    some = [published_evening(commune=f"Village-{n}") for n in range(9)]
    text = announced_text(some, voice(), stop_url=STOP, page=PAGE)
    assert "Village-0, samedi 19 juin" in text
    assert "autres dates. https://guinguette-mobile.fr STOP" in text
    shown = text.count("Village")
    assert f"et {9 - shown} autres dates" in text
    text = announced_text(some[: shown + 1], voice(), stop_url=STOP, page=PAGE)
    assert text.count("Village") == shown + 1 or "et une autre date" in text
