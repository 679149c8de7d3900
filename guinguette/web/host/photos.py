"""The photographs of a host's own village."""

from flask import Response, flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from guinguette.extensions import db
from guinguette.models import Photo
from guinguette.services import photos
from guinguette.web.host import blueprint, host
from guinguette.web.uploads import picture, place_of


@blueprint.get("/photos/<photo_id>.jpg")
def photo(photo_id: str) -> Response:
    """Show a photograph of this village, of no other."""
    return picture(photos.get(db.session, photo_id, insee=host().commune.insee))


@blueprint.post("/photos/<photo_id>/retirer")
def remove_photo(photo_id: str) -> AnyResponse:
    """Take a photograph of this village away for good."""
    found = photos.get(db.session, photo_id, insee=host().commune.insee)
    back = _page_of(found)
    photos.remove(db.session, found, by=host().by())
    db.session.commit()
    flash(gettext("La photo est retirée."), "ok")
    return redirect(back)


def _page_of(found: Photo) -> str:
    """Return the address of the page that shows a photograph."""
    if found.evening_id is not None:
        return url_for("host.after", evening_id=found.evening_id, _anchor="photos")
    return url_for("host.place_photo", **place_of(found))
