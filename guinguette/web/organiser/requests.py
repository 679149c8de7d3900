"""A tour's communes: who takes part, what each asks, and its answer day by day."""

import datetime as dt

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.extensions import db
from guinguette.models import CommuneRequest
from guinguette.services import committees, communes, day_notes, editing, requests, sites, tours
from guinguette.web import calendars_of_days
from guinguette.web.edge import edge
from guinguette.web.forms.communes import AnswerForm, RequestForm
from guinguette.web.organiser import blueprint, registry
from guinguette.web.organiser.tours import equipment_known
from guinguette.web.saving import posted_version, saved, shelved


@blueprint.get("/tournees/<slug>/communes")
def tour_communes(slug: str) -> str:
    """List who takes part, and search for who else may (``?q=``; htmx asks for the results alone)."""
    tour = tours.get(db.session, slug)
    text = request.args.get("q", "")
    search = {
        "text": text,
        "results": communes.search(db.session, text),
        "taking_part": requests.taking_part(db.session, tour),
    }
    if "HX-Request" in request.headers:
        return render_template("organisation/_communes.html", tour=tour, **search)
    return registry.listed("communes", slug, **search)


@blueprint.post("/tournees/<slug>/communes/<insee>/ajouter")
def add_commune(slug: str, insee: str) -> Response:
    """Let a commune take part."""
    added = requests.create(db.session, tours.get(db.session, slug), insee)
    db.session.commit()
    flash(gettext("%(commune)s participe à la tournée.", commune=added.commune.name))
    return redirect(url_for("organiser.tour_commune", slug=slug, insee=insee))


@blueprint.route("/tournees/<slug>/communes/<insee>", methods=["GET", "POST"])
def tour_commune(slug: str, insee: str) -> Response | str:
    """Show and change what a commune asks."""
    row = requests.get(db.session, tours.get(db.session, slug), insee)
    form = _form(row)
    if saved(form, lambda: requests.edit(db.session, row, form.command(), form.seen_version)):
        flash(gettext("C’est enregistré pour %(commune)s.", commune=row.commune.name))
        return redirect(url_for("organiser.tour_communes", slug=slug))
    hosts = committees.listing(db.session, commune=row.commune)
    return render_template("organisation/tournee_commune.html", form=form, tour=row.tour, row=row, hosts=hosts)


def _form(row: CommuneRequest) -> RequestForm:
    holders = list(committees.listing(db.session, commune=row.commune))
    if row.permit_holder and row.permit_holder not in holders:  # somebody from elsewhere, or put aside since
        holders.append(row.permit_holder)
    pitches, halls = (sites.listing(db.session, kind, commune=row.commune) for kind in sites.KINDS)
    return RequestForm.of(row, equipment=equipment_known(), holders=holders, pitches=pitches, halls=halls)


@blueprint.route("/tournees/<slug>/communes/<insee>/disponibilites", methods=["GET", "POST"])
def commune_answer(slug: str, insee: str) -> Response | str:
    """Type a commune's answer, received by telephone."""
    row = requests.get(db.session, tours.get(db.session, slug), insee)
    days = [date.date for date in row.tour.dates]
    stored = {each.date: each.level for each in row.availabilities}
    form = AnswerForm(data={"answered_by": _caller(row), "version": row.version})
    values, filling = calendars_of_days.typed(request.form, days, requests.LEVELS)
    form.days = (stored, values)
    if not filling and saved(form, lambda: _record(row, form, values)):
        flash(gettext("C’est enregistré : %(name)s a répondu.", name=row.commune.name))
        return redirect(url_for("organiser.commune_answer", slug=slug, insee=insee))
    months = calendars_of_days.months(days, values if request.method == "POST" else stored)
    notes = day_notes.of(db.session, row.commune, days)
    return render_template(
        "organisation/disponibilites.html",
        form=form,
        tour=row.tour,
        row=row,
        months=months,
        notes=notes,
        filling=filling,
    )


def _record(row: CommuneRequest, form: AnswerForm, values: dict[dt.date, str]) -> None:
    by = gettext("téléphone de %(name)s", name=(form.answered_by.data or "").strip())
    requests.record_answer(
        db.session, row, requests.AnswerCommand(levels=values, answered_by=by), form.seen_version, edge().clock
    )


def _caller(row: CommuneRequest) -> str:
    """Return who telephoned last time, as typed."""
    by_phone = row.answered_how != "link"  # before it was kept by which way, there was no other
    return row.answered_by.removeprefix(gettext("téléphone de %(name)s", name="")) if by_phone else ""


@blueprint.post("/tournees/<slug>/communes/<insee>/effacer-reponse")
def clear_answer(slug: str, insee: str) -> Response:
    """Go back to "no answer"."""
    row = requests.get(db.session, tours.get(db.session, slug), insee)
    requests.clear_answer(db.session, row, posted_version())
    db.session.commit()
    flash(gettext("La réponse est effacée : tous les jours sont de nouveau possibles."))
    return redirect(url_for("organiser.commune_answer", slug=slug, insee=insee))


@blueprint.post("/tournees/<slug>/communes/<insee>/retirer")
def archive_request(slug: str, insee: str) -> Response:
    """Take a commune out of the tour; its request is kept."""
    row = requests.get(db.session, tours.get(db.session, slug), insee)
    done = gettext("%(commune)s ne participe plus. Sa demande reste dans les archives.", commune=row.commune.name)
    shelved(lambda: editing.archive(db.session, row, posted_version(), edge().clock), done)
    return redirect(url_for("organiser.tour_communes", slug=slug))


@blueprint.post("/tournees/<slug>/communes/<insee>/restaurer")
def restore_request(slug: str, insee: str) -> Response:
    """Let a commune take part again, as it did."""
    row = requests.get(db.session, tours.get(db.session, slug), insee)
    done = gettext("%(commune)s participe de nouveau.", commune=row.commune.name)
    shelved(lambda: editing.restore(db.session, row, posted_version()), done)
    return redirect(url_for("organiser.tour_commune", slug=slug, insee=insee))
