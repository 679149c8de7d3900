"""The ledger of fairness: past seasons by village, the priorities that follow, and importing what was before."""

import contextlib

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from itsdangerous import BadSignature, URLSafeSerializer

from guinguette.domain.errors import N_, Conflict, DomainError, InvalidInput
from guinguette.domain.tables import whole_number
from guinguette.extensions import db
from guinguette.models import Tour
from guinguette.services import fairness, past_season_import, tours
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.imports import remark_sentence

_SHOWN = 60  # lines of a preview, those with remarks first


@blueprint.route("/tournees/<slug>/equite", methods=["GET", "POST"])
def tour_fairness(slug: str) -> ResponseReturnValue:
    """Show the ledger with the priorities that it proposes; write those that the organiser confirms."""
    tour = tours.get(db.session, slug)
    refusal = ""
    if request.method == "POST":
        try:
            changed = fairness.apply(db.session, tour, _typed(tour))
            db.session.commit()
            flash(ngettext("%(num)s priorité a changé.", "%(num)s priorités ont changé.", changed), "ok")
            return redirect(url_for("organiser.tour_fairness", slug=slug))
        except DomainError as error:
            db.session.rollback()
            refusal = sentence(error)
    page = render_template(
        "organisation/equite.html", tour=tour, ledger=fairness.ledger(db.session, tour), refusal=refusal
    )
    return page, 409 if refusal else 200


def _typed(tour: Tour) -> dict[str, tuple[int, int]]:
    """Return the priority typed for each village and the version of its request that was read."""
    found = {}
    for row in tour.requests:
        typed = request.form.get(f"priorite-{row.commune_insee}")
        if typed is not None:
            version = request.form.get(f"version-{row.commune_insee}", 0, type=int)
            found[row.commune_insee] = (whole_number(typed) or 0, version)
    return found


def _signer() -> URLSafeSerializer:
    """Return what signs the file that travels in the preview's own form: what was shown is what is written."""
    return URLSafeSerializer(edge().settings.secret_key, salt="past seasons")


@blueprint.route("/tournees/<slug>/equite/import", methods=["GET", "POST"])
def import_past_seasons(slug: str) -> ResponseReturnValue:
    """Ask for a file of past seasons, and show what each of its lines means."""
    if request.method == "GET":
        return _ask(slug)
    upload = request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise InvalidInput(N_("Choisissez un fichier."), field="file")
        with contextlib.closing(upload):  # a large one lies in a temporary file
            return _preview(slug, past_season_import.text_of(upload.read(past_season_import.MOST_BYTES + 1)))
    except DomainError as error:
        return _ask(slug, sentence(error)), 400


@blueprint.post("/tournees/<slug>/equite/import/confirmer")
def confirm_past_seasons(slug: str) -> ResponseReturnValue:
    """Write what the preview has shown; show it again where it is no longer true."""
    tour = tours.get(db.session, slug)
    try:
        text, fingerprint = _signer().loads(request.form.get("fichier", ""))
    except BadSignature:
        return _ask(slug, gettext("Cet aperçu a expiré : choisissez de nouveau le fichier.")), 400
    try:
        written = past_season_import.apply(db.session, tour, text, fingerprint=fingerprint)
    except Conflict as error:
        db.session.rollback()
        return _preview(slug, text, sentence(error)), 409
    db.session.commit()
    flash(ngettext("%(num)s ligne est entrée au registre.", "%(num)s lignes sont entrées au registre.", written), "ok")
    return redirect(url_for("organiser.tour_fairness", slug=slug))


@blueprint.get("/tournees/<slug>/equite/import/modele.csv")
def past_seasons_template(slug: str) -> Response:
    """Give the file to fill in, with the mark by which Excel knows UTF-8."""
    tours.get(db.session, slug)
    headers = {"Content-Disposition": "attachment; filename=saisons-passees.csv"}
    return Response("\ufeff" + past_season_import.TEMPLATE, mimetype="text/csv", headers=headers)


def _ask(slug: str, refusal: str = "") -> str:
    return render_template("organisation/equite_import.html", tour=tours.get(db.session, slug), refusal=refusal)


def _preview(slug: str, text: str, refusal: str = "") -> str:
    tour = tours.get(db.session, slug)
    shown = past_season_import.preview(db.session, tour, text)
    return render_template(
        "organisation/equite_apercu.html",
        tour=tour,
        preview=shown,
        rows=sorted(shown.rows, key=lambda row: row.usable)[:_SHOWN],
        carried=_signer().dumps([text, shown.fingerprint]),
        refusal=refusal,
        remark=remark_sentence,
    )
