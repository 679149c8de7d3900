"""Tours: the list with its next steps, opening one, its page, its settings, archives."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.domain.clock import today
from guinguette.domain.equipment import EQUIPMENT
from guinguette.extensions import db
from guinguette.models import Tour
from guinguette.services import editing, tour_proposals, tours, vehicles
from guinguette.services.glance import glance_at
from guinguette.services.tour_steps import steps_of
from guinguette.web.edge import edge
from guinguette.web.forms.tours import NewTourForm, TourForm
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import actor
from guinguette.web.organiser.evenings import by_mark
from guinguette.web.saving import posted_version, saved, shelved


def equipment_known() -> list[str]:
    """Return the names of equipment that a form offers: the usual ones and what the vans have."""
    return list(dict.fromkeys([*EQUIPMENT, *vehicles.known_equipment(db.session)]))


@blueprint.get("/")
def home() -> str:
    """Show every tour in use with its state and the one thing to do next."""
    rows = [(tour, steps_of(db.session, tour, edge().clock)) for tour in tours.listing(db.session)]
    return render_template("organisation/tournees.html", rows=rows)


@blueprint.get("/tournees/archives")
def archived_tours() -> str:
    """Show the tours put aside."""
    return render_template("organisation/tournees_archives.html", tours=tours.listing(db.session, archived=True))


@blueprint.route("/tournees/nouvelle", methods=["GET", "POST"])
def new_tour() -> Response | str:
    """Open a tour from a preset (``?saison=``) or as a copy of another (``?copie=<slug>``)."""
    day = today(edge().clock)
    source = tours.get(db.session, request.args["copie"]) if "copie" in request.args else None
    season = request.args.get("saison", "")
    if season not in tours.SEASON_NAMES:
        season = tour_proposals.likely_season(day)
    proposal = (
        tour_proposals.from_tour(source, day)
        if source
        else tour_proposals.from_preset(db.session, season, day, _usual_name(season))
    )
    form = NewTourForm.proposing(proposal, equipment_known(), list(vehicles.listing(db.session)))
    opened: list[Tour] = []
    if saved(form, lambda: opened.append(_open(form, source))):
        flash(gettext("La tournée est ouverte : %(count)s dates possibles.", count=len(opened[0].dates)))
        return redirect(url_for("organiser.tour", slug=opened[0].slug))
    others = tours.listing(db.session)
    return render_template("organisation/tournee_nouvelle.html", form=form, source=source, season=season, others=others)


def _open(form: NewTourForm, source: Tour | None) -> Tour:
    if source is None:
        return tours.create(db.session, form.command(), edge().clock)
    return tours.copy(db.session, source, form.command(), edge().clock)


def _usual_name(season: str) -> str:
    names = {"summer": gettext("Tournée de l’été {years}"), "winter": gettext("Tournée de l’hiver {years}")}
    return str(names[season])


@blueprint.get("/tournees/<slug>")
def tour(slug: str) -> str:
    """Show where a tour stands and the way to everything in it."""
    shown = tours.get(db.session, slug)
    glance = glance_at(db.session, shown, edge().clock)
    return render_template(
        "organisation/tournee.html",
        tour=shown,
        steps=steps_of(db.session, shown, edge().clock).with_late(glance.late),
        glance=glance,
        groups=by_mark(glance.evenings),
    )


@blueprint.route("/tournees/<slug>/modifier", methods=["GET", "POST"])
def edit_tour(slug: str) -> Response | str:
    """Change a tour's settings."""
    row = tours.get(db.session, slug)
    form = TourForm.of(row, sorted({*equipment_known(), *row.default_needs}))
    if saved(
        form,
        lambda: tours.edit(db.session, row, form.settings(), form.seen_version, actor=actor(), clock=edge().clock),
    ):
        flash(gettext("C’est enregistré."))
        return redirect(url_for("organiser.tour", slug=slug))
    return render_template("organisation/tournee_modifier.html", form=form, tour=row)


@blueprint.post("/tournees/<slug>/archiver")
def archive_tour(slug: str) -> Response:
    """Put a tour aside, once its last evening has passed."""
    row = tours.get(db.session, slug)
    done = gettext("La tournée est rangée dans les archives. Rien n’est perdu.")
    if shelved(lambda: editing.archive(db.session, row, posted_version(), edge().clock), done):
        return redirect(url_for("organiser.home"))
    return redirect(url_for("organiser.tour", slug=slug))


@blueprint.post("/tournees/<slug>/restaurer")
def restore_tour(slug: str) -> Response:
    """Bring a tour back."""
    row = tours.get(db.session, slug)
    shelved(lambda: editing.restore(db.session, row, posted_version()), gettext("La tournée est revenue."))
    return redirect(url_for("organiser.tour", slug=slug))
