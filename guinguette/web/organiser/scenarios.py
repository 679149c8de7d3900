"""Variants: asked for by a form or by the button of a reason, watched while they are solved, put on the desk."""

import datetime as dt
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.domain.clock import today
from guinguette.domain.errors import N_, DomainError, NotFound
from guinguette.extensions import db
from guinguette.models import Plan, SolverRun
from guinguette.services import fundings, planning, scenarios, tours, vehicles
from guinguette.services.relaxations import Relaxer, Way
from guinguette.services.scenario_settings import ScenarioSettings, costs
from guinguette.services.scenario_takeover import still_different
from guinguette.web import calendars_of_days
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.scenarios import ScenarioForm, form_of
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import actor
from guinguette.web.organiser.progress import ACTIVE, Planning, seconds_of
from guinguette.web.organiser.reasons import names_of, why
from guinguette.web.organiser.scenario_words import all_names, plan_name, settings_sentences, way_words
from guinguette.web.saving import saved

_AROUND = dt.timedelta(days=7)  # a variant may begin a little earlier than its tour, and end a little later


@blueprint.context_processor
def _helpers() -> dict[str, Any]:
    """Give the organiser's templates what they say of variants; names are read once a page."""
    names = cache(lambda tour: all_names(db.session, tour))
    return {
        "plan_name": plan_name,
        "settings_of": lambda plan: settings_sentences(_settings(plan), names(plan.tour)),
        "different_settings": lambda plan: settings_sentences(
            still_different(plan.tour, _settings(plan)), names(plan.tour)
        ),
        "tries_of": _tries_of,
    }


def _settings(plan: Plan | SolverRun) -> ScenarioSettings:
    return ScenarioSettings.from_json(plan.settings)


def _tries_of(plan: Plan) -> dict[str, list[tuple[str, str]]]:
    """Return by INSEE code the buttons of each wish that the plan leaves unserved: their keys and their words."""
    names = all_names(db.session, plan.tour)
    return {insee: [(way.key, way_words(way, names)) for way in ways] for insee, ways in _ways(plan).items()}


def _ways(plan: Plan) -> dict[str, list[Way]]:
    relaxer, names = Relaxer(db.session, plan, edge().clock), names_of(plan.tour)
    return {
        wish.commune_insee: relaxer.ways(wish, partial(why, insee=wish.commune_insee, names=names))
        for wish in plan.unserved
    }


@blueprint.get("/tournees/<slug>/variantes")
def tour_scenarios(slug: str) -> str:
    """List the plans that can be compared."""
    tour = tours.get(db.session, slug)
    plans = scenarios.listing(db.session, tour)
    return render_template(
        "organisation/variantes.html",
        tour=tour,
        plans=plans,
        sizes=scenarios.sizes(db.session, plans),
        desk=planning.latest_plan(db.session, tour),
    )


@blueprint.route("/plans/<int:plan_id>/variante", methods=["GET", "POST"])
def new_scenario(plan_id: int) -> Response | str:
    """Duplicate a plan as a variant under other settings, and solve it."""
    plan = planning.get_plan(db.session, plan_id)
    tour, base = plan.tour, _settings(plan)
    form = form_of(tour, base, list(vehicles.listing(db.session)), fundings.payers(db.session, tour))
    span, open_now = _span(plan, base)
    values, filling = calendars_of_days.typed(request.form, span, ["yes"])
    started: list[SolverRun] = []
    if not filling and saved(form, lambda: started.append(_start_typed(form, plan, span, values))):
        return _launched(started[0])
    return render_template(
        "organisation/variante.html",
        form=form,
        plan=plan,
        tour=tour,
        months=calendars_of_days.months(span, values if request.method == "POST" else open_now),
        filling=filling,
        weights=_weights(plan),
    )


def _start_typed(form: ScenarioForm, plan: Plan, span: list[dt.date], values: dict[dt.date, str]) -> SolverRun:
    settings = form.settings(span, values.keys())
    return scenarios.start(db.session, plan, settings, name=form.named(), actor=actor(), clock=edge().clock)


def _span(plan: Plan, base: ScenarioSettings) -> tuple[list[dt.date], dict[dt.date, str]]:
    """Return the days to come that the calendar shows, and those of them that are open."""
    own = {row.date for row in plan.tour.dates}
    tomorrow = today(edge().clock) + dt.timedelta(days=1)
    known = own | base.dates_added or {tomorrow}
    first, last = max(min(known) - _AROUND, tomorrow), max(known) + _AROUND
    span = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    return span, {day: "yes" for day in span if day in (own | base.dates_added) - base.dates_dropped}


