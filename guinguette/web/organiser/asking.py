"""Asking a tour's villages for their dates: who has answered, by which way, whom to ring, who got no date."""

from collections import Counter
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from guinguette.domain.errors import DomainError
from guinguette.extensions import db
from guinguette.models import Tour
from guinguette.services import dates_asked, dates_board, tours
from guinguette.services.messages import Draft
from guinguette.services.rehearsal import without_link
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.asking import ScheduleForm
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import act
from guinguette.web.saving import saved

#: The filters of the list: what stands in the address, and the standings that it shows.
FILTERS = {
    "repondu": ("answered",),
    "commence": ("begun",),
    "attente": ("asked",),
    "a-demander": ("unasked",),
    "a-appeler": ("to_ring",),
}


@blueprint.get("/tournees/<slug>/reponses")
def tour_answers(slug: str) -> str:
    """Show where each village stands, all or those of one standing."""
    tour = tours.get(db.session, slug)
    villages = _villages(tour)
    asked = request.args.get("etat", "")
    counts = Counter(village.standing for village in villages)
    return render_template(
        "organisation/reponses.html",
        tour=tour,
        villages=villages,
        # whoever is waited for comes first
        shown=sorted(
            (each for each in villages if each.standing in FILTERS.get(asked, dates_board.STANDINGS)),
            key=lambda village: not village.waited_for,
        ),
        asked=asked if asked in FILTERS else "",
        filters=[(name, sum(counts[each] for each in standings)) for name, standings in FILTERS.items()],
        counts=counts,
        nudges=dates_asked.nudge_dates(tour),
        silent=dates_asked.without_date(db.session, tour, edge().vault),
    )


@blueprint.route("/tournees/<slug>/reponses/demander", methods=["GET", "POST"])
def ask_for_dates(slug: str) -> Response | str:
    """Set until when villages answer and when they are nudged; show what would leave, to how many, at which cost."""
    tour = tours.get(db.session, slug)
    form = ScheduleForm.of(tour, dates_asked.usual_answer_by(tour, edge().clock))
    if saved(form, lambda: _schedule(tour, form)):
        flash(gettext("C’est enregistré. Relisez le message, puis envoyez-le."), "ok")
        return redirect(url_for("organiser.ask_for_dates", slug=slug))
    villages = _villages(tour)
    return render_template(
        "organisation/reponses_demander.html",
        tour=tour,
        form=form,
        counts=Counter(village.standing for village in villages),
        nudges=dates_asked.nudge_dates(tour),
        nudge_text=without_link(dates_asked.nudge_text(db.session, tour, villages, act())),
        **_previewed(dates_asked.questions(db.session, tour, villages, act())),
    )


@blueprint.post("/tournees/<slug>/reponses/envoyer")
def send_questions(slug: str) -> Response:
    """Ask the villages that have not been asked, or say why not."""
    tour = tours.get(db.session, slug)
    try:
        asked = dates_asked.ask(db.session, tour, act())
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        flash(sentence(error), "stop")
        return redirect(url_for("organiser.ask_for_dates", slug=slug))
    edge().jobs.send_due()
    flash(ngettext("%(num)s village est interrogé.", "%(num)s villages sont interrogés.", asked), "ok")
    return redirect(url_for("organiser.tour_answers", slug=slug))


@blueprint.get("/tournees/<slug>/reponses/appels")
def answers_to_ring_for(slug: str) -> str:
    """List whom to ring for the answers that are missing, numbers in full, to be printed and written on."""
    tour = tours.get(db.session, slug)
    waiting = [village for village in _villages(tour) if village.waited_for]
    return render_template("organisation/reponses_appels.html", tour=tour, villages=waiting)


@blueprint.route("/tournees/<slug>/reponses/sans-date", methods=["GET", "POST"])
def villages_without_date(slug: str) -> Response | str:
    """Show the villages that got no date, and tell those that nobody has told yet."""
    tour = tours.get(db.session, slug)
    if request.method == "POST":
        told = dates_asked.tell(db.session, tour, act())
        db.session.commit()
        edge().jobs.send_due()
        flash(ngettext("%(num)s village est prévenu.", "%(num)s villages sont prévenus.", told), "ok")
        return redirect(url_for("organiser.villages_without_date", slug=slug))
    silent = dates_asked.without_date(db.session, tour, edge().vault)
    drafts = dates_asked.results(db.session, tour, silent, act())
    return render_template("organisation/reponses_sans_date.html", tour=tour, silent=silent, **_previewed(drafts))


@blueprint.post("/tournees/<slug>/reponses/sans-date/<insee>/appele")
def rang_without_date(slug: str, insee: str) -> Response:
    """Write down that somebody has told a village by telephone that it has no date."""
    dates_asked.note_rung(db.session, tours.get(db.session, slug), insee, act())
    db.session.commit()
    flash(gettext("C’est noté."), "ok")
    return redirect(url_for("organiser.villages_without_date", slug=slug))


def _villages(tour: Tour) -> list[dates_board.Village]:
    return dates_board.of_tour(db.session, tour, edge().clock, edge().vault)


def _schedule(tour: Tour, form: ScheduleForm) -> None:
    answer_by, nudge_days = form.command()
    version, clock = form.seen_version, edge().clock
    dates_asked.schedule(db.session, tour, answer_by=answer_by, nudge_days=nudge_days, version=version, clock=clock)


def _previewed(drafts: list[Draft]) -> dict[str, Any]:
    """Return what would leave: how many by each channel, the cost in segments, the first text, and when."""
    channels = Counter(draft.channel for draft in drafts)
    return {
        "by_sms": channels["sms"],
        "by_email": channels["email"],
        "segments": sum(draft.segments for draft in drafts),
        "text": without_link(drafts[0].body) if drafts else "",
        "leaves_at": drafts[0].due_at if drafts else None,
    }
