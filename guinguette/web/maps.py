"""The map: a page with the same evenings as a list, and the document that its frame shows."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, Response, render_template, request
from flask_babel import get_locale, gettext

from guinguette.domain.clock import today
from guinguette.domain.errors import N_, NotFound
from guinguette.extensions import db
from guinguette.publishing.map import TILES_SERVER, MapStop, render_map
from guinguette.publishing.tour import PublishedEvening, PublishedTour
from guinguette.services import published
from guinguette.web import kept
from guinguette.web.assets import asset
from guinguette.web.edge import edge
from guinguette.web.language import public_url
from guinguette.web.presenting import long_date, mark, state_name

blueprint = Blueprint("maps", __name__)


@dataclass(frozen=True, slots=True)
class Step:
    """An evening to come, with its village's number: the order in which the villages are reached."""

    number: int
    evening: PublishedEvening


@blueprint.get("/carte")
@kept.page("tour")
def page() -> str:
    """Show the evenings to come on a map and, for whoever sees no map, as the same list month by month."""
    now = today(edge().clock)
    tours = [tour for tour in published.latest(db.session) if published.upcoming([tour], now)]
    chosen = _chosen()
    steps = _steps(chosen)
    months = [list(group) for _, group in groupby(steps, key=lambda s: (s.evening.date.year, s.evening.date.month))]
    marks = {mark(s.evening)[0]: s.evening for s in steps}
    one = chosen[0] if request.args.get("tour") else None
    return render_template("carte.html", tours=tours, one=one, months=months, count=len(steps), legend=marks.values())


@blueprint.get("/carte/document")
def document() -> Response:
    """Answer with the map alone. Raises ``NotFound`` where there is nothing to show."""
    tours = _chosen()
    # the lines of several tours at once would be a tangle
    lines = {item.id: item.vehicle for item in tours[0].evenings} if len(tours) == 1 else {}
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
            line=lines.get(step.evening.id, ""),
        )
        for step in _steps(tours)
    ]
    if not stops:
        raise NotFound(N_("Aucune date à venir : il n’y a rien à montrer sur la carte."))
    return map_response(stops, title=gettext("Carte des soirées"))


def map_response(stops: Sequence[MapStop], *, title: str) -> Response:
    """Answer with the map of ``stops`` (at least one), under a policy of its own: for public and organisers' pages."""
    nonce = secrets.token_urlsafe(16)
    locale = str(get_locale())
    html = render_map(stops, title=title, nonce=nonce, asset=asset, translate=gettext, locale=locale)
    response = Response(html)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}' 'self'; font-src 'self'; "
        f"img-src 'self' data: {TILES_SERVER}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"  # tile servers ask who shows their tiles
    response.headers["Cache-Control"] = "no-store"  # a nonce serves once
    return response


def _chosen() -> list[PublishedTour]:
    slug = request.args.get("tour")
    return [published.by_slug(db.session, slug)] if slug else published.latest(db.session)


def _steps(tours: Iterable[PublishedTour]) -> list[Step]:
    numbers: dict[str, int] = {}
    coming = published.upcoming(tours, today(edge().clock))
    return [Step(numbers.setdefault(item.insee, len(numbers) + 1), item) for item in coming]
