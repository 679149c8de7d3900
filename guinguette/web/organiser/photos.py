"""The photographs that villages have sent."""

from flask import Response, flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as Redirect

from guinguette.extensions import db
from guinguette.models import Photo
from guinguette.services import photos
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import by
from guinguette.web.uploads import picture, place_of


@blueprint.get("/photos/<photo_id>.jpg")
def photo(photo_id: str) -> Response:
    """Show a photograph."""
    return picture(photos.get(db.session, photo_id))


@blueprint.post("/photos/<photo_id>/retirer")
def remove_photo(photo_id: str) -> Redirect:
    """Take a photograph away for good, as somebody on it may ask; go back to what it showed."""
    found = photos.get(db.session, photo_id)
    back = _page_of(found)
    photos.remove(db.session, found, by=by())
    db.session.commit()
    flash(gettext("La photo est retirée."), "ok")
    return redirect(back)


def _page_of(found: Photo) -> str:
    """Return the address of the page that shows a photograph."""
    if found.evening_id is not None:
        return url_for("organiser.evening", evening_id=found.evening_id)
    return url_for("organiser.site", **place_of(found))
