"""Posters, the season on paper, and the pictures that go with a shared link: a published evening or tour in, bytes out.

All of it is French, whatever the language of the page that leads there: it hangs in villages (docs/decisions).
``page`` is always the absolute address that the QR code leads to and that stands beside it in words, ``phone`` the
number to ring ("" where there is none), ``at`` the instant of the publication, which dates the file.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Literal

from babel.dates import format_date

from guinguette.domain.states import UNSURE, EveningState, Venue, moved_to_hall
from guinguette.publishing.paper import french, printable, qr_code, render, shortened
from guinguette.publishing.tour import PublishedEvening, PublishedPlace, PublishedTour
from guinguette.publishing.words import day_words, hour_words

Shape = Literal["a4", "a3", "square"]

#: Points (1/72 inch) of each shape; the square's are the pixels that social networks ask for.
_SIZES: dict[Shape, tuple[float, float]] = {"a4": (595.276, 841.89), "a3": (841.89, 1190.551), "square": (1080, 1080)}
_AUTHOR = "La Guinguette mobile"
_HEALTH = "L’abus d’alcool est dangereux pour la santé, à consommer avec modération."
_WAIT = "La date n’est pas encore sûre\u00a0: attendez la confirmation avant de vous déplacer."
_WAIT_LATER = "La nouvelle date n’est pas encore sûre\u00a0: attendez la confirmation avant de vous déplacer."
#: How much of what people type a poster can hold; the page that the code leads to has it all.
_LINE, _DESCRIPTION, _PLACE = 150, 240, 120


def evening_poster(evening: PublishedEvening, shape: Shape, *, page: str, phone: str, at: dt.datetime) -> bytes:
    """Return the poster of an evening: a PDF page, or for ``square`` a PNG of 1080 pixels."""
    off, notice = not evening.alive, _notice(evening)
    wanted = "Et maintenant\u00a0?" if off else "La soirée est-elle maintenue\u00a0?"
    return _sheet(
        "soiree",
        shape,
        at=at,
        title=f"Guinguette mobile à {_name(evening.commune)}, {day_words(evening.date, 'fr', year=True)}"
        + (f"\u00a0: {notice['title'].lower()}" if notice else ""),
        village=_name(evening.commune),
        weekday=_day(evening.date, "EEEE"),
        day=_number(evening.date),
        month=_day(evening.date, "MMMM"),
        off=off,
        notice=notice,
        where="" if off else _where(evening),
        also="" if off else _rain(evening),
        programme=[] if off or shape == "square" else _programme(evening),
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
        title=_text(tour.name, _LINE),
        period=period(dates),
        hours=common,
        entries=[_entry(item, hours="" if common else _hours(item)) for item in tour.evenings],
        **_reach(page, phone),
        question="Une date a-t-elle changé\u00a0?",
        footer=_HEALTH,
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
        title=_text(title, _LINE),
        period=period([item.date for item in shown]),
        months=[
            {"name": _day(first, "MMMM y"), "entries": [_entry(item, hours=_hours(item)) for item in group]}
            for first, group in (
                (key, list(items)) for key, items in groupby(shown, key=lambda item: item.date.replace(day=1))
            )
        ],
        **_reach(page, phone),
        question="Une date a-t-elle changé\u00a0?",
        # whoever reads a sheet on a board must see how old it is
        footer=f"Dates connues le {day_words(at.date(), 'fr', year=True)}. {_HEALTH}",
    )


def share_picture(
    *, title: str, above: str, below: Sequence[str] = (), evening: PublishedEvening | None = None, at: dt.datetime
) -> bytes:
    """Return the picture of a shared link (PNG, 1200 × 630): a title, a line above, lines below.

    ``evening`` is the one that the page is about: what has changed stands above all else.
    """
    notice = _notice(evening) if evening else None
    data = {
        "title": _text(title, _LINE) or _AUTHOR,
        "author": _AUTHOR,
        "above": _text(above, _LINE),
        "below": [_text(line, _LINE) for line in below],
        "notice": notice,
        "off": evening is not None and not evening.alive,
    }
    return render("partage", data, format="png", at=at)


def evening_share(evening: PublishedEvening, *, at: dt.datetime) -> bytes:
    """Return the picture of an evening's page."""
    below = [] if not evening.alive else [_hours(evening), evening.place.name if evening.place else ""]
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
    answer = ["Visez ce code avec votre téléphone"]
    return {
        "code": qr_code(page, f"Code QR vers {page}"),
        "address": page.split("://", 1)[-1],
        "answer": [f"{answer[0]},", f"ou appelez le {number}."] if number else [f"{answer[0]}."],
    }


