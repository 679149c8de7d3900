"""Signing in: by password (Flask-Security's view, in our look) or by a link that works once."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template
from flask.blueprints import BlueprintSetupState
from flask_security import login_user
from werkzeug.wrappers import Response as AnyResponse

from guinguette.extensions import db, limiter
from guinguette.services import accounts
from guinguette.web.edge import edge

blueprint = Blueprint("sign_in", __name__)
_TRIES = "10 per minute; 60 per hour"


@blueprint.record_once
def _limit_passwords(state: BlueprintSetupState) -> None:
    """Guessing must be slow: Flask-Security's own view has no limit."""
    views: dict[str, Any] = state.app.view_functions
    views["security.login"] = limiter.limit(_TRIES, methods=["POST"])(views["security.login"])


@blueprint.get("/connexion/lien/<token>")
def link(token: str) -> Response:
    """Show one button: looking at the page (as mail programs do) must not use the link up."""
    good = accounts.link_is_good(db.session, token, edge().clock)
    page = make_response(render_template("connexion_lien.html", good=good), 200 if good else 410)
    page.headers["Cache-Control"] = "no-store"
    return page


@blueprint.post("/connexion/lien/<token>")
@limiter.limit(_TRIES)
def use_link(token: str) -> AnyResponse:
    """Sign in and go to the organiser's pages."""
    user = accounts.use_sign_in_link(db.session, token, edge().clock)
    db.session.commit()
    login_user(user, authn_via=["link"])
    return redirect("/organisation/")
