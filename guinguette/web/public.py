"""The villagers' pages: the next evening, a tour, a village, an evening, and what the law asks to be said."""

from collections.abc import Iterable
from itertools import groupby

from flask import Blueprint, Response, render_template, request

from guinguette.domain.clock import today
from guinguette.extensions import db
from guinguette.models import Commune
from guinguette.publishing.event_data import event_data
from guinguette.publishing.tour import PublishedEvening
from guinguette.services import published
from guinguette.services.nearby import nearest
from guinguette.web.edge import edge
from guinguette.web.language import public_url
from guinguette.web.presenting import absolute

blueprint = Blueprint("public", __name__)

#: How many evenings the home page lists after the first, and how many villages a village without one is shown.
_FOLLOWING = 6
_NEIGHBOURS = 4


@blueprint.after_request
def revalidate(response: Response) -> Response:
    """Let a page be kept, and asked for again each time: an unchanged one costs a phone a few bytes."""
    if request.method in ("GET", "HEAD") and response.is_sequence:
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag()
        response.make_conditional(request)
    return response


@blueprint.get("/")
def home() -> str:
    """Show the next evening as the night poster, what is called off before it, then the programme."""
    tours = published.latest(db.session)
    coming = published.upcoming(tours, today(edge().clock))
    following = next((item for item in coming if item.alive), None)
    called_off = [item for item in coming if not item.alive and following and item.date <= following.date]
    rest = [item for item in coming if item is not following and item not in called_off]
    return render_template(
        "public/home.html", tours=tours, next=following, called_off=called_off, rest=rest[:_FOLLOWING]
    )


@blueprint.get("/tournees/<slug>")
def tour(slug: str) -> str:
    """Show all dates of a tour by month, past ones apart."""
    found = published.by_slug(db.session, slug)
    now = today(edge().clock)
    return render_template(
        "public/tour.html",
        tour=found,
        coming=_months(item for item in found.evenings if item.date >= now),
        past=_months(item for item in found.evenings if item.date < now),
    )


def _months(evenings: Iterable[PublishedEvening]) -> list[list[PublishedEvening]]:
    return [list(items) for _, items in groupby(evenings, key=lambda item: (item.date.year, item.date.month))]


@blueprint.get("/communes/<insee>")
def commune(insee: str) -> str:
    """Show a village's next date and its others, or the nearest evenings where it has none. Raises ``NotFound``."""
    village = published.commune(db.session, insee)
    now = today(edge().clock)
    tours = published.remembered(db.session, now)
    own = published.of_commune(tours, insee)
    coming = [item for item in own if item.date >= now]
    following = next((item for item in coming if item.alive), None)
    return render_template(
        "public/commune.html",
        commune=village,
        next=following,
        others=[item for item in coming if item is not following],
        past=[item for item in own if item.date < now],
        around=[] if following else _around(village, published.all_evenings(tours)),
    )


def _around(village: Commune, evenings: list[PublishedEvening]) -> list[tuple[PublishedEvening, float]]:
    if village.lat is None or village.lon is None:
        return []
    return nearest(evenings, lat=village.lat, lon=village.lon, today=today(edge().clock), count=_NEIGHBOURS)


@blueprint.get("/soirees/<id>")
def evening(id: str) -> str:  # noqa: A002
    """Show one evening, whatever became of it."""
    its_tour, found = published.evening(db.session, id)
    url = absolute(public_url("public.evening", id=found.id))
    return render_template(
        "public/evening.html",
        tour=its_tour,
        evening=found,
        past=found.date < today(edge().clock),
        data=event_data(found, url=url),
    )


@blueprint.get("/mentions-legales")
def legal() -> str:
    """Say who publishes the site."""
    return render_template("public/legal.html")


@blueprint.get("/confidentialite")
def privacy() -> str:
    """Say what is kept of whom, and for how long."""
    return render_template("public/privacy.html", sms=edge().settings.sms, tiles=edge().settings.tiles)


@blueprint.get("/accessibilite")
def accessibility() -> str:
    """Say how accessible the site is."""
    return render_template("public/accessibility.html")
