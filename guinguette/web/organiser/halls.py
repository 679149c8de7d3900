"""Days on which a hall is somebody else's, as the desk learns of them; photographs that must go."""

from flask import flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.domain.states import TO_COME
from guinguette.extensions import db
from guinguette.models import Evening, HallBooking
from guinguette.services import halls, photos, sites
from guinguette.services.journal import By
from guinguette.web.bookings import booked
from guinguette.web.edge import edge
from guinguette.web.forms.sites import BookingForm
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import actor


def _by() -> By:
    return By(actor=actor(), how="desk", clock=edge().clock)


@blueprint.app_template_global()
def hall_clash(evening: Evening) -> HallBooking | None:
    """Return the booking of the hall in which an evening stands that day."""
    return halls.clash(db.session, evening)


@blueprint.app_template_global()
def hall_no_shelter(evening: Evening) -> HallBooking | None:
    """Return the booking that leaves an evening outdoors without its hall; nothing for one that is not to come."""
    return halls.no_shelter(db.session, evening) if evening.state in TO_COME else None


@blueprint.post("/salle/<int:site_id>/reservations")
def book_hall(site_id: int) -> Response:
    """Note that a hall is taken on a day."""
    form = BookingForm()
    if not booked(form, sites.hall(db.session, site_id), _by()):
        for field in form:
            for text in field.errors:
                flash(text, "stop")
    return redirect(url_for("organiser.site", kind="salle", site_id=site_id, _anchor="reservations"))


@blueprint.post("/salle/<int:site_id>/reservations/<int:booking_id>/libre")
def release_hall(site_id: int, booking_id: int) -> Response:
    """Note that it is free on that day after all."""
    halls.release(db.session, halls.get(db.session, sites.hall(db.session, site_id), booking_id), by=_by())
    db.session.commit()
    flash(gettext("La salle est libre ce jour-là."))
    return redirect(url_for("organiser.site", kind="salle", site_id=site_id, _anchor="reservations"))


@blueprint.post("/photos/<photo_id>/retirer")
def remove_photo(photo_id: str) -> Response:
    """Take a photograph away, and go back to what it showed."""
    photo = photos.get(db.session, photo_id)
    back = url_for("organiser.home")
    if photo.pitch_id is not None:
        back = url_for("organiser.site", kind="emplacement", site_id=photo.pitch_id)
    elif photo.hall_id is not None:
        back = url_for("organiser.site", kind="salle", site_id=photo.hall_id)
    elif photo.evening_id is not None:
        back = url_for("organiser.evening", evening_id=photo.evening_id)
    photos.remove(db.session, photo, by=_by())
    db.session.commit()
    flash(gettext("La photo est retirée."))
    return redirect(back)
