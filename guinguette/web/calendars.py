"""How to have the dates in one's own calendar: the page that walks through it, program by program."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from guinguette.domain.clock import today
from guinguette.domain.errors import InvalidInput
from guinguette.extensions import db
from guinguette.services import scopes
from guinguette.web import kept
from guinguette.web.edge import edge
from guinguette.web.feeds import path_of
from guinguette.web.language import public_url

blueprint = Blueprint("calendars", __name__)
blueprint.after_request(kept.revalidate)


@blueprint.get("/calendriers")
@kept.page("scope")
def page() -> ResponseReturnValue:
    """Walk through subscribing to the calendar of ``?scope=`` (as in subscribers), or of everything."""
    text = request.args.get("scope", "")
    try:
        scope = scopes.checked(db.session, text) if text else None
    except InvalidInput:  # an old link, or a guess: it is not kept a page of its own
        return redirect(public_url("calendars.page"))
    return render_template(
        "calendriers.html",
        groups=scopes.choices(db.session, today(edge().clock), scope=text),
        named=scopes.named(db.session, text) if text else None,
        scope=text,
        feed=path_of(scope),
    )
