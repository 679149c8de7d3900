"""How dates, hours and states read on a page: the templates' filters, in the language of the page."""

import datetime as dt
from typing import Any, Protocol

from flask import Flask
from flask_babel import format_date, format_time, gettext

from guinguette.domain.clock import PARIS, today
from guinguette.domain.errors import N_
from guinguette.domain.states import EveningState, Venue
from guinguette.web.edge import edge
from guinguette.web.language import FRENCH, page_language


class Shown(Protocol):
    """What a lantern needs of an evening; ``PublishedEvening`` and ``models.Evening`` both have it."""

    @property
    def state(self) -> str: ...
    @property
    def venue(self) -> str: ...
    @property
    def pitch(self) -> Any: ...
    @property
    def change_note(self) -> str: ...


#: The ending of the class ``s-…`` (guinguette.css), which is also the name of the icon, and the word beside it.
MARKS: dict[str, tuple[str, str]] = {
    EveningState.PROPOSED: ("att", N_("À confirmer")),
    EveningState.OPTION: ("att", N_("À confirmer")),
    EveningState.CONFIRMED: ("ok", N_("Confirmée")),
    EveningState.HELD: ("ok", N_("A eu lieu")),
    EveningState.CANCELLED: ("ann", N_("Annulée")),
    EveningState.POSTPONED: ("rep", N_("Reportée")),
}
MOVED = ("dep", N_("Déplacée à la salle des fêtes"))


def mark(evening: Shown) -> tuple[str, str]:
    """Return the mark of an evening: the ending of its class and icon, and its French name (see ``MARKS``).

    Moved means that the hall serves instead of a pitch, for a reason; in winter the hall is the place from the start.
    """
    moved = evening.venue == Venue.HALL and evening.pitch is not None and evening.change_note
    if moved and evening.state == EveningState.CONFIRMED:
        return MOVED
    return MARKS[evening.state]


def state_class(evening: Shown) -> str:
    """Return the class that draws an evening's lantern: s-ok, s-att, s-dep, s-ann or s-rep."""
    return f"s-{mark(evening)[0]}"


def state_icon(evening: Shown) -> str:
    """Return the name of the icon that goes with an evening's state."""
    return mark(evening)[0]


def state_name(evening: Shown) -> str:
    """Return the word for an evening's state, translated."""
    return str(gettext(mark(evening)[1]))


def french() -> bool:
    """Tell whether the page is in French, whose first of the month and hours have a form of their own."""
    return page_language() == FRENCH


def long_date(day: dt.date, *, year: bool = False) -> str:
    """Return « samedi 10 juillet » (« samedi 1er mai 2027 » with ``year``)."""
    first = "1'er'" if french() and day.day == 1 else "d"
    return str(format_date(day, f"EEEE {first}\u00a0MMMM" + ("\u00a0y" if year else "")))


def short_weekday(day: dt.date) -> str:
    """Return « sam. »."""
    return str(format_date(day, "EEE"))


def short_month(day: dt.date) -> str:
    """Return « juil. »."""
    return str(format_date(day, "MMM"))


def month_name(day: dt.date) -> str:
    """Return « juillet 2027 »."""
    return str(format_date(day, "MMMM\u00a0y"))


def hours(at: dt.time) -> str:
    """Return « 18 h » or « 18 h 30 » (English: 6:30 PM)."""
    if not french():
        return str(format_time(dt.datetime.combine(dt.date.min, at), "short", rebase=False))
    return f"{at.hour}\u00a0h" + (f"\u00a0{at.minute:02}" if at.minute else "")


def instant(at: dt.datetime) -> str:
    """Return « samedi 10 juillet à 14 h 10 » for an aware instant, in the time of Paris."""
    local = at.astimezone(PARIS)
    return str(gettext("%(day)s à %(hour)s", day=long_date(local.date()), hour=hours(local.time())))


def near_word(day: dt.date) -> str:
    """Return « Ce soir », « Demain » or nothing."""
    away = (day - today(edge().clock)).days
    return {0: str(gettext("Ce soir")), 1: str(gettext("Demain"))}.get(away, "")


def near_date(day: dt.date) -> str:
    """Return « Ce soir, lundi 23 novembre » or « Lundi 23 novembre »."""
    return upper_first(", ".join(filter(None, (near_word(day), long_date(day)))))


def upper_first(text: str) -> str:
    """Return the text with a capital, the rest untouched (Jinja's ``capitalize`` would lower « Saint-Dizier »)."""
    return text[:1].upper() + text[1:]


def absolute(path: str) -> str:
    """Return the full public address of a path of this site."""
    return edge().settings.public_url + path


def register(app: Flask) -> None:
    """Give the templates these filters (``day | long_date``) and ``page_language()``."""
    filters = (
        state_class,
        state_icon,
        state_name,
        long_date,
        short_weekday,
        short_month,
        month_name,
        hours,
        instant,
        near_word,
        near_date,
        upper_first,
        absolute,
    )
    app.jinja_env.filters.update({each.__name__: each for each in filters})
    app.jinja_env.globals["page_language"] = page_language
