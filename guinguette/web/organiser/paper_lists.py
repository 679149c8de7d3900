"""The host's paper list, typed in."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from guinguette.domain.clock import today
from guinguette.domain.errors import InvalidInput
from guinguette.extensions import db
from guinguette.services import paper_lists, scopes
from guinguette.services.paper_lists import Line, Recorded
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.paper_lists import PaperListForm
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import actor


@blueprint.get("/abonnes/liste")
def paper_list() -> str:
    """Ask for a list."""
    return _page(PaperListForm(formdata=None))


@blueprint.post("/abonnes/liste")
def record_paper_list() -> ResponseReturnValue:
    """Subscribe whoever stands on it. Where lines are wrong, say why and wait for « without them »."""
    form, tools = PaperListForm(), edge()
    form.validate()
    sheet = form.sheet(actor())
    try:
        lines = paper_lists.read(db.session, sheet, clock=tools.clock, vault=tools.vault)
    except InvalidInput as error:
        field = form[error.field or "lines"]
        field.errors = [*field.errors, sentence(error)] if not field.errors else field.errors
        return _page(form), 400
    wrong = [line for line in lines if line.refusal]
    if wrong and not (form.only_right.data and len(wrong) < len(lines)):
        return _page(form, wrong, len(lines) - len(wrong)), 400
    done = paper_lists.record(
        db.session, sheet, lines, clock=tools.clock, vault=tools.vault, public_url=tools.settings.public_url
    )
    db.session.commit()
    tools.jobs.send_due()
    flash(_said(done, len(wrong)))
    return redirect(url_for("organiser.subscribers"))


@blueprint.get("/abonnes/feuille")
def blank_paper_list() -> str:
    """Show a sheet to print and to have signed."""
    return render_template("organisation/abonnes_feuille.html", wording=paper_lists.WORDING)


def _said(done: Recorded, wrong: int) -> str:
    parts = [
        ngettext("%(num)s portable inscrit.", "%(num)s portables inscrits.", done.mobiles) if done.mobiles else "",
        ngettext(
            "%(num)s téléphone fixe sur la liste d’appel.",
            "%(num)s téléphones fixes sur la liste d’appel.",
            done.landlines,
        )
        if done.landlines
        else "",
        ngettext("%(num)s l’était déjà.", "%(num)s l’étaient déjà.", done.known) if done.known else "",
        ngettext("%(num)s ligne laissée de côté.", "%(num)s lignes laissées de côté.", wrong) if wrong else "",
    ]
    return " ".join(str(part) for part in parts if part)


def _page(form: PaperListForm, wrong: list[Line] | None = None, right: int = 0) -> str:
    form.offer(
        scopes.choices(db.session, today(edge().clock), insee=request.args.get("commune"), scope=form.scope.data)
    )
    refusals = [(line, sentence(line.refusal)) for line in wrong or [] if line.refusal]
    return render_template(
        "organisation/abonnes_liste.html",
        form=form,
        wrong=refusals,
        right=right,
        wording=gettext(paper_lists.WORDING),
        most=paper_lists.MOST_LINES,
    )
