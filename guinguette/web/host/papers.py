"""Before the evening: the village's checklist, its letters, its poster."""

from typing import cast

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from guinguette.domain.errors import DomainError
from guinguette.extensions import db
from guinguette.models import Evening
from guinguette.publishing.official_letters import Kind
from guinguette.publishing.paper import qr_code
from guinguette.services import official_letters, permits
from guinguette.services import preparations as use_cases
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.official_letters import LetterForm
from guinguette.web.host import NO_CSRF, blueprint, host, own_evening
from guinguette.web.letters import download, prepared
from guinguette.web.presenting import absolute

_LETTER = "/soirees/<evening_id>/courriers/<kind>"


@blueprint.get("/soirees/<evening_id>/preparatifs")
def preparations(evening_id: str) -> str:
    """Show what is to be done for an evening, until when, why, and who has done it."""
    evening = own_evening(evening_id)
    return render_template(
        "comite/preparatifs.html",
        host=host(),
        evening=evening,
        checklist=use_cases.of(db.session, evening, edge().clock),
        tally=permits.tally(db.session, evening),
        letters=official_letters.kinds(evening),
        titles=official_letters.TITLES,
        serves=official_letters.SERVES,
    )


@blueprint.post("/soirees/<evening_id>/preparatifs/<kind>")
def tick(evening_id: str, kind: str) -> Response:
    """Tick a task, or take the tick back."""
    evening, who = own_evening(evening_id), host()
    done = bool(request.form.get("done"))
    try:
        use_cases.tick(db.session, evening, kind, who.act(), who.by(), done=done)
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        flash(sentence(error), "stop")
    return redirect(url_for("host.preparations", evening_id=evening_id, _anchor=f"fait-{kind}"))


@blueprint.get(_LETTER)
def letter(evening_id: str, kind: str) -> str:
    """Show a letter ready to be corrected."""
    evening = own_evening(evening_id)
    return _letter_page(evening, kind, LetterForm(obj=prepared(evening, kind, host().contact), meta=NO_CSRF))


@blueprint.post(f"{_LETTER}/lettre.<any('pdf', 'txt'):file>")
def take_letter(evening_id: str, kind: str, file: str) -> FlaskResponse | str:
    """Answer with the corrected letter as a file."""
    evening = own_evening(evening_id)
    prepared(evening, kind, host().contact)  # a letter that this evening does not need is not there
    form = LetterForm(meta=NO_CSRF)
    if not form.validate():
        return _letter_page(evening, kind, form)
    return download(form.letter(), evening, kind, file)


@blueprint.get("/soirees/<evening_id>/code.svg")
def code(evening_id: str) -> FlaskResponse:
    """Answer with the QR code of the evening's page, for the village's own leaflets."""
    evening = own_evening(evening_id)
    page = absolute(url_for("public.evening", id=evening.id))
    response = FlaskResponse(qr_code(page, "")["svg"], mimetype="image/svg+xml")
    response.headers["Content-Disposition"] = f'attachment; filename="code-qr-{evening.date}.svg"'
    return response


def _letter_page(evening: Evening, kind: str, form: LetterForm) -> str:
    title = official_letters.TITLES[cast(Kind, kind)]
    return render_template("comite/courrier.html", host=host(), evening=evening, kind=kind, title=title, form=form)
