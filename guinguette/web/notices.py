"""What a town hall needs to announce an evening: the posters, and texts ready to paste."""

from flask import Blueprint, render_template, url_for

from guinguette.extensions import db
from guinguette.publishing.notices import notices
from guinguette.services import published
from guinguette.web import kept
from guinguette.web.posters import phone
from guinguette.web.presenting import absolute

blueprint = Blueprint("notices", __name__)
blueprint.after_request(kept.revalidate)


@blueprint.get("/soirees/<id>/textes")
@kept.page()
def evening(id: str) -> str:  # noqa: A002
    """Show the texts for PanneauPocket and IntraMuros, which say what has changed. Raises ``NotFound``."""
    _, found = published.evening(db.session, id)
    page = absolute(url_for("public.evening", id=id))  # what is pasted is French, so is the page it leads to
    texts = notices(found, page=page, phone=phone())
    return render_template("public/textes.html", evening=found, texts=texts)
