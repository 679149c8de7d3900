"""What the village's evening needs, who asks for the bar, and the days on which its hall is taken."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.extensions import db
from guinguette.models import CommuneRequest, FallbackVenue
from guinguette.services import halls, host_wishes, sites, vehicles
from guinguette.services.host_wishes import Holder
from guinguette.web.bookings import booked
from guinguette.web.edge import edge
from guinguette.web.forms.fields import choice
from guinguette.web.forms.sites import BookingForm, HolderForm, NeedsForm
from guinguette.web.forms.words import equipment_name
from guinguette.web.host import NO_CSRF, blueprint, host
from guinguette.web.host.places import own_site
from guinguette.web.host.saving import kept
from guinguette.web.organiser.tours import equipment_known


@blueprint.route("/lieux/tournees/<slug>/besoins", methods=["GET", "POST"])
def needs(slug: str) -> Response | str:
    """Ask what is needed."""
    row = host_wishes.request_of(db.session, host().commune, slug, edge().clock)
    form = _needs_form(row)
    wanted = form.needs.data or ()
    if kept(form, lambda: host_wishes.write_needs(db.session, row, wanted, form.seen_version, by=host().by())):
        flash(gettext("C’est enregistré."))
        return redirect(url_for("host.places"))
    return render_template("comite/besoins.html", host=host(), form=form, row=row)


def _needs_form(row: CommuneRequest) -> NeedsForm:
    form = NeedsForm(data={"needs": list(row.needs), "version": row.version}, meta=NO_CSRF)
    carried = vehicles.known_equipment(db.session)
    names = [name for name in dict.fromkeys([*equipment_known(), *row.needs]) if name not in row.tour.default_needs]
    form.needs.choices = [choice(name, _need_words(name, carried=name in carried)) for name in names]
    return form


def _need_words(name: str, *, carried: bool) -> str:
    if carried:
        return equipment_name(name)
    return str(gettext("%(name)s (aucun camion n’en a pour l’instant : parlons-en)", name=equipment_name(name)))


@blueprint.route("/lieux/tournees/<slug>/buvette", methods=["GET", "POST"])
def holder(slug: str) -> Response | str:
    """Ask who asks for the temporary bar."""
    row = host_wishes.request_of(db.session, host().commune, slug, edge().clock)
    form = HolderForm(data={"permit_holder_id": row.permit_holder_id, "version": row.version}, meta=NO_CSRF)
    form.permit_holder_id.choices = [
        *(choice(each.committee.id, _holder_words(each)) for each in host_wishes.holders(db.session, row)),
        choice("", gettext("Personne : aucune autorisation à demander")),
    ]
    chosen = form.permit_holder_id.data
    if kept(form, lambda: host_wishes.write_holder(db.session, row, chosen, form.seen_version, by=host().by())):
        flash(gettext("C’est enregistré."))
        return redirect(url_for("host.places"))
    return render_template("comite/buvette.html", host=host(), form=form, row=row)


def _holder_words(one: Holder) -> str:
    return str(
        gettext(
            "%(name)s, %(used)s buvettes sur %(limit)s en %(year)s",
            name=one.committee.name,
            used=one.used,
            limit=one.limit,
            year=one.year,
        )
    )


@blueprint.route("/lieux/salle/<int:site_id>/reservations", methods=["GET", "POST"])
def bookings(site_id: int) -> Response | str:
    """Show the days on which the hall is taken, and note another."""
    hall, form = _own_hall(site_id), BookingForm(meta=NO_CSRF)
    if booked(form, hall, host().by()):
        return redirect(url_for("host.bookings", site_id=site_id))
    days = halls.coming(db.session, hall, edge().clock)
    return render_template("comite/salle_prise.html", host=host(), hall=hall, form=form, bookings=days)


@blueprint.post("/lieux/salle/<int:site_id>/reservations/<int:booking_id>/libre")
def release(site_id: int, booking_id: int) -> Response:
    """Note that the hall is free on that day after all."""
    halls.release(db.session, halls.get(db.session, _own_hall(site_id), booking_id), by=host().by())
    db.session.commit()
    flash(gettext("La salle est libre ce jour-là."))
    return redirect(url_for("host.bookings", site_id=site_id))


def _own_hall(site_id: int) -> FallbackVenue:
    own_site("salle", site_id)
    return sites.hall(db.session, site_id)
