"""What an organiser sees of a village's preparations and of what it told afterwards; the same letters as the hosts'."""

from typing import Any, cast

from flask import Response, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from guinguette.extensions import db
from guinguette.models import Evening
from guinguette.publishing.official_letters import Kind, Letter
from guinguette.services import evening_queries, official_letters, photos, preparations, reports
from guinguette.services.journal import By
from guinguette.web.association import association
from guinguette.web.edge import edge
from guinguette.web.forms.official_letters import LetterForm
from guinguette.web.letters import download
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import actor

_LETTER = "/soirees/<evening_id>/courriers/<kind>"


def village_part(evening: Evening) -> dict[str, Any]:
    """Return what ``organisation/evening_village.html`` shows of an evening."""
    return {
        "checklist": preparations.of(db.session, evening, edge().clock),
        "letters": official_letters.kinds(evening),
        "titles": official_letters.TITLES,
        "report": reports.of(db.session, evening),
        "photos": photos.of(db.session, evening=evening),
    }


@blueprint.get(_LETTER)
def letter(evening_id: str, kind: str) -> str:
    """Show a letter ready to be corrected."""
    evening = evening_queries.get(db.session, evening_id)
    return _page(evening, kind, LetterForm(obj=_prepared(evening, kind)))


@blueprint.post(f"{_LETTER}/lettre.<any('pdf', 'txt'):file>")
def take_letter(evening_id: str, kind: str, file: str) -> Response | str:
    """Answer with the corrected letter as a file."""
    evening = evening_queries.get(db.session, evening_id)
    _prepared(evening, kind)  # a letter that this evening does not need is not there
    form = LetterForm()
    if not form.validate():
        return _page(evening, kind, form)
    return download(form.letter(), evening, kind, file)


@blueprint.post("/soirees/<evening_id>/photos/<photo_id>")
def remove_evening_photo(evening_id: str, photo_id: str) -> AnyResponse:
    """Take a photograph of an evening away for good: somebody on it has asked."""
    by = By(actor=actor(), how="desk", clock=edge().clock)
    photos.remove(db.session, photos.get(db.session, photo_id), by=by)
    db.session.commit()
    flash(gettext("La photo est retirée."), "ok")
    return redirect(url_for("organiser.evening", evening_id=evening_id))


def _prepared(evening: Evening, kind: str) -> Letter:
    return official_letters.prepared(db.session, evening, kind, association=association(), clock=edge().clock)


def _page(evening: Evening, kind: str, form: LetterForm) -> str:
    title = official_letters.TITLES[cast(Kind, kind)]
    return render_template("organisation/courrier.html", evening=evening, kind=kind, title=title, form=form)
