"""Requests for a visit: read, accepted into a committee and perhaps a tour, or declined."""

import datetime as dt
from typing import Any
from urllib.parse import quote

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from guinguette.domain.errors import DomainError, InvalidInput
from guinguette.extensions import db
from guinguette.models import VisitRequest
from guinguette.services import committees, tours, visits
from guinguette.services.visits import Welcome
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.visits import WelcomeForm
from guinguette.web.organiser import blueprint
from guinguette.web.organiser.desk import act


@blueprint.context_processor
def _helpers() -> dict[str, Any]:
    """Give the organisers' templates how many requests wait to be read, and how old one is."""
    return {"visits_waiting": lambda: visits.waiting(db.session), "waits_long": waits_long}


def waits_long(row: VisitRequest) -> int:
    """Return for how many days a request has waited where that is too long, else 0."""
    waited: dt.timedelta = edge().clock.now() - row.created_at
    return waited.days if row.state == "pending" and waited >= visits.OLD else 0


@blueprint.get("/demandes")
def list_visits() -> str:
    """List the requests to read, and those that have been decided."""
    return render_template(
        "organisation/demandes.html",
        pending=visits.pending(db.session),
        handled=visits.handled(db.session),
        has_link=visits.has_link,
    )


@blueprint.get("/demandes/<int:visit_id>")
def visit(visit_id: int) -> str:
    """Show a request with what may become of it."""
    row = visits.get(db.session, visit_id)
    return _page(row, _form(row))


@blueprint.post("/demandes/<int:visit_id>/accepter")
def accept_visit(visit_id: int) -> Response | tuple[str, int]:
    """Make whoever asked a contact of their village, perhaps in a tour."""
    row = visits.get(db.session, visit_id)
    form = _form(row)
    try:
        tour = next((each for each in tours.listing(db.session) if each.id == form.tour_id.data), None)
        welcome = Welcome(
            committee_id=form.committee_id.data, kind=form.kind.data or "", name=form.name.data or "", tour=tour
        )
        contact = visits.accept(db.session, row, welcome, act())
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        form[error.field or "name"].errors = [sentence(error)]
        return _page(row, form), 400
    except DomainError as error:
        return _refused(error, visit_id)
    flash(gettext("%(name)s est un contact du village.", name=contact.name), "ok")
    return redirect(url_for("organiser.commune", insee=row.commune_insee))


@blueprint.post("/demandes/<int:visit_id>/decliner")
def decline_visit(visit_id: int) -> Response:
    """Say no; the way to tell whoever asked stays on the page."""
    row = visits.get(db.session, visit_id)
    try:
        visits.decline(db.session, row, request.form.get("answer", ""), act())
        db.session.commit()
    except DomainError as error:
        return _refused(error, visit_id)
    flash(gettext("La demande est déclinée. Prévenez la personne : rien ne part tout seul."), "ok")
    return redirect(url_for("organiser.visit", visit_id=visit_id))


def _refused(error: DomainError, visit_id: int) -> Response:
    db.session.rollback()
    flash(sentence(error), "stop")
    return redirect(url_for("organiser.visit", visit_id=visit_id))


def _form(row: VisitRequest) -> WelcomeForm:
    hosts = committees.listing(db.session, commune=row.commune)
    return WelcomeForm.of(hosts, tours.listing(db.session))


def _page(row: VisitRequest, form: WelcomeForm) -> str:
    vault = edge().vault
    phone, email = vault.decrypt(row.phone_encrypted), vault.decrypt(row.email_encrypted)
    subject = gettext("Votre demande pour %(commune)s", commune=row.commune.name)
    return render_template(
        "organisation/demande.html",
        row=row,
        form=form,
        phone=phone,
        email=email,
        mailto=f"mailto:{quote(email)}?subject={quote(subject)}&body={quote(row.answer)}" if email else "",
        has_link=visits.has_link(row),
        others=[each for each in visits.pending(db.session) if each.commune_insee == row.commune_insee and each != row],
    )
