"""Dates and hours in words, language by language."""

import datetime as dt

import pytest

from guinguette.publishing.words import day_words, hour_words


@pytest.mark.parametrize(
    ("day", "locale", "words"),
    [
        (dt.date(2027, 7, 31), "fr", "samedi 31\u00a0juillet 2027"),
        (dt.date(2027, 5, 1), "fr", "samedi 1er\u00a0mai 2027"),
        (dt.date(2027, 5, 1), "en", "Saturday 1\u00a0May 2027"),
        (dt.date(2027, 8, 7), "de", "Samstag, 7.\u00a0August 2027"),
        (dt.date(2027, 8, 7), "nl", "zaterdag 7\u00a0augustus 2027"),
        (dt.date(2027, 8, 7), "es", "sábado, 7 de\u00a0agosto 2027"),
    ],
)
def test_a_day(day: dt.date, locale: str, words: str) -> None:
    """Whole words, the first of the month as French has it, the year where it is asked for."""
    assert day_words(day, locale, year=True) == words.replace(" 2027", "\u00a02027")
    assert day_words(day, locale) == words.removesuffix(" 2027")


@pytest.mark.parametrize(
    ("at", "locale", "words"),
    [
        (dt.time(18), "fr", "18\u00a0h"),
        (dt.time(18, 5), "fr", "18\u00a0h\u00a005"),
        (dt.time(18), "en", "6\u00a0pm"),
        (dt.time(18, 30), "en", "6:30\u00a0pm"),
        (dt.time(0), "en", "12\u00a0am"),
        (dt.time(12, 15), "en", "12:15\u00a0pm"),
        (dt.time(18, 30), "de", "18:30"),
    ],
)
def test_an_hour(at: dt.time, locale: str, words: str) -> None:
    """Minutes only where there are any; English as it is written in Europe, not 6:30 PM."""
    assert hour_words(at, locale) == words
