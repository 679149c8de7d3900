"""What an evening's page shows of its village: what it prepares, what it told afterwards, or told on the telephone."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.domain.errors import Conflict
from guinguette.extensions import db
from guinguette.models import Evening
from guinguette.services import evening_queries, official_letters, photos, preparations, reports
from guinguette.services.journal import By
from guinguette.web.edge import edge
from guinguette.web.forms.records import clean
from guinguette.web.forms.reports import PhoneReportForm, told_before
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import act
from guinguette.web.organiser.options import usual_answerer
from guinguette.web.saving import saved


def village_part(evening: Evening) -> dict[str, Any]:
    """Return what ``organisation/evening_village.html`` shows of an evening."""
    return {
        "checklist": preparations.of(db.session, evening, edge().clock),
        "letters": official_letters.kinds(evening),
        "titles": official_letters.TITLES,
        "report": reports.of(db.session, evening),
        "photos": photos.of(db.session, evening=evening),
        "can_tell": _can_tell(evening),
    }


@blueprint.route("/soirees/<evening_id>/recit", methods=["GET", "POST"])
def report(evening_id: str) -> Response | str:
    """Write down what a village tells on the telephone, or correct what it told."""
    evening = evening_queries.get(db.session, evening_id)
    told = reports.of(db.session, evening)
    form = PhoneReportForm(data={**told_before(evening, told), "told_by": usual_answerer(db.session, evening)})
    version = form.seen_version

    def tell() -> None:
        by = By(actor=clean(form.told_by.data), how="phone", clock=edge().clock)
        reports.tell(db.session, evening, form.told(), act(), by, version=version)

    if saved(form, tell):
        flash(gettext("C’est enregistré."), "ok")
        return redirect(url_for("organiser.evening", evening_id=evening_id, _anchor="apres"))
    return render_template("organisation/recit.html", evening=evening, report=told, form=form)


def _can_tell(evening: Evening) -> bool:
    try:
        reports.refuse_early(evening, edge().clock)
    except Conflict:
        return False
    return True
