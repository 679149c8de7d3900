"""Dates and hours in words, the same on a page, in a calendar and in an SMS.

What belongs together is joined by no-break spaces (SMS make plain ones of them).
"""

import datetime as dt

from babel.dates import format_date, format_time


def day_words(day: dt.date, locale: str, *, year: bool = False) -> str:
    """Return « samedi 31 juillet », « samedi 1er mai 2027 » with ``year``; "Saturday 31 July"."""
    number = "1'er'" if locale == "fr" and day.day == 1 else "d"
    return str(format_date(day, f"EEEE {number}\u00a0MMMM" + ("\u00a0y" if year else ""), locale=locale))


def hour_words(at: dt.time, locale: str) -> str:
    """Return « 18 h », « 18 h 30 »; "6 pm", "6:30 pm"; in another language, that language's short form."""
    if locale == "fr":
        return f"{at.hour}\u00a0h" + (f"\u00a0{at.minute:02}" if at.minute else "")
    if locale == "en":  # babel's short form is American ("6:30 PM"), beside a date in the order that Europeans read
        return str(format_time(at, "h:mm\u00a0a" if at.minute else "h\u00a0a", locale=locale)).lower()
    return str(format_time(at, "short", locale=locale))
