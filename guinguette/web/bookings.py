"""A day on which a hall is taken: noted by its village or by the desk, in the same words."""

import datetime as dt
from typing import cast

from flask import flash
from flask_babel import gettext

from guinguette.extensions import db
from guinguette.models import Evening, FallbackVenue
from guinguette.services import site_sheet
from guinguette.services.journal import By
from guinguette.web.forms.records import clean
from guinguette.web.forms.sites import BookingForm
from guinguette.web.presenting import long_date
from guinguette.web.saving import saved


def booked(form: BookingForm, hall: FallbackVenue, by: By) -> bool:
    """Tell whether the form was sent and its day noted; say which evening stands there already, where one does."""
    there: list[Evening] = []

    def book() -> None:
        there.extend(site_sheet.book(db.session, hall, cast(dt.date, form.date.data), clean(form.what.data), by=by))

    if not saved(form, book):
        return False
    day = long_date(cast(dt.date, form.date.data))
    if there:
        flash(
            gettext(
                "C’est noté, mais une soirée de la guinguette est prévue dans cette salle le %(day)s : l’une des deux "
                "doit changer. Rien n’est annulé.",
                day=day,
            ),
            "stop",
        )
    else:
        flash(gettext("C’est noté : la salle est prise le %(day)s.", day=day))
    return True
