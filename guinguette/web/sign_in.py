"""Signing in: by password (Flask-Security's view, in our look) or by a link that works once."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.blueprints import BlueprintSetupState
from flask_limiter.util import get_remote_address
from flask_security import login_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from guinguette.domain.errors import InvalidInput
from guinguette.extensions import db, limiter
from guinguette.services import accounts
from guinguette.web.edge import edge

blueprint = Blueprint("sign_in", __name__)
_TRIES = "10 per minute; 60 per hour"
#: Whoever has many addresses still has one account to guess at. Its owner, kept out meanwhile, has the one-time link.
_TRIES_AT_ONE_ACCOUNT = "10 per 15 minutes"

#: A mailbox is not to be filled from here.
_LINKS_TO_ONE_ACCOUNT = "4 per hour"


@blueprint.record_once
def _limit_passwords(state: BlueprintSetupState) -> None:
    """Guessing must be slow, by address and by account: Flask-Security's own view has no limit."""
    views: dict[str, Any] = state.app.view_functions
    view = limiter.limit(_TRIES_AT_ONE_ACCOUNT, key_func=_account, methods=["POST"])(views["security.login"])
    views["security.login"] = limiter.limit(_TRIES, methods=["POST"])(view)


def _account() -> str:
    """Return a hash of the account that is tried, read as Flask-Security reads it (JSON too), or of the visitor.

    Whoever meets the limit is written down in the log by what is returned here.
    """
    body = request.get_json(silent=True)
    sent = MultiDict(body) if isinstance(body, dict) else request.form
    try:
        tried = accounts.clean_address(sent.get("email") or "")
    except InvalidInput:
        tried = get_remote_address()
    return edge().vault.fingerprint(tried)


@blueprint.get("/connexion/lien")
def ask() -> str:
    """Show where to ask for a link."""
    return render_template("connexion_demande.html", sends_email=edge().settings.sends_email)


@blueprint.post("/connexion/lien")
@limiter.limit(_TRIES)
@limiter.limit(_LINKS_TO_ONE_ACCOUNT, key_func=_account)
def send_link() -> str:
    """Send a link to the address, where it has an account; the answer, and the time it takes, are the same if not."""
    try:
        user = accounts.find_user(db.session, accounts.clean_address(request.form.get("email", "")))
    except InvalidInput:
        user = None
    if edge().settings.sends_email:
        edge().jobs.send_sign_in_link(user.id if user else 0)
    return render_template("connexion_demande.html", sends_email=edge().settings.sends_email, asked=True)


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
