"""The map: a page with the same evenings as a list, and the document that its frame shows."""

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, Response, render_template, request
from flask_babel import get_locale, gettext

from guinguette.domain.clock import today
from guinguette.domain.errors import N_, NotFound
from guinguette.extensions import db
from guinguette.publishing.map import LINE_STYLES, MapStop, render_map
from guinguette.publishing.tiles import TILES
from guinguette.publishing.tour import PublishedEvening, PublishedTour
from guinguette.services import published
from guinguette.services.programme import month_of
from guinguette.web import kept
from guinguette.web.assets import asset
from guinguette.web.edge import edge
from guinguette.web.language import public_url
from guinguette.web.presenting import long_date, mark, short_month, state_name

blueprint = Blueprint("maps", __name__)
blueprint.after_request(kept.revalidate)


@dataclass(frozen=True, slots=True)
class Step:
    """An evening to come, with its village's number: what stands for the village on the map and in the list."""

    number: int
    evening: PublishedEvening


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for (``?tour=``, ``?mois=2027-07``): the tours, the steps, all months that have some.

    ``month`` is the first of the month chosen, or null: a month without evenings is none.
    """

    tours: list[PublishedTour]
    month: dt.date | None
    months: list[dt.date]
    steps: list[Step]

    @property
    def with_lines(self) -> bool:
        """Tell whether lines join the evenings: those of several tours at once would be a tangle."""
        return len(self.tours) == 1

    @property
    def vehicles(self) -> list[str]:
        """Return the vehicles in the order of their lines."""
        return list(dict.fromkeys(step.evening.vehicle for step in self.steps if step.evening.alive))


@blueprint.get("/carte")
@kept.page("tour", "mois")
def page() -> str:
    """Show the evenings to come on a map and, for whoever sees no map, as the same list month by month."""
    now = today(edge().clock)
    choice = _choice()
    return render_template(
        "carte.html",
        tours=[tour for tour in published.latest(db.session) if published.upcoming([tour], now)],
        one=choice.tours[0] if request.args.get("tour") else None,
        choice=choice,
        months=[list(group) for _, group in groupby(choice.steps, key=lambda step: _month(step.evening))],
        legend={mark(step.evening)[0]: step.evening for step in choice.steps}.values(),
        lines=_lines(choice),
    )


@blueprint.get("/carte/document")
def document() -> Response:
    """Answer with the map alone. Raises ``NotFound`` where there is nothing to show."""
    choice = _choice()
    stops = [
        MapStop(
            lat=step.evening.lat,
            lon=step.evening.lon,
            label=step.evening.commune,
            when=long_date(step.evening.date),
            state=state_name(step.evening),
            url=public_url("public.evening", id=step.evening.id),
            number=step.number,
            mark=mark(step.evening)[0],
            day=str(step.evening.date.day),
            month=short_month(step.evening.date),
            line=step.evening.vehicle if choice.with_lines else "",
        )
        for step in choice.steps
    ]
    if not stops:
        raise NotFound(N_("Aucune date à venir : il n’y a rien à montrer sur la carte."))
    return map_response(stops, title=gettext("Carte des soirées"))


def map_response(stops: Sequence[MapStop], *, title: str) -> Response:
    """Answer with the map of ``stops`` (at least one), under a policy of its own: for public and organisers' pages."""
    nonce = secrets.token_urlsafe(16)
    tiles = TILES[edge().settings.tiles]
    locale = str(get_locale())
    html = render_map(stops, title=title, nonce=nonce, tiles=tiles, asset=asset, translate=gettext, locale=locale)
    response = Response(html)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}' 'self'; font-src 'self'; "
        f"img-src 'self' data: {tiles.server}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"  # tile servers ask who shows their tiles
    response.headers["Permissions-Policy"] = "geolocation=(), camera=(), microphone=()"
    response.headers["Cache-Control"] = "no-store"  # a nonce serves once
    return response


def _choice() -> Choice:
    slug = request.args.get("tour")
    tours = [published.by_slug(db.session, slug)] if slug else published.latest(db.session)
    steps = _steps(tours)
    months = list(dict.fromkeys(_month(step.evening) for step in steps))
    month = next((each for each in months if month_of(each) == request.args.get("mois")), None)
    return Choice(tours, month, months, [step for step in steps if month in (None, _month(step.evening))])


def _steps(tours: Iterable[PublishedTour]) -> list[Step]:
    numbers: dict[str, int] = {}
    coming = published.upcoming(tours, today(edge().clock))
    return [Step(numbers.setdefault(item.insee, len(numbers) + 1), item) for item in coming]


def _month(evening: PublishedEvening) -> dt.date:
    return evening.date.replace(day=1)


def _lines(choice: Choice) -> list[tuple[int, str]]:
    """Return the style and the vehicle of each line, where there are several to tell apart."""
    vehicles = choice.vehicles if choice.with_lines else []
    return [(n % LINE_STYLES, name) for n, name in enumerate(vehicles)] if len(vehicles) > 1 else []
