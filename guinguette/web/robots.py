"""What search engines may read, and where: ``robots.txt``, ``sitemap.xml``, and the header on what is not for them."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Flask, Response, render_template, request

from guinguette.domain.clock import today
from guinguette.extensions import db
from guinguette.publishing.tour import PublishedTour
from guinguette.services import published
from guinguette.web import kept
from guinguette.web.edge import edge
from guinguette.web.language import languages, public_url
from guinguette.web.presenting import absolute

blueprint = Blueprint("robots", __name__)
blueprint.after_request(kept.revalidate)

_PRIVATE = ("/organisation/", "/connexion", "/deconnexion", "/comite/", "/equipe/", "/api/", "/sms/")
_PRIVATE_IN_EVERY_LANGUAGE = ("/stop/", "/abonnement/sms")
#: Calendar readers that ask here first must get every feed, the organisers' too: its address is its key.
_FEEDS = ("/organisation/agenda/", "/*.ics")
#: Pages whose words do not follow what is published.
_LASTING = (
    "subscribers.page",
    "calendars.page",
    "embeds.page",
    "visits.ask",
    "public.legal",
    "public.privacy",
    "public.accessibility",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A public page by language code, and the UTC instant of its last change (null: it has none of its own)."""

    addresses: dict[str, str]
    changed_at: dt.datetime | None


def private_paths() -> tuple[str, ...]:
    """Return how the paths begin that only people with a link or an account of their own may open."""
    prefixes = ["", *(f"/{code}" for code in languages()[1:])]
    return (*_PRIVATE, *(prefix + path for prefix in prefixes for path in _PRIVATE_IN_EVERY_LANGUAGE))


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Keep robots out of what is not public, and let calendar readers in everywhere."""
    lines = [
        "User-agent: *",
        *(f"Allow: {path}" for path in _FEEDS),
        *(f"Disallow: {path}" for path in private_paths()),
    ]
    return Response("\n".join([*lines, "", f"Sitemap: {absolute('/sitemap.xml')}", ""]), mimetype="text/plain")


@blueprint.get("/sitemap.xml")
@kept.feed
def sitemap() -> Response:
    """List every public page with its twins in the other languages, and when its words last changed."""
    tours = published.remembered(db.session, today(edge().clock))
    text = render_template("public/sitemap.xml", entries=list(_entries(tours)))
    return Response(text, mimetype="application/xml")


def _entries(tours: list[PublishedTour]) -> Iterator[Entry]:
    newest = published.last_published(tours)
    for endpoint in ("public.home", "public.dates", "maps.page", "public.search"):
        yield _entry(endpoint, newest)
    for endpoint in _LASTING:
        yield _entry(endpoint, None)
    villages: dict[str, dt.datetime] = {}
    for tour in tours:
        yield _entry("public.tour", tour.published_at, slug=tour.slug)
        for evening in tour.evenings:
            yield _entry("public.evening", evening.updated_at, id=evening.id)
            villages[evening.insee] = max(evening.updated_at, villages.get(evening.insee, evening.updated_at))
    for insee, changed_at in sorted(villages.items()):
        yield _entry("public.commune", changed_at, insee=insee)


def _entry(endpoint: str, changed_at: dt.datetime | None, **values: str) -> Entry:
    addresses = {code: absolute(public_url(endpoint, code, **values)) for code in languages()}
    return Entry(addresses=addresses, changed_at=changed_at)


def register(app: Flask) -> None:
    """Tell robots that come all the same, by a link from elsewhere, to leave what is private out of their index."""

    @app.after_request
    def _keep_out(response: Response) -> Response:
        if request.path.startswith(private_paths()):
            response.headers.setdefault("X-Robots-Tag", "noindex")
        return response
