"""The photographs that villages have sent."""

from flask import Response

from guinguette.extensions import db
from guinguette.services import photos
from guinguette.web.organiser import blueprint
from guinguette.web.uploads import picture


@blueprint.get("/photos/<photo_id>.jpg")
def photo(photo_id: str) -> Response:
    """Show a photograph."""
    return picture(photos.get(db.session, photo_id))
