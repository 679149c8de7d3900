"""Calendar feeds. What they hold is ``publishing.calendar``'s business; here is how they travel (RFC 9110)."""

import datetime as dt
import gzip
import hashlib
from collections.abc import Iterable

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from guinguette.domain.clock import today
from guinguette.domain.errors import N_, NotFound
from guinguette.domain.scopes import MAX_KM, Scope
from guinguette.extensions import db
from guinguette.publishing import atom as atom_feed
from guinguette.publishing import calendar
from guinguette.publishing.tour import PublishedEvening, PublishedTour
from guinguette.services import published
from guinguette.services.nearby import is_near
from guinguette.web import kept
from guinguette.web.edge import edge
from guinguette.web.language import FRENCH

blueprint = Blueprint("feeds", __name__)

MAX_AGE_SECONDS = 15 * 60


@blueprint.get("/agenda.ics")
@kept.feed
def everything() -> Response:
    """Every evening of every tour."""
    tours = published.remembered(db.session, today(edge().clock))
    return _feed(published.all_evenings(tours), tours, name="Guinguette mobile")


@blueprint.get("/tournees/<slug>.ics")
@kept.feed
def tour(slug: str) -> Response:
    """One tour's evenings."""
    found = published.by_slug(db.session, slug)
    return _feed(found.evenings, [found], name=found.name)


@blueprint.get("/communes/<insee>.ics")
@kept.feed
def commune(insee: str) -> Response:
    """One commune's evenings; none yet is an empty calendar, so that people can subscribe ahead."""
    name = published.commune(db.session, insee).name
    tours = published.remembered(db.session, today(edge().clock))
    return _feed(published.of_commune(tours, insee), tours, name=f"Guinguette mobile – {name}")


@blueprint.get("/communes/<insee>/<int:km>km.ics")
@kept.feed
def near(insee: str, km: int) -> Response:
    """The evenings within ``km`` of a commune as the crow flies, its own included. Raises ``NotFound``."""
    village = published.commune(db.session, insee)
    if not 1 <= km <= MAX_KM:
        raise NotFound(N_("Choisissez une distance de 1 à {km} km."), km=MAX_KM)
    if village.lat is None or village.lon is None:
        raise NotFound(
            N_("On ne sait pas où se trouve {commune}\u00a0: abonnez-vous au calendrier de ce village."),
            commune=village.name,
        )
    tours = published.remembered(db.session, today(edge().clock))
    centre = (village.lat, village.lon)
    around = [e for e in published.all_evenings(tours) if is_near(e, insee=insee, centre=centre, km=km)]
    return _feed(around, tours, name=f"Guinguette mobile – {village.name} et {km}\u00a0km alentour")


@blueprint.get("/epci/<siren>.ics")
@kept.feed
def epci(siren: str) -> Response:
    """The evenings of an intercommunality's communes."""
    name = published.epci(db.session, siren).name
    tours = published.remembered(db.session, today(edge().clock))
    return _feed(published.of_epci(tours, siren), tours, name=f"Guinguette mobile – {name}")


@blueprint.get("/soirees/<evening_id>.ics")
@kept.feed
def evening(evening_id: str) -> Response:
    """One evening, for those who want that one alone."""
    its_tour, found = published.evening(db.session, evening_id)
    title = calendar.title(found, translate=gettext, locale=FRENCH)
    return _feed([found], [its_tour], name=title)


@blueprint.get("/flux.atom")
@kept.feed
def atom() -> Response:
    """Every evening of every tour for news readers, the latest change first."""
    public_url = edge().settings.public_url
    tours = published.remembered(db.session, today(edge().clock))
    body = atom_feed.render(
        published.all_evenings(tours),
        title="Guinguette mobile",
        public_url=public_url,
        self_url=public_url + request.path,
        translate=gettext,
        locale=FRENCH,
    )
    return _public(answer(body, last_modified=published.last_published(tours), mimetype="application/atom+xml"))


def path_of(scope: Scope | None) -> str:
    """Return the path of the calendar that holds the scope's evenings; everything where there is no scope."""
    if scope is None:
        return url_for("feeds.everything")
    if scope.kind == "near":
        return url_for("feeds.near", insee=scope.target, km=scope.km)
    if scope.kind == "commune":
        return url_for("feeds.commune", insee=scope.target)
    if scope.kind == "epci":
        return url_for("feeds.epci", siren=scope.target)
    return url_for("feeds.tour", slug=scope.target)


def _feed(evenings: Iterable[PublishedEvening], tours: Iterable[PublishedTour], *, name: str) -> Response:
    """Answer with a feed, or 304 where the reader has it. ``tours`` are those it was drawn from: they date it."""
    public_url = edge().settings.public_url
    body = calendar.render(
        evenings,
        name=name,
        description=gettext("Les soirées de la Guinguette mobile, de village en village."),
        public_url=public_url,
        source_url=public_url + request.path,
        translate=gettext,
        locale=FRENCH,
    )
    return _public(answer(body, last_modified=published.last_published(tours)))


def _public(response: Response) -> Response:
    response.cache_control.public = True
    return response


def answer(body: bytes, *, last_modified: dt.datetime | None, mimetype: str = "text/calendar") -> Response:
    """Answer with a feed, or 304 where the reader has it; the caller says who may keep it."""
    response = Response(mimetype=mimetype)
    response.last_modified = last_modified
    response.cache_control.max_age = MAX_AGE_SECONDS
    response.vary.add("Accept-Encoding")
    tag = hashlib.sha256(body).hexdigest()[:32]
    if request.accept_encodings.quality("gzip") > 0:
        body = gzip.compress(body, mtime=0)
        tag += "-gzip"  # another coding is another representation, with a tag of its own (RFC 9110, 8.8.3.3)
        response.content_encoding = "gzip"
    response.set_data(body)
    response.set_etag(tag)
    response.make_conditional(request)
    return response
