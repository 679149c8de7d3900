"""The season's board: evenings moved by hand with their cost shown first, pinned, excepted, undone."""

import datetime as dt
from collections.abc import Callable
from itertools import groupby

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.domain.errors import N_, DomainError, InvalidInput, NotFound
from guinguette.extensions import db
from guinguette.models import Plan, PlannedEvening
from guinguette.services import drafts, planning, publication, tours
from guinguette.services.drafts import BrokenRules, Hand
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.board_page import board_page, monday
from guinguette.web.organiser.desk import actor, tour_address
from guinguette.web.organiser.draft_words import Choice, Words
from guinguette.web.organiser.driving import drives_of_line, drives_of_plan

VIEWS = ("calendrier", "table")


@blueprint.get("/tournees/<slug>/saison")
def season_board(slug: str) -> Response | str:
    """Show the season of the plan that the desk shows, by vehicle and month; each evening leads to where it may go."""
    tour = tours.get(db.session, slug)
    shown = planning.latest_plan(db.session, tour)
    if shown is None or shown.status not in drafts.SOLVED:
        return redirect(url_for("organiser.tour_plan", slug=slug))
    changes = publication.preview(db.session, shown, edge().clock)
    return render_template(
        "organisation/saison.html",
        tour=tour,
        plan=shown,
        board=board_page(db.session, shown, changes, edge().clock, request.args.get("mois", "")),
        view=request.args.get("vue") if request.args.get("vue") in VIEWS else VIEWS[0],
        drives=drives_of_plan(db.session, shown),
    )


@blueprint.get("/plans/<int:plan_id>/soirees/<insee>/<date>")
def planned_evening(plan_id: int, insee: str, date: str) -> str:
    """Show an evening of a plan: why it is there, every other date with its cost, and how to pin it.

    ``?vers=`` (date and van) asks about one of them: what it breaks, and for an exception where one can be made.
    ``?vehicules=tous`` looks at the vans that are far away, too.
    """
    plan, line = _line(plan_id, insee, date)
    words, vans = Words(plan), _vans(plan, line)
    choices = _choices(plan, line, words, vans)
    farther = sum(item.vehicle_id not in vans for item in plan.tour.vehicles)
    shown = planning.latest_plan(db.session, plan.tour) or plan
    return render_template(
        "organisation/saison_soiree.html",
        tour=plan.tour,
        plan=plan,
        line=line,
        driving=drives_of_line(db.session, line),
        months=[list(group) for _, group in groupby(choices, key=lambda c: (c.date.year, c.date.month))],
        asked=next((choice for choice in choices if choice.value == request.args.get("vers")), None),
        slack=words.slack(choices, line, farther) if choices else "",
        farther=farther,
        excepted=words.excepted(line),
        shown=shown,
        meanwhile=[(words.change(change), change) for change in drafts.meanwhile(shown, plan)],
        why_length=drafts.WHY_LENGTH,
    )


@blueprint.get("/plans/<int:plan_id>/soirees/<insee>/<date>/places")
def evening_places(plan_id: int, insee: str, date: str) -> Response:
    """Answer with every other date and near van of the evening, in words, for the calendars it is dragged over."""
    plan, line = _line(plan_id, insee, date)
    return jsonify(
        [
            {
                "date": choice.date.isoformat(),
                "van": choice.vehicle_id,
                "kind": choice.kind,
                "short": choice.short,
                "text": gettext("%(where)s : %(text)s", where=choice.where, text=choice.text),
                "exception": _address(plan, line, choice.value) if choice.waivable else "",
            }
            for choice in _choices(plan, line, Words(plan), drafts.near_vans(plan, line))
        ]
    )


@blueprint.post("/plans/<int:plan_id>/soirees/<insee>/<date>/deplacer")
def move_planned(plan_id: int, insee: str, date: str) -> Response:
    """Move the evening to the date and van that were chosen, by exception where a reason is given."""
    plan, line = _line(plan_id, insee, date)
    to = request.form.get("vers", "")
    again = _address(plan, line, to)

    def carry_out(hand: Hand) -> Plan:
        day, van = _place(to)
        why = request.form.get("why", "")
        return drafts.move(db.session, plan, line, hand, date=day, vehicle_id=van, why=why)

    return _changed(plan, carry_out, again, says=True)


