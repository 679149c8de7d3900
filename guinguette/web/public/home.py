"""The first page: the next evening as the night poster, the way to the nearest, and the visitor's language."""

from urllib.parse import urlsplit

from flask import Response, after_this_request, redirect, render_template, request
from flask.typing import ResponseReturnValue

from guinguette.domain.clock import today
from guinguette.extensions import db
from guinguette.services import published
from guinguette.web import kept
from guinguette.web.edge import edge
from guinguette.web.language import FRENCH, page_language, preferred_language, public_url
from guinguette.web.public import blueprint

#: How many evenings are listed after the first.
_FOLLOWING = 6


@blueprint.get("/")
@kept.page()
def home() -> ResponseReturnValue:
    """Show the next evening as the night poster, what is called off before it, then the programme."""
    if page_language() == FRENCH:
        after_this_request(_varies)
        if _reads_no_french():
            return redirect(public_url("public.home", preferred_language(request.accept_languages)))
    tours = published.latest(db.session)
    now = today(edge().clock)
    coming = published.upcoming(tours, now)
    following = published.following(coming, now)
    called_off = [item for item in coming if not item.alive and following and item.date <= following.date]
    rest = [item for item in coming if item is not following and item not in called_off]
    return render_template(
        "public/home.html", tours=tours, next=following, called_off=called_off, rest=rest[:_FOLLOWING]
    )


def _reads_no_french() -> bool:
    """Tell whether somebody comes from elsewhere with a browser that prefers another of our languages.

    Whoever comes from a page of ours has chosen its language by being there, or with the switch: no cookie is needed.
    """
    inside = urlsplit(request.referrer or "").netloc == request.host
    inside = inside or request.headers.get("Sec-Fetch-Site") == "same-origin"
    return not inside and preferred_language(request.accept_languages) != FRENCH


def _varies(response: Response) -> Response:
    response.vary.update(("Accept-Language", "Referer", "Sec-Fetch-Site"))
    return response
