"""From « Planifier » to « Publier »: the run and its progress, the plan as calendar, list and map, what goes online."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import format_currency, gettext
from werkzeug.wrappers import Response

from guinguette.domain.clock import today
from guinguette.domain.errors import N_, Conflict, DomainError, NotFound
from guinguette.extensions import db
from guinguette.models import Plan, SolverRun
from guinguette.publishing.tour import PublishedTour
from guinguette.services import planning, publication, reach, tours
from guinguette.services.rehearsal import Told, euros, told_of
from guinguette.services.scenario_takeover import take_over
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.maps import map_response
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import actor, people_told, request_address, tour_address
from guinguette.web.organiser.driving import drives_of_plan
from guinguette.web.organiser.plan_page import evening_or_request, plan_page, stops_of
from guinguette.web.organiser.progress import gap_sentence, kilometres, planning_of

VIEWS = ("calendrier", "liste", "carte")
#: What each kind of message is called that publishing may send.
NEWS_NAMES = {
    "cancelled": N_("Annulation"),
    "changed": N_("Changement de date"),
    "announced": N_("Nouvelles dates"),
}

blueprint.add_app_template_filter(kilometres)


@blueprint.context_processor
def _helpers() -> dict[str, Any]:
    """Give the organiser's templates what they say of plans and runs."""
    return {
        "people_told": people_told,
        "news_names": NEWS_NAMES,
        "request_address": request_address,
        "tour_address": tour_address,
        "evening_or_request": evening_or_request,
        "planning_of": lambda tour: planning_of(db.session, tour, edge().clock),
        "gap_sentence": gap_sentence,
        "euros_of": euros_of,
    }


def euros_of(segments: int) -> str:
    """Return what so many SMS segments cost at today's price: « 3,76 € »."""
    return str(format_currency(euros(db.session, segments, today(edge().clock)), "EUR"))


@blueprint.post("/tournees/<slug>/planifier")
def start_planning(slug: str) -> Response:
    """Start a run of the solver on the tour as it stands."""
    tour = tours.get(db.session, slug)
    base = planning.plan_to_start_from(db.session, tour)
    return _launch(slug, lambda: planning.start_run(db.session, tour, edge().clock, base=base))


@blueprint.post("/calculs/<int:run_id>/relancer")
def restart_run(run_id: int) -> Response:
    """Start again what was interrupted or has failed."""
    run = planning.get_run(db.session, run_id)
    return _launch(run.tour.slug, lambda: planning.restart(db.session, run, edge().clock))


def _launch(slug: str, start: Callable[[], SolverRun]) -> Response:
    try:
        run = start()
    except DomainError as error:
        db.session.rollback()
        flash(sentence(error), "stop")
        return redirect(tour_address(slug) + "#planifier")
    db.session.commit()
    edge().jobs.solve(run.id)  # after the commit: the worker must find the row
    return redirect(_run_address(run))


def _run_address(run: SolverRun) -> str:
    """Return where a run is watched: an incident’s and a variant’s have their pages, the tour’s is on its own."""
    if run.incident_id:
        return url_for("organiser.incident", incident_id=run.incident_id)
    if run.name:
        return url_for("organiser.scenario_run", run_id=run.id)
    return tour_address(run.tour.slug) + "#planifier"


@blueprint.get("/tournees/<slug>/calcul")
def planning_run(slug: str) -> Response | str:
    """Show how far the run has come: a fragment for htmx, a page that reloads itself for everybody else."""
    tour = tours.get(db.session, slug)
    if planning.mark_interrupted(db.session, edge().clock):
        db.session.commit()
    state = planning_of(db.session, tour, edge().clock)
    if "HX-Request" not in request.headers:
        return render_template("organisation/plan_calcul.html", tour=tour, planning=state)
    if state.active:
        return render_template("organisation/_run.html", tour=tour, planning=state)
    over = make_response("")
    over.headers["HX-Refresh"] = "true"  # the whole page has something else to offer now
    return over


@blueprint.post("/calculs/<int:run_id>/arreter")
def stop_run(run_id: int) -> Response:
    """Ask the run to stop and keep its best plan."""
    run = planning.get_run(db.session, run_id)
    planning.request_stop(db.session, run)
    db.session.commit()
    return redirect(_run_address(run))