@blueprint.post("/plans/<int:plan_id>/epingler")
def pin_planned(plan_id: int) -> Response:
    """Pin, or let go, the evening, the village or the week that was chosen."""
    plan = planning.get_plan(db.session, plan_id)
    pinned = request.form.get("pinned") == "1"
    lines = _chosen(plan, request.form.get("quoi", ""), pinned=pinned)
    return _changed(plan, lambda hand: drafts.pin(db.session, plan, lines, hand, pinned=pinned), _board(plan))


@blueprint.post("/plans/<int:plan_id>/<any(annuler, refaire):step>")
def step_plan(plan_id: int, step: str) -> Response:
    """Undo the change that made the plan, or do again the one that was undone."""
    plan = planning.get_plan(db.session, plan_id)
    act = drafts.undo if step == "annuler" else drafts.redo
    return _changed(plan, lambda hand: act(db.session, plan, hand.clock), _board(plan))


@blueprint.post("/plans/<int:plan_id>/planifier")
def plan_around(plan_id: int) -> Response:
    """Start a run that leaves where they are the evenings pinned in this plan."""
    plan = planning.get_plan(db.session, plan_id)
    try:
        run = planning.start_run(db.session, plan.tour, edge().clock, base=plan)
    except DomainError as error:
        db.session.rollback()
        flash(sentence(error), "stop")
        return redirect(_board(plan))
    db.session.commit()
    edge().jobs.solve(run.id)
    return redirect(tour_address(plan.tour.slug) + "#planifier")


def _changed(plan: Plan, carry_out: Callable[[Hand], Plan], refused: str, *, says: bool = False) -> Response:
    """Do it, commit and say so on the board; or go to ``refused``, which ``says`` by itself which rule is broken."""
    words = Words(plan)
    try:
        made = carry_out(Hand(actor=actor(), clock=edge().clock))
        db.session.commit()
    except NotFound:
        raise
    except DomainError as error:
        db.session.rollback()
        broken = words.contradictions(error.reasons) if isinstance(error, BrokenRules) else []
        if not (broken and says):
            flash(" ".join([sentence(error), *broken]), "stop")
        return redirect(refused)
    if made.parent is plan:
        flash(gettext("C’est fait. %(change)s.", change=words.change(made)), "ok")
    return redirect(_board(made))


def _line(plan_id: int, insee: str, date: str) -> tuple[Plan, PlannedEvening]:
    plan = planning.get_plan(db.session, plan_id)
    try:
        return plan, drafts.line_of(plan, insee, dt.date.fromisoformat(date))
    except ValueError:
        abort(404)


def _choices(plan: Plan, line: PlannedEvening, words: Words, vans: set[int]) -> list[Choice]:
    return [words.choice(place, line) for place in drafts.places(db.session, plan, line, edge().clock, vans)]


def _vans(plan: Plan, line: PlannedEvening) -> set[int]:
    """Return the vans to look at: those near, and the one that is asked about; or all of them."""
    everyone, asked = request.args.get("vehicules") == "tous", request.args.get("vers", "").partition(":")[2]
    of_tour = [item.vehicle_id for item in plan.tour.vehicles]
    return drafts.near_vans(plan, line) | {van for van in of_tour if everyone or str(van) == asked}


def _place(to: str) -> tuple[dt.date, int]:
    day, _, van = to.partition(":")
    try:
        return dt.date.fromisoformat(day), int(van)
    except ValueError:
        raise InvalidInput(N_("Choisissez une date et un véhicule, puis déplacez.")) from None


def _chosen(plan: Plan, what: str, *, pinned: bool) -> list[PlannedEvening]:
    """Return the lines that a form means: an evening, or all of a village or of a week but the exceptions."""
    kind, _, value = what.partition(":")
    keys: dict[str, Callable[[PlannedEvening], str]] = {
        "soiree": lambda line: f"{line.commune_insee}:{line.date}",
        "village": lambda line: line.commune_insee,
        "semaine": lambda line: str(monday(line.date)),
    }
    key = keys.get(kind) or abort(400)
    return [line for line in plan.evenings if key(line) == value and (kind == "soiree" or pinned or not line.waived)]


def _address(plan: Plan, line: PlannedEvening, vers: str) -> str:
    date = line.date.isoformat()
    return url_for("organiser.planned_evening", plan_id=plan.id, insee=line.commune_insee, date=date, vers=vers)


def _board(plan: Plan) -> str:
    """Return the board's address, opened on the month of the plan's own change."""
    moved = plan.change.get("moved")
    return url_for("organiser.season_board", slug=plan.tour.slug, mois=moved[0]["to_date"][:7] if moved else None)
