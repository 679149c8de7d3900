"""The villagers' pages, in every language: one file per errand, each puts its views on this blueprint."""

from flask import Blueprint, Response, request

blueprint = Blueprint("public", __name__)


@blueprint.after_request
def _revalidate(response: Response) -> Response:
    """Let a page be kept, and asked for again each time: an unchanged one costs a phone a few bytes."""
    if request.method in ("GET", "HEAD") and response.is_sequence:
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag()
        response.make_conditional(request)
    return response


# The views put themselves on the blueprint, which must exist first.
from guinguette.web.public import dates, evening, finding, home, law, villages  # noqa: E402, F401
