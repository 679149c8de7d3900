"""A tour's evenings and each one's page: read it, confirm it, change it, tell those concerned, write its programme."""

from collections.abc import Sequence
from itertools import groupby

from flask import Response as FlaskResponse
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from guinguette.domain.clock import today
from guinguette.domain.errors import Conflict, DomainError
from guinguette.domain.states import EveningState
from guinguette.extensions import db
from guinguette.models import Evening, FallbackVenue, Pitch
from guinguette.publishing import agreements as papers
from guinguette.publishing.agreements import Terms
from guinguette.services import agreements, deadlines, evening_queries, hosts, open_options, options, permits, tours
from guinguette.services import evenings as use_cases
from guinguette.services.free_dates import FreeDate, free_dates
from guinguette.services.rehearsal import Told, told_of
from guinguette.services.wording import translator
from guinguette.web.agreements import sheet
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.evenings import (
    AnswerForm,
    OptionForm,
    PostponeForm,
    VersionedForm,
    last_change,
    programme_form,
)
from guinguette.web.language import page_language
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import act, people_told, ticked_versions
from guinguette.web.organiser.driving import day_of
from guinguette.web.organiser.histories import Line, in_words
from guinguette.web.organiser.moves import MOVES, PROGRAMME, Move, offered
from guinguette.web.organiser.options import answered, time_left, usual_answerer
from guinguette.web.organiser.reasons import names_of, why
from guinguette.web.organiser.reports import village_part
from guinguette.web.presenting import long_date, mark
from guinguette.web.saving import posted_version, shelved

#: The filters of the list: the marks that evenings bear (``presenting.mark``), and those that are over.
FILTERS = ("att", "ok", "dep", "rep", "ann", "held")


@blueprint.get("/tournees/<slug>/soirees")
def tour_evenings(slug: str) -> str:
    """List a tour's evenings, all or those of one state."""
    tour = tours.get(db.session, slug)
    everything = evening_queries.of_tour(db.session, tour)
    asked = request.args.get("etat", "")
    groups = by_mark(everything)
    shown = groups.get(asked, everything)
    return render_template(
        "organisation/evenings.html",
        tour=tour,
        everything=everything,
        groups=groups,
        asked=asked if asked in FILTERS else "",
        shown=shown,
        months=[list(group) for _, group in groupby(shown, key=lambda e: (e.date.year, e.date.month))],
    )


def by_mark(everything: Sequence[Evening]) -> dict[str, list[Evening]]:
    """Return the evenings under each of ``FILTERS``, in their order."""
    groups: dict[str, list[Evening]] = {name: [] for name in FILTERS}
    for evening in everything:
        groups["held" if evening.state == EveningState.HELD else mark(evening)[0]].append(evening)
    return groups


@blueprint.post("/tournees/<slug>/soirees/confirmer")
def confirm_evenings(slug: str) -> Response:
    """Confirm the evenings that were ticked, in one published version; name those that could not be, with why."""
    tour = tours.get(db.session, slug)
    seen = ticked_versions()
    ticked = [(e, seen[e.id]) for e in evening_queries.of_tour(db.session, tour) if e.id in seen]
    done, refused = use_cases.confirm_ticked(db.session, ticked, act())
    db.session.commit()
    if done:
        flash(ngettext("%(num)s soirée est confirmée.", "%(num)s soirées sont confirmées.", len(done)), "ok")
    for evening, error in refused:
        place, day = evening.commune.name, long_date(evening.date)
        flash(gettext("%(commune)s, %(day)s : %(reason)s", commune=place, day=day, reason=sentence(error)), "stop")
    if not ticked:
        flash(gettext("Cochez au moins une soirée."), "stop")
    return redirect(url_for("organiser.tour_evenings", slug=slug))


@blueprint.get("/soirees/<evening_id>")
def evening(evening_id: str) -> str:
    """Show an evening: where it stands, what people will find, what can be done, what has happened."""
    shown = evening_queries.get(db.session, evening_id)
    return render_template(
        "organisation/evening.html",
        evening=shown,
        moves=offered(shown, today(edge().clock)),
        option=open_options.of(shown),
        people=hosts.to_ring(db.session, [shown.commune_insee]).get(shown.commune_insee, []),
        time_left=time_left,
        answered=answered,
        tasks=deadlines.tasks_of(db.session, [shown], edge().clock),
        history=in_words(shown.history[::-1]),
        driving=day_of(db.session, shown),
        **village_part(shown),
        **_agreed(shown),
    )


@blueprint.get("/soirees/<evening_id>/accord-<int:number>.pdf")
def evening_agreement(evening_id: str, number: int) -> FlaskResponse:
    """Answer with a version of what the village has agreed to. Raises ``NotFound``."""
    return sheet(evening_queries.get(db.session, evening_id), number)


@blueprint.post("/soirees/<evening_id>/accord")
def note_agreement(evening_id: str) -> Response:
    """Write down that the village agrees, on the telephone, to what has changed since it last did."""
    changed, who = evening_queries.get(db.session, evening_id), request.form.get("answered_by", "")
    shelved(
        lambda: agreements.agree_by_phone(db.session, changed, who, edge().clock, posted_version()),
        gettext("L’accord est noté."),
    )
    return redirect(url_for("organiser.evening", evening_id=evening_id))


