"""The organiser's pages under ``/organisation/``: one file per aggregate, each puts its views on this blueprint."""

from flask import Blueprint
from flask_security import auth_required, roles_required

blueprint = Blueprint("organiser", __name__, url_prefix="/organisation")


@blueprint.before_request
@auth_required("session")
@roles_required("organiser")
def _organisers_only() -> None:
    """Every page here asks for a signed-in organiser."""


# The views put themselves on the blueprint, which must exist first.
from guinguette.web.organiser import (  # noqa: E402, F401
    committees,
    communes,
    deadlines,
    evenings,
    histories,
    imports,
    options,
    plan,
    requests,
    rules,
    sites,
    tour_settings,
    tours,
    vehicles,
)
