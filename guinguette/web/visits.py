"""« Demander une visite »: a village that takes no part yet asks for an evening.

Robots are kept out without anybody else's help: a field that no person sees, a signed time at which the page was
opened, so many tries an address. Whoever is caught reads the same thanks as everybody.
"""

import datetime as dt
import hmac

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from guinguette.domain.errors import InvalidInput
from guinguette.extensions import db, limiter
from guinguette.models import Commune
from guinguette.services import communes, published, visits
from guinguette.services.finding import LONGEST, MOST, department
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.visits import VisitForm
from guinguette.web.language import public_url

blueprint = Blueprint("visits", __name__)

TRIES = "10 per hour; 30 per day"
#: Nobody fills in the form sooner; a page that was open for longer is read once more.
_SOONEST, _LATEST = dt.timedelta(seconds=3), dt.timedelta(hours=12)


@blueprint.get("/demander-une-visite")
def ask() -> str:
    """Ask for which village (``?q=`` searches); with ``?commune=`` show the form."""
    village = _village(request.args.get("commune", ""))
    if village is not None:
        return _form(VisitForm(formdata=None, commune=village.insee, opened=_stamp()), village)
    typed = " ".join(request.args.get("q", "").split())
    asked = "".join(each for each in typed if each.isprintable())[:LONGEST]
    near = {department(evening.insee) for tour in published.latest(db.session) for evening in tour.evenings}
    found = communes.search(db.session, asked, limit=MOST, first=near)
    return render_template("visite_village.html", asked=asked, found=found, longest=LONGEST)


@blueprint.post("/demander-une-visite")
@limiter.limit(TRIES)
def send() -> ResponseReturnValue:
    """Keep the request and thank; show the form again with what is missing."""
    form = VisitForm()
    age = _age(form.opened.data or "")
    robot = bool(form.remark.data) or age is None or age < _SOONEST
    village = _village(form.commune.data or "")
    if village is None:
        return redirect(public_url("visits.ask"))
    if not _valid(form):
        return _form(form, village), 400
    if age is not None and age > _LATEST:
        form.opened.data = _stamp()
        form.form_errors.append(gettext("Cette page est restée ouverte longtemps : relisez, puis envoyez de nouveau."))
        return _form(form, village), 400
    # whoever is caught is answered as everybody is, what is missing included: only nothing of it is kept
    if robot:
        db.session.rollback()
    else:
        db.session.commit()
    return redirect(public_url("visits.thanks"))


@blueprint.get("/demander-une-visite/merci")
def thanks() -> str:
    """Say that somebody will answer."""
    return render_template("visite_merci.html")


def _village(insee: str) -> Commune | None:
    return db.session.get(Commune, insee) if insee.isascii() and insee.isalnum() else None


def _valid(form: VisitForm) -> bool:
    """Tell whether what was typed could be kept, and is, once it is committed."""
    if not form.validate():
        return False
    try:
        visits.ask(db.session, form.command(), clock=edge().clock, vault=edge().vault)
    except InvalidInput as error:
        db.session.rollback()
        form[error.field or "name"].errors = [sentence(error)]
        return False
    return True


def _form(form: VisitForm, village: Commune) -> str:
    return render_template("visite.html", form=form, village=village)


def _stamp() -> str:
    """Return the present second, signed."""
    second = str(int(edge().clock.now().timestamp()))
    return f"{second}.{_signature(second)}"


def _age(stamp: str) -> dt.timedelta | None:
    """Return how long ago a page was opened, or null where the stamp is nobody's."""
    second, _, signature = stamp.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(second).encode()):
        return None
    return edge().clock.now() - dt.datetime.fromtimestamp(int(second), dt.UTC)


def _signature(second: str) -> str:
    return edge().vault.fingerprint(f"visit-form:{second}")
