"""The letters of an evening, the same as its hosts': an organiser prints them for whoever has no telephone."""

from typing import cast

from flask import Response, render_template

from guinguette.extensions import db
from guinguette.models import Evening
from guinguette.publishing.official_letters import Kind
from guinguette.services import evening_queries, official_letters
from guinguette.web.forms.official_letters import LetterForm
from guinguette.web.letters import download, prepared
from guinguette.web.organiser import blueprint

_LETTER = "/soirees/<evening_id>/courriers/<kind>"


@blueprint.get(_LETTER)
def letter(evening_id: str, kind: str) -> str:
    """Show a letter ready to be corrected."""
    evening = evening_queries.get(db.session, evening_id)
    return _page(evening, kind, LetterForm(obj=prepared(evening, kind)))


@blueprint.post(f"{_LETTER}/lettre.<any('pdf', 'txt'):file>")
def take_letter(evening_id: str, kind: str, file: str) -> Response | str:
    """Answer with the corrected letter as a file."""
    evening = evening_queries.get(db.session, evening_id)
    prepared(evening, kind)  # a letter that this evening does not need is not there
    form = LetterForm()
    if not form.validate():
        return _page(evening, kind, form)
    return download(form.letter(), evening, kind, file)


def _page(evening: Evening, kind: str, form: LetterForm) -> str:
    title = official_letters.TITLES[cast(Kind, kind)]
    return render_template("organisation/courrier.html", evening=evening, kind=kind, title=title, form=form)
