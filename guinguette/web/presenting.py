"""How dates, hours and states read on a page: the templates' filters, in the language of the page."""

import datetime as dt

from flask import Flask, request
from flask_babel import format_date, gettext

from guinguette.domain.clock import PARIS, today
from guinguette.domain.errors import N_
from guinguette.domain.states import EveningState, Placed, moved_to_hall
from guinguette.domain.text import upper_first
from guinguette.publishing.paper import french
from guinguette.publishing.words import day_words, hour_words
from guinguette.services import host_links
from guinguette.web.edge import edge
from guinguette.web.language import page_language

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


def mark(evening: Placed) -> tuple[str, str]:
    """Return the mark of an evening: the ending of its class and icon, and its French name (see ``MARKS``)."""
    return MOVED if moved_to_hall(evening) else MARKS[evening.state]


def state_class(evening: Placed) -> str:
    """Return the class that draws an evening's lantern: s-ok, s-att, s-dep, s-ann or s-rep."""
    return f"s-{mark(evening)[0]}"


def state_icon(evening: Placed) -> str:
    """Return the name of the icon that goes with an evening's state."""
    return mark(evening)[0]


def state_name(evening: Placed) -> str:
    """Return the word for an evening's state, translated."""
    return str(gettext(mark(evening)[1]))


def long_date(day: dt.date, *, year: bool = False) -> str:
    """Return « samedi 10 juillet » (« samedi 1er mai 2027 » with ``year``)."""
    return day_words(day, page_language(), year=year)


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
    """Return « 18 h » or « 18 h 30 » (English: 6:30 pm)."""
    return hour_words(at, page_language())


def instant(at: dt.datetime, *, year: bool = False) -> str:
    """Return « samedi 10 juillet à 14 h 10 » for an aware instant, in the time of Paris."""
    local = at.astimezone(PARIS)
    return str(gettext("%(day)s à %(hour)s", day=long_date(local.date(), year=year), hour=hours(local.time())))


def near_word(day: dt.date) -> str:
    """Return « Ce soir », « Demain » or nothing."""
    away = (day - today(edge().clock)).days
    return {0: str(gettext("Ce soir")), 1: str(gettext("Demain"))}.get(away, "")


def near_date(day: dt.date) -> str:
    """Return « Ce soir, lundi 23 novembre » or « Lundi 23 novembre »."""
    return upper_first(", ".join(filter(None, (near_word(day), long_date(day)))))


def lower_first(text: str) -> str:
    """Return the text without its capital, the rest untouched."""
    return text[:1].lower() + text[1:]


def signed_as(actor: str) -> str:
    """Return who it was as the reader may know it: organisers sign with their e-mail address, which no host reads."""
    if request.blueprint != "host":
        return actor
    return str(gettext("l’association")) if "@" in actor else actor.removesuffix(host_links.SIGNATURE)


def absolute(path: str) -> str:
    """Return the full public address of a path of this site."""
    return edge().settings.public_url + path


def register(app: Flask) -> None:
    """Give the templates these filters (``day | long_date``), ``page_language()`` and ``signed_as(actor)``."""
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
        lower_first,
        french,
        absolute,
    )
    app.jinja_env.filters.update({each.__name__: each for each in filters})
    app.jinja_env.globals.update({"page_language": page_language, "signed_as": signed_as})