@blueprint.get("/tournees/<slug>/plan")
def tour_plan(slug: str) -> Response | str:
    """Show the tour's latest plan."""
    tour = tours.get(db.session, slug)
    latest = planning.latest_plan(db.session, tour)
    return _show(latest) if latest else render_template("organisation/plan_aucun.html", tour=tour)


@blueprint.get("/plans/<int:plan_id>")
def plan(plan_id: int) -> str:
    """Show a given plan."""
    return _show(planning.get_plan(db.session, plan_id))


def _show(shown: Plan) -> str:
    asked = request.args.get("vue", "")
    latest = planning.latest_plan(db.session, shown.tour)
    return render_template(
        "organisation/plan.html",
        plan=shown,
        tour=shown.tour,
        page=plan_page(shown, publication.preview(db.session, shown, edge().clock)),
        view=asked if asked in VIEWS else VIEWS[0],
        newer=latest if latest and latest.created_at > shown.created_at else None,
        desk=latest,
        online=publication.latest(db.session, shown.tour),
        drives=drives_of_plan(db.session, shown),
        survey=planning.survey_of(db.session, shown),
    )


@blueprint.get("/plans/<int:plan_id>/carte")
def plan_map(plan_id: int) -> Response:
    """Answer with the map of the plan alone, for the frame of its page. Raises ``NotFound`` where it has no evening."""
    shown = planning.get_plan(db.session, plan_id)
    page = plan_page(shown, publication.preview(db.session, shown, edge().clock))
    if not page.lines:
        raise NotFound(N_("Ce plan n’a aucune soirée à montrer."))
    return map_response(stops_of(shown, page), title=gettext("Carte du plan"))


@blueprint.route("/plans/<int:plan_id>/publier", methods=["GET", "POST"])
def publish(plan_id: int) -> Response | str:
    """Show what publishing the plan would change, whom it would tell and in which words; publish on confirmation."""
    shown = planning.get_plan(db.session, plan_id)
    refusal, told = "", Told(0, "")
    if request.method == "POST":
        try:
            return _publish(shown)
        except DomainError as error:
            refusal = sentence(error)
            db.session.rollback()
    else:
        told, refusal = rehearse(shown)
    return render_template(
        "organisation/publier.html",
        plan=shown,
        tour=shown.tour,
        changes=publication.preview(db.session, shown, edge().clock),
        told=told,
        refusal=refusal,
        online=publication.latest(db.session, shown.tour),
    )


def rehearse(shown: Plan) -> tuple[Told, str]:
    """Return what publishing the plan would tell, and why it is refused (empty: it is not). Nothing is kept."""
    try:
        return _carry_out(shown), ""
    except DomainError as error:
        return Told(0, ""), sentence(error)
    finally:
        db.session.rollback()


def _publish(shown: Plan) -> Response:
    if request.form.get("seen", type=int) != shown.tour.published_version:
        raise Conflict(N_("La tournée a changé depuis que vous avez ouvert cette page : relisez, puis publiez."))
    told = _carry_out(shown)
    db.session.commit()
    edge().jobs.send_due()
    flash(gettext("C’est en ligne.") + (" " + people_told(told.people) if told.people else ""), "ok")
    return redirect(url_for("organiser.publish", plan_id=shown.id))


def _carry_out(shown: Plan) -> Told:
    """Publish, and return whom the SMS tell that this has queued, and what."""
    tools = edge()
    # the form says which settings of the tour were read; the page itself tries on those that it is about to show
    take_over(db.session, shown, request.form.get("reglages", shown.tour.version, type=int))
    changes = publication.preview(db.session, shown, tools.clock)
    version = publication.publish(
        db.session, shown, actor=actor(), clock=tools.clock, vault=tools.vault, public_url=tools.settings.public_url
    )
    told = told_of(db.session, [*changes.cancelled, *(evening for evening, _ in changes.moved)], new_in=version)
    online = PublishedTour.from_json(version.payload)
    return replace(told, without_sms=tuple(reach.without_sms(db.session, online, today(tools.clock))))
