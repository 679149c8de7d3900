"""The dates on a village's own website: the page for its frame, and the page that gives the line to paste."""

import datetime as dt

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext
from markupsafe import Markup

from guinguette.domain.clock import today
from guinguette.domain.errors import NotFound
from guinguette.extensions import db
from guinguette.publishing.tour import PublishedTour
from guinguette.services import embedding, published
from guinguette.web import kept
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.language import public_url
from guinguette.web.presenting import absolute

blueprint = Blueprint("embeds", __name__)
blueprint.after_request(kept.revalidate)

#: Any website may frame it; it runs nothing, sends nothing, and takes what it shows from us alone (connect-src: what
#: checks a page, Lighthouse for one, asks for robots.txt in its name).
POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors *"
)
#: What the page to paste from offers, and what a frame needs in height (pixels) besides and for each date.
COUNTS = (1, 2, 4, 8, 12)
_HEIGHT, _HEIGHT_OF_DATE = 250, 185
_LINE = Markup(
    '<iframe src="{address}" title="{title}" height="{height}" loading="lazy" style="width:100%;border:0"></iframe>'
)


@blueprint.get("/embed/<slug>")
@kept.page("commune", "nombre")
def frame(slug: str) -> Response:
    """Show a tour's next dates, ``?commune=``'s first, ``?nombre=`` in all, in any website's frame; faults too."""
    insee, count = request.args.get("commune"), request.args.get("nombre", embedding.USUAL, type=int)
    try:
        shown = embedding.dates(db.session, slug, insee=insee, count=count, today=today(edge().clock))
        response = make_response(render_template("embed.html", shown=shown, slug=slug, insee=insee))
    except NotFound as error:
        response = make_response(render_template("embed.html", refused=sentence(error)), 404)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Permissions-Policy"] = "geolocation=(), camera=(), microphone=()"
    return response


@blueprint.get("/integrer")
@kept.page("tour", "commune", "nombre")
def page() -> str:
    """Give a village's webmaster the line to paste, for the tour, village and number chosen in a form."""
    now = today(edge().clock)
    tours = [tour for tour in published.latest(db.session) if published.upcoming([tour], now)]
    villages = embedding.villages(tours, now)
    village = next((each for each in villages if each[0] == request.args.get("commune")), None)
    tour = _tour(tours, village, now)
    asked = request.args.get("nombre", embedding.USUAL, type=int)
    count = asked if asked in COUNTS else embedding.USUAL
    path = _path(tour.slug, village, count) if tour else ""
    return render_template(
        "integrer.html",
        tours=tours,
        tour=tour,
        villages=villages,
        village=village,
        counts=COUNTS,
        count=count,
        path=path,
        title=_title(village),
        height=_height(count),
        line=_line(path, village, count),
    )


def _tour(tours: list[PublishedTour], village: tuple[str, str] | None, now: dt.date) -> PublishedTour | None:
    """Return the tour asked for, else the first that comes to the village, else the first of all."""
    asked = [each for each in tours if each.slug == request.args.get("tour")]
    visiting = [each for each in tours if village in embedding.villages([each], now)]
    return next(iter(asked + visiting + tours), None)


def _path(slug: str, village: tuple[str, str] | None, count: int) -> str:
    return public_url("embeds.frame", slug=slug, commune=village[0] if village else None, nombre=count)


def _height(count: int) -> int:
    return _HEIGHT + _HEIGHT_OF_DATE * count


def _line(path: str, village: tuple[str, str] | None, count: int) -> str:
    """Return the line to paste, its values escaped: a village's name may hold a quotation mark."""
    return str(_LINE.format(address=absolute(path), title=_title(village), height=_height(count)))


def _title(village: tuple[str, str] | None) -> str:
    if village is None:
        return str(gettext("Les prochaines soirées de la Guinguette mobile"))
    return str(gettext("La Guinguette mobile à %(commune)s et ailleurs", commune=village[1]))
