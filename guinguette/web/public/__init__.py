"""The villagers' pages, in every language: one file per errand, each puts its views on this blueprint."""

from flask import Blueprint

from guinguette.web import kept

blueprint = Blueprint("public", __name__)
blueprint.after_request(kept.revalidate)

# The views put themselves on the blueprint, which must exist first.
from guinguette.web.public import dates, evening, finding, home, law, villages  # noqa: E402, F401