def _notice(evening: PublishedEvening) -> dict[str, Any] | None:
    """Return what people must know before all else, with the mark of guinguette.css that it bears, or nothing."""
    note = _text(evening.change_note, _DESCRIPTION)
    later = evening.postponed_to_date
    if evening.state is EveningState.CANCELLED:
        mark, title, lines = "ann", "ANNULÉE", [note or "Cette soirée n’aura pas lieu."]
    elif evening.state is EveningState.POSTPONED and later is not None:
        title = f"REPORTÉE AU {day_words(later, 'fr').upper()}"
        mark, lines = "rep", [note, "" if evening.postponed_to_sure else _WAIT_LATER]
    elif evening.state is EveningState.POSTPONED:
        mark, title, lines = "rep", "REPORTÉE", [note, "Aucune nouvelle date n’est fixée pour l’instant."]
    elif moved_to_hall(evening):
        mark, title, lines = "dep", "À LA SALLE DES FÊTES", [note]
    elif evening.state in UNSURE:
        mark, title, lines = "att", "À CONFIRMER", [_WAIT]
    else:
        return None
    return {"mark": mark, "title": title, "lines": [line for line in lines if line]}


def _programme(evening: PublishedEvening) -> list[str]:
    """Return what the evening offers, what matters first: where there is little room the last lines give way."""
    news = "" if _notice(evening) else evening.change_note
    money = ". ".join(part.strip(" .") for part in (evening.prices, evening.payment) if part.strip(" ."))
    lines = [(text, _LINE) for text in (news, evening.artists, evening.food, money)]
    return [line for text, width in (*lines, (evening.description, _DESCRIPTION)) if (line := _text(text, width))]


def _where(evening: PublishedEvening) -> str:
    place = _place(evening.place)
    return f"{place}, {_hours(evening)}" if place else _hours(evening).capitalize()


def _rain(evening: PublishedEvening) -> str:
    hall = _place(evening.hall) if evening.venue is Venue.PITCH else ""
    return f"S’il pleut\u00a0: {hall}" if hall else ""


def _place(place: PublishedPlace | None) -> str:
    if place is None:
        return ""
    name, address = _text(place.name, _PLACE), _text(place.address, _PLACE)
    return name if not address or address.casefold() == name.casefold() else ", ".join(filter(None, (name, address)))


def _footer(evening: PublishedEvening) -> str:
    hosts = dict.fromkeys(filter(None, (_text(evening.host, _LINE), _text(evening.partner, _LINE))))
    return f"{' et '.join(hosts)}. {_HEALTH}" if hosts else _HEALTH


def _entry(evening: PublishedEvening, *, hours: str) -> dict[str, Any]:
    """Return one date of a list: when, which village, where, and the state in a word where it is not simply on."""
    notice = _notice(evening)
    place = _text(evening.place.name, _PLACE) if evening.place else ""
    return {
        "when": day_words(evening.date, "fr"),
        "weekday": _day(evening.date, "EEEE"),
        "day": _number(evening.date),
        "village": _name(evening.commune),
        "where": "" if not evening.alive else place,
        "hours": "" if not evening.alive else hours,
        "off": not evening.alive,
        "mark": notice["mark"] if notice else "",
        "word": notice["title"].capitalize() if notice else "",
    }


def _common_hours(evenings: Sequence[PublishedEvening]) -> str:
    """Return the hours that all evenings share, which are then said once."""
    found = {_hours(item) for item in evenings if item.alive}
    return found.pop() if len(found) == 1 else ""


def _hours(evening: PublishedEvening) -> str:
    start, end = (hour_words(at, "fr") for at in (evening.starts_at, evening.ends_at))
    return f"de\u00a0{start} à\u00a0{end}"


def _day(day: dt.date, pattern: str) -> str:
    return str(format_date(day, pattern, locale="fr"))


def _number(day: dt.date) -> str:
    return "1er" if day.day == 1 else str(day.day)


def _name(commune: str) -> str:
    return french(printable(commune)) or "?"


def _text(text: str, width: int) -> str:
    return shortened(french(printable(text)), width)
