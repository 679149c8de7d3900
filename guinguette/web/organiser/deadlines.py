"""What is left to do: a tour's list, the ticks, and the calendar that carries it to the organisers' phones."""

import datetime as dt
from itertools import groupby

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_security import current_user
from werkzeug.wrappers import Response

from guinguette.domain.clock import today
from guinguette.domain.errors import DomainError
from guinguette.domain.text import upper_first
from guinguette.extensions import db
from guinguette.models import FeedKey
from guinguette.services import deadlines, evening_queries, feed_keys, preparations, tours
from guinguette.services.deadlines import Task
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import act
from guinguette.web.presenting import hours, long_date

#: What is due within so many days is shown open, and so many tasks at least; what comes later is folded by month.
NEAR, AT_LEAST = dt.timedelta(days=14), 10


@blueprint.app_template_global()
def is_late(task: Task) -> bool:
    """Tell whether a task is overdue now, and nobody has ticked it."""
    return task.done is None and task.overdue(edge().clock.now())


@blueprint.app_template_global()
def due_words(task: Task) -> str:
    """Return when a task is due: « En retard de 3 jours : mardi 6 juillet », « Aujourd’hui à 17 h »."""
    day = today(edge().clock)
    at = gettext(" à %(hour)s", hour=hours(task.due_time)) if task.due_time else ""
    late = (day - task.due_on).days
    if is_late(task):
        by = ngettext("En retard de %(num)s jour", "En retard de %(num)s jours", late) if late else gettext("En retard")
        return f"{by}\u00a0: {long_date(task.due_on)}{at}"
    near = {0: gettext("Aujourd’hui"), -1: gettext("Demain")}.get(late)
    return str(near or upper_first(long_date(task.due_on))) + at


@blueprint.app_template_global()
def task_address(task: Task) -> str:
    """Return the page where a task is done."""
    evening = task.evening
    moves = {"ask": "option", "answer": "reponse", "held": "tenue"}
    if task.kind in moves:
        return url_for("organiser.change_evening", evening_id=evening.id, move=moves[task.kind])
    if task.kind == "power":
        return url_for("organiser.site", kind="emplacement", site_id=evening.pitch_id)
    if task.kind == "hall_clash":
        return url_for("organiser.site", kind="salle", site_id=evening.fallback_venue_id, _anchor="reservations")
    if task.kind in ("pitch", "hall", "programme"):
        return url_for("organiser.edit_programme", evening_id=evening.id)
    return url_for("organiser.evening", evening_id=evening.id)


@blueprint.app_template_global()
def why_words(task: Task) -> str:
    """Return why, and after which source, in the language of the page."""
    why = gettext(task.why).format(**task.values)
    return f"{why} ({gettext(task.source)})" if task.source else str(why)


@blueprint.get("/tournees/<slug>/echeances")
def tour_deadlines(slug: str) -> str:
    """List what is left to do in a tour: late, near, later, done."""
    tour = tours.get(db.session, slug)
    everything = deadlines.of_tour(db.session, tour, edge().clock)
    todo = [task for task in everything if task.done is None]
    late = [task for task in todo if is_late(task)]
    coming = [task for task in todo if not is_late(task)]
    horizon = today(edge().clock) + NEAR
    near = max(AT_LEAST, sum(task.due_on <= horizon for task in coming))
    later = groupby(coming[near:], key=lambda task: task.due_on.replace(day=1))
    return render_template(
        "organisation/echeances.html",
        tour=tour,
        everything=everything,
        late=late,
        near=coming[:near],
        later=[(month, list(tasks)) for month, tasks in later],
        done=[task for task in everything if task.done],
        villages=preparations.late_in(db.session, tour, edge().clock),
    )


@blueprint.post("/soirees/<evening_id>/echeances/<kind>")
def tick_task(evening_id: str, kind: str) -> Response:
    """Tick a task of an evening, or take the tick back, and return to the list that it was ticked on."""
    evening = evening_queries.get(db.session, evening_id)
    use_case = deadlines.tick if request.form.get("done") else deadlines.untick
    try:
        use_case(db.session, evening, kind, act())
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        flash(sentence(error), "stop")
    if request.form.get("page") == "tournee":
        return redirect(url_for("organiser.tour_deadlines", slug=evening.tour.slug))
    return redirect(url_for("organiser.evening", evening_id=evening_id, _anchor="a-faire"))


@blueprint.get("/agenda")
def desk_calendar() -> FlaskResponse:
    """Tell whether this organiser has a secret calendar, and offer to make, renew or take it back."""
    return _calendar_page(feed_keys.find(db.session, current_user.id))


@blueprint.post("/agenda/renouveler")
def renew_calendar() -> FlaskResponse:
    """Make a new secret address and show it, this once."""
    key = feed_keys.renew(db.session, current_user.id, edge().clock)
    db.session.commit()
    path = url_for("desk_feed.tasks", key=key)
    return _calendar_page(feed_keys.find(db.session, current_user.id), edge().settings.public_url + path)


@blueprint.post("/agenda/revoquer")
def revoke_calendar() -> Response:
    """Take the secret address back."""
    feed_keys.revoke(db.session, current_user.id)
    db.session.commit()
    flash(gettext("L’adresse ne répond plus."), "ok")
    return redirect(url_for("organiser.desk_calendar"))


def _calendar_page(key: FeedKey | None, address: str = "") -> FlaskResponse:
    page = make_response(render_template("organisation/agenda.html", key=key, address=address))
    page.headers["Cache-Control"] = "no-store"  # the address is a secret, and is shown once
    return page
