"""The registry's lists as spreadsheets, out and in: what was written out can be edited and read in again."""

import contextlib

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from itsdangerous import BadSignature, URLSafeSerializer

from guinguette.domain.clock import today
from guinguette.domain.errors import N_, Conflict, DomainError, InvalidInput
from guinguette.extensions import db
from guinguette.publishing.workbooks import TYPES
from guinguette.services import request_import
from guinguette.services.import_rows import Remark
from guinguette.services.registry import KINDS, files, found
from guinguette.web.edge import edge
from guinguette.web.errors import in_words, sentence
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.registry import filters_asked, kind_of, list_address

_FORMAT = "any(csv, xlsx)"


@blueprint.get(f"/registre/<word>/export.<{_FORMAT}:file_format>")
@blueprint.get(f"/tournees/<slug>/registre/<word>/export.<{_FORMAT}:file_format>")
def export_records(word: str, file_format: str, slug: str | None = None) -> Response:
    """Give the rows that the list shows, with its filters."""
    kind, tour = kind_of(word, slug)
    rows = found(kind, filters_asked()).rows
    body = request_import.export(rows, file_format) if tour else files.export(kind, rows, file_format)
    name = f"{slug or 'guinguette'}-{word}-{today(edge().clock)}.{file_format}"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(body, mimetype=TYPES[file_format], headers=headers)


@blueprint.route("/registre/<word>/import", methods=["GET", "POST"])
def import_records(word: str) -> ResponseReturnValue:
    """Ask for a file, and show what each of its lines would do."""
    if request.method == "GET":
        return _ask(word)
    upload = request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise InvalidInput(N_("Choisissez un fichier."), field="file")
        with contextlib.closing(upload):
            return _preview(word, request_import.text_of(upload.read(request_import.MOST_BYTES + 1)))
    except DomainError as error:
        return _ask(word, sentence(error)), 400


@blueprint.post("/registre/<word>/import/confirmer")
def confirm_records(word: str) -> ResponseReturnValue:
    """Write what the preview has shown; show it again where it is no longer true."""
    kind, _ = kind_of(word)
    try:
        text, fingerprint = _signer(word).loads(request.form.get("fichier", ""))
    except BadSignature:
        return _ask(word, gettext("Cet aperçu a expiré : choisissez de nouveau le fichier.")), 400
    try:
        done = files.apply_file(db.session, kind, text, fingerprint=fingerprint)
    except Conflict as error:
        db.session.rollback()
        return _preview(word, text, sentence(error)), 409
    created, updated = len(done.with_action("new")), len(done.with_action("update"))
    db.session.commit()
    flash(
        ngettext("%(num)s fiche ajoutée.", "%(num)s fiches ajoutées.", created)
        + " "
        + ngettext("%(num)s mise à jour.", "%(num)s mises à jour.", updated)
    )
    return redirect(list_address(word, None))


def _ask(word: str, refusal: str = "") -> str:
    kind, _ = kind_of(word)
    return render_template(
        "organisation/registre_import.html",
        kind=kind,
        title=gettext(KINDS[word]),
        home=list_address(word, None),
        export=url_for("organiser.export_records", word=word, file_format="xlsx"),
        refusal=refusal,
    )


def _preview(word: str, text: str, refusal: str = "") -> str:
    kind, _ = kind_of(word)
    shown = files.preview_file(db.session, kind, text)
    return render_template(
        "organisation/registre_apercu.html",
        kind=kind,
        title=gettext(KINDS[word]),
        preview=shown,
        carried=_signer(word).dumps([text, shown.fingerprint]),
        refusal=refusal,
        remark=_sentence,
    )


def _signer(word: str) -> URLSafeSerializer:
    """Return what signs the file that travels in the preview's own form: what was shown is what is written."""
    return URLSafeSerializer(edge().settings.secret_key, salt=f"registre {word}")


def _sentence(remark: Remark) -> str:
    """Return a remark in the page's language, and within it the column and the reason in that language too."""
    values = {
        name: sentence(value)
        if isinstance(value, DomainError)
        else gettext(value)
        if name == "column"
        else in_words(value)
        for name, value in remark.values.items()
    }
    return str(gettext(remark.message)).format(**values)
