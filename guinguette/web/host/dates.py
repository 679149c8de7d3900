"""The days that a host gives: a big calendar that saves as it goes, and works as a plain form without JavaScript."""

import datetime as dt
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import format_date, gettext, ngettext
from werkzeug.wrappers import Response

from guinguette.domain.clock import PARIS, today
from guinguette.domain.errors import N_, InvalidInput
from guinguette.extensions import db
from guinguette.models import CommuneRequest
from guinguette.services import day_notes, fetes, host_answers, requests
from guinguette.services.host_answers import Standing
from guinguette.web import calendars_of_days
from guinguette.web.edge import edge
from guinguette.web.forms.fetes import FeteForm
from guinguette.web.forms.records import clean
from guinguette.web.host import blueprint, host
from guinguette.web.presenting import hours
from guinguette.web.saving import saved


@blueprint.get("/jours")
def dates() -> Response | str:
    """List the tours that ask for dates; where there is one, go to it."""
    clock = edge().clock
    asked = host_answers.asked_of(db.session, host().commune, clock)
    if len(asked) == 1:
        return redirect(url_for("host.answer", slug=asked[0].tour.slug))
    rows = [(row, host_answers.standing(db.session, row, clock)) for row in asked]
    return render_template("comite/tournees.html", host=host(), rows=rows)


@blueprint.route("/jours/<slug>", methods=["GET", "POST"])
def answer(slug: str) -> Response | str:
    """Show the calendar; take what the whole form says, which is what a browser without JavaScript sends."""
    row = _row(slug)
    if request.method == "GET":
        return _page(row, FeteForm(formdata=None))
    values, _ = calendars_of_days.typed(request.form, [each.date for each in row.tour.dates], requests.LEVELS)
    seen = _seen()
    touched = {day: level for day, level in values.items() if seen.get(day.isoformat()) != level}
    host_answers.save(db.session, row, touched, {}, host().by())
    if "fini" in request.form:
        host_answers.finish(db.session, row, host().by())
    db.session.commit()
    flash(gettext("C’est enregistré. Vous pouvez fermer cette page et revenir plus tard."))
    return redirect(url_for("host.answer", slug=slug))


@blueprint.post("/jours/<slug>/touches")
def touches(slug: str) -> FlaskResponse:
    """Take the days that were touched, each with its instant, and say how the answer stands now.

    JSON in: ``{"days": {"2027-07-02": ["yes", 1811930400000], …}, "done": false}``, instants in milliseconds.
    """
    row = _row(slug)
    levels, given_at, done = _touched(request.get_json(silent=True))
    host_answers.save(db.session, row, levels, given_at, host().by())
    if done:
        host_answers.finish(db.session, row, host().by())
    db.session.commit()
    standing = host_answers.standing(db.session, row, edge().clock)
    at = edge().clock.now().astimezone(PARIS).time()
    said = gettext("Enregistré à %(time)s.", time=hours(at))
    return jsonify(days=_known(standing), said=said, left=_left(standing))


@blueprint.post("/jours/<slug>/fetes")
def add_fete(slug: str) -> Response | str:
    """Note a fête of the village."""
    row, form = _row(slug), FeteForm()
    if saved(form, lambda: fetes.add(db.session, row.commune, *form.values(), host().by())):
        name = clean(form.name.data)
        flash(gettext("«\u00a0%(name)s\u00a0» est notée\u00a0: elle se voit sur le calendrier.", name=name))
        return redirect(url_for("host.answer", slug=slug, _anchor="fetes"))
    return _page(row, form)


@blueprint.post("/jours/<slug>/fetes/<int:fete_id>/retirer")
def remove_fete(slug: str, fete_id: int) -> Response:
    """Take a fête of the village out."""
    row = _row(slug)
    fete = fetes.remove(db.session, row.commune, fete_id, host().by())
    db.session.commit()
    flash(gettext("«\u00a0%(name)s\u00a0» est retirée.", name=fete.name))
    return redirect(url_for("host.answer", slug=slug, _anchor="fetes"))


def _row(slug: str) -> CommuneRequest:
    return host_answers.get(db.session, host().commune, slug, edge().clock)


def _page(row: CommuneRequest, form: FeteForm) -> str:
    clock = edge().clock
    standing = host_answers.standing(db.session, row, clock)
    levels = {day: given.level for day, given in standing.given.items()}
    weekdays = {day.weekday(): format_date(day, "EEEE") for day in standing.days}
    return render_template(
        "comite/jours.html",
        host=host(),
        row=row,
        standing=standing,
        left=_left(standing),
        months=calendars_of_days.months(standing.days, levels),
        notes=day_notes.of(db.session, row.commune, standing.days),
        weekdays=sorted(weekdays.items()),
        known=json.dumps(_known(standing), separators=(",", ":")),
        now=_milliseconds(clock.now()),
        late=row.tour.answer_by is not None and row.tour.answer_by < today(clock),
        fetes=fetes.coming(db.session, row.commune, today(clock)),
        form=form,
    )


def _left(standing: Standing) -> str:
    """Say how many days to come have no answer."""
    if not standing.left:
        return str(gettext("Tous les jours ont une réponse."))
    return str(ngettext("Reste %(num)s jour sans réponse.", "Restent %(num)s jours sans réponse.", standing.left))


def _known(standing: Standing) -> dict[str, tuple[str, int]]:
    """Return what is saved as the page's script has it: for each date its level and the instant of its touch."""
    return {
        day.isoformat(): (given.level, _milliseconds(given.at) if given.at else 0)
        for day, given in standing.given.items()
    }


def _milliseconds(at: dt.datetime) -> int:
    return int(at.timestamp() * 1000)


def _seen() -> Mapping[str, str]:
    """Return the level of each date as the page showed it: what is still so was not touched."""
    try:
        known = json.loads(request.form.get("seen", ""))
        return {str(day): str(level) for day, (level, _at) in known.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _touched(sent: Any) -> tuple[dict[dt.date, str], dict[dt.date, dt.datetime], bool]:
    """Return levels and instants by date, and whether the host has finished. Raises ``InvalidInput``."""
    try:
        days = {dt.date.fromisoformat(day): (str(level), float(at)) for day, (level, at) in sent["days"].items()}
        instants = {day: dt.datetime.fromtimestamp(at / 1000, UTC) for day, (_, at) in days.items()}
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError, OSError):
        raise InvalidInput(N_("Cette réponse n’a pas pu être lue\u00a0: rechargez la page.")) from None
    return {day: level for day, (level, _) in days.items()}, instants, sent.get("done") is True
