"""The organiser's pages under ``/organisation/``: one file per aggregate, each puts its views on this blueprint."""

from flask import Blueprint
from flask_security import auth_required, current_user, roles_required

from guinguette.extensions import db
from guinguette.models.signature import sign
from guinguette.web.edge import edge

blueprint = Blueprint("organiser", __name__, url_prefix="/organisation")


@blueprint.before_request
@auth_required("session")
@roles_required("organiser")
def _organisers_only() -> None:
    """Every page here asks for a signed-in organiser, whose name stands on what is saved."""
    sign(db.session, str(current_user.email), edge().clock.now())


# The views put themselves on the blueprint, which must exist first.
from guinguette.web.organiser import (  # noqa: E402, F401
    asking,
    board,
    calls,
    committees,
    communes,
    comparing,
    deadlines,
    duplicates,
    evenings,
    fairness,
    gateways,
    halls,
    histories,
    host_links,
    imports,
    incidents,
    letters,
    message_texts,
    messages,
    options,
    paper_lists,
    photos,
    plan,
    registry,
    registry_files,
    reports,
    requests,
    rules,
    run_sheets,
    scenarios,
    sites,
    subscribers,
    tour_settings,
    tours,
    vehicles,
    visits,
)