@blueprint.route("/soirees/<evening_id>/programme", methods=["GET", "POST"])
def edit_programme(evening_id: str) -> Response | str:
    """Write the programme; where it changes the hour or the place, show the SMS that follows first."""
    edited = evening_queries.get(db.session, evening_id)
    form = programme_form(edited, *_places(edited), permits.candidates(db.session, edited))
    answer = _carry_out(PROGRAMME, edited, form)
    if isinstance(answer, Response):
        return answer
    return render_template(
        "organisation/evening_programme.html",
        evening=edited,
        move=PROGRAMME,
        form=form,
        told=answer,
        history=_meanwhile(form),
    )


@blueprint.route("/soirees/<evening_id>/<move>", methods=["GET", "POST"])
def change_evening(evening_id: str, move: str) -> Response | str:
    """Ask what a change needs, show the SMS that would follow, then carry it out on confirmation."""
    changed = evening_queries.get(db.session, evening_id)
    chosen = MOVES.get(move) or abort(404)
    form = _move_form(chosen, changed)
    answer = _carry_out(chosen, changed, form)
    if isinstance(answer, Response):
        return answer
    free = _free_dates(changed) if answer is None and move == "reporter" else []
    return render_template(
        "organisation/evening_change.html",
        evening=changed,
        move=chosen,
        form=form,
        told=answer,
        free=free,
        counter=open_options.counter(changed) if move in ("prendre", "sans-suite") else None,
        history=_meanwhile(form),
    )


def _agreed(shown: Evening) -> dict[str, object]:
    """Return what the village has agreed to, version by version, and what has changed since the last."""
    found, language = agreements.of(db.session, shown), page_language()
    now = agreements.terms_of(db.session, shown)
    then = Terms.from_json(found[0].terms) if found else now
    return {
        "agreed": [(each.number, papers.signed(agreements.signature(each))) for each in found],
        "usual": usual_answerer(db.session, shown) if found else "",
        "changed": papers.changed(then, now, translator(language), language),
        "counter": open_options.counter(shown),
    }


def _free_dates(changed: Evening) -> list[tuple[FreeDate, list[str]]]:
    """Return the dates on which the evening could be instead, each with the rules it would break, in sentences."""
    names = names_of(changed.tour)
    return [
        (one, [why(reason, changed.commune_insee, names) for reason in one.reasons])
        for one in free_dates(db.session, changed, edge().clock)
    ]


def _carry_out(move: Move, changed: Evening, form: VersionedForm) -> Response | Told | None:
    """Do what was typed and answer with the evening's page; or rehearse it, and return whom it would tell.

    Null where there is nothing to do yet: nothing was sent, it cannot be accepted, or it is being corrected.
    """
    if "again" in request.form or not form.validate_on_submit():
        return None
    sequence = changed.sequence
    try:
        move.carry_out(db.session, changed, act(form.version.data), form)
    except DomainError as error:
        db.session.rollback()
        form.refuse(error)
        if isinstance(error, Conflict):
            form.note_meanwhile(changed)
        return None
    told = told_of(db.session, [changed]) if changed.sequence != sequence else Told(0, "")
    if "confirmed" in request.form or not (move.tells or form.grave or told.people):
        return _saved(changed, gettext(move.done), told.people)
    db.session.rollback()
    return told


def _move_form(move: Move, changed: Evening) -> VersionedForm:
    typed = request.form if request.method == "POST" else request.args  # a link may propose a date
    opened = {"version": changed.version, "read_until": last_change(changed)}
    form = move.form(typed or None, data={**opened, "vehicle_id": changed.vehicle_id})
    if isinstance(form, OptionForm) and not typed:
        form.expires_on.data = options.usual_expiry(db.session, changed, edge().clock)
    if isinstance(form, AnswerForm) and not typed:
        form.answered_by.data = usual_answerer(db.session, changed)
    if isinstance(form, PostponeForm):
        form.offer([item.vehicle for item in changed.tour.vehicles] or [changed.vehicle])
    return form


def _saved(changed: Evening, done: str, told: int) -> Response:
    db.session.commit()
    edge().jobs.send_due()
    flash(f"{done} {people_told(told)}" if told else done, "ok")
    return redirect(url_for("organiser.evening", evening_id=changed.id))


def _meanwhile(form: VersionedForm) -> list[Line]:
    """Return what somebody else has done to the evening since the form was opened, in words, after a conflict."""
    return in_words(form.meanwhile[::-1])


def _places(of: Evening) -> tuple[list[Pitch], list[FallbackVenue]]:
    """Return the commune's pitches and halls, without what is archived unless the evening stands there."""
    pitches = db.session.scalars(select(Pitch).where(Pitch.commune_insee == of.commune_insee).order_by(Pitch.name))
    halls = db.session.scalars(
        select(FallbackVenue).where(FallbackVenue.commune_insee == of.commune_insee).order_by(FallbackVenue.name)
    )
    return (
        [pitch for pitch in pitches if pitch.archived_at is None or pitch.id == of.pitch_id],
        [hall for hall in halls if hall.archived_at is None or hall.id == of.fallback_venue_id],
    )
