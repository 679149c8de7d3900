"""What a tour is made of besides its communes: dates, vans and their garage days, fundings."""

import datetime as dt

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from guinguette.domain.clock import today
from guinguette.extensions import db
from guinguette.models import Tour
from guinguette.services import fundings as funding_queries
from guinguette.services import tour_dates, tours, vehicles
from guinguette.web import calendars_of_days
from guinguette.web.edge import edge
from guinguette.web.forms.records import RecordForm
from guinguette.web.forms.tours import VehiclesForm, fundings_form
from guinguette.web.organiser import blueprint
from guinguette.web.saving import saved

#: A tour lasts this long at most, whatever one asks of its calendar.
_REACH = dt.timedelta(days=tours.LONGEST_DAYS)


@blueprint.route("/tournees/<slug>/dates", methods=["GET", "POST"])
def edit_dates(slug: str) -> Response | str:
    """Open or close dates on the calendar, wider than the tour by ``?du=`` and ``?au=``."""
    row = tours.get(db.session, slug)
    span = _span(row)
    form = RecordForm(data={"version": row.version})
    stored = {date.date: "yes" for date in row.dates}
    values, filling = calendars_of_days.typed(request.form, span, ["yes"])
    form.days = (stored, values)
    done: list[tour_dates.DatesChanged] = []
    if not filling and saved(
        form,
        lambda: done.append(tour_dates.replace(db.session, row, values.keys(), form.seen_version, edge().clock)),
    ):
        _tell(done[0])
        return redirect(url_for("organiser.tour", slug=slug))
    months = calendars_of_days.months(span, values if request.method == "POST" else stored)
    return render_template(
        "organisation/tournee_dates.html", form=form, tour=row, months=months, filling=filling, span=span
    )


def _span(tour: Tour) -> list[dt.date]:
    """Return the days that the calendar shows: the tour's, widened by what the address asks for."""
    days = [date.date for date in tour.dates] or [today(edge().clock)]
    asked = [request.args.get(name, type=dt.date.fromisoformat) for name in ("du", "au")]
    near = [day for day in asked if day and max(days) - _REACH <= day <= min(days) + _REACH]
    first, last = min(days + near), max(days + near)
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]


def _tell(changed: tour_dates.DatesChanged) -> None:
    flash(
        gettext(
            "C’est enregistré. Dates ajoutées : %(added)s, retirées : %(removed)s.",
            added=changed.added,
            removed=changed.removed,
        )
    )
    if changed.orphans:
        flash(
            ngettext(
                "%(num)s soirée annoncée tombe sur une date retirée : planifiez de nouveau, ou reportez-la.",
                "%(num)s soirées annoncées tombent sur des dates retirées : planifiez de nouveau, ou reportez-les.",
                len(changed.orphans),
            ),
            "stop",
        )


@blueprint.route("/tournees/<slug>/vehicules", methods=["GET", "POST"])
def tour_vehicles(slug: str) -> Response | str:
    """Say which vans drive this tour."""
    row = tours.get(db.session, slug)
    form = VehiclesForm.of(row, list(vehicles.listing(db.session)))
    if saved(form, lambda: tours.edit_vehicles(db.session, row, form.command(), form.seen_version)):
        flash(gettext("C’est enregistré."))
        return redirect(url_for("organiser.tour", slug=slug))
    return render_template("organisation/tournee_vehicules.html", form=form, tour=row)


@blueprint.route("/tournees/<slug>/vehicules/<vehicle_slug>", methods=["GET", "POST"])
def garage_days(slug: str, vehicle_slug: str) -> Response | str:
    """Say on which of the tour's dates a van is at the garage."""
    row, van = tours.get(db.session, slug), vehicles.get(db.session, vehicle_slug)
    days = [date.date for date in row.dates]
    stored = {dt.date.fromisoformat(day): "no" for day in tours.garage(row, van.id).unavailable}
    form = RecordForm(data={"version": row.version})
    values, filling = calendars_of_days.typed(request.form, days, ["no"])
    form.days = (stored, values)
    if not filling and saved(
        form, lambda: tours.set_garage_days(db.session, row, van.id, list(values), form.seen_version)
    ):
        flash(gettext("C’est enregistré : %(count)s jours au garage.", count=len(values)))
        return redirect(url_for("organiser.tour_vehicles", slug=slug))
    months = calendars_of_days.months(days, values if request.method == "POST" else stored)
    return render_template(
        "organisation/tournee_garage.html", form=form, tour=row, vehicle=van, months=months, filling=filling
    )


@blueprint.route("/tournees/<slug>/financements", methods=["GET", "POST"])
def tour_fundings(slug: str) -> Response | str:
    """Say how many evenings each EPCI pays for."""
    row = tours.get(db.session, slug)
    payers = funding_queries.payers(db.session, row)
    form = fundings_form(row, {payer.siren: payer.name for payer in payers})
    if saved(form, lambda: tours.edit_fundings(db.session, row, form.command(), form.seen_version)):
        flash(gettext("C’est enregistré."))
        return redirect(url_for("organiser.tour", slug=slug))
    return render_template("organisation/tournee_financements.html", form=form, tour=row, payers=payers)
