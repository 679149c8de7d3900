"""Posters, printable calendars and the pictures of shared links: French, one address whatever the page's language."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any, cast

from cachetools import LRUCache
from cachetools.keys import hashkey
from flask import Blueprint, Response, current_app, request, url_for

from guinguette.association import Association
from guinguette.domain.clock import today
from guinguette.domain.text import slugify
from guinguette.extensions import db, limiter
from guinguette.publishing import posters
from guinguette.publishing.posters import Shape
from guinguette.publishing.tour import PublishedTour
from guinguette.publishing.words import day_words
from guinguette.services import published
from guinguette.services.nearby import nearest
from guinguette.web.edge import edge
from guinguette.web.presenting import absolute

blueprint = Blueprint("posters", __name__)

#: What a poster's address ends in, and its shape.
FILES: dict[str, Shape] = {"affiche.pdf": "a4", "affiche-a3.pdf": "a3", "affiche.png": "square"}
_ENDINGS: dict[Shape, str] = {"a4": ".pdf", "a3": "-a3.pdf", "square": ".png"}
_ANY_FILE = "<any('affiche.pdf', 'affiche-a3.pdf', 'affiche.png'):file>"
#: How many villages, nearest first, the calendar around a village holds.
_AROUND = 12
#: How many sheets that nobody has asked for lately one address may have printed: each takes a core for a moment.
_PRINTS = "60 per minute"
#: Before anything was published nothing has a date.
_NEVER = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)

# Keyed by what they show, version and instant of publication included: what is published anew is printed anew.
_printed: LRUCache[Any, bytes] = LRUCache(maxsize=24 * 1024 * 1024, getsizeof=len)
_lock = threading.Lock()


@blueprint.get(f"/soirees/<id>/{_ANY_FILE}")
def evening(id: str, file: str) -> Response:  # noqa: A002
    """Answer with the poster of an evening, whatever became of it. Raises ``NotFound``."""
    tour, found = published.evening(db.session, id)
    page = absolute(url_for("public.evening", id=id))
    body = _once(posters.evening_poster, found, FILES[file], page=page, phone=phone(), at=tour.published_at)
    return _answer(body, f"affiche-{slugify(found.commune)}-{found.date}{_ENDINGS[FILES[file]]}")


@blueprint.get(f"/tournees/<slug>/{_ANY_FILE}")
def tour(slug: str, file: str) -> Response:
    """Answer with the poster of a tour. Raises ``NotFound``."""
    found = published.by_slug(db.session, slug)
    page = absolute(url_for("public.tour", slug=slug))
    body = _once(posters.tour_poster, found, FILES[file], page=page, phone=phone(), at=found.published_at)
    return _answer(body, f"affiche-{slug}{_ENDINGS[FILES[file]]}")


@blueprint.get("/tournees/<slug>/calendrier.pdf")
def tour_calendar(slug: str) -> Response:
    """Answer with the dates of a tour for the board of a town hall. Raises ``NotFound``."""
    found = published.by_slug(db.session, slug)
    page = absolute(url_for("public.tour", slug=slug))
    at = found.published_at
    body = _once(posters.season_calendar, found.name, found.evenings, page=page, phone=phone(), at=at)
    return _answer(body, f"calendrier-{slug}.pdf")


@blueprint.get("/communes/<insee>/calendrier.pdf")
def commune_calendar(insee: str) -> Response:
    """Answer with the dates to come in a village and around it, for its board. Raises ``NotFound``."""
    village = published.commune(db.session, insee)
    tours, now = published.latest(db.session), today(edge().clock)
    coming = published.upcoming(tours, now)
    if village.lat is not None and village.lon is not None:
        around = nearest(coming, lat=village.lat, lon=village.lon, today=now, count=_AROUND)
        close = {insee, *(item.insee for item, _ in around)}
        coming = [item for item in coming if item.insee in close]
    page = absolute(url_for("public.commune", insee=insee))
    title = f"La guinguette autour de {village.name}"
    body = _once(posters.season_calendar, title, tuple(coming), page=page, phone=phone(), at=_latest(tours))
    return _answer(body, f"calendrier-{slugify(village.name)}.pdf")


@blueprint.get("/soirees/<id>/partage.png")
def evening_share(id: str) -> Response:  # noqa: A002
    """Answer with the picture of an evening's page. Raises ``NotFound``."""
    tour, found = published.evening(db.session, id)
    return _answer(_once(posters.evening_share, found, at=tour.published_at), f"partage-{id}.png")


@blueprint.get("/tournees/<slug>/partage.png")
def tour_share(slug: str) -> Response:
    """Answer with the picture of a tour's page. Raises ``NotFound``."""
    found = published.by_slug(db.session, slug)
    count = sum(item.alive for item in found.evenings)
    below = (f"{count} soirées" if count > 1 else "Une soirée",) if count else ()
    above = posters.period([item.date for item in found.evenings])
    body = _once(posters.share_picture, title=found.name, above=above, below=below, at=found.published_at)
    return _answer(body, f"partage-{slug}.png")


@blueprint.get("/communes/<insee>/partage.png")
def commune_share(insee: str) -> Response:
    """Answer with the picture of a village's page: its next date, where it has one. Raises ``NotFound``."""
    village = published.commune(db.session, insee)
    tours = published.latest(db.session)
    following = published.following(published.of_commune(tours, insee), today(edge().clock))
    if following is not None:
        return _answer(_once(posters.evening_share, following, at=_latest(tours)), f"partage-{insee}.png")
    body = _once(posters.share_picture, title=village.name, above="La guinguette près de chez vous", at=_NEVER)
    return _answer(body, f"partage-{insee}.png")


@blueprint.get("/partage.png")
def share() -> Response:
    """Answer with the picture of every other page: the next date of all."""
    tours = published.latest(db.session)
    following = published.following(published.all_evenings(tours), today(edge().clock))
    above = f"Prochaine soirée\u00a0: {day_words(following.date, 'fr')}" if following else "La Guinguette mobile"
    below = (following.commune,) if following else ()
    title = "Le café qui va de village en village"
    body = _once(posters.share_picture, title=title, above=above, below=below, at=_latest(tours))
    return _answer(body, "partage.png")


def phone() -> str:
    """Return the association's number, or "" where nobody has given one."""
    return cast(Association, current_app.jinja_env.globals["association"]).phone


def _latest(tours: list[PublishedTour]) -> dt.datetime:
    return published.last_published(tours) or _NEVER


def _once(make: Callable[..., bytes], *args: Any, **kwargs: Any) -> bytes:
    """Return what ``make`` prints, printed once for the same arguments while it is remembered."""
    key = hashkey(make.__name__, *args, **kwargs)
    with _lock:
        known = _printed.get(key)
    if known is None:
        known = _print(make, *args, **kwargs)
        with _lock:
            _printed[key] = known
    return known


@limiter.limit(_PRINTS)
def _print(make: Callable[..., bytes], *args: Any, **kwargs: Any) -> bytes:
    return make(*args, **kwargs)


def _answer(body: bytes, name: str) -> Response:
    """Answer with a file to look at; kept, and asked for again each time: an evening may have been called off."""
    kind = "image/png" if name.endswith("png") else "application/pdf"
    response = Response(body, mimetype=kind)
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Cache-Control"] = "public, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
