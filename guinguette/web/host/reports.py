"""After the evening: how many came, what went wrong, a word, photographs."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.domain.errors import DomainError
from guinguette.extensions import db
from guinguette.models import Evening
from guinguette.services import photos, reports
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.reports import ReportForm, told_before
from guinguette.web.host import NO_CSRF, blueprint, host, own_evening
from guinguette.web.saving import saved
from guinguette.web.uploads import takes_photos


@blueprint.route("/soirees/<evening_id>/apres", methods=["GET", "POST"])
@takes_photos
def after(evening_id: str) -> Response | str:
    """Ask how the evening went, show what was told, let it be corrected."""
    evening, who = own_evening(evening_id), host()
    report = reports.of(db.session, evening)
    form = ReportForm(data=told_before(evening, report), meta=NO_CSRF)
    version = form.seen_version
    if saved(form, lambda: reports.tell(db.session, evening, form.told(), who.act(), who.by(), version=version)):
        _keep_photos(evening)
        flash(gettext("Merci. C’est enregistré, l’association le voit."), "ok")
        return redirect(url_for("host.after", evening_id=evening_id))
    return render_template(
        "comite/apres.html",
        host=who,
        evening=evening,
        report=report,
        form=form,
        too_early=_too_early(evening),
        photos=photos.of(db.session, evening=evening),
        most=photos.MOST,
    )


def _keep_photos(evening: Evening) -> None:
    """Keep the photographs that came along; one that is refused takes nothing else with it."""
    for file in request.files.getlist("photo"):
        data = file.read()
        if not data:
            continue
        try:
            photos.add(db.session, data, by=host().by(), evening=evening)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            flash(sentence(error), "stop")


def _too_early(evening: Evening) -> str:
    """Return why there is nothing to tell yet, or nothing at all."""
    try:
        reports.refuse_early(evening, edge().clock)
    except DomainError as error:
        return sentence(error)
    return ""
