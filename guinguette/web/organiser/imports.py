"""Participating communes from a spreadsheet: choose the file, read the preview, confirm."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from itsdangerous import BadSignature, URLSafeSerializer

from guinguette.domain.errors import N_, Conflict, DomainError, InvalidInput
from guinguette.extensions import db
from guinguette.services import request_import, tours
from guinguette.services.import_rows import ImportRow, Remark
from guinguette.web.edge import edge
from guinguette.web.errors import in_words, sentence
from guinguette.web.organiser import blueprint

#: A telephone shows so many rows of a kind at once; a list may have ten thousand.
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class _Kind:
    """The rows of one kind: those with remarks first. ``folded`` have remarks too, the ``silent`` have none."""

    title: str
    count: int
    shown: list[ImportRow]
    folded: list[ImportRow]
    silent: int

    @classmethod
    def of(cls, title: str, rows: Iterable[ImportRow]) -> "_Kind":
        """Sort the rows and share them out: nothing that needs reading is left out."""
        first = sorted(rows, key=lambda row: not row.remarks)
        rest = first[_SHOWN:]
        folded = [row for row in rest if row.remarks]
        return cls(title, len(first), first[:_SHOWN], folded, len(rest) - len(folded))


def _signer(slug: str) -> URLSafeSerializer:
    """Return what signs the file that travels in the preview's own form: what was shown is what is written."""
    return URLSafeSerializer(edge().settings.secret_key, salt=f"import {slug}")


@blueprint.route("/tournees/<slug>/import", methods=["GET", "POST"])
def import_communes(slug: str) -> ResponseReturnValue:
    """Ask for a file, and show what each of its rows would do."""
    if request.method == "GET":
        return _ask(slug)
    upload = request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise InvalidInput(N_("Choisissez un fichier."), field="file")
        with contextlib.closing(upload):  # a large one lies in a temporary file
            return _preview(slug, request_import.text_of(upload.read(request_import.MOST_BYTES + 1)))
    except DomainError as error:
        return _ask(slug, sentence(error)), 400


@blueprint.post("/tournees/<slug>/import/confirmer")
def confirm_import(slug: str) -> ResponseReturnValue:
    """Write what the preview has shown; show it again where it is no longer true."""
    tour = tours.get(db.session, slug)
    try:
        text, fingerprint = _signer(slug).loads(request.form.get("fichier", ""))
    except BadSignature:
        return _ask(slug, gettext("Cet aperçu a expiré : choisissez de nouveau le fichier.")), 400
    try:
        done = request_import.apply(
            db.session, tour, text, fingerprint=fingerprint, update="mettre_a_jour" in request.form
        )
    except Conflict as error:
        db.session.rollback()
        return _preview(slug, text, sentence(error)), 409
    db.session.commit()
    flash(
        ngettext("%(num)s commune ajoutée.", "%(num)s communes ajoutées.", done.created)
        + " "
        + ngettext("%(num)s mise à jour.", "%(num)s mises à jour.", done.updated)
    )
    return redirect(url_for("organiser.tour_communes", slug=slug))


@blueprint.get("/tournees/<slug>/import/modele.csv")
def import_template(slug: str) -> Response:
    """Give the file to fill in, with the mark by which Excel knows UTF-8."""
    tours.get(db.session, slug)
    headers = {"Content-Disposition": "attachment; filename=communes.csv"}
    return Response("\ufeff" + request_import.TEMPLATE, mimetype="text/csv", headers=headers)


def _ask(slug: str, refusal: str = "") -> str:
    return render_template("organisation/import.html", tour=tours.get(db.session, slug), refusal=refusal)


def _preview(slug: str, text: str, refusal: str = "") -> str:
    tour = tours.get(db.session, slug)
    shown = request_import.preview(db.session, tour, text)
    kinds = [
        _Kind.of(gettext("À corriger"), shown.with_action("error")),
        _Kind.of(gettext("Participent déjà"), shown.with_action("update")),
        _Kind.of(gettext("Nouveaux"), shown.with_action("new")),
    ]
    return render_template(
        "organisation/import_apercu.html",
        tour=tour,
        preview=shown,
        kinds=kinds,
        carried=_signer(slug).dumps([text, shown.fingerprint]),
        refusal=refusal,
        remark=remark_sentence,
    )


def remark_sentence(remark: Remark) -> str:
    """Return a remark in the language of the page."""
    return str(gettext(remark.message)).format(**{name: in_words(value) for name, value in remark.values.items()})
