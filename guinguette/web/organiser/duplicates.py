"""Likely duplicates of committees and contacts, side by side, and their merge field by field."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.domain.errors import DomainError
from guinguette.extensions import db
from guinguette.models import Committee, Contact
from guinguette.services import committees
from guinguette.services.registry import KINDS, duplicates, merging
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.registry import kind_of, list_address, tools

_WORD = "any(comites, contacts)"


@blueprint.get(f"/registre/<{_WORD}:word>/doublons")
def list_duplicates(word: str) -> str:
    """Show the pairs that are likely to be one record, and why."""
    kind, _ = kind_of(word)
    pairs = duplicates.likely(db.session, kind, edge().vault)
    return render_template(
        "organisation/doublons.html",
        word=word,
        title=gettext(KINDS[word]),
        home=list_address(word, None),
        pairs=[
            (pair, *(", ".join(kind.labels(row)) for row in (pair.kept, pair.other)), ", ".join(map(gettext, pair.why)))
            for pair in pairs
        ],
    )


@blueprint.route(f"/registre/<{_WORD}:word>/fusion/<int:kept_id>/<int:other_id>", methods=["GET", "POST"])
def merge_records(word: str, kept_id: int, other_id: int) -> Response | str:
    """Show two records side by side, and make one of them with what was chosen of each field."""
    kind, _ = kind_of(word)
    pair = _pair(word, kept_id, other_id)
    refusal = ""
    if request.method == "POST":
        choices = {column.field: request.form.get(f"c-{column.field}", "kept") for column in kind.columns}
        versions = (request.form.get("version", 0, type=int), request.form.get("other_version", 0, type=int))
        try:
            merging.merge(db.session, kind, pair, versions, merging.command_for(kind, *pair, choices), tools())
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            refusal = sentence(error)
        else:
            flash(gettext("Les deux fiches n’en font plus qu’une. L’autre est dans les archives."))
            return redirect(_page(pair[0]))
    return render_template(
        "organisation/fusion.html",
        kind=kind,
        kept=pair[0],
        other=pair[1],
        values=[kind.values(row) for row in pair],
        references=[merging.references(db.session, row) for row in pair],
        too_many=merging.permits_too_many(db.session, pair, edge().clock),
        back=url_for("organiser.list_duplicates", word=word),
        page_of=_page,
        refusal=refusal,
    )


def _pair(word: str, kept_id: int, other_id: int) -> tuple[Any, Any]:
    """Return two committees, or two contacts."""
    get = committees.get if word == "comites" else committees.get_contact
    return get(db.session, kept_id), get(db.session, other_id)


def _page(row: Committee | Contact) -> str:
    if isinstance(row, Contact):
        return url_for("organiser.contact", contact_id=row.id)
    return url_for("organiser.committee", committee_id=row.id)
