"""The photographs of a host's own village."""

from flask import Response

from guinguette.extensions import db
from guinguette.services import photos
from guinguette.web.host import blueprint, host
from guinguette.web.uploads import picture


@blueprint.get("/photos/<photo_id>.jpg")
def photo(photo_id: str) -> Response:
    """Show a photograph of this village, of no other."""
    return picture(photos.get(db.session, photo_id, insee=host().commune.insee))
