"""Posters, the season on paper, and the pictures that go with a shared link: a published evening or tour in, bytes out.

All of it is French, whatever the language of the page that leads there: it hangs in villages (docs/decisions).
``page`` is always the absolute address that the QR code leads to and that stands beside it in words, ``phone`` the
number to ring ("" where there is none), ``at`` the instant of the publication, which dates the file.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any, Literal

from babel.dates import format_date

from guinguette.publishing import facts
from guinguette.publishing.paper import printable, qr_code, render
from guinguette.publishing.tour import PublishedEvening, PublishedTour
from guinguette.publishing.words import day_words

Shape = Literal["a4", "a3", "square"]

#: Points (1/72 inch) of each shape; the square's are the pixels that social networks ask for.
_SIZES: dict[Shape, tuple[float, float]] = {"a4": (595.276, 841.89), "a3": (841.89, 1190.551), "square": (1080, 1080)}
_AUTHOR = "La Guinguette mobile"


def evening_poster(evening: PublishedEvening, shape: Shape, *, page: str, phone: str, at: dt.datetime) -> bytes:
    """Return the poster of an evening: a PDF page, or for ``square`` a PNG of 1080 pixels."""
    off, change = not evening.alive, facts.change(evening)
    wanted = "Et maintenant\u00a0?" if off else "La soirée est-elle maintenue\u00a0?"
    return _sheet(
        "soiree",
        shape,
        at=at,
        title=f"Guinguette mobile à {facts.name(evening.commune)}, {day_words(evening.date, 'fr', year=True)}"
        + (f"\u00a0: {change.title.lower()}" if change else ""),
        village=facts.name(evening.commune),
        weekday=_day(evening.date, "EEEE"),
        day=_number(evening.date),
        month=_day(evening.date, "MMMM"),
        off=off,
        notice=asdict(change) if change else None,
        where="" if off else facts.where(evening),
        also="" if off else facts.rain(evening),
        programme=[] if off or shape == "square" else facts.programme(evening),
        question=wanted,
        **_reach(page, phone),
        footer=_footer(evening),
    )


def tour_poster(tour: PublishedTour, shape: Shape, *, page: str, phone: str, at: dt.datetime) -> bytes:
    """Return the poster of a tour with all its dates: a PDF of as many pages as they need, or a PNG (``square``)."""
    dates = [evening.date for evening in tour.evenings]
    common = _common_hours(tour.evenings)
    return _sheet(
        "tournee",
        shape,
        at=at,
        title=facts.line(tour.name, facts.LINE),
        period=period(dates),
        hours=common,
        entries=[_entry(item, hours="" if common else facts.hours(item)) for item in tour.evenings],
        **_reach(page, phone),
        question="Une date a-t-elle changé\u00a0?",
        footer=facts.HEALTH,
    )


def season_calendar(
    title: str, evenings: Iterable[PublishedEvening], *, page: str, phone: str, at: dt.datetime
) -> bytes:
    """Return the dates of ``evenings`` month by month, in large type, for the board of a town hall (PDF, A4)."""
    shown = list(evenings)
    return _sheet(
        "calendrier",
        "a4",
        at=at,
        title=facts.line(title, facts.LINE),
        period=period([item.date for item in shown]),
        months=[
            {
                "name": _day(first, "MMMM y").capitalize(),
                "entries": [_entry(item, hours=facts.hours(item)) for item in group],
            }
            for first, group in (
                (key, list(items)) for key, items in groupby(shown, key=lambda item: item.date.replace(day=1))
            )
        ],
        **_reach(page, phone),
        question="Une date a-t-elle changé\u00a0?",
        # whoever reads a sheet on a board must see how old it is
        footer=f"Dates connues le {day_words(at.date(), 'fr', year=True)}. {facts.HEALTH}",
    )


def share_picture(
    *, title: str, above: str, below: Sequence[str] = (), evening: PublishedEvening | None = None, at: dt.datetime
) -> bytes:
    """Return the picture of a shared link (PNG, 1200 × 630): a title, a line above, lines below.

    ``evening`` is the one that the page is about: what has changed stands above all else.
    """
    change = facts.change(evening) if evening else None
    data = {
        "title": facts.line(title, facts.LINE) or _AUTHOR,
        "author": _AUTHOR,
        "above": facts.line(above, facts.LINE),
        "below": [facts.line(line, facts.LINE) for line in below],
        "notice": asdict(change) if change else None,
        "off": evening is not None and not evening.alive,
    }
    return render("partage", data, format="png", at=at)


def evening_share(evening: PublishedEvening, *, at: dt.datetime) -> bytes:
    """Return the picture of an evening's page."""
    below = [] if not evening.alive else [facts.hours(evening), evening.place.name if evening.place else ""]
    return share_picture(
        title=evening.commune, above=day_words(evening.date, "fr"), below=below, evening=evening, at=at
    )


def period(dates: Sequence[dt.date]) -> str:
    """Return « du vendredi 2 juillet au samedi 28 août 2027 », or the one date there is."""
    if not dates:
        return ""
    first, last = min(dates), max(dates)
    if first == last:
        return day_words(first, "fr", year=True)
    return f"du {day_words(first, 'fr', year=first.year != last.year)} au {day_words(last, 'fr', year=True)}"


def _sheet(name: str, shape: Shape, *, at: dt.datetime, **data: Any) -> bytes:
    width, height = _SIZES[shape]
    filled = {"shape": shape, "width": width, "height": height, "author": _AUTHOR, **data}
    return render(name, filled, format="png" if shape == "square" else "pdf", at=at)


def _reach(page: str, phone: str) -> dict[str, Any]:
    """Return how to learn more: the code, its address in words, the number to ring."""
    number = printable(phone).replace(" ", "\u00a0")
    aim = "Visez ce code avec votre téléphone"
    return {
        "code": qr_code(page, f"Code QR vers {page}"),
        "address": page.split("://", 1)[-1],
        "answer": [f"{aim},", f"ou appelez le {number}."] if number else [f"{aim}."],
    }


def _footer(evening: PublishedEvening) -> str:
    hosts = dict.fromkeys(filter(None, (facts.line(evening.host, facts.LINE), facts.line(evening.partner, facts.LINE))))
    return f"{' et '.join(hosts)}. {facts.HEALTH}" if hosts else facts.HEALTH


def _entry(evening: PublishedEvening, *, hours: str) -> dict[str, Any]:
    """Return one date of a list: when, which village, where, and the state in a word where it is not simply on."""
    change = facts.change(evening)
    place = facts.line(evening.place.name, facts.PLACE) if evening.place else ""
    return {
        "when": day_words(evening.date, "fr"),
        "weekday": _day(evening.date, "EEEE"),
        "day": _number(evening.date),
        "village": facts.name(evening.commune),
        "where": "" if not evening.alive else place,
        "hours": "" if not evening.alive else hours,
        "off": not evening.alive,
        "mark": change.mark if change else "",
        "word": change.title.capitalize() if change else "",
    }


def _common_hours(evenings: Sequence[PublishedEvening]) -> str:
    """Return the hours that all evenings share, which are then said once."""
    found = {facts.hours(item) for item in evenings if item.alive}
    return found.pop() if len(found) == 1 else ""


def _day(day: dt.date, pattern: str) -> str:
    return str(format_date(day, pattern, locale="fr"))


def _number(day: dt.date) -> str:
    return "1er" if day.day == 1 else str(day.day)
