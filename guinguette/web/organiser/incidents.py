"""« Imprévus » : what broke, the ways out side by side, and the one that is published."""

import datetime as dt
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.domain.clock import today
from guinguette.domain.errors import DomainError
from guinguette.extensions import db
from guinguette.models import Incident, Plan, SolverRun, Tour
from guinguette.services import incidents, planning, replans, tours
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.incidents import KINDS, IncidentForm, kind_name, kind_sign
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import actor
from guinguette.web.organiser.plan import rehearse
from guinguette.web.organiser.progress import ACTIVE, seconds_of
from guinguette.web.organiser.reasons import contradiction, names_of
from guinguette.web.organiser.ways_out import proof_sentences, way_name, way_words

#: What a link to the form may say: a van's id, a village's code, from when to when.
_ABOUT = ("camion", "commune", "du", "au")

blueprint.add_app_template_filter(kind_name)
blueprint.add_app_template_filter(kind_sign)
blueprint.add_app_template_filter(way_name)
blueprint.add_app_template_filter(way_words)
blueprint.add_app_template_filter(proof_sentences)


@blueprint.get("/tournees/<slug>/imprevus")
def tour_incidents(slug: str) -> str:
    """Ask what has changed, and list what had changed before."""
    tour = tours.get(db.session, slug)
    known = incidents.of_tour(db.session, tour)
    return render_template(
        "organisation/imprevus.html",
        tour=tour,
        kinds=KINDS,
        known=known,
        day=today(edge().clock),
        about={name: request.args[name] for name in _ABOUT if name in request.args},
    )


@blueprint.route("/tournees/<slug>/imprevus/<word>", methods=["GET", "POST"])
def new_incident(slug: str, word: str) -> Response | str:
    """Take down what broke, then look for ways out."""
    tour = tours.get(db.session, slug)
    kind, name, _, help_text, reason = KINDS.get(word) or abort(404)
    form = IncidentForm.of(kind, tour, _proposed(tour, kind, reason))
    if form.validate_on_submit():
        try:
            incident = incidents.report(db.session, tour, form.command(kind), actor=actor(), clock=edge().clock)
            db.session.commit()  # it counts from now on, whether or not a run can start at once
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            return _look_now(incident)
    return render_template(
        "organisation/imprevu_nouveau.html", tour=tour, form=form, name=gettext(name), help_text=gettext(help_text)
    )


def _proposed(tour: Tour, kind: str, reason: str) -> dict[str, Any]:
    """Return what the form begins with: what the link that led here says, else the next date of the tour.

    Nobody knows beforehand how long a repair takes; the rest is mostly over in a day.
    """
    today_ = today(edge().clock)
    day = next((each.date for each in tour.dates if each.date >= today_), today_)
    return {
        "vehicle_id": request.args.get("camion", type=int),
        "commune_insee": request.args.get("commune", ""),
        "first": request.args.get("du", day, type=dt.date.fromisoformat),
        "last": request.args.get("au", None if kind == "breakdown" else day, type=dt.date.fromisoformat),
        "reason": gettext(reason),
    }


@blueprint.get("/imprevus/<int:incident_id>")
def incident(incident_id: int) -> str:
    """Show what broke, whom it hits, and the ways out side by side."""
    shown = incidents.get(db.session, incident_id)
    if planning.mark_interrupted(db.session, edge().clock):
        db.session.commit()
    tonight, coming = incidents.hit_evenings(db.session, shown, edge().clock)
    return render_template(
        "organisation/imprevu.html",
        incident=shown,
        tour=shown.tour,
        tonight=tonight,
        coming=coming,
        **_search(replans.last_run(db.session, shown)),
    )


def _search(run: SolverRun | None) -> dict[str, Any]:
    """Return where the search for ways out stands, as the templates need it."""
    ways = [] if run is None else replans.ways_out(db.session, run, edge().clock)
    return {
        "run": run,
        "active": run is not None and run.state in ACTIVE,
        "seconds": 0 if run is None else seconds_of(run, edge().clock),
        "ways": [way for way in ways if way.solved],
        "conflicts": [_said(way.plan) for way in ways if not way.solved],
    }


def _said(plan: Plan) -> list[str]:
    names = names_of(plan.tour)
    return [contradiction(conflict, names) for conflict in plan.conflicts]


@blueprint.get("/imprevus/<int:incident_id>/calcul")
def incident_search(incident_id: int) -> Response | str:
    """Answer htmx with how far the search has come; have the whole page renewed once it is over."""
    shown = incidents.get(db.session, incident_id)
    if planning.mark_interrupted(db.session, edge().clock):
        db.session.commit()
    search = _search(replans.last_run(db.session, shown))
    if search["active"]:
        return render_template("organisation/_imprevu_calcul.html", incident=shown, tour=shown.tour, **search)
    over = make_response("")
    over.headers["HX-Refresh"] = "true"
    return over


@blueprint.get("/imprevus/plans/<int:plan_id>/sms")
def way_out_news(plan_id: int) -> str:
    """Answer htmx with what publishing one way out would tell, or why it is refused: to rehearse all takes a moment."""
    news, refusal = rehearse(planning.get_plan(db.session, plan_id))
    return render_template("organisation/imprevu_sms.html", told=news, refusal=refusal)


@blueprint.post("/imprevus/<int:incident_id>/replanifier")
def replan_incident(incident_id: int) -> Response:
    """Look for ways out once more, on the tour as it stands now."""
    return _look_now(incidents.get(db.session, incident_id))


def _look_now(shown: Incident) -> Response:
    """Start the search, or say on the incident's page why it cannot start yet."""
    incident_id = shown.id
    try:
        return _look(shown)
    except DomainError as error:
        db.session.rollback()
        flash(sentence(error), "stop")
    return redirect(url_for("organiser.incident", incident_id=incident_id))


def _look(shown: Incident) -> Response:
    """Start the search and lead to the incident's page. Raises ``Conflict`` while another run is under way."""
    run = replans.start(db.session, shown, edge().clock)
    incident_id = shown.id
    db.session.commit()
    if run is not None:
        edge().jobs.solve(run.id)  # after the commit: the worker must find the row
    return redirect(url_for("organiser.incident", incident_id=incident_id))


@blueprint.post("/imprevus/<int:incident_id>/lever")
def withdraw_incident(incident_id: int) -> Response:
    """Take the incident back: repaired early, or a mistake."""
    shown = incidents.get(db.session, incident_id)
    incidents.withdraw(db.session, shown, edge().clock)
    db.session.commit()
    flash(gettext("L’imprévu est levé : les prochains plans n’en tiennent plus compte."), "ok")
    return redirect(url_for("organiser.incident", incident_id=incident_id))
