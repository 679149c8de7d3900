"""The vans."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.extensions import db
from guinguette.services import vehicles
from guinguette.web.edge import edge
from guinguette.web.forms.vehicles import VehicleForm
from guinguette.web.forms.words import equipment_name
from guinguette.web.organiser import archives, blueprint, registry
from guinguette.web.organiser.desk import actor
from guinguette.web.organiser.tours import equipment_known
from guinguette.web.saving import saved

blueprint.add_app_template_filter(equipment_name)


@blueprint.get("/vehicules")
def list_vehicles() -> str:
    """List the vans in use, or with ``?archives=1`` those put aside."""
    return registry.listed("vehicules")


@blueprint.route("/vehicules/nouveau", methods=["GET", "POST"])
def new_vehicle() -> Response | str:
    """Add a van."""
    form = VehicleForm.of(None, equipment_known())
    if saved(form, lambda: vehicles.create(db.session, form.command())):
        flash(gettext("C’est enregistré."))
        return redirect(url_for("organiser.list_vehicles"))
    return render_template("organisation/vehicule.html", form=form, row=None)


@blueprint.route("/vehicules/<slug>", methods=["GET", "POST"])
def vehicle(slug: str) -> Response | str:
    """Show and change a van."""
    row = vehicles.get(db.session, slug)
    form = VehicleForm.of(row, sorted({*equipment_known(), *row.equipment}))
    if saved(
        form,
        lambda: vehicles.edit(db.session, row, form.command(), form.seen_version, actor=actor(), clock=edge().clock),
    ):
        flash(gettext("C’est enregistré."))
        return redirect(url_for("organiser.list_vehicles"))
    return render_template("organisation/vehicule.html", form=form, row=row)


@blueprint.post("/vehicules/<slug>/<any(archiver, restaurer):action>")
def shelve_vehicle(slug: str, action: str) -> Response:
    """Put a van aside, or bring it back."""
    row = vehicles.get(db.session, slug)
    archives.shelve(row, action)
    return redirect(url_for("organiser.list_vehicles"))
