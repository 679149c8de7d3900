"""The options of a tour: whom to ask, who has answered what, what lapses soon."""

import datetime as dt

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from guinguette.domain.clock import today
from guinguette.extensions import db
from guinguette.models import DateOption, Evening
from guinguette.services import evening_queries, hosts, open_options, options, tours
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import act, ticked_versions
from guinguette.web.presenting import instant, long_date

#: The filters of the list: what stands in the address, and the state of the options that it shows.
FILTERS = {
    "attente": "sent",
    "autre-jour": "countered",
    "acceptees": "accepted",
    "refusees": "refused",
    "echues": "expired",
    "retirees": "withdrawn",
}
#: So many days before it lapses an option is shown to be near.
NEAR_DAYS = 3


def usual_answerer(session: Session, evening: Evening) -> str:
    """Return « téléphone de Jeanne Petit », whom one would have rung; nothing where nobody is known."""
    people = hosts.to_ring(session, [evening.commune_insee]).get(evening.commune_insee, ())
    return gettext("téléphone de %(name)s", name=people[0].name) if people else ""


def time_left(expires_on: dt.date) -> str:
    """Return « aujourd’hui », « demain » or « dans 4 jours »."""
    days = (expires_on - today(edge().clock)).days
    near = {0: gettext("aujourd’hui"), 1: gettext("demain")}
    return str(near.get(days) or ngettext("dans %(num)s jour", "dans %(num)s jours", days))


def answered(option: DateOption) -> str:
    """Return « Par son lien : Jeanne Petit, samedi 5 juin à 14 h 10. », « Reçu par téléphone de Jeanne Petit, … »."""
    ways = {
        "link": gettext("Par son lien : %(by)s, %(when)s."),
        "sms": gettext("Par SMS : %(by)s, %(when)s."),
        "desk": gettext("Au bureau : %(by)s, %(when)s."),
    }
    when = instant(option.closed_at) if option.closed_at else ""
    return str(
        ways.get(option.answered_how, gettext("Reçu par %(by)s, %(when)s.")) % {"by": option.answered_by, "when": when}
    )


@blueprint.get("/tournees/<slug>/options")
def tour_options(slug: str) -> str:
    """List a tour's options, all or those of one state, and the dates that nobody has been asked for."""
    tour = tours.get(db.session, slug)
    board = options.board(db.session, tour, edge().clock)
    asked = request.args.get("etat", "")
    shown = [option for option in board.options if option.state == FILTERS.get(asked, option.state)]
    if asked in ("", "attente"):  # what lapses first comes first
        shown.sort(
            key=lambda option: (option.state != "sent", option.expires_on if option.state == "sent" else dt.date.min)
        )
    return render_template(
        "organisation/options.html",
        tour=tour,
        board=board,
        shown=shown,
        asked=asked if asked in FILTERS else "",
        filters=[(name, options.counts(board.options)[state]) for name, state in FILTERS.items()],
        people=hosts.to_ring(db.session, {option.evening.commune_insee for option in shown}),
        day=today(edge().clock),
        near=NEAR_DAYS,
        time_left=time_left,
        answered=answered,
        is_counter=open_options.is_counter,
    )


@blueprint.post("/tournees/<slug>/options/envoyer")
def send_options(slug: str) -> Response:
    """Ask for the dates that were ticked; name those that could not be asked for, with why."""
    tour = tours.get(db.session, slug)
    seen = ticked_versions()
    ticked = [(e, seen[e.id]) for e in evening_queries.of_tour(db.session, tour) if e.id in seen]
    until = request.form.get("expires_on", type=dt.date.fromisoformat)
    done, refused = options.send_ticked(db.session, ticked, act(), expires_on=until)
    db.session.commit()
    edge().jobs.send_due()
    if done:
        flash(ngettext("%(num)s option est envoyée.", "%(num)s options sont envoyées.", len(done)), "ok")
    for evening, error in refused:
        place, day = evening.commune.name, long_date(evening.date)
        flash(gettext("%(commune)s, %(day)s : %(reason)s", commune=place, day=day, reason=sentence(error)), "stop")
    if not ticked:
        flash(gettext("Cochez au moins une soirée."), "stop")
    return redirect(url_for("organiser.tour_options", slug=slug))
