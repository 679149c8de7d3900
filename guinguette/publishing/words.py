"""Dates, hours, distances and durations in words, the same on a page, on paper, in a calendar and in an SMS.

What belongs together is joined by no-break spaces (SMS make plain ones of them).
"""

import datetime as dt
import re
from collections.abc import Callable
from functools import cache

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from guinguette.domain.errors import N_

#: Turns a French template into the reader's language (gettext-like).
Translate = Callable[[str], str]

_KILOMETRES = N_("{number}\u00a0km")
_MINUTES = N_("{minutes}\u00a0min")
_HOURS_AND_MINUTES = N_("{hours}\u00a0h\u00a0{minutes}")
_DRIVEN = N_("{distance}, {duration}")
_ESTIMATED = N_("{distance}, {duration}, estimé")


def day_words(day: dt.date, locale: str, *, year: bool = False) -> str:
    """Return « samedi 31 juillet », « samedi 1er mai 2027 » with ``year``; "Saturday 31 July".

    Any other language has its own long date ("Samstag, 7. August").
    """
    pattern = _day_pattern(locale)
    if locale == "fr" and day.day == 1:
        pattern = pattern.replace("d", "1'er'")
    return str(format_date(day, pattern + ("\u00a0y" if year else ""), locale=locale))


@cache
def _day_pattern(locale: str) -> str:
    """Return the language's own long date, without its year. English is Europe's: babel's puts the month first."""
    full = "EEEE d MMMM y" if locale == "en" else str(Locale.parse(locale).date_formats["full"].pattern)
    return re.sub(r"(\s'[^']*')?[\s,]*y+$", "", full).replace(" MMMM", "\u00a0MMMM")


def hour_words(at: dt.time, locale: str) -> str:
    """Return « 18 h », « 18 h 30 »; "6 pm", "6:30 pm"; in another language, that language's short form."""
    if locale == "fr":
        return f"{at.hour}\u00a0h" + (f"\u00a0{at.minute:02}" if at.minute else "")
    if locale == "en":  # babel's short form is American ("6:30 PM"), beside a date in the order that Europeans read
        return str(format_time(at, "h:mm\u00a0a" if at.minute else "h\u00a0a", locale=locale)).lower()
    return str(format_time(at, "short", locale=locale))


def distance_words(metres: int, translate: Translate, locale: str) -> str:
    """Return « 1 235 km »."""
    return translate(_KILOMETRES).format(number=format_decimal(round(metres / 1000), locale=locale))


def duration_words(seconds: int, translate: Translate) -> str:
    """Return « 51 min » or « 1 h 05 »."""
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    if not hours:
        return translate(_MINUTES).format(minutes=minutes)
    return translate(_HOURS_AND_MINUTES).format(hours=hours, minutes=f"{minutes:02}")


def drive_words(metres: int, seconds: int, *, by_road: bool, translate: Translate, locale: str) -> str:
    """Return « 38 km, 45 min », and that it is estimated where no road server has timed it."""
    distance, duration = distance_words(metres, translate, locale), duration_words(seconds, translate)
    return translate(_DRIVEN if by_road else _ESTIMATED).format(distance=distance, duration=duration)
