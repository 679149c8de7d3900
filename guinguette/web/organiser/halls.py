"""Days on which a hall is somebody else's, as the desk learns of them."""

from flask import flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.domain.states import TO_COME
from guinguette.extensions import db
from guinguette.models import Evening, HallBooking
from guinguette.services import halls, sites
from guinguette.web.bookings import booked
from guinguette.web.forms.sites import BookingForm
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import by


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
    if not booked(form, sites.hall(db.session, site_id), by()):
        for field in form:
            for text in field.errors:
                flash(text, "stop")
    return redirect(url_for("organiser.site", kind="salle", site_id=site_id, _anchor="reservations"))


@blueprint.post("/salle/<int:site_id>/reservations/<int:booking_id>/libre")
def release_hall(site_id: int, booking_id: int) -> Response:
    """Note that it is free on that day after all."""
    halls.release(db.session, halls.get(db.session, sites.hall(db.session, site_id), booking_id), by=by())
    db.session.commit()
    flash(gettext("La salle est libre ce jour-là."))
    return redirect(url_for("organiser.site", kind="salle", site_id=site_id, _anchor="reservations"))