def _weights(plan: Plan) -> dict[str, tuple[int, int, int]]:
    """Return what a village without evening and a date « si besoin » count, in metres, at each level."""
    names = {"villages": "no_evening", "preferences": "if_need_be"}
    usual = {cost: getattr(plan.tour, f"cost_{cost}") for cost in names.values()}
    levels = ("less", "usual", "more")
    settings = [ScenarioSettings(**dict.fromkeys(names, level)) for level in levels]  # type: ignore[arg-type] # levels
    less, middle, more = (costs({**usual, "missing": 0, "moved": 0}, each) for each in settings)
    return {name: (less[cost], middle[cost], more[cost]) for name, cost in names.items()}


@blueprint.post("/plans/<int:plan_id>/essayer")
def try_relaxation(plan_id: int) -> Response:
    """Make the variant that relaxes exactly what a button says, and solve it."""
    plan = planning.get_plan(db.session, plan_id)
    return _launch(plan, lambda: _start_way(plan, request.form.get("insee", ""), request.form.get("voie", "")))


def _start_way(plan: Plan, insee: str, key: str) -> SolverRun:
    way = next((way for way in _ways(plan).get(insee, []) if way.key == key), None)
    if way is None:
        raise NotFound(N_("Cet essai n’est plus possible : relisez le plan."))
    names = all_names(db.session, plan.tour)
    name = f"{names.communes.get(insee, insee)} : {way_words(way, names)}"
    name = name if len(name) <= scenarios.LONGEST_NAME else name[: scenarios.LONGEST_NAME - 1] + "…"
    settings = way.added_to(_settings(plan))
    return scenarios.start(db.session, plan, settings, name=name, actor=actor(), clock=edge().clock)


def _launch(plan: Plan, start: Callable[[], SolverRun]) -> Response:
    try:
        run = start()
    except DomainError as error:
        db.session.rollback()
        flash(sentence(error), "stop")
        return redirect(url_for("organiser.plan", plan_id=plan.id))
    db.session.commit()
    return _launched(run)


def _launched(run: SolverRun) -> Response:
    edge().jobs.solve(run.id)  # after the commit: the worker must find the row
    return redirect(url_for("organiser.scenario_run", run_id=run.id))


@blueprint.get("/calculs/<int:run_id>")
def scenario_run(run_id: int) -> Response | str:
    """Show how far a variant has come; once it is there, lead to its comparison with the plan it came from."""
    if planning.mark_interrupted(db.session, edge().clock):
        db.session.commit()
    run = planning.get_run(db.session, run_id)
    there = _outcome(run)
    asked_by_htmx = "HX-Request" in request.headers
    if asked_by_htmx and run.state not in ACTIVE:
        over = make_response("")
        over.headers["HX-Redirect"] = there or url_for("organiser.scenario_run", run_id=run.id)
        return over
    if there:
        return redirect(there)
    page = "organisation/_run.html" if asked_by_htmx else "organisation/variante_calcul.html"
    state = Planning(run, None, None, seconds_of(run, edge().clock))
    return render_template(page, run=run, tour=run.tour, planning=state)


def _outcome(run: SolverRun) -> str:
    """Return where the run has led to; the empty text while it lasts, and where it gave no plan."""
    if not run.plans:
        return ""
    plan = run.plans[0]
    base = db.session.get(Plan, run.base_id) if run.base_id else None
    solved = ("optimal", "feasible")
    if base is None or base.status not in solved or plan.status not in solved:
        return url_for("organiser.plan", plan_id=plan.id)
    return url_for("organiser.compare", slug=run.tour.slug, plans=f"{base.id},{plan.id}")


@blueprint.post("/plans/<int:plan_id>/bureau")
def put_on_desk(plan_id: int) -> Response:
    """Let the desk show this plan."""
    plan = planning.get_plan(db.session, plan_id)
    try:
        scenarios.put_on_desk(db.session, plan, edge().clock)
        db.session.commit()
        flash(gettext("« %(name)s » est le plan retenu.", name=plan_name(plan)), "ok")
    except DomainError as error:
        db.session.rollback()
        flash(sentence(error), "stop")
    return redirect(url_for("organiser.plan", plan_id=plan.id))
