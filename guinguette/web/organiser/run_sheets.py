"""The days of a tour's vans for organisers: which one is next, how far each drives, the sheet of one day."""

import datetime as dt
from itertools import groupby

from flask import Response, make_response, render_template, request

from guinguette.domain.errors import N_, NotFound
from guinguette.domain.text import slugify
from guinguette.extensions import db, limiter
from guinguette.publishing import run_sheets as sheets
from guinguette.publishing.run_sheets import RunSheet
from guinguette.services import run_sheets, tours
from guinguette.services.run_sheets import Day
from guinguette.services.wording import translator
from guinguette.web.association import association
from guinguette.web.edge import edge
from guinguette.web.language import page_language
from guinguette.web.organiser import blueprint

_LIST = "/tournees/<slug>/feuilles-de-route"
_SHEET = f"{_LIST}/<date>/<van>"
#: The sign of each fact (``publishing.run_sheets.LABELS``).
_SIGNS = {
    "ask": "att", "power": "prise", "water": "peut", "toilets": "dep", "keys": "cle", "parking": "lieu",
    "coverage": "sms", "rain": "pluie", "rain_keys": "cle", "taken": "dep", "permit": "verre", "ours": "equipe",
    "host": "equipe", "public": "equipe", "music": "musique", "food": "verre", "money": "euro", "agreed": "ok",
}  # fmt: skip
#: Facts whose words alone do not say what they are about, and those of them that begin with no name.
_NAMED = frozenset(
    {"ask", "water", "toilets", "keys", "parking", "rain", "rain_keys", "permit", "ours", "host", "public"}
)
_NAMELESS = frozenset({"ask", "water", "toilets", "ours", "host"})
#: How many one address may have printed: each takes a core for a moment.
_PRINTS = "30 per minute"


@blueprint.app_template_filter()
def paris_hour(at: dt.datetime) -> str:
    """Return the hour of an instant in Paris, in words."""
    return sheets.hour(at, page_language())


@blueprint.get(_LIST)
def list_run_sheets(slug: str) -> str:
    """List the days of the tour's vans, or of one, the next first; last night's is over once its van stands."""
    tour, van, now = tours.get(db.session, slug), request.args.get("camion", ""), edge().clock.now()
    found = run_sheets.days(db.session, tour, van)
    coming = [each for each in found if each.times.over_at > now]
    return render_template(
        "organisation/feuilles_de_route.html",
        tour=tour,
        asked=van,
        months=_months(coming),
        over=[each for each in reversed(found) if each.times.over_at <= now],
    )


@blueprint.get(_SHEET)
def run_sheet(slug: str, date: str, van: str) -> Response:
    """Show a van's day."""
    tour, tools = tours.get(db.session, slug), edge()
    shown = run_sheets.sheet(db.session, tour, _day(date), van, clock=tools.clock, vault=tools.vault)
    locale, now = page_language(), tools.clock.now()
    page = render_template(
        "organisation/feuille_de_route.html",
        tour=tour,
        sheet=shown,
        driven=lambda way: sheets.driven(way, translator(locale), locale),
        steps=sheets.steps(shown, translator(locale), locale),
        facts=sheets.facts(shown, translator(locale), locale),
        signs=_SIGNS,
        named=_NAMED,
        nameless=_NAMELESS,
        now=now if now < shown.rested_at else None,  # a day lasts until its crew has slept
    )
    return _private(make_response(page))


@blueprint.get(f"{_SHEET}/feuille.pdf")
def run_sheet_paper(slug: str, date: str, van: str) -> Response:
    """Answer with a van's day on one page."""
    tour, tools = tours.get(db.session, slug), edge()
    shown = run_sheets.sheet(db.session, tour, _day(date), van, clock=tools.clock, vault=tools.vault)
    return _paper([shown], f"feuille-de-route-{slugify(shown.commune)}-{shown.date}")


@blueprint.get(f"{_SHEET}/semaine.pdf")
def run_sheets_of_week(slug: str, date: str, van: str) -> Response:
    """Answer with a van's days from Monday to Sunday, a page each."""
    tour, tools = tours.get(db.session, slug), edge()
    shown = run_sheets.week(db.session, tour, _day(date), van, clock=tools.clock, vault=tools.vault)
    return _paper(shown, f"feuilles-de-route-{slugify(shown[0].van)}-{shown[0].date}")


def _paper(shown: list[RunSheet], name: str) -> Response:
    answer = make_response(_print(shown))
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return _private(answer)


@limiter.limit(_PRINTS)
def _print(shown: list[RunSheet]) -> bytes:
    return sheets.paper(shown, phone=association().phone, at=edge().clock.now())


def _private(answer: Response) -> Response:
    """Let nobody on the way keep names and numbers, nor the phone that shows them."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise NotFound(N_("Ce jour n’existe pas.")) from None


def _months(of: list[Day]) -> list[list[Day]]:
    return [list(days) for _, days in groupby(of, key=lambda day: (day.evening.date.year, day.evening.date.month))]
